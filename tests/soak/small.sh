# small.sh: a soak of a few orders, at which nobody or next to nobody is killed, is audited as any other, and ends with 0.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1

for orders in 1 5 20; do
    begin "$orders of them"
    timeout 250 "${MARU_TEST_BIN:?the folder of the test programs}/soak" --bin "$MARU_BIN" --orders $orders --seed 3 >"$work/out" 2>"$work/words"
    same "status" $? 0
    contains "the last line" "$(tail -n 1 "$work/out")" "soak: seed 3: orders $orders = placed $orders + refused 0; "
    contains "the verdict" "$(tail -n 1 "$work/out")" "; audit: clean"
done
finish
