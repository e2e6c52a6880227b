# The whole application in memory: all services, the provider's simulator and the edge, as `maru up` starts them. At rest with
# a small catalogue, and while products are read through the edge by 64 connections and carts are filled over the wire.
# Private memory, of all processes together, against the goal of 4 MB a process. Sourced by run.

app_kb() {
    local pid
    for pid in "${app_pids[@]}"; do
        cat "/proc/$pid/smaps_rollup" || return 1
    done | awk '/^Private_(Clean|Dirty):/ {sum += $2} END {print sum}'
}

# Loads, and sets ours to the most that was seen while it did.
app_loaded() { # URL
    local now wrk=$scratch/wrk.log loads=()
    "${pin[@]}" wrk -t 1 -c 64 -d 3s "$1/v1/products/P0000007" >"$wrk" 2>&1 &
    loads+=($!)
    "${pin[@]}" "$service_bin/maru" load --data "$stores/app" cart shop.cart.v1.CartService/AddItem --in-flight 64 --time 3s \
        --want 'errors<=0%' --allow-late \
        -d '{"cart": "carts/c${random:1..5000}", "product": "products/P0000${random:100..999}", "quantity": 1}' \
        >"$scratch/client.log" 2>&1 &
    loads+=($!)
    ours=0
    while kill -0 "${loads[0]}" 2>/dev/null || kill -0 "${loads[1]}" 2>/dev/null; do
        now=$(app_kb) || return 1
        [ "$now" -le "$ours" ] || ours=$now
    done
    wait "${loads[0]}" && wait "${loads[1]}" && ! grep -q 'Non-2xx\|Socket errors' "$wrk" && return
    tail -n 5 "$scratch/client.log" "$wrk" | sed 's/^/  | /' >&2
    return 1
}

bench_app() {
    local url count
    server_start "$service_bin/maru" up --data "$stores/app" --edge 127.0.0.1:0 || return 1
    app_pids=($("$service_bin/maru" ps --data "$stores/app" --json | sed -nE 's/.*"pid": ?([0-9]+).*/\1/p' | sort -u))
    url=$("$service_bin/maru" ps --data "$stores/app" --json | sed -nE 's/.*"(http:[^"]*)".*/\1/p' | head -n 1)
    count=${#app_pids[@]}
    client "$bin/bench_client" fill "$(app_address catalog)" 64 1 150 1000 >/dev/null || return 1
    echo "app: $count processes; wrk -c 64 through the edge, and 64 AddItem in flight"
    ours=$(app_kb) || return 1
    row app-idle - - "$ours" $((count * 4096)) "goal, 4 MB a process" kB less 1 0.5
    app_loaded "$url" || return 1
    row app-loaded - - "$ours" $((count * 4096)) "4 MB a process" kB less - -
}

app_address() { # NAME
    "$service_bin/maru" ps --data "$stores/app" --json | sed -nE "s|.*\"name\": ?\"$1\".*\"(ipc://[^\"]*)\".*|\1|p" | head -n 1
}
