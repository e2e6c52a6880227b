# What a call costs where 1 to 4 processes of one service share a store: GetProduct and UpdateProduct of the catalogue, 64 in
# flight to each process, all at once; processor time of all of them by calls, and calls a second together. On the same two
# cores. Sourced by run.
. tests/bench/costs.sh

processes_keys=1000
processes_get=(GetProduct -d '{"name": "products/P0000${random:100..999}"}')
processes_update=(UpdateProduct -d '{"product": {"name": "products/P0000${random:100..999}", "description": "${text:40}"}, "updateMask": "description"}')

# COUNT loads at once; prints `cpu_us=N calls_per_s=N`, of all together.
processes_cost() { # METHOD WORDS...
    local before after i method=$1 loads=()
    shift
    before=$(cpu_ns "${servers[@]}")
    for i in "${!processes_urls[@]}"; do
        load_some "$seconds" "${processes_urls[i]}" "shop.catalog.v1.CatalogService/$method" "$@" --in-flight 64 --seed "$i" \
            >"$scratch/load.$i" &
        loads+=($!)
    done
    for i in "${loads[@]}"; do
        wait "$i" || return 1
    done
    after=$(cpu_ns "${servers[@]}")
    cat "$scratch"/load.* | awk -v ns=$((after - before)) '
        {sub(/.*calls=/, ""); calls += $1; sub(/.*calls_per_s=/, ""); rate += $1}
        END {printf "cpu_us=%.3f calls_per_s=%.1f\n", ns / calls / 1000, rate}'
}

bench_processes() {
    local count i
    echo "processes: of the catalogue, with one store (--shared where there are several); 64 calls in flight to each"
    for count in 1 2 3 4; do
        processes_urls=()
        rm -f "$scratch"/load.*
        for ((i = 0; i < count; i++)); do
            server_start "$service_bin/catalog" --instance "p$i" --listen "ipc://$scratch/p$i" --data "$stores/processes" \
                $([ $count = 1 ] || echo --shared) || return 1
            processes_urls+=("$server_address")
        done
        [ $count != 1 ] || client "$bin/bench_client" fill "$server_address" 64 1 150 $processes_keys >/dev/null || return 1
        cost_rounds processes_cost "${processes_get[@]}" && cost_row cpu_us processes-read ipc $count "1 process" us/call &&
            cost_rounds processes_cost "${processes_update[@]}" &&
            cost_row cpu_us processes-write ipc $count "1 process" us/call &&
            cost_row calls_per_s processes-write-rate ipc $count "1 process" calls/s more || return 1
        servers_stop
    done
}
