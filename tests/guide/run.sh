#!/usr/bin/env bash
# Takes the files and commands of docs/writing-a-service.md from the page, in a copy of the tree, as a new user would: builds, tests, runs, calls;
# and holds the copy against the rules of the house and the tests of all services, as who commits it would.
set -u -o pipefail
tree=${MARU_SOURCE:?}
guide=$tree/docs/writing-a-service.md
work=$(mktemp -d /tmp/maru-guide-XXXXXX)
copy=$work/tree
up=''
# Without its tests' own builds the copy is small; compilers are asked through ccache where there is one.
end() {
    [ -z "$up" ] || { kill "$up" && wait "$up"; }
    rm -rf "$work"
}
trap end EXIT

fail() {
    echo "not ok - $1"
    exit 1
}

# A line that is only `path` names the file that the next block is.
extract() {
    awk -v root="$copy" '
        /^`[a-z\/_.A-Z]+`$/ { name = substr($0, 2, length($0) - 2); next }
        /^```/ && !inside { inside = 1; if (name != "") { file = root "/" name; print name } next }
        /^```/ && inside { inside = 0; if (file != "") close(file); file = name = ""; next }
        inside && file != "" { print > file }' "$guide"
}

mkdir "$copy"
(cd "$tree" && . tests/house/lib.sh && files . | tar -c -T - | tar -x -C "$copy") || fail "the tree can be copied"
mkdir -p "$copy/svc/guestbook" "$copy/svc/regulars"
[ "$(extract | wc -l)" = 14 ] || fail "the page holds fourteen files"
echo "ok - the page holds fourteen files"

(cd "$copy/svc" && "${MARU_BIN:?}/maru" new service greeter) >"$work/new.log" 2>&1 && [ -f "$copy/proto/shop/greeter.proto" ] ||
    { cat "$work/new.log"; fail "maru new writes a service into the tree"; }
echo "ok - maru new writes a service into the tree"

# Debug, which takes compilers half the time: the tree itself is what is compiled for speed.
launcher=()
command -v ccache >/dev/null && launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache)
cat >"$copy/tests/CMakeLists.txt" <<'EOF'
# The copy has no tests of its own but those beside the services.
EOF
(cd "$copy" && cmake -S . -B build -G Ninja -DMARU_WERROR=ON -DCMAKE_BUILD_TYPE=Debug "${launcher[@]}" && ninja -C build maru_tool edge guestbook guestbook_guestbook_test regulars regulars_regulars_test greeter greeter_greeter_test) >"$work/build.log" 2>&1 ||
    { tail -20 "$work/build.log"; fail "what the page says builds, without a warning"; }
echo "ok - what the page says builds, without a warning"
for name in guestbook regulars greeter; do
    ctest --test-dir "$copy/build" -R $name --no-tests=error >"$work/ctest.log" 2>&1 || { tail -20 "$work/ctest.log"; fail "the test of $name passes"; }
    echo "ok - the test of $name passes"
done

# The rules, with the programs that are built here or in the tree, and of the sources only those of the new services. Not `registered`:
# the copy builds no other tests, and those of the new services were just started by CTest.
mkdir -p "$work/built/bin"
ln -s "${MARU_BIN:?}"/* "$work/built/bin" && ln -sf "$copy/build/bin"/* "$work/built/bin"
awk 'BEGIN {RS = "}"; ORS = "}"} /"file": "[^"]*\/svc\/(guestbook|regulars|greeter)\//' "$copy/build/compile_commands.json" >"$work/built/compile_commands.json"
[ "$(grep -c '"file":' "$work/built/compile_commands.json")" -ge 9 ] || fail "the sources of the three services are known"
for rule in $("$copy/tests/house/rule" --list | grep -vx registered); do
    "$copy/tests/house/rule" "$rule" "$copy" "$work/built" >"$work/house.log" 2>&1 || { cat "$work/house.log"; fail "the tree with the new services keeps the rule $rule"; }
done
echo "ok - the tree with the new services keeps the rules of the house"

# And the tests that look at all services there are: which has a path over HTTP, and what the demo says. They run what is built here
# beside the tree's own; so the demo's ninja has nothing to do.
mkdir "$work/stand-in"
touch "$work/built/build.ninja"
printf '#!/bin/sh\nexit 0\n' >"$work/stand-in/ninja"
chmod +x "$work/stand-in/ninja"
for script in edge/public.sh 'demo/demo.sh first'; do
    (export MARU_SOURCE=$copy MARU_BIN=$work/built/bin MARU_BUILD=$work/built PATH=$work/stand-in:$PATH
        # shellcheck disable=SC2086
        exec bash "$copy/tests/"$script) >"$work/script.log" 2>&1 || { cat "$work/script.log"; fail "the tree with the new services passes tests/$script"; }
    echo "ok - the tree with the new services passes tests/$script"
done

maru=$copy/build/bin/maru
unset MARU_BIN # it is a setting of maru up: the programs of the copy are beside its maru
export MARU_DATA=$work/data
mkfifo "$work/out"
"$maru" up --edge 127.0.0.1:0 guestbook regulars greeter edge >"$work/out" 2>"$work/up.log" &
up=$!
read -r -t 20 line <"$work/out" || { cat "$work/up.log"; fail "maru up starts them"; }
edge=$(sed -n 's/.* edge=\([^ ]*\).*/\1/p' <<<"$line")
case "$line" in ready*edge=*greeter=*guestbook=*regulars=*) echo "ok - maru up starts them" ;; *) fail "maru up starts them: got '$line'" ;; esac

# Every block of the page's shell lines that calls, pasted whole into a terminal. What stays in the foreground is a block of its own,
# and words tell the reader to go to another terminal, or what is after it would never run.
awk -v to="$work/block" '/^```sh$/ {n++; file = to n; next} /^```/ {file = ""} file != "" {print > file}' "$guide"
ups=0 calls=0 curls=0
for block in "$work"/block*; do
    if grep -q '^build/bin/maru up ' "$block"; then
        ups=$((ups + 1))
        [ "$(wc -l <"$block")" = 1 ] || { cat "$block"; fail "maru up stays in the foreground, and is a block of its own"; }
    elif grep -q '^build/bin/maru ' "$block"; then
        calls=$((calls + $(grep -cE '^build/bin/maru (call|describe|events) ' "$block")))
        (cd "$copy" && timeout 60 bash -euo pipefail "$block") >"$work/answer" 2>&1 || { cat "$block" "$work/answer"; fail "what the page says to paste works"; }
    elif grep -q '^curl ' "$block"; then
        curls=$((curls + $(grep -c '^curl ' "$block")))
        sed "s|http://127\.0\.0\.1:8080|$edge|" "$block" >"$work/curl" # only the port is another one here
        (cd "$copy" && timeout 60 bash -euo pipefail "$work/curl") >"$work/http" 2>"$work/words" || { cat "$block" "$work/http" "$work/words"; fail "what the page says to ask by curl works"; }
    fi
done
[ $ups = 2 ] && [ $calls = 5 ] && [ $curls = 2 ] || fail "the page starts them twice, has five calls and two lines of curl: got $ups, $calls and $curls"
[ "$(grep -c 'another terminal' "$guide")" = 2 ] || fail "the page says which lines go to another terminal"
echo "ok - the page's five calls work as they are pasted, from another terminal"
(cd "$copy" && "$maru" call guestbook shop.guestbook.v1.GuestbookService/GetGuest -d '{"name": "Minji"}') | grep -q '"visits": "2"' ||
    fail "each visit was counted once: that of the call, and that of curl"
echo "ok - each visit was counted once: that of the call, and that of curl"
[ "$(sed 's/}{/}\n{/' "$work/http")" = '{"text":"Hello Minji, for the 2th time"}
{"name":"Minji","visits":"2"}' ] || { cat "$work/http"; fail "what curl is told"; }
echo "ok - the page's lines of curl are answered through the edge"
(cd "$copy" && "$maru" events lag) | grep -q '^regulars  *checkout .* no checkout runs here$' || fail "regulars waits for checkout, and says so"
echo "ok - regulars waits for checkout, and says so"
(cd "$copy" && "$maru" call greeter shop.greeter.v1.GreeterService/PutEntry -d '{"name": "one"}') | grep -q '"revision": "1"' ||
    fail "what maru new wrote is called"
echo "ok - what maru new wrote is called"

# What maru new says to do next, in the tree, as it is printed: all of it is built, so without the shop's own services.
(cd "$copy/svc" && rm -r cart catalog checkout inventory payment provider shipping)
kill "$up" && wait "$up"
up=''
steps() { sed -n "/^$1/,/^To /s/^  //p" "$work/next"; }
(cd "$copy/svc" && "$maru" new service second) >/dev/null 2>"$work/next" || { cat "$work/next"; fail "maru new writes one more"; }
want="cd $copy
cmake -S . -B build && cmake --build build && ctest --test-dir build -R '^second_'
build/bin/maru up second"
[ "$(steps 'To build'; steps 'To run')" = "$want" ] || { cat "$work/next"; fail "in the tree it says to build and run there"; }
(cd "$copy/svc" && bash -e -c "$(steps 'To build')") >"$work/next.log" 2>&1 || { tail -20 "$work/next.log"; fail "what it says to do next builds, and its test passes"; }
(cd "$copy" && exec bash -c "exec $(steps 'To run')") >"$work/out" 2>"$work/up.log" &
up=$!
read -r -t 20 line <"$work/out" || { cat "$work/up.log"; fail "what it says to do next runs it"; }
(cd "$copy" && bash -c "$(steps 'To call')") | grep -q '"text": "first"' || fail "what it says to do next calls it"
echo "ok - what it says to do next in the tree works as it is printed"
