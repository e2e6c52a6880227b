# small.sh: a soak of a few orders, at which nobody or next to nobody is killed, is audited as any other, and ends with 0. And what
# tests/soak/run is told wrongly is refused before anything is built.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1

for orders in 1 5 20; do
    begin "$orders of them"
    timeout 250 "${MARU_TEST_BIN:?the folder of the test programs}/soak" --bin "$MARU_BIN" --orders $orders --seed 3 >"$work/out" 2>"$work/words"
    same "status" $? 0
    contains "the last line" "$(tail -n 1 "$work/out")" "soak: seed 3: orders $orders = placed $orders + refused 0; "
    kills=$(sed -n 's/^killed at [^:]*://p' "$work/out" | tr ' ' '\n' | awk '/^[0-9]+$/ {sum += $1} END {print sum}')
    contains "the kills of the table, $kills" "$(tail -n 1 "$work/out")" "; kills $kills, "
    contains "the verdict" "$(tail -n 1 "$work/out")" "; audit: clean"
done

# refused WORDS ARGUMENT...: status 2, and one line that says why.
refused() {
    local words=$1
    shift
    (timeout 60 "$MARU_SOURCE/tests/soak/run" "$@") >"$work/out" 2>"$work/words" </dev/null
    same "status" $? 2
    same "words" "$(cat "$work/words")" "tests/soak/run: $words"
    same "stdout" "$(cat "$work/out")" ""
}

begin "a folder with files in it is refused, hidden ones too, and left as it is"
mkdir "$work/full" && echo mine >"$work/full/.mine"
refused "--data: want an empty folder, and there are files in $work/full" --data "$work/full" --orders 1
same "what is in it" "$(ls -A "$work/full")" .mine

begin "a number that is too small or too great is told what is wanted"
refused "--orders: want 1..999999999, got '1000000000'" --orders 1000000000
refused "--seed: want 1..999999999, got '0'" --seed 0
finish
