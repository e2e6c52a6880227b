# check.sh: what tools/check says of a wrong --only, and of two kinds. It ends before anything is configured.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
mkdir -p "$work/tree/tools" "$work/bin" "$work/tmp"
export TMPDIR=$work/tmp
cp "$MARU_SOURCE/tools/check" "$work/tree/tools/"
echo 'packages_install() { :; }' >"$work/tree/tools/packages"
printf '#!/bin/sh\necho configured >>%s\nexit 1\n' "$work/asked" >"$work/bin/cmake"
chmod +x "$work/bin/cmake"
export PATH=$work/bin:$PATH

for only in '[' '(' '*' 'a)' 'x[b-a]'; do
    begin "--only '$only' is no regular expression: it says so, and ends with 2"
    got=$("$work/tree/tools/check" --fast --only "$only" 2>&1)
    same "status" $? 2
    contains "words" "$got" "tools/check: --only: '$only': want a regular expression as CMake has them: "
    check "nothing is configured" [ ! -e "$work/asked" ]
    same "what it leaves in the tree" "$(ls "$work/tree")" tools
done
same "what it leaves elsewhere" "$(ls "$work/tmp")" ""

begin "two kinds at once are refused, and neither is run"
got=$("$work/tree/tools/check" --asan --tsan 2>&1)
same "status" $? 2
same "the first line" "${got%%$'\n'*}" "tools/check: --asan and --tsan: want one kind at a time"
check "nothing is configured" [ ! -e "$work/asked" ]

begin "one that is goes on to the build"
got=$("$work/tree/tools/check" --fast --fast --only '^(demo|house)[.]x+' 2>&1)
same "status" $? 1
same "configured" "$(cat "$work/asked")" configured
same "the last line" "$(tail -n 1 <<<"$got")" "0 passed, 1 failed"

begin "what is exported as CDPATH leads no script elsewhere"
mkdir -p "$work/else/tools" "$work/else/tests/soak"
for script in tools/check tools/demo tests/soak/run; do
    got=$(cd "$MARU_SOURCE" && CDPATH=$work/else:. "$script" --help 2>&1)
    same "status of $script" $? 0
    contains "its words" "$got" "usage: $script"
done
got=$(cd "$work/tree" && CDPATH=$work/else tools/check --fast --only '^x$' 2>&1)
contains "the build" "$got" "configured build/ FAILED"

begin "what a user has exported for their own shop or shell does not reach a test, but a seed does"
include=$(sed -n '/environment\.cmake/p' "$MARU_BIN/../CTestTestfile.cmake")
contains "CTest reads it" "$include" 'tests/environment.cmake'
mkdir "$work/tests"
printf '%s\nadd_test(printed env)\n' "$include" >"$work/tests/CTestTestfile.cmake"
got=$(env CDPATH=/else MARU_DATA=/other MARU_LOG_FORMAT=json MARU_SEED=7 MARU_WORDS=$'a;b\nMARU_c=1' ctest --test-dir "$work/tests" -V 2>&1)
same "what a test is told" "$(sed -n 's/^1: \(\(MARU_\|CDPATH\).*\)/\1/p' <<<"$got")" MARU_SEED=7
contains "it ran" "$got" "100% tests passed"

finish
