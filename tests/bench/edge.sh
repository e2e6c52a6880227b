# A product of the catalogue as JSON over HTTP/1.1: through the edge and from LMDB, against nginx that returns the same
# bytes from its configuration (its fastest way: no file, no call). wrk asks both, over 64 connections that stay. Sourced by
# run.
#
# nginx is tuned as its documentation says: a worker a core, reuseport, multi_accept, no access log, connections kept
# without end. The edge and the catalogue are two processes on the same two cores.

edge_connections=64
edge_products=1000
edge_product=P0000007

nginx_conf() { # PORT BODY
    cat <<CONF
daemon off;
pid $scratch/nginx.pid;
error_log $scratch/nginx.log;
worker_processes 2;
events { worker_connections 1024; multi_accept on; }
http {
    access_log off;
    keepalive_timeout 300s;
    keepalive_requests 1000000000;
    client_body_temp_path $scratch/nginx-body; proxy_temp_path $scratch/nginx-proxy; fastcgi_temp_path $scratch/nginx-fastcgi;
    uwsgi_temp_path $scratch/nginx-uwsgi; scgi_temp_path $scratch/nginx-scgi;
    default_type application/json;
    server {
        listen 127.0.0.1:$1 reuseport;
        location / { return 200 '$2'; }
    }
}
CONF
}

# Starts nginx on a free port of 127.0.0.1 and waits until it answers. Sets server_address, its URL.
nginx_start() { # BODY
    local try port end
    for try in 1 2 3 4 5 6 7 8; do
        port=$((20000 + RANDOM % 12000)) # below what the system gives out; a taken one is tried again
        nginx_conf "$port" "$1" >"$scratch/nginx.conf"
        "${pin[@]}" nginx -e "$scratch/nginx.log" -c "$scratch/nginx.conf" 2>"$scratch/server.log" &
        server_pid=$!
        end=$((SECONDS + 5))
        while [ $SECONDS -lt $end ] && kill -0 "$server_pid" 2>/dev/null; do
            server_address=http://127.0.0.1:$port
            if [ "$(curl -s -m 1 "$server_address/")" = "$1" ] && kill -0 "$server_pid" 2>/dev/null; then
                servers+=("$server_pid")
                return
            fi
        done
        kill "$server_pid" 2>/dev/null
        wait "$server_pid" 2>/dev/null
    done
    tail -n 5 "$scratch/nginx.log" "$scratch/server.log" | sed 's/^/  | /' >&2
    echo "tests/bench/run: nginx did not become ready in $try tries" >&2
    return 1
}

# `calls_per_s=N p50_us=N`; fails where an answer was not 200 or a connection broke.
wrk_run() { # URL
    client wrk -t 2 -c $edge_connections -d "$(awk -v s="$seconds" 'BEGIN {print s < 1 ? 1 : int(s)}')s" --latency "$1" |
        awk '/Non-2xx|Socket errors/ {bad = 1}
            $1 == "50%" {us = $2 ~ /ms$/ ? $2 * 1000 : $2 ~ /us$/ ? $2 + 0 : $2 * 1000000}
            $1 == "Requests/sec:" {rate = $2}
            END {if (bad || rate == "") exit 1; printf "calls_per_s=%s p50_us=%.1f\n", rate, us}'
}

edge_ours() { wrk_run "$edge_url/v1/products/$edge_product"; }
edge_peer() { wrk_run "$nginx_url/v1/products/$edge_product"; }

bench_edge() {
    local body
    server_start "$service_bin/catalog" --listen "ipc://$scratch/catalog" --data "$stores/edge" || return 1
    client "$bin/bench_client" fill "$server_address" 64 1 150 $edge_products >/dev/null || return 1
    server_start "$service_bin/edge" --listen "ipc://$scratch/edge" --data "$stores/edge" --http 127.0.0.1:0 \
        --peer "catalog=$server_address" || return 1
    edge_url=$(sed -n 's/.* \(http:[^ ]*\).*/\1/p' <<<"$server_line")
    body=$(curl -s --retry 20 --retry-delay 0 --retry-all-errors -f -m 5 "$edge_url/v1/products/$edge_product") || return 1
    nginx_start "$body" || return 1
    nginx_url=$server_address
    echo "edge: ${#body} bytes of JSON; nginx $(version nginx-light): a worker a core, reuseport, multi_accept, return 200;" \
        "wrk -t 2 -c $edge_connections"
    in_turn calls_per_s edge_ours edge_peer || return 1
    row edge http $edge_connections "$ours" "$peer" "nginx, the same bytes" calls/s more 0.5 0.3
}
