# project.sh: a project outside the tree, in a folder of its own, is built with an installed Maru and nothing else: .proto files
# with every feature of proto3, services and clients in C and C++, called by them, by maru, and through an edge.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
. "$MARU_SOURCE/tests/outside/installed.sh" || exit 1
export MARU_DATA=$work/data
unset MARU_BIN

begin "it is installed"
check "cmake --install" installed_here || finish
cp -R "$MARU_SOURCE/tests/outside/project" "$work/project" && cd "$work/project" || exit 1
installed=("$prefix"/lib/{cmake/Maru,pkgconfig/maru.pc} "$prefix/include/libmaru" "$prefix/share/maru")
# UBSan notes where the headers lie, whatever the compiler is told of prefixes; nobody installs such a library to keep.
grep -qaF __ubsan_handle "$prefix/lib/libmaru.a" || installed+=("$prefix/lib/libmaru.a")
check "nothing of the tree is named in what is installed" \
    bash -c '! grep -rlaF -- "$@" | grep .' - "$MARU_SOURCE/" "${installed[@]}"

begin "the project is built, without a warning, in C and C++, and its test passes"
check "configure" quietly configure.log cmake_of -S . -B build || finish
check "build" quietly build.log "${CMAKE:-cmake}" --build build --parallel 2 || finish
check "test" quietly test.log "${CTEST:-ctest}" --test-dir build --no-tests=error
contains "a large frame touches each page, so that it ends in the guard" \
    "$(ninja -C build -t commands aviary | grep -F 'svc/aviary/main.cc')" " -fstack-clash-protection "

begin "so it is where its tests run under an emulator"
check "configure" quietly emulated.log cmake_of -S . -B emulated -DCMAKE_CROSSCOMPILING_EMULATOR=/usr/bin/env || finish
check "build" quietly emulated.log "${CMAKE:-cmake}" --build emulated --parallel 2
check "test" quietly emulated.log "${CTEST:-ctest}" --test-dir emulated --no-tests=error

begin "pkg-config says enough to build a client by hand"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
mkdir -p by-hand
check "protoc" protoc -I proto -I "$(pkg-config --variable=protodir maru)" -I /usr/include \
    --plugin=protoc-gen-maru="$(pkg-config --variable=plugin maru)" --maru_out=by-hand \
    menagerie/zoo.proto menagerie/kinds.proto menagerie/weights.proto menagerie/aviary.proto
mapfile -t sources < <(find by-hand -name '*.c')
check "cc" cc -Wall -Werror -o by-hand/visit -Iby-hand clients/visit.c "${sources[@]}" $(pkg-config --cflags --libs maru)
contains "a large frame touches each page" "$(pkg-config --cflags maru)" "-fstack-clash-protection"
check "c++" c++ -std=c++20 -Wall -Werror -fsyntax-only -Iby-hand svc/aviary/main.cc $(pkg-config --cflags maru)

begin "also where it lies below a folder with a blank in its name"
cp -R "$prefix" "$work/a prefix"
of_maru() { PKG_CONFIG_PATH="$work/a prefix/lib/pkgconfig" pkg-config "$@" maru; }
contains "it names that folder" "$(of_maru --cflags --libs)" "a\\ prefix"
mkdir -p by-hand/again
check "protoc" eval protoc -I proto -I "$(of_maru --variable=protodir)" -I /usr/include \
    --plugin=protoc-gen-maru="$(of_maru --variable=plugin)" --maru_out=by-hand/again menagerie/zoo.proto
same "it made the same" "$(cat by-hand/again/menagerie/zoo.maru.c)" "$(cat by-hand/menagerie/zoo.maru.c)"
check "cc" eval cc -Wall -Werror -o by-hand/visit-again -Iby-hand clients/visit.c "${sources[@]}" "$(of_maru --cflags --libs)"

begin "maru up runs the services of the project, and the edge that is installed"
up_start --bin build/bin --edge 127.0.0.1:0
contains "ready" "$ready" "ready aviary="
contains "ready" "$ready" " zoo="
zoo=$(sed -n 's/.* zoo=\([^ ]*\).*/\1/p' <<<"$ready")

begin "clients in C and C++ call it"
same "C" "$(build/clients/visit_c "$zoo" animals/wren)" "animals/wren 12 g"
same "by hand" "$(by-hand/visit "$zoo" animals/kite)" "animals/kite 12 g"
same "C++" "$(build/clients/visit_cc "$zoo" animals/wren)" \
    $'animals/wren kind 1\nNOT_FOUND animals/nobody: no such animal'

begin "maru calls it, by what the services say of themselves"
contains "list" "$("$maru" list)" "menagerie.zoo.v1.ZooService/GetAnimal"
contains "describe" "$("$maru" describe zoo menagerie.zoo.v1.Everything)" "map<int64, Everything.Nested> by_number = 27;"
contains "a service in C++, which calls one in C" \
    "$("$maru" call aviary menagerie.aviary.v1.AviaryService/Sing -d '{"bird": "animals/wren"}')" '"text": "piii"'
"$maru" call aviary menagerie.aviary.v1.AviaryService/Sing -d '{"bird": "animals/dodo"}' >"$work/got" 2>&1
same "a failure's status" $? 69
contains "a failure's words" "$(cat "$work/got")" "NOT_FOUND: animals/dodo: no such animal (from "
"$maru" call zoo menagerie.zoo.v1.ZooService/Watch -d '{}' >"$work/got" 2>&1
same "a stream's status" $? 76

begin "every feature of proto3 comes back as it went, by maru and through the edge"
everything=$(cat everything.json)
same "maru" "$("$maru" call zoo menagerie.zoo.v1.ZooService/Echo -d "$everything")" "$everything"
curl -s -H 'Content-Type: application/json' -d "$everything" "$edge/v1/echo" >"$work/got"
same "edge" "$("$maru" call zoo menagerie.zoo.v1.ZooService/Echo -d "$(cat "$work/got")")" "$everything"

begin "the edge calls it"
contains "POST" "$(curl -s "$edge/v1/animals" -H 'Content-Type: application/json' -d '{"name": "animals/owl", "kind": "KIND_FOWL", "class": 3}')" '"class":3'
contains "GET" "$(curl -s "$edge/v1/animals/owl")" '"kind":"KIND_BIRD"'
contains "C++" "$(curl -s "$edge/v1/songs/animals/owl")" '"text":"piii"'
check "stop" app_stop
finish
