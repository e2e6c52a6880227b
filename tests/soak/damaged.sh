# damaged.sh: the soak ends with 1, and says what does not agree, where something is wrong at rest; with 0 only where nothing is.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
soak=(timeout 250 "${MARU_TEST_BIN:?the folder of the test programs}/soak" --bin "$MARU_BIN" --orders 20 --seed 7 --no-kills)

# damaged WHAT FINDING: status, findings and last line of a soak in which that is made wrong.
damaged() {
    mkdir -p "$work/$1"
    "${soak[@]}" --data "$work/$1" --damage "$1" >"$work/out" 2>"$work/words"
    same "status" $? 1
    contains "the finding" "$(cat "$work/words")" "$2"
    contains "the last line" "$(tail -n 1 "$work/out")" "; audit: NOT clean: "
    contains "its end" "$(tail -n 1 "$work/out")" "; FAILED"
    contains "before that" "$(cat "$work/out")" "soak: at rest: audit: clean"
}

begin "nothing is wrong: the status is 0"
"${soak[@]}" >"$work/out" 2>"$work/words"
same "status" $? 0
contains "the last line" "$(tail -n 1 "$work/out")" "; audit: clean"

begin "an order's record is damaged: the status is 1"
damaged order "fold: orders/"

begin "the provider's ledger is lost: the status is 1"
damaged ledger "ledgers-equal: "

begin "what can't be damaged is wrong usage"
"${soak[@]}" --damage moon >"$work/out" 2>"$work/words"
same "status" $? 2
contains "words" "$(cat "$work/words")" '--damage: want order or ledger, got "moon"'
finish
