# GetProduct of the catalogue, through the stub, from LMDB: 256 in flight on one connection, against Redis GET with 4
# connections x 64 pipelined, on as many keys with values of a product's stored size. Over tcp. Sourced by run.
. tests/bench/redis.sh

read_keys=10000
redis_read_server=(--save '' --appendonly no)
redis_read_load=(-c 4 -P 64 -r $read_keys GET key:__rand_int__)

read_ours() { client "$bin/bench_client" get "$catalog_url" 256 "$seconds" 0 $read_keys; }

read_peer() { redis_run "$redis_port" "$redis_requests" "${redis_read_load[@]}"; }

# As many values as there are products, each of their mean size.
redis_fill() { # BYTES
    client redis-cli -h 127.0.0.1 -p "$redis_port" EVAL \
        "for i = 0, $read_keys - 1 do redis.call('SET', string.format('key:%012d', i), string.rep('x', $1)) end return $read_keys" 0
}

bench_read() {
    local size stored
    server_start "$service_bin/catalog" --listen tcp://127.0.0.1:0 --data "$stores/read" || return 1
    catalog_url=$server_address
    client "$bin/bench_client" fill "$catalog_url" 256 1 150 $read_keys >/dev/null || return 1
    size=$(seconds=0.2 read_ours | field bytes)
    redis_start "$stores/redis-read" "${redis_read_server[@]}" || return 1
    redis_port=$server_address
    stored=$(redis_fill "$size") && [ "$stored" = $read_keys ] || return 1
    echo "read: $read_keys products, $size bytes each; redis-server $(printf '%q ' "${redis_read_server[@]}")," \
        "redis-benchmark ${redis_read_load[*]}"
    redis_calibrate "$redis_port" "${redis_read_load[@]}" && in_turn calls_per_s read_ours read_peer || return 1
    row read tcp 256 "$ours" "$peer" "Redis GET, 4 x 64 pipelined" calls/s more 1.0 0.6
}
