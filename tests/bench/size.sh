# One service with an empty store, the catalogue: private memory, start to first answer, stripped binary. Against the
# goals of the design, and a gRPC C++ server that echoes and has no store. Sourced by run.
#
# Private memory is Private_Clean + Private_Dirty of /proc/PID/smaps_rollup after one call: what the process adds to the
# machine. Start to first answer is from just before the start until a client that stands ready has its first reply.

private_kb() { # PID
    awk '/^Private_(Clean|Dirty):/ {sum += $2} END {print sum}' "/proc/$1/smaps_rollup"
}

stripped_kb() { # PROGRAM
    strip -o "$scratch/stripped" "$1" || return 1
    awk -v bytes="$(stat -c %s "$scratch/stripped")" 'BEGIN {printf "%.1f\n", bytes / 1024}'
}

# Every start on an empty store.
start_ours() {
    rm -rf "$stores/start" "$scratch/first"
    client "$bin/first_answer" -- "$service_bin/catalog" --listen "ipc://$scratch/first" --data "$stores/start"
}

start_peer() { client "$bin/grpc_client" first "$bin/grpc_server" callback "unix:$scratch/first-grpc"; }

# An app's service has its own data folder: what is measured is one process of it, after one call.
memory_ours() {
    server_start "$service_bin/catalog" --listen "ipc://$scratch/memory" --data "$stores/memory" || return 1
    client "$bin/first_answer" "$server_address" >/dev/null || return 1
    ours=$(private_kb "$server_pid")
}

memory_peer() {
    server_start "$bin/grpc_server" callback "unix:$scratch/memory-grpc" || return 1
    client "$bin/grpc_client" callback "$server_address" 1 0.1 64 >/dev/null || return 1
    peer=$(private_kb "$server_pid")
}

bench_size() {
    local grpc="gRPC C++ echo, no store"
    echo "size: the catalogue with an empty store, over ipc; gRPC: its echo server, callback API"
    memory_ours && servers_stop && memory_peer && servers_stop || return 1
    row memory ipc - "$ours" 4096 "goal" kB less 1 0.5
    row memory ipc - "$ours" "$peer" "$grpc" kB less - -
    in_turn first_us start_ours start_peer || return 1
    ours=$(awk -v us="$ours" 'BEGIN {printf "%.2f", us / 1000}') peer=$(awk -v us="$peer" 'BEGIN {printf "%.2f", us / 1000}')
    row start ipc - "$ours" 50 "goal" ms less 1 0.5
    row start ipc - "$ours" "$peer" "$grpc" ms less - -
    ours=$(stripped_kb "$service_bin/catalog") && peer=$(stripped_kb "$bin/grpc_server") || return 1
    row binary - - "$ours" 500 "goal" kB less 1 0.5
    row binary - - "$ours" "$peer" "$grpc" kB less - -
}
