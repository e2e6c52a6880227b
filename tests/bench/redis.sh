# Redis as a peer: how redis-benchmark is run for about a time, and its line read. Sourced by read.sh and write.sh.

# Prints `calls_per_s=N p50_us=N`.
redis_run() { # PORT REQUESTS FLAG...
    local port=$1 requests=$2
    shift 2
    client redis-benchmark -h 127.0.0.1 -p "$port" -n "$requests" --csv "$@" | tr -d '"' |
        awk -F , '$2 + 0 > 0 && NF >= 5 { printf "calls_per_s=%s p50_us=%.1f\n", $2, $5 * 1000; found = 1 } END { exit !found }'
}

# redis-benchmark counts requests, not time: sets redis_requests to those of about $seconds, found by a short run.
redis_calibrate() { # PORT FLAG...
    local port=$1 rate
    shift
    rate=$(redis_run "$port" 10000 "$@" | field calls_per_s) || return 1
    redis_requests=$(awk -v rate="$rate" -v seconds="$seconds" 'BEGIN { n = rate * seconds; printf "%d", (n > 2000 ? n : 2000) }')
}
