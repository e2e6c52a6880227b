# Unary echo of 64 bytes through protobuf, one connection, against gRPC C++; over tcp and ipc. Sourced by run.
#
# The peer is whichever of its four combinations (server and client, each with the callback API and with completion
# queues) is fastest at that number in flight, found by a short run of each before.

echo_bytes=64

echo_ours() { client "$bin/bench_client" echo "$echo_url" "$in_flight" "$seconds" $echo_bytes 1; }

echo_peer() { # uses peer_api and peer_client; for a trial, seconds may be overridden
    client "$bin/grpc_client" "$peer_client" "${peer_address[$peer_api]}" "$in_flight" "$seconds" $echo_bytes
}

# Sets peer_api and peer_client to the fastest pair.
echo_pick_peer() { # KEY
    local api caller value best='' best_api='' best_client=''
    for api in callback async; do
        for caller in callback async; do
            peer_api=$api peer_client=$caller
            value=$(seconds=0.3 echo_peer | field "$1")
            [ -n "$value" ] || return 1
            [ "$1" = calls_per_s ] || value=-$value
            if [ -z "$best" ] || awk -v a="$value" -v b="$best" 'BEGIN {exit !(a > b)}'; then
                best=$value best_api=$api best_client=$caller
            fi
        done
    done
    peer_api=$best_api peer_client=$best_client
}

bench_echo() {
    local transport api key unit better goal floor
    local -A peer_address
    echo "echo: bytes $echo_bytes; gRPC: one channel, insecure; servers and clients with the callback API and with completion" \
        "queues (one and a thread a core, 512 calls asked for ahead each), the faster taken"
    for transport in tcp ipc; do
        [ $transport = tcp ] && echo_url=tcp://127.0.0.1:0 || echo_url=ipc://$scratch/echo
        server_start "$bin/bench_server" "$echo_url" || return 1
        echo_url=$server_address
        for api in callback async; do
            [ $transport = tcp ] && address=127.0.0.1:0 || address=unix:$scratch/grpc-$api
            server_start "$bin/grpc_server" $api "$address" || return 1
            peer_address[$api]=$server_address
        done
        for in_flight in 1 16 64 256; do
            key=calls_per_s unit=calls/s better=more goal=- floor=-
            [ $in_flight != 1 ] || key=p50_us unit='us p50' better=less
            case "$transport $in_flight" in
            'tcp 1') goal=1.25 floor=1.0 ;; # at most 0.8 and 1.0 times the peer's
            'tcp 64') goal=10 floor=7 ;;
            esac
            echo_pick_peer $key && in_turn $key echo_ours echo_peer || return 1
            row echo $transport $in_flight "$ours" "$peer" "gRPC C++ ($peer_api server, $peer_client client)" "$unit" $better $goal $floor
        done
        servers_stop
    done
}
