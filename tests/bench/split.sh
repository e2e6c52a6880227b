# What the split costs: AddItem of the cart, which asks the catalogue, where the two are processes that speak over ipc, against
# the same handlers and stores linked into one program that speak through memory (bench_one). 1 and 64 in flight. Sourced by
# run.
. tests/bench/costs.sh

split_call=(shop.cart.v1.CartService/AddItem
    -d '{"cart": "carts/c${random:1..5000}", "product": "products/P0000${random:100..999}", "quantity": 1}')

split_ours() { load_cost "$split_pids" "$split_url" "${split_call[@]}" --in-flight "$in_flight"; }
split_peer() { load_cost "$one_pid" "$one_url" "${split_call[@]}" --in-flight "$in_flight"; }

split_fill() { client "$bin/bench_client" fill "$1" 64 1 150 1000 >/dev/null; }

bench_split() {
    local in_flight
    echo "split: the cart's AddItem, which asks the catalogue: two processes against one program with both"
    server_start "$service_bin/catalog" --listen "ipc://$scratch/two-catalog" --data "$stores/two" &&
        split_fill "$server_address" || return 1
    split_pids=$server_pid
    server_start "$service_bin/cart" --listen "ipc://$scratch/two-cart" --data "$stores/two" \
        --peer "catalog=ipc://$scratch/two-catalog" || return 1
    split_pids="$split_pids $server_pid" split_url=$server_address
    server_start "$bin/bench_one" "ipc://$scratch/one-cart" "ipc://$scratch/one-catalog" "$stores/one" || return 1
    split_fill "ipc://$scratch/one-catalog" || return 1
    one_pid=$server_pid one_url=$server_address
    for in_flight in 1 64; do
        turns split_ours split_peer && turned p50_us || return 1
        row split ipc $in_flight "$ours" "$peer" "in one program" "us p50" less - -
        turned cpu_us || return 1
        row split-cpu ipc $in_flight "$ours" "$peer" "in one program" us/call less - -
        turned calls_per_s || return 1
        row split-rate ipc $in_flight "$ours" "$peer" "in one program" calls/s more - -
    done
}
