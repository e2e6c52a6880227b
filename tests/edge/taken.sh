# taken.sh: somebody takes the edge's port after maru up has found it free, and before the edge listens there: two applications
# that are started at the same moment do that to each other. $1: edge_taker.
# The default port is there for certain only in a network of one's own; where none can be made, it is left out.
if [ -z "${MARU_OWN_NETWORK-}" ] && unshare -rn ip link set lo up 2>/dev/null; then
    export MARU_OWN_NETWORK=1
    exec unshare -rn bash -c 'ip link set lo up && exec bash "$@"' bash "${BASH_SOURCE[0]}" "$@"
fi
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
. "$MARU_SOURCE/tests/demo/staying.sh" || exit 1
taker=$1 default_port=8080

# hold PORT DATA: a taker has it; $at is its address.
hold() {
    coproc TAKER { exec "$taker" "$2" "$1"; }
    IFS=' ' read -r -t 20 word at <&"${TAKER[0]}"
    same "held" "$word" held
}
take() {
    echo >&"${TAKER[1]}"
    IFS= read -r -t 20 word <&"${TAKER[0]}"
    same "taken" "$word" taken
}
let_go() {
    local pid=$TAKER_PID
    exec {TAKER[1]}>&-
    wait "$pid"
}

# begin_up ARGUMENT...: maru up, until it has found that the edge's port is free and starts its services.
begin_up() {
    : >"$work/up.log"
    exec {line}< <(exec "$maru" up --supervised $$ "$@" 2>"$work/up.log")
    app=$!
    logged 'Ctrl-C stops all'
}

begin "a port that --edge says is an error then too, with the words that it has where it was taken before"
hold 0 "$work/said"
check "it begins" begin_up --data "$work/said" --edge "$at" catalog
take
wait "$app"
same "status" $? 1
app=''
contains "words" "$(cat "$work/up.log")" "maru up | --edge: $at is in use by edge_taker (pid $TAKER_PID)"
contains "end" "$(cat "$work/up.log")" "maru up | edge cannot run (see above); stops all"
let_go

if [ -n "${MARU_OWN_NETWORK-}" ]; then
    begin "where nobody asked for the port, the others run without the edge, and it is said who has it"
    hold $default_port "$work/default"
    check "it begins" begin_up --data "$work/default" catalog edge
    take
    IFS= read -r -t 20 ready <&"$line"
    same "ready" "${ready%%=*}" "ready catalog"
    case "$ready" in *edge=*) note 1 "an edge runs: $ready" ;; esac
    contains "words" "$(cat "$work/up.log")" \
        "maru up | $at is in use by edge_taker (pid $TAKER_PID): no edge is run; --edge HOST:PORT gives it another address"
    same "what runs" "$("$maru" ps --data "$work/default" | awk 'NR > 1 {print $1, $3}')" "catalog ready"
    check "stop" app_stop || cat "$work/up.log" >&2
    let_go

    begin "tools/demo takes a free one then"
    hold $default_port "$data"
    mkdir "$work/tmp"
    exec {line}< <(TMPDIR=$work/tmp exec setsid env --default-signal=INT "$demo" --data "$data" 2>"$work/demo.err")
    staying=$!
    until grep -qs 'Ctrl-C stops all' "$work"/tmp/maru-demo-*/words || [ ! -e /proc/$staying ]; do :; done
    take
    printed=''
    while IFS= read -r shown <&"$line"; do
        printed+=$shown$'\n'
        case "$shown" in 'HTTP and JSON are at'*) break ;; esac
    done
    contains "who has it" "$printed" $'\n'"$at is in use by edge_taker (pid $TAKER_PID): HTTP gets a free port"$'\n'
    contains "HTTP" "$printed" "HTTP and JSON are at http://127.0.0.1:" || cat "$work/demo.err" >&2
    kill -INT $staying
    wait $staying
    let_go
else
    echo "taken: no network of its own can be made here: what concerns port $default_port was left out" >&2
fi
finish
