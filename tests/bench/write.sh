# Durable writes of 256 bytes, flushed before the reply: 64 and 256 in flight on one connection, against Redis SET with
# appendfsync always and as many unpipelined clients. Over tcp, both on the same disk. Sourced by run.
#
# write is one record a call; write-once is the same as an exactly-once method, which stores its reply with it (Redis has
# no such thing; it is shown beside the same peer).
. tests/bench/redis.sh

write_bytes=256 write_keys=100000
redis_write_server=(--save '' --appendonly yes --appendfsync always --auto-aof-rewrite-percentage 0)

write_ours() { client "$bin/bench_client" put "$write_url" "$in_flight" "$seconds" $write_bytes $write_keys; }

write_once_ours() { client "$bin/bench_client" put-once "$write_url" "$in_flight" "$seconds" $write_bytes $write_keys; }

write_peer() { redis_run "$redis_port" "$redis_requests" "${redis_write_load[@]}"; }

bench_write() {
    server_start "$bin/bench_server" tcp://127.0.0.1:0 "$stores/write" || return 1
    write_url=$server_address
    redis_start "$stores/redis-write" "${redis_write_server[@]}" || return 1
    redis_port=$server_address
    for in_flight in 64 256; do
        redis_write_load=(-c "$in_flight" -P 1 -t set -d $write_bytes -r $write_keys)
        echo "write: redis-server $(printf '%q ' "${redis_write_server[@]}"), redis-benchmark ${redis_write_load[*]}"
        redis_calibrate "$redis_port" "${redis_write_load[@]}" && in_turn calls_per_s write_ours write_peer || return 1
        row write tcp $in_flight "$ours" "$peer" "Redis SET, appendfsync always" calls/s more 1.0 0.5
        in_turn calls_per_s write_once_ours write_peer || return 1
        row write-once tcp $in_flight "$ours" "$peer" "Redis SET, appendfsync always" calls/s more - -
    done
}
