# numbers.sh: what is no number is refused by every flag of every program that takes one, in one line that says which
# flag, with status 2. The flags are those that --help lists; what is asked for does not run.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
programs=$MARU_BIN tests=${MARU_TEST_BIN:?the folder of the test programs}
export XDG_RUNTIME_DIR=$work XDG_STATE_HOME=$work

lines=1 # at most; a script may say how it is used behind the first
bad=('' -1 +1 1x abc 0x10 1e3 1.2.3 inf 99999999999999999999 '1 ' ' 1' ١)

refused() { # FLAG VALUE COMMAND...
    local flag=$1 value=$2 said status
    shift 2
    said=$(timeout 20 "$@" "$flag" "$value" 2>&1 >"$work/out" </dev/null)
    status=$?
    made=$((made + 1))
    [ $status = 2 ] && [[ "${said%%$'\n'*}" == *"$flag: want "* ]] && [ "$(wc -l <<<"$said")" -le $lines ] ||
        note 1 "${*##*/} $flag '$value': status $status, '$said'"
}

flags_of() { # WHAT COMMAND...: those that take such a thing
    local what=$1
    shift
    "$@" --help | sed -nE "s/^.* (--[a-z-]+) ($what)( .*|\$)/\1/p" | sort -u
}

all_refused() { # WHAT COMMAND [WORD...]
    local what=$1 flag value found=''
    shift
    for flag in $(flags_of "$what" "${@:1:$((2 < $# ? 2 : $#))}"); do
        found=1
        for value in "${bad[@]}"; do refused "$flag" "$value" "$@"; done
    done
    [ -n "$found" ] || note 1 "$*: no flag takes $what"
}

begin "a service"
all_refused 'BYTES|COUNT|MS|PID|HOST:PORT' "$programs/cart"
begin "one with times of its own, and the edge, in what they have beside"
for flag in --pack-ms --deliver-ms; do
    for value in "${bad[@]}"; do refused "$flag" "$value" "$programs/shipping"; done
done
for flag in $(flags_of 'BYTES|COUNT|MS|HOST:PORT' "$programs/edge" | grep http); do
    for value in "${bad[@]}"; do refused "$flag" "$value" "$programs/edge"; done
done

begin "maru"
all_refused 'TIME' "$maru" audit
all_refused 'TIME' "$maru" call cart shop.cart.v1.CartService/GetCart
all_refused 'TIME' "$maru" down
all_refused 'N' "$maru" events tail cart
all_refused 'PID|HOST:PORT' "$maru" up
all_refused 'N|TIME|PLAN|FIGURE' "$maru" load cart shop.cart.v1.CartService/GetCart
for value in 1.. ..5 1..x 1@ 1@5 1@-1s 1@0s 1@1x 1@1s, 0x10@1s 1e3@1s 1..99999999999999; do
    for flag in --rate --in-flight; do
        refused $flag "$value" "$maru" load cart shop.cart.v1.CartService/GetCart
    done
done
for value in 'p99<0x10ms' 'p99<1e3ms' 'p99<' 'p99<-1ms' 'p99<5' 'p101<1ms' 'errors<0x1%' 'rate>1e400' 'rate>nan'; do
    refused --want "$value" "$maru" load cart shop.cart.v1.CartService/GetCart
done

begin "the tree's own tools"
cd "$MARU_SOURCE" || exit 1
for value in "${bad[@]}"; do
    refused --orders "$value" "$tests/soak" --bin "$work/none"
    refused --seed "$value" "$tests/soak" --bin "$work/none"
    refused --orders "$value" tests/soak/run
    refused --seed "$value" tests/soak/run
done
lines=99
for value in "${bad[@]}"; do
    refused --rounds "$value" tests/bench/run
    refused --seconds "$value" tests/bench/run
    refused --seconds "$value" tests/fuzz/run
    refused --jobs "$value" tests/fuzz/run
    refused --jobs "$value" tools/check
    refused --edge "$value" tools/demo
done
finish
