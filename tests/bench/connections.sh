# What a call costs the server while there are 1 to 10,000 connections: echo of 64 bytes, one call in flight on each, all of
# them by one `maru load`. Beside it, what of memory a connection takes. Over tcp. Sourced by run.
. tests/bench/costs.sh

connections_counts=(1 10 100 1000 10000)

connections_cost() { # COUNT
    load_cost "$server_pid" "$server_address" bench.Echo/Call -d "{\"body\": \"$connections_body\"}" -c "$1" --in-flight "$1"
}

status_kb() { # PID KEY
    awk -v key="$2:" '$1 == key {print $2}' "/proc/$1/status"
}

bench_connections() {
    local count most base files
    files=$(ulimit -Hn)
    connections_body=$(head -c 64 /dev/zero | tr '\0' x | base64 -w 0)
    echo "connections: echo of 64 bytes, one call in flight on each; processor time of the server, of a call"
    for count in "${connections_counts[@]}"; do
        if [ "$files" != unlimited ] && [ "$files" -lt $((count + 512)) ]; then
            echo "  connections $count: left out, a process here may open $files files (ulimit -Hn)" >&2
            continue
        fi
        server_start "$bin/bench_server" tcp://127.0.0.1:0 || return 1
        base=$(status_kb "$server_pid" VmRSS)
        cost_rounds connections_cost "$count" || return 1
        most=$(status_kb "$server_pid" VmHWM)
        cost_row cpu_us connections tcp "$count" "${connections_counts[0]} connection" us/call || return 1
        servers_stop
    done
    ours=$(awk -v a="$base" -v b="$most" -v n="$count" 'BEGIN {printf "%.2f", (b - a) / n}')
    row connection-memory tcp "$count" "$ours" "$ours" "itself" kB less - -
}
