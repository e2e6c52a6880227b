# new.sh: what `maru new` writes outside the tree: it builds without a warning, its test passes, it runs, and it is formatted, whatever
# its name; what it can't write it says in one line. Inside the tree: tests/guide/run.sh.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
. "$MARU_SOURCE/tests/outside/installed.sh" || exit 1
export MARU_DATA=$work/data
unset MARU_BIN

refused() { # STATUS WORDS NAME...: one line, and nothing is written
    local status=$1 words=$2 before got
    shift 2
    before=$(find "$work/outside" | sort | cksum)
    "$maru" new "$@" >"$work/out" 2>"$work/words"
    got=$?
    same "status of new $*" $got "$status"
    same "stdout of new $*" "$(cat "$work/out")" ""
    same "lines of new $*" "$(wc -l <"$work/words")" 1
    contains "words of new $*" "$(cat "$work/words")" "$words"
    same "files after new $*" "$(find "$work/outside" | sort | cksum)" "$before"
}

steps() { # WORDS: the commands that stand below them
    sed -n "/^$1/,/^To /s/^  //p" "$work/next"
}

# What it said to do next, as it is printed, from the working folder: builds, tests, runs and calls NAME.
works() { # NAME
    local build up call line out
    build=$(steps 'To build') up=$(steps 'To run') call=$(steps 'To call')
    check "build and test: $build" quietly next.log bash -e -c "$build" || return
    contains "its test" "$(cat "$work/next.log")" "100% tests passed, 0 tests failed out of 1"
    exec {out}< <(eval "$(grep '^cd ' <<<"$build")" && exec bash -c "exec $up" 2>"$work/up.log")
    app=$!
    IFS= read -r -t 60 line <&"$out" || cat "$work/up.log" >&2
    contains "run: $up" "$line" "ready $1="
    contains "call: $call" "$(bash -c "$call" 2>&1)" '"text": "first"'
    check "stop" app_stop
}

begin "it is installed"
check "cmake --install" installed_here || finish
mkdir "$work/outside" && cd "$work/outside" || exit 1

begin "in a folder of no project it makes one"
same "files" "$("$maru" new service greeter 2>/dev/null | sort | xargs)" "$(sort <<'FILES' | xargs
greeter/.gitignore
greeter/CMakeLists.txt
greeter/docs/services/greeter.md
greeter/proto/app/greeter.proto
greeter/svc/greeter/CMakeLists.txt
greeter/svc/greeter/greeter.c
greeter/svc/greeter/greeter.h
greeter/svc/greeter/greeter_test.c
greeter/svc/greeter/main.c
greeter/svc/greeter/store.c
greeter/svc/greeter/store.h
FILES
)"

begin "in a project, from any folder of it, a service more"
cd "$work/outside/greeter/svc/greeter" || exit 1
same "status" "$("$maru" new service sixteenletters16 >/dev/null 2>&1; echo $?)" 0
check "its folder" [ -f "$work/outside/greeter/svc/sixteenletters16/main.c" ]
check "its contract" [ -f "$work/outside/greeter/proto/app/sixteenletters16.proto" ]

begin "what is there stays, and a name that can't be is refused"
refused 1 "greeter/proto/app/greeter.proto: is there already" service greeter
(cd "$work/outside" && refused 1 "greeter/: is there already" service greeter)
refused 2 'NAME: want 1..16 small letters and digits, a letter first, got "Greeter"' service Greeter
refused 2 'got "sixteenletters167"' service sixteenletters167
refused 2 'got "a-b"' service a-b
refused 2 'got ""' service ''
refused 2 'got "../x"' service ../x
taken() { # WHY NAME...: no service's name
    local why=$1 name
    shift
    for name; do refused 2 "NAME: \"$name\" can't be a service's name: $why (maru new" service "$name"; done
}
taken 'its header would hide another one of that name, of C, of POSIX or of every service' string store
taken 'the build has a target of that name already' all clean
taken 'that is a package whose .proto files services import' google grpc
taken 'the functions of a library that every service is linked with begin with it' mbedtls mdb nn nng psa uv
taken '[up] in a configuration file is the section of maru up' up
taken 'maru log-level would take it for a level of the log' debug info warn error off
taken "that is Maru's own service, which serves HTTP" edge
taken 'programs are linked with a library of C under that name' m dl
if [ -e /usr/include/features.h ]; then # glibc's
    taken 'its header would hide /usr/include/features.h' features
fi
refused 2 '--package: want 1..16 small' service x --package A
refused 2 '--package: "google" can'\''t be a package'\''s name: that is a package whose .proto files services import' service x --package google
refused 2 'want: maru new service NAME' service
refused 2 'want: maru new service NAME' project x
mkdir "$work/outside/greeter/proto/shop"
refused 1 "want --package, which of them" service x
rmdir "$work/outside/greeter/proto/shop"
mv "$work/outside/greeter/proto/app" "$work/outside/greeter/proto/My-Pkg"
refused 1 "/proto/My-Pkg can't be a package's name; want --package, another" service x
mv "$work/outside/greeter/proto/My-Pkg" "$work/outside/greeter/proto/app"
chmod 500 "$work/outside/greeter/svc"
[ "$(id -u)" = 0 ] || refused 1 "Permission denied" service x
chmod 700 "$work/outside/greeter/svc"

begin "where not all can be written nothing stays, and the next try finds the place free"
# A limit of 1 KiB on files is a disk that is full in the middle: the first files fit, a larger one does not.
full() { # NAME
    (
        ulimit -f 1
        trap '' XFSZ
        exec "$maru" new service "$1" >"$work/out" 2>"$work/words"
    )
}
unchanged() { # WHERE WORDS COMMAND...
    local where=$1 words=$2 before
    shift 2
    cd "$where" || return
    before=$(find "$work/outside" | sort)
    "$@"
    same "status in $where" $? 1
    contains "words in $where" "$(cat "$work/words")" "$words"
    same "files after it in $where" "$(find "$work/outside" | sort)" "$before"
}
deaf() { # NAME: who can't be told what was written
    "$maru" new service "$1" >/dev/full 2>"$work/words"
}
mkdir "$work/outside/half"
unchanged "$work/outside/half" "File too large" full half
unchanged "$work/outside/greeter" "File too large" full half
unchanged "$work/outside/half" "stdout: No space left on device" deaf half
unchanged "$work/outside/greeter" "stdout: No space left on device" deaf half
cd "$work/outside/half" || exit 1
check "the next try" "$maru" new service half >/dev/null 2>&1
check "its last file" [ -f half/svc/half/half_test.c ]
rm -r "$work/outside/half"

begin "in a tree, the names of targets that its CMake files make are refused, wherever they stand"
mkdir "$work/tree" && (cd "$MARU_SOURCE" && find . -name 'build*' -prune -o -name '.?*' -prune -o \( -name CMakeLists.txt -o -name '*.cmake' \) -print0 |
    tar -c --null -T -) | tar -x -C "$work/tree" && mkdir -p "$work/tree/proto/shop" "$work/tree/svc" &&
    touch "$work/tree/CMakeLists.txt" # of a tree that has nothing but its tests, a project too
before=$(find "$work/tree" | sort)
clashes() { # NAME WHERE
    (cd "$work/tree" && "$maru" new service "$1" >"$work/out" 2>"$work/words")
    same "status of new $1" $? 1
    contains "words of new $1" "$(cat "$work/words")" "NAME: \"$1\" can't be a service's name here: $2"
}
clashes echo 'tests/rpc/CMakeLists.txt:'
clashes base 'tests/wire/CMakeLists.txt:'
clashes soak 'tests/soak/CMakeLists.txt:'
clashes boundaries 'tests/soak/CMakeLists.txt:'
clashes httpsim 'tests/edge/CMakeLists.txt:'
clashes openmetrics 'tests/watch/CMakeLists.txt:'
same "files" "$(find "$work/tree" | sort)" "$before"
check "another name" [ "$(cd "$work/tree" && "$maru" new service refund 2>/dev/null | wc -l)" = 9 ]

begin "what it writes is formatted, with a name of any length"
cp "$MARU_SOURCE/.clang-format" "$work/outside"
for name in a bc zoo four5 sixsix eightlet ninelette tenletters elevenlette twelveletter thirteenlett1 fourteenlette1; do
    (mkdir "$work/outside/$name" && cd "$work/outside/$name" && "$maru" new service "$name" >/dev/null 2>&1) || note 1 "$name"
done
check "clang-format" clang-format --dry-run -Werror $(find "$work/outside" -name '*.[ch]')

begin "its page links its contract, and has all its methods"
of_rule() { (. "$MARU_SOURCE/tests/house/rules/pages.sh" && "$@"); } # a function of the rule about pages
cd "$work/outside/greeter/docs/services" || exit 1
contains "link" "$(cat greeter.md)" "](../../proto/app/greeter.proto)"
same "methods" "$(of_rule rpcs ../../proto/app/greeter.proto | xargs)" "GetEntry PutEntry"
same "its table" "$(of_rule told greeter.md | xargs)" "GetEntry PutEntry"

begin "it builds without a warning, and its tests pass"
cd "$work/outside/greeter" || exit 1
check "configure" quietly configure.log cmake_of -S . -B build -DCMAKE_C_FLAGS=-Werror || finish
check "build" quietly build.log "${CMAKE:-cmake}" --build build --parallel 2 || finish
check "test" quietly test.log "${CTEST:-ctest}" --test-dir build --no-tests=error
contains "two of them" "$(cat "$work/test.log")" "100% tests passed, 0 tests failed out of 2"

begin "it runs, and is called by maru and through the edge"
check "up" up_start --bin build/bin --edge 127.0.0.1:0 greeter
contains "put" "$("$maru" call greeter app.greeter.v1.GreeterService/PutEntry -d '{"name": "one", "text": "first"}')" '"revision": "1"'
contains "PUT" "$(curl -s -X PUT -H 'Content-Type: application/json' -d '{"text": "second"}' "$edge/v1/greeter/entries/one")" \
    '"revision":"2"'
contains "GET" "$(curl -s "$edge/v1/greeter/entries/one")" '"text":"second"'
contains "nothing there" "$("$maru" call greeter app.greeter.v1.GreeterService/GetEntry -d '{"name": "two"}' 2>&1)" \
    "NOT_FOUND: two: no such entry"
check "stop" app_stop

begin "so it does as a part of another project, below that one's build folder"
mkdir "$work/outside/whole" && cd "$work/outside/whole" && "$maru" new service part >/dev/null 2>&1 || finish
cat >"$work/outside/whole/CMakeLists.txt" <<'WHOLE'
cmake_minimum_required(VERSION 3.25)
project(whole LANGUAGES C)
enable_testing()
add_subdirectory(part)
WHOLE
check "configure" quietly whole.log cmake_of -S "$work/outside/whole" -B "$work/outside/whole/build" || finish
check "build" quietly whole.log "${CMAKE:-cmake}" --build "$work/outside/whole/build" --parallel 2
check "its program" [ -x "$work/outside/whole/build/part/bin/part" ]
check "test" quietly whole.log "${CTEST:-ctest}" --test-dir "$work/outside/whole/build" --no-tests=error

begin "its program may be in C++, where the project says so, and without a warning; where it does not, it is told what to say"
cd "$work/outside" && "$maru" new service viola >/dev/null 2>&1 && cd viola || finish
mv svc/viola/main.c svc/viola/main.cc
sed -i 's/= user;/= static_cast<viola_service *>(user);/' svc/viola/main.cc
check "it is not built" [ "$(cmake_of -S . -B build >"$work/viola.log" 2>&1; echo $?)" = 1 ]
contains "words" "$(tr -s ' \n' ' ' <"$work/viola.log")" \
    "svc/viola/main.cc: want C++ among the project's languages: project(viola LANGUAGES C CXX), and set(CMAKE_CXX_STANDARD 20) below it"
sed -i 's/^project(viola LANGUAGES C)$/project(viola LANGUAGES C CXX)\nset(CMAKE_CXX_STANDARD 20)/' CMakeLists.txt
check "configure" quietly viola.log cmake_of -S . -B build -DCMAKE_CXX_FLAGS=-Werror || finish
check "build" quietly viola.log "${CMAKE:-cmake}" --build build --parallel 2
check "test" quietly viola.log "${CTEST:-ctest}" --test-dir build --no-tests=error

begin "and several of them may be parts of one: each has targets of its own"
mkdir "$work/outside/pair" && cd "$work/outside/pair" || finish
for name in alpha beta; do "$maru" new service $name >/dev/null 2>&1 || note 1 "new $name"; done
sed 's/whole/pair/; s/(part)/(alpha)/; $a add_subdirectory(beta)' "$work/outside/whole/CMakeLists.txt" >CMakeLists.txt
check "configure" quietly pair.log cmake_of -S . -B build || finish
check "build" quietly pair.log "${CMAKE:-cmake}" --build build --parallel 2
check "test" quietly pair.log "${CTEST:-ctest}" --test-dir build --no-tests=error
contains "two of them" "$(cat "$work/pair.log")" "100% tests passed, 0 tests failed out of 2"

command -v make >/dev/null || export CMAKE_GENERATOR=Ninja # cmake takes make by itself
[ -z "${LAUNCHER-}" ] || export CMAKE_C_COMPILER_LAUNCHER=$LAUNCHER
begin "what it says to do next works as it is printed: for a new project, by a maru that is not on PATH"
cd "$work/outside" || exit 1
check "new" "$maru" new service fresh >/dev/null 2>"$work/next"
same "where to" "$(steps 'To build' | head -n 1)" "cd fresh"
contains "its page" "$(tail -n 1 "$work/next")" "docs/services/fresh.md"
works fresh

begin "and for a service more, from a folder of the project, by one that is"
cd "$work/outside/fresh/svc/fresh" && rm -r "$work/outside/fresh/build" || exit 1
PATH=$prefix/bin:$PATH
check "new" maru new service second >/dev/null 2>"$work/next"
same "where to" "$(steps 'To build')" "cd $work/outside/fresh
cmake -S . -B build && cmake --build build && ctest --test-dir build -R '^second_'"
same "run" "$(steps 'To run')" "maru up --bin build/bin second"
works second

begin "words of a shell that are no plain ones are quoted, and a maru that is not installed says what is missing"
mkdir -p "$work/outside/it's one" && cd "$work/outside/it's one" && maru new service third >/dev/null 2>&1 && cd third/svc || exit 1
check "new" maru new service fourth >/dev/null 2>"$work/next"
same "folder" "$(eval "$(steps 'To build' | head -n 1)" && pwd)" "$work/outside/it's one/third"
if [ -n "${BUILD-}" ] && [ -z "${MARU_PREFIX-}" ]; then
    check "new" "$BUILD/bin/maru" new service fifth >/dev/null 2>"$work/next"
    contains "says so" "$(cat "$work/next")" "The project is built with an installed Maru, and this one is not installed"
fi
finish
