# shop.sh: the whole shop, its logs as loud as they get, and one order through the edge: the trace shows in every service
# that it touched, nothing secret shows anywhere, and the metrics of each have counted it.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
data=$work/data log=$work/up.log
reader=${MARU_BIN%/bin}/test-bin/read_openmetrics
trace=4bf92f3577b34da6a3ce929d0e0e4736 parent=00f067aa0ba902b7
# What nobody may find in a log: each is one that nothing else in the world has.
bearer=bearer-5e1d77c0ffee key=key-98a1f00dfeed query=query-77aa00bb11cc
card=5471936280417753 name=visitor-cafe5150

ask() { # [CURL'S WORDS...] PATH: $body
    body=$(curl -sS -m 20 -H "Authorization: Bearer $bearer" -H "Cookie: session=$bearer" -H 'Content-Type: application/json' \
        -H "traceparent: 00-$trace-$parent-01" -H 'X-Request-Id: req-1' "${@:1:$#-1}" "$edge${!#}" 2>"$work/curl.err") ||
        body="curl: $(cat "$work/curl.err")"
}
# insist PART [CURL'S WORDS...] PATH: asks until the body holds the part, and again only where a service behind the one that is asked
# did not answer in its time, as it may not on a machine that is busy: then nothing was done. How often is $times.
insist() {
    for times in {1..10}; do
        ask "${@:2}"
        case "$body" in *"$1"*) return ;; '{"code":4,'* | '{"code":14,'*) ;; *) return ;; esac
    done
}
field() { sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p' <<<"$body" | head -n 1; }
metrics() { "$maru" metrics --data "$data" "$@"; }
value() { # TEXT SAMPLE
    "$reader" "$2" <<<"$1"
}
at_least() { # WORDS GOT LEAST
    awk -v got="$2" -v least="$3" 'BEGIN {exit !(got >= least)}'
    note $? "$1: got $2, want at least $3"
}
# Records of a service that have a part; whole lines.
records() { # SERVICE PART
    grep -E "^$1 +\| " "$log" | grep -F -- "$2"
}

begin "a service takes its levels and where it shows metrics from the environment, and says where that is"
export MARU_LOG_LEVEL=debug MARU_METRICS=127.0.0.1:0
check "it starts" app_start "$data" || finish
scrape=$(records cart 'metrics are at url' | sed -n 's/.*url=//p')
contains "the address" "$scrape" http://127.0.0.1:

begin "an order, from a card to its end"
check "a product" "$maru" call --data "$data" catalog shop.catalog.v1.CatalogService/CreateProduct \
    -d '{"product": {"name": "products/tea", "title": "Tea", "price": {"currency": "KRW", "minor": "3500"}}}' >"$work/made"
check "goods" "$maru" call --data "$data" inventory shop.inventory.v1.InventoryService/ReceiveGoods \
    -d '{"goods": [{"product": "products/tea", "quantity": "10"}], "reference": "first"}' >"$work/made"
insist '"quantity":"2"' -H "Idempotency-Key: $key" -d '{"product": "products/tea", "quantity": "2"}' "/v1/carts/$name/items"
contains "the cart" "$body" '"quantity":"2"'
added=$times
insist quotes/ -d '{}' "/v1/carts/$name:quote"
quote=$(field name)
contains "the quote" "$quote" quotes/
ask -d "{\"number\": \"$card\", \"expiry\": \"12/99\"}" /v1/cards:tokenize
token=$(field token)
contains "the token" "$body" lastFour
insist orders/ -d "{\"requestId\": \"$key-order\", \"quote\": \"$quote\", \"paymentToken\": \"$token\", \"customer\": \"customers/$name\"}" /v1/orders
order=$(field name)
contains "the order" "$order" orders/
ask "/v1/products/tea?$query=1" # a query that is none: refused
check "it ends" timeout 60 "$maru" order timeline --follow --data "$data" "$order" >"$work/timeline"
contains "completed" "$(cat "$work/timeline")" Completed

begin "one trace shows in the log of every service that the calls touched, with the request's id"
for service in edge cart catalog checkout payment; do
    check "$service's log" logged "^$service +\\| .*trace=$trace"
    calls=$(records "$service" "trace=$trace" | grep -E 'module=(call|http)')
    same "$service" "$(grep -c 'request=req-1' <<<"$calls")" "$(grep -c . <<<"$calls")"
    at_least "$service" "$(records "$service" "trace=$trace" | grep -c .)" 1
done
check "a call" logged '^cart +\| .*/shop.cart.v1.CartService/AddItem.*status=OK'
check "what the edge did" logged '^edge +\| .*module=http.*route=/shop.checkout.v1.CheckoutService/PlaceOrder'
check "a refusal" logged '^edge +\| .*msg="GET".*code=400'

begin "and in that of every service that did something for it later, by events"
for service in inventory payment shipping checkout cart; do
    check "$service's log" logged "^$service +\\| .*module=events.*status=OK.*trace=$trace"
    at_least "$service" "$(records "$service" "trace=$trace" | grep module=events | grep -c 'status=OK')" 1
done
check "provider's log" logged "^provider +\\| .*Capture.*trace=$trace"
at_least "what payment asked the provider for" "$(records provider "trace=$trace" | grep -c Capture)" 1

begin "a request that brought no trace gets one"
curl -sS -m 20 -H 'X-Request-Id: untraced' "$edge/v1/products/tea" >"$work/got"
check "its record" logged 'module=http.* request=untraced trace=[0-9a-f]{32} span=[0-9a-f]{16}$'

begin "every service and the edge say OpenMetrics, over HTTP too, and all of them together are one text"
all=$(metrics)
check "all" "$reader" <<<"$all"
for service in cart catalog checkout edge inventory payment provider shipping; do
    check "$service" "$reader" <<<"$(metrics $service)"
    same "$service's name" "$(value "$all" "maru_service_info{service=\"$service\",name=\"$service\",instance=\"\",version=\"1.0.0\"}")" 1
done
curl -sS -m 20 -D "$work/head" "$scrape/metrics" >"$work/scraped"
contains "its type" "$(cat "$work/head")" 'application/openmetrics-text; version=1.0.0; charset=utf-8'
check "scraped" "$reader" <"$work/scraped"
same "nothing else is there" "$(curl -sS -m 20 -o "$work/got" -w '%{http_code}' "$scrape/v1/products")" 404
same "nor another method" "$(curl -sS -m 20 -o "$work/got" -w '%{http_code}' -X POST "$scrape/metrics")" 405
same "HEAD is GET without the metrics" "$(curl -sS -m 20 -I "$scrape/metrics" | tr -d '\r' | grep -iE '^(HTTP|content-type)')" "HTTP/1.1 200 OK
Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8"
idle=()
for i in {1..20}; do # more than there is room for, who ask nothing
    exec {socket}<>"/dev/tcp/127.0.0.1/${scrape##*:}" || exit 1
    idle+=("$socket")
done
check "scraped in spite of them" "$reader" <<<"$(curl -sS -m 20 "$scrape/metrics")"
for socket in "${idle[@]}"; do exec {socket}>&-; done

begin "customers do not reach metrics or levels of logs"
for path in /metrics /maru.metrics.v1.Metrics/Read /maru.log.v1.Log/SetLevels; do
    same "GET $path" "$(curl -sS -m 20 -o "$work/got" -w '%{http_code}' "$edge$path")" 404
    same "POST $path" "$(curl -sS -m 20 -o "$work/got" -w '%{http_code}' -d '{}' -H 'Content-Type: application/json' "$edge$path")" 404
done

# Others may say one word more when the order is over.
heard_all() {
    local end=$((SECONDS + 20))
    until [ "$(value "$(metrics checkout)" 'maru_events_lag{producer="inventory"}')" = 0 ]; do [ $SECONDS -lt $end ] || return 1; done
}

begin "calls, requests, commits, events and connections are counted"
check "checkout has heard all" heard_all
cart=$(metrics cart) edge_says=$(metrics edge) checkout=$(metrics checkout)
same "AddItem" "$(value "$cart" 'maru_calls_total{method="/shop.cart.v1.CartService/AddItem",status="OK"}')" 1
same "and how long" "$(value "$cart" 'maru_call_seconds_bucket{method="/shop.cart.v1.CartService/AddItem",le="+Inf"}')" "$added"
at_least "writes" "$(value "$cart" 'maru_store_writes_total{result="done"}')" 1
at_least "commits" "$(value "$cart" maru_store_commit_seconds_count)" 1
same "flushed" "$(value "$cart" maru_store_flush_seconds_count)" "$(value "$cart" maru_store_commit_writes_count)"
same "no write waits" "$(value "$cart" maru_store_queue_length)" 0
same "no lag" "$(value "$checkout" 'maru_events_lag{producer="inventory"}')" 0
at_least "events taken in" "$(value "$checkout" 'maru_events_taken{producer="inventory"}')" 1
at_least "connections" "$(value "$cart" 'maru_connections{transport="ipc"}')" 1
at_least "turns" "$(value "$cart" maru_queue_wait_seconds_count)" 3
same "a request that was wrong" "$(value "$edge_says" 'maru_http_requests_total{code="400"}')" 1
at_least "and those that were right" "$(value "$edge_says" 'maru_http_requests_total{code="200"}')" 5
at_least "and how long" "$(value "$edge_says" maru_http_request_seconds_sum)" 0.000001
at_least "connections to the edge" "$(value "$edge_says" maru_http_connections_opened_total)" 5
at_least "memory" "$(value "$cart" process_resident_memory_bytes)" 1000000

begin "levels change while a service runs, of one module, and of all services"
contains "debug" "$("$maru" log-level --data "$data" cart)" "call     debug"
check "off" "$maru" log-level --data "$data" all call=off >"$work/levels"
curl -sS -m 20 -H 'X-Request-Id: unheard' "$edge/v1/carts/someone" >"$work/got"
check "on again" "$maru" log-level --data "$data" cart call=debug >"$work/levels"
curl -sS -m 20 -H 'X-Request-Id: heard' "$edge/v1/carts/someone" >"$work/got"
check "and one more" "$maru" call --data "$data" cart grpc.health.v1.Health/Check >"$work/got"
check "records again" logged '^cart +\| .*module=call.*GetCart.*request=heard'
same "none of what came before" "$(records cart module=call | grep -c request=unheard)" 0
"$maru" log-level --data "$data" cart call=loud >"$work/levels" 2>&1
same "wrong usage" $? 2
contains "what there is" "$(cat "$work/levels")" "want one of debug, info, warn, error, off"

app_stop
begin "nothing that is secret is in any log: no header, key, query, card or token, and not who the customer is"
for secret in "$bearer" "$key" "$query" "$card" "${card:0:8}" "${token#*/}" "$name"; do
    same "$secret" "$(grep -cF -- "$secret" "$log")" 0
done

begin "as JSON, each record is an object"
export MARU_LOG_FORMAT=json
check "it starts again" app_start "$data" || finish
check "asked" curl -sS -m 20 -o "$work/got" "$edge/v1/products/tea"
check "a record" logged '^catalog .*"msg":"/shop.catalog.v1.CatalogService/GetProduct"'
at_least "records" "$(records catalog '"module":"call","msg":"/shop.catalog.v1.CatalogService/GetProduct","status":"OK"' | grep -c .)" 1
same "none of another form" "$(grep -vE '^maru up +\| ' "$log" | grep -vcE '^[a-z]+ +\| \{"time":"[^"]*","level":"[a-z]*",.*\}$')" 0
finish
