# edge.sh: the edge over real sockets and processes, asked by curl: what it maps, what it refuses, and what it does while
# services stop, are killed and come back.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
. "$MARU_SOURCE/tests/edge/asking.sh" || exit 1
data=$work/data
processes=() # that we start ourselves
end_all() {
    local pid
    for pid in ${processes[@]+"${processes[@]}"}; do kill -CONT "$pid"; kill -KILL "$pid"; done 2>/dev/null
    running_end
}
trap end_all EXIT

# start_ready WORDS...: a process of ours, until it says ready; its pid is $started, its line $ready.
start_ready() {
    local out
    exec {out}< <(exec "$@" 2>"$work/started.err")
    started=$!
    processes+=("$started")
    IFS= read -r -t 20 ready <&"$out"
    exec {out}<&-
    case "$ready" in ready*) return 0 ;; esac
    cat "$work/started.err" >&2
    return 1
}
pid_of() { "$maru" ps --data "$data" | awk -v name="$1" '$1 == name {print $2}'; }
call() { "$maru" call --data "$data" "$@"; }
product() { printf '{"product": {"name": "products/%s", "title": "%s", "price": {"currency": "KRW", "minor": "%s"}}}' "$1" "$2" "$3"; }

begin "maru up starts the edge with the services, and its ready line says where it serves HTTP"
check "it starts" app_start "$data" || finish
contains "the address" "$edge" "http://127.0.0.1:"
check "a product" call catalog shop.catalog.v1.CatalogService/CreateProduct -d "$(product tea '녹차 \"한 잔\"' 3500)" >"$work/tea"
check "another" call catalog shop.catalog.v1.CatalogService/CreateProduct -d "$(product a.b-c_1 Rice 9000)" >/dev/null

begin "the edge has no store: maru events says so, and not that a method is missing"
for words in "tail edge" "dead edge" "show edge checkout orders/1" "retry edge checkout orders/1" "skip edge checkout orders/1 1"; do
    told=$("$maru" events $words --data "$data" 2>&1)
    same "$words: status" $? 76
    same "$words: words" "$told" "UNIMPLEMENTED: edge: has no store, and so no events"
done

begin "a GET is a call, and its reply is JSON, byte for byte what maru call says"
ask /v1/products/tea
same "status" "$status" 200
contains "type" "$head" "Content-Type: application/json"
contains "date" "$head" "Date: "
contains "length" "$head" "Content-Length: $(printf %s "$body" | wc -c)"
same "the reply" "$body" "$(call --compact catalog shop.catalog.v1.CatalogService/GetProduct -d '{"name": "products/tea"}')"

begin "queries are fields: names of both kinds, lists, and what there is no field for is named"
ask '/v1/products?page_size=1'
contains "one" "$body" '"nextPageToken"'
ask '/v1/products?pageSize=1'
contains "one" "$body" '"nextPageToken"'
ask '/v1/products:batchGet?names=products/tea&names=products%2Fnone'
contains "missing" "$body" '"missing":["products/none"]'
ask '/v1/products?pagesise=1'
same "status" "$status" 400
contains "which" "$body" 'pagesise: no such query parameter'
contains "the nearest" "$body" 'did you mean page_size?'
ask '/v1/products?pageSize=-1'
contains "a service names a field as its .proto does, too" "$body" 'page_size: want 0..1000'

begin "a hundred query parameters are taken, so of a list of a thousand a hundred at once"
ask "/v1/stock:batchGet?$(printf '&products=products/p%d' {1..100})"
same "a hundred" "$status" 200
contains "the last" "$body" '"product":"products/p100"'
ask "/v1/stock:batchGet?$(printf '&products=products/p%d' {1..101})"
same "one more" "$status" 400
contains "why" "$body" 'want at most 100 query parameters'

begin "HEAD is a GET without a body, OPTIONS says what may be asked, another method is 405 and says so too"
ask -I /v1/products/tea
same "status" "$status" 200
same "no body" "$(tail -n 1 <<<"$body" | tr -d '\r\n')" ""
ask -X OPTIONS /v1/products/tea
same "status" "$status" 204
contains "allowed" "$head" "Allow: GET, HEAD, OPTIONS"
ask -X OPTIONS /v1/nothing
same "status" "$status" 404
ask -X OPTIONS --request-target '*' /
same "status" "$status" 204
ask -X DELETE /v1/carts/a
same "status" "$status" 405
contains "allowed" "$head" "Allow: GET, HEAD, OPTIONS"

begin "/healthz is for GET and HEAD, as any path is for its methods"
ask -I /healthz
same "HEAD" "$status" 200
same "no body" "$(tail -n 1 <<<"$body" | tr -d '\r\n')" ""
ask -X OPTIONS /healthz
same "OPTIONS" "$status" 204
contains "allowed" "$head" "Allow: GET, HEAD, OPTIONS"
for method in POST PUT DELETE PURGE; do
    ask -X "$method" /healthz
    same "$method" "$status" 405
    contains "allowed" "$head" "Allow: GET, HEAD, OPTIONS"
    contains "why" "$body" "$method /healthz: want GET, HEAD, OPTIONS"
done

begin "operators' methods have no path: neither by HTTP's method, nor by name, nor health and reflection"
ask -X POST "${json[@]}" -d "$(product x X 1)" /v1/products
same "POST /v1/products" "$status" 405
ask -X DELETE /v1/products/tea
same "DELETE" "$status" 405
ask -X PATCH "${json[@]}" -d '{"title": "x"}' /v1/products/tea
same "PATCH" "$status" 405
ask -X POST "${json[@]}" -d '{"products": []}' /v1/products:mergeSightings
same "mergeSightings" "$status" 404
for path in /shop.catalog.v1.CatalogService/DeleteProduct /grpc.health.v1.Health/Check /maru.reflection.v1.Reflection/ListServices; do
    ask -X POST "${json[@]}" -d '{}' "$path"
    same "$path" "$status" 404
done
ask /v1/products/tea
same "the product stands" "$status" 200

begin "of no service an operators' method can be reached: as reflection lists them all, by name and by their options"
operators=$("$maru" list --data "$data" | awk '/ operators-only$/ {print $1}' | sort -u)
mapped=0
for method in $operators; do
    for verb in GET POST; do
        ask -X $verb "${json[@]}" $([ $verb = GET ] || echo -d {}) "/$method"
        same "$verb /$method" "$status" 404
        contains "$verb /$method" "$body" "no such path"
    done
    while read -r verb path; do
        mapped=$((mapped + 1))
        ask -X "$verb" "${json[@]}" -d '{}' "$path"
        # Another method of the path may be the public's.
        case "$status" in 404 | 405) note 0 '' ;; *) note 1 "$verb $path of $method: want 404 or 405, got $status $body" ;; esac
    done < <(option_of "$method")
done
for service in catalog.v1.CatalogService checkout.v1.CheckoutService inventory.v1.InventoryService payment.v1.PaymentService \
    provider.v1.ProviderService shipping.v1.ShippingService; do
    contains "those of $service" "$operators" "shop.$service/"
done
for service in grpc.health.v1.Health maru.reflection.v1.Reflection maru.metrics.v1.Metrics maru.log.v1.Log maru.events.v1.EventLog maru.events.v1.EventInbox; do
    contains "those of $service" "$operators" "$service/"
done
same "all that the .proto files have" "$(grep -c '^shop\.' <<<"$operators")" "$(cat "$MARU_SOURCE"/proto/shop/*.proto | grep -c 'audience.*OPERATOR')"
check "some have an option, and no path all the same" [ $mapped -ge 5 ]
ask /v1/products/tea
same "the product stands" "$status" 200

begin "errors are google.rpc.Status as JSON, with the process that failed"
ask /v1/products/none
same "status" "$status" 404
contains "body" "$body" '{"code":5,"message":"name: no product products/none","details":[],"origin":"catalog/'
ask /nothing
same "body" "$body" '{"code":5,"message":"/nothing: no such path","details":[]}'
ask "${json[@]}" -d '{"product": "products/tea", "quantity": "x"}' /v1/carts/a/items
same "status" "$status" 400
contains "where" "$body" 'line 1, column 41: quantity: want an integer'
insist "${json[@]}" -d '{"product": "products/none", "quantity": "1"}' /v1/carts/a/items
same "status of a call below" "$status" 404
contains "whose" "$body" '"origin":"catalog/'

begin "media types: JSON in, JSON out, 415 and 406 for others"
ask -d 'product=tea' /v1/carts/a/items
same "a form" "$status" 415
ask -H 'Content-Type: application/json; charset=latin1' -d '{}' /v1/carts/a/items
same "latin1" "$status" 415
ask -H 'Content-Type: application/json; charset=UTF-8' -d '{}' /v1/carts/a/items
same "UTF-8" "$status" 400
ask -H 'Accept: text/html' /v1/products/tea
same "HTML" "$status" 406
ask -H 'Accept: application/json;q=0, */*' /v1/products/tea
same "all but JSON" "$status" 406
ask -H 'Accept: text/html, application/*;q=0.1' /v1/products/tea
same "JSON after HTML" "$status" 200
ask -X GET "${json[@]}" -d '{}' /v1/products/tea
same "a body that nobody takes" "$status" 400

begin "a body that is coded is 415, and it is said what is taken"
ask -H 'Content-Encoding: gzip' "${json[@]}" -d '{"product": "products/tea", "quantity": "1"}' /v1/carts/coded/items
same "gzip" "$status" 415
contains "what is taken" "$head" "Accept-Encoding: identity"
contains "why" "$body" "Content-Encoding: want "
ask -H 'Content-Encoding: identity' -H 'Content-Encoding: br' "${json[@]}" -d '{"product": "products/tea", "quantity": "1"}' /v1/carts/coded/items
same "on the second line" "$status" 415
insist -H 'Content-Encoding: identity' "${json[@]}" -d '{"product": "products/tea", "quantity": "1"}' /v1/carts/coded/items
same "identity" "$status" 200
contains "once" "$body" '"quantity":"1"'

begin "of a header on several lines, lists are one list; of others none is known to be meant"
ask -H 'Accept: text/html' -H 'Accept: application/json' /v1/products/tea
same "JSON on the second line" "$status" 200
ask -H 'Accept: application/json' -H 'Accept: text/html' /v1/products/tea
same "JSON on the first line" "$status" 200
ask -H 'Accept: */*' -H 'Accept: application/json;q=0' /v1/products/tea
same "no JSON on the second line" "$status" 406
ask "${json[@]}" -H 'Content-Type: text/plain' -d '{"product": "products/tea", "quantity": "1"}' /v1/carts/twice/items
same "two types" "$status" 400
contains "which" "$body" "Content-Type: want one, got more"
ask -H 'Idempotency-Key: a' -H 'Idempotency-Key: b' "${json[@]}" -d '{"product": "products/tea", "quantity": "1"}' /v1/carts/twice/items
same "two keys" "$status" 400
contains "which" "$body" "Idempotency-Key: want one, got more"
ask -H 'Request-Timeout: 1s' -H 'Request-Timeout: 2s' /v1/products/tea
same "two times" "$status" 400
contains "which" "$body" "Request-Timeout: want one, got more"
ask -H 'X-Request-Id: a' -H 'X-Request-Id: b' /v1/products/tea
same "two ids of a log" "$status" 200
case "$head" in *X-Request-Id*) note 1 "one of them came back" ;; *) note 0 '' ;; esac
ask /v1/carts/twice
same "nothing was done" "$body" '{"name":"carts/twice"}'

begin "a request that is repeated with its Idempotency-Key is done once and answered alike"
insist -H 'Idempotency-Key: "k-1"' "${json[@]}" -d '{"product": "products/tea", "quantity": "2"}' /v1/carts/once/items
same "status" "$status" 200
first=$body
insist -H 'Idempotency-Key: k-1' "${json[@]}" -d '{"product": "products/tea", "quantity": "2"}' /v1/carts/once/items
same "the same answer" "$body" "$first"
contains "once" "$body" '"quantity":"2"'
insist -H 'Idempotency-Key: k-1' "${json[@]}" -d '{"product": "products/tea", "quantity": "3"}' /v1/carts/once/items
same "another body is refused" "$status" 409
contains "and why" "$body" 'request id k-1 was used before for another request'
insist -H 'Idempotency-Key: k-1' "${json[@]}" -d '{ "quantity":2.0,"cart":"",
    "product" :"products/te\u0061" }' /v1/carts/once/items
same "the same request in other words" "$status $body" "200 $first"
insist "${json[@]}" -d '{"product": "products/tea", "quantity": "2"}' /v1/carts/once/items
contains "without a key it is another" "$body" '"quantity":"4"'
ask -H "Idempotency-Key: $(printf 'k%.0s' {1..129})" "${json[@]}" -d '{}' /v1/carts/once:clear
same "too long" "$status" 400

begin "of a method that names its requests itself, the key is that name where the body has none"
name_in() { sed -n 's/^{"name":"\([^"]*\)".*/\1/p' <<<"$body"; }
insist "${json[@]}" -d '{"product": "products/tea", "quantity": "1"}' /v1/carts/ordered/items
insist "${json[@]}" -d '{}' /v1/carts/ordered:quote
quote=$(name_in)
contains "a quote" "$quote" "quotes/"
order=(-H 'Idempotency-Key: o-1' "${json[@]}" -d "{\"quote\": \"$quote\", \"paymentToken\": \"tok_x\"}")
insist "${order[@]}" /v1/orders
same "status" "$status" 200
contains "its name" "$body" '"requestId":"o-1"'
first=$(name_in)
contains "an order" "$first" orders/
insist "${order[@]}" /v1/orders
same "a repeat is the same order" "$status $(name_in)" "200 $first"
insist -H 'Idempotency-Key: o-1' "${json[@]}" -d "{\"quote\": \"$quote\", \"paymentToken\": \"tok_x\", \"requestId\": \"o-1\"}" /v1/orders
same "the same name in the body" "$status $(name_in)" "200 $first"
insist -H 'Idempotency-Key: o-1' "${json[@]}" -d "{\"quote\": \"$quote\", \"paymentToken\": \"tok_x\", \"requestId\": \"o-2\"}" /v1/orders
same "another in the body" "$status" 400
contains "why" "$body" 'request_id: the Idempotency-Key says \"o-1\", and the request something else'
insist -H 'Idempotency-Key: o-1' "${json[@]}" -d "{\"quote\": \"quotes/other\", \"paymentToken\": \"tok_x\"}" /v1/orders
same "another order" "$status" 409
insist "${json[@]}" -d "{\"quote\": \"$quote\", \"paymentToken\": \"tok_x\"}" /v1/orders
same "neither" "$status" 400
contains "why" "$body" 'request_id: want '

begin "a method that cannot keep a key refuses one; one that only reads, or is idempotent, needs none"
card='{"number": "4242 4242 4242 4242", "expiry": "12/39"}'
ask -H 'Idempotency-Key: c-1' "${json[@]}" -d "$card" /v1/cards:tokenize
same "status" "$status" 400
contains "why" "$body" 'Idempotency-Key: TokenizeCard does anew what it is asked again'
ask "${json[@]}" -d "$card" /v1/cards:tokenize
same "without" "$status" 200
contains "a token" "$body" '{"token":"tok_'
ask -H 'Idempotency-Key: g-1' /v1/products/tea
same "a GET" "$status" 200
ask -H 'Idempotency-Key: x-1' -X POST "/v1/$first:cancel"
same "CancelOrder" "$status" 200

begin "chunked bodies, Expect: 100-continue and a body without chunks are one"
insist -H 'Transfer-Encoding: chunked' "${json[@]}" -d '{"product": "products/tea", "quantity": "1"}' /v1/carts/chunks/items
same "chunks" "$status" 200
insist -H 'Expect: 100-continue' "${json[@]}" -d '{"product": "products/tea", "quantity": "1"}' /v1/carts/chunks/items
contains "told to go on" "$head" "HTTP/1.1 100 Continue"
contains "both" "$body" '"quantity":"2"'
ask -X DELETE /v1/carts/chunks/items/products/tea
same "DELETE" "$status" 200
ask -X PATCH "${json[@]}" -d '{"quantity": "7"}' /v1/carts/once/items/products/tea
contains "PATCH" "$body" '"quantity":"7"'
ask -0 /v1/products/tea
same "HTTP/1.0" "$status" 200

begin "X-Request-Id comes back; what is no trace and no id hurts nobody"
ask -H 'X-Request-Id: abc-1' -H 'traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' /v1/products/tea
contains "the id" "$head" "X-Request-Id: abc-1"
ask -H 'traceparent: nonsense' /v1/products/tea
same "status" "$status" 200

begin "it is in the edge's record of the request, also where that has no route"
"$maru" log-level --data "$data" edge http=debug >"$work/louder" 2>&1
ask -H 'X-Request-Id: r-200' /v1/products/tea
ask -H 'X-Request-Id: r-404' -H 'traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' /v1/nowhere
contains "the id of a 404" "$head" "X-Request-Id: r-404"
ask -H 'X-Request-Id: r-405' -X POST /v1/products/tea
ask -H 'X-Request-Id: r-health' -X POST /healthz
contains "the id of a 405" "$head" "X-Request-Id: r-health"
for id in 200 404 405; do check "the record of $id" logged "service=edge module=http msg=\"[A-Z]+\" code=$id .*request=r-$id( |\$)"; done
check "the trace of a 404" logged " code=404 .*trace=4bf92f3577b34da6a3ce929d0e0e4736"
check "the record of a 405 of /healthz" logged " code=405 .*request=r-health( |\$)"
"$maru" log-level --data "$data" edge http=info >>"$work/louder" 2>&1

begin "Request-Timeout is the call's deadline: a service that does not answer is 504 after it"
"$maru" log-level --data "$data" edge service=debug >"$work/louder" 2>&1
cart=$(pid_of cart)
kill -STOP "$cart"
ask -H 'Request-Timeout: 200ms' /v1/carts/once
same "status" "$status" 504
contains "code" "$body" '{"code":4,'
ask -H 'Request-Timeout: soon' /v1/products/tea
same "no time" "$status" 400

begin "a service that is killed with requests in flight is 503, and served again when it is back"
for i in 1 2 3 4; do
    curl -sS -v -m 70 -o "$work/killed.$i" -w '%{http_code}' -H 'Request-Timeout: 60s' "$edge/v1/carts/once" \
        >"$work/code.$i" 2>"$work/sent.$i" & # what is asked meanwhile may take long on a machine that is busy
    asking[i]=$!
done
for i in 1 2 3 4; do check "request $i is sent" sent "$work/sent.$i" "${asking[i]}"; done
# They are on their way once the edge has sent them: what is asked after them has its answer after them.
in_vain 'no answer from cart within the deadline' /v1/carts/once
same "it hangs" "$status" 504
contains "who does not answer" "$body" 'no answer from cart within the deadline'
contains "the log says where" "$(grep 'no answer from ipc:///.*cart\.sock' "$work/up.log")" 'level=debug service=edge module=service msg="DEADLINE_EXCEEDED: '
in_vain 'the cart service did not answer; nothing was done' "${json[@]}" -d '{}' /v1/carts/once:quote
contains "nor behind another" "$body" '"origin":"checkout/'
contains "what it says" "$body" 'the cart service did not answer; nothing was done'
kill -KILL "$cart"
for i in 1 2 3 4; do
    wait "${asking[i]}"
    same "request $i" "$(cat "$work/code.$i")" 503
    contains "request $i" "$(cat "$work/killed.$i")" '{"code":14,"message":"cart: the connection was lost'
done
ask /v1/products/tea
same "others work" "$status" 200
check "it is back" until_answer '"quantity":"7"' /v1/carts/once
check "/healthz says so" until_answer '"degraded":false' /healthz
contains "ready" "$body" '{"ready":true,"degraded":false,"services":{"cart":"up","catalog":"up"'

begin "an edge that is killed comes back on the same port"
edge_pid=$(pid_of edge)
kill -KILL "$edge_pid"
check "it is back" until_answer '"ready":true' /healthz
ask /v1/products/tea
same "status" "$status" 200

# Edges of our own, with a service that comes, goes, and comes as another.
first_edge=$edge
late=ipc://$work/late.sock
own() { # INSTANCE WORDS...
    local instance=$1
    shift
    start_ready "$MARU_BIN/edge" --data "$work/own" --instance "$instance" --http '[::1]:0' "$@" || return 1
    edge=$(sed -n 's/.*\(http:[^ ]*\).*/\1/p' <<<"$ready")
}

begin "a service that is down at the start: /healthz and its paths are 503 and say so, until it comes; and IPv6"
check "it starts" own one --peer "late=$late" --peer "catalog=$(sed -n 's/^catalog \(ipc[^ ]*\).*/\1/p' < <("$maru" list --data "$data"))"
own_edge=$started
contains "the address" "$edge" "http://[::1]:"
check "the other is known" until_answer '"catalog":"up"' /healthz
same "status" "$status" 503
contains "not ready" "$body" '{"ready":false,"degraded":true,"services":{"late":"not reached yet",'
ask /v1/carts/x
same "status" "$status" 503
contains "why" "$body" 'not reached so far: late'
contains "again" "$head" "Retry-After: "
ask /v1/products/tea
same "the other works" "$status" 200
check "cart" start_ready "$MARU_BIN/cart" --data "$work/late" --listen "$late" --instance late
check "it comes" until_answer '"ready":true' /healthz
ask /v1/carts/x
same "body" "$body" '{"name":"carts/x"}'

begin "while it is down its paths are 503, also for HEAD; the edge stays ready"
kill -TERM "$started"
wait "$started"
check "it is seen" until_answer '"late":"down"' /healthz
same "status" "$status" 200
ask /v1/carts/x
same "status" "$status" 503
same "body" "$body" '{"code":14,"message":"late is down","details":[]}'
ask -I /v1/carts/x
same "HEAD" "$status" 503

begin "a service that comes back with another contract gets other paths"
check "catalog" start_ready "$MARU_BIN/catalog" --data "$work/late" --listen "$late" --instance late
check "it comes" until_answer '"degraded":false' /healthz
check "the old paths go" until_answer 'no such path' /v1/carts/x
same "status" "$status" 404

begin "SIGTERM: what is in flight is answered with Connection: close, then it ends with 0, though a client has begun a head"
catalog=$started
begin_head
kill -STOP "$catalog" # both are catalogues: the paths are those of the first
curl -sS -v -m 20 -D "$work/last.head" -o "$work/last" -H 'Request-Timeout: 20s' "$edge/v1/products/tea" 2>"$work/last.sent" &
last=$!
check "the last is sent" sent "$work/last.sent" "$last"
ask -H 'Request-Timeout: 300ms' /v1/products/tea
same "it hangs" "$status" 504
told=$SECONDS
kill -TERM "$own_edge"
contains "the client that had begun" "$(head -n 1 <&"$half")" " 408 " # so it has begun to stop
kill -CONT "$catalog"
wait "$last"
same "curl" $? 0
contains "the answer, of one that has no tea" "$(head -n 1 "$work/last.head")" " 404 "
contains "the end" "$(cat "$work/last.head")" "Connection: close"
wait "$own_edge"
same "status" $? 0
check "not when the 10 s of a stop are over" [ $((SECONDS - told)) -lt 8 ]
exec {half}>&-

# hangs_in_stop TIME: an edge stops while it waits for one that hangs, which the request gives so much time. False where that was
# over before the stop had begun.
hangs_in_stop() {
    local asking early=''
    rm -f "$work/hung.head" "$work/hung.sent"
    check "it starts" own two --peer "late=$late" || return 0
    own_edge=$started
    check "it knows who will hang" until_answer '"ready":true' /healthz
    begin_head
    kill -STOP "$catalog"
    curl -sS -v -m 40 -D "$work/hung.head" -o "$work/hung" -H "Request-Timeout: $1" "$edge/v1/products/tea" 2>"$work/hung.sent" &
    asking=$!
    check "it is sent" sent "$work/hung.sent" "$asking"
    ask -H 'Request-Timeout: 300ms' /v1/products/tea
    same "it hangs" "$status" 504
    kill -TERM "$own_edge"
    contains "the client that had begun" "$(head -n 1 <&"$half")" " 408 "
    [ ! -s "$work/hung.head" ] || early=1
    wait "$asking"
    same "curl" $? 0
    contains "the answer" "$(head -n 1 "$work/hung.head")" " 504 "
    contains "whose time was over" "$(cat "$work/hung")" '{"code":4,'
    wait "$own_edge"
    same "status" $? 0
    kill -CONT "$catalog"
    exec {half}>&-
    # An answer that came before the stop was seen to begin may be of before that.
    [ -z "$early" ] || grep -q 'Connection: close' "$work/hung.head" || return 1
    contains "the end" "$(cat "$work/hung.head")" "Connection: close"
    return 0
}

begin "and where whoever is asked goes on hanging, the request ends in its own time, with 504 and Connection: close"
seen=1
for time in 2s 4s 8s; do
    hangs_in_stop $time && seen=0 && break
done
note $seen "the times were over before the stop had begun"

begin "a port that is in use says by whom; wrong words are 2; --print-config shows where it would serve"
port=${first_edge##*:}
words=$("$MARU_BIN/edge" --data "$work/own" --http "127.0.0.1:$port" --peer "late=$late" 2>&1)
same "status" $? 1
contains "by whom" "$words" "127.0.0.1:$port: in use by edge (pid "
words=$("$maru" up --data "$work/other" --edge "127.0.0.1:$port" 2>&1)
same "maru up: status" $? 1
contains "maru up" "$words" "--edge: 127.0.0.1:$port is in use by edge (pid "
words=$("$maru" up --data "$work/other" --edge no.such.host.invalid:80 2>&1)
same "no such host: status" $? 1
contains "which" "$words" "maru up: --edge: no.such.host.invalid:80: "
same "nothing was started" "$(wc -l <<<"$words")" 1
words=$("$MARU_BIN/edge" --http nonsense --peer "late=$late" 2>&1)
same "status" $? 2
contains "words" "$words" "--http: want HOST:PORT"
words=$("$MARU_BIN/edge" --data "$work/own" 2>&1)
same "no peers" $? 1
contains "words" "$words" "want --peer NAME=URL"
local_host=127.0.0.1 default=$local_host:8080 # looked for, and served on only in a network of its own
contains "the default" "$("$MARU_BIN/edge" --data "$work/own" --print-config)" "http = $default  # default"
contains "the environment" "$(MARU_HTTP='[::1]:0' "$MARU_BIN/edge" --data "$work/own" --print-config)" 'http = [::1]:0  # MARU_HTTP'
printf 'http = 127.0.0.1:0\n' >"$work/edge.conf"
contains "a file" "$("$MARU_BIN/edge" --data "$work/own" --config "$work/edge.conf" --print-config)" "http = 127.0.0.1:0  # $work/edge.conf:1"

app_stop
# In a network of its own the default port is free; where one can't be made, cli_usage still reads the default in --help.
if unshare -rn ip link set lo up 2>"$work/unshare.err"; then
    begin "without --edge it serves on $default, which other machines do not reach"
    exec {line}< <(exec unshare -rn bash -c 'ip link set lo up && exec "$@"' bash "$maru" up --data "$work/default" 2>"$work/default.err")
    app=$!
    IFS= read -r -t 20 ready <&"$line"
    contains "ready" "$ready" " edge=http://$default "
    check "stop" app_stop || cat "$work/default.err" >&2
    exec {line}< <(exec unshare -rn bash -c 'ip link set lo up && exec "$@"' bash "$MARU_BIN/edge" --data "$work/default" --peer "late=$late" 2>"$work/default.err")
    app=$!
    IFS= read -r -t 20 ready <&"$line"
    contains "by hand" "$ready " " http://$default "
    check "stop" app_stop || cat "$work/default.err" >&2
else
    echo "no network of its own: $(cat "$work/unshare.err"); the default address is looked at in words only" >&2
fi

begin "maru up --edge none leaves it out"
exec {line}< <(exec "$maru" up --data "$work/none" --edge none 2>"$work/none.err")
app=$!
IFS= read -r -t 20 ready <&"$line"
contains "ready" "$ready" "ready cart="
case "$ready" in *edge*) note 1 "an edge runs: $ready" ;; *) note 0 '' ;; esac
check "stop" app_stop
finish
