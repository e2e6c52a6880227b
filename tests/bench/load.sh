# maru load itself: what one process of it drives over ipc, closed and at a rate, against the goal of a million calls a
# second; echo of 64 bytes. Sourced by run.

load_run() { # WORDS...: prints calls_per_s=N
    local json
    json=$(client "$service_bin/maru" load "$load_url" bench.Echo/Call -d "{\"body\": \"$load_body\"}" --warmup 100ms \
        --output json "$@") || return 1
    sed -nE 's/^  "answeredPerSecond": ?([0-9.e+]+).*/calls_per_s=\1/p' <<<"$json"
}

load_closed() { load_run --in-flight 256 --time "$load_ms"; }

load_open() { load_run --rate 1000000 --time "$load_ms"; }

# The goal is what it is compared with: the same each round.
load_goal() { echo calls_per_s=1000000; }

bench_load() {
    load_url=ipc://$scratch/load
    load_ms=$(awk -v s="$seconds" 'BEGIN {printf "%dms", s * 1000 + 100}')
    load_body=$(head -c 64 /dev/zero | tr '\0' x | base64 -w 0)
    echo "load: maru load, one process, one connection, echo of 64 bytes; 256 in flight, and a million a second asked"
    server_start "$bin/bench_server" "$load_url" || return 1
    in_turn calls_per_s load_closed load_goal || return 1
    row load ipc 256 "$ours" "$peer" "goal" calls/s more 1 1
    in_turn calls_per_s load_open load_goal || return 1
    row load-rate ipc - "$ours" "$peer" "goal" calls/s more 1 0.95 # no more than what is asked can be answered
}
