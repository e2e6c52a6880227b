# orders.sh: invoices become orders: all of a file is accounted for as an independent awk does it, stock and money agree, again
# changes nothing, and killed in the middle it ends the same.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
here=$MARU_SOURCE/tests/import
. "$here/agreeing.sh" || exit 1
checkout=shop.checkout.v1.CheckoutService inventory=shop.inventory.v1.InventoryService

# All pages of a list, as JSON; without names of orders, which are drawn.
pages() { # DIR SERVICE METHOD
    local token='' page
    while :; do
        page=$("$maru" call --data "$1" "$2" "$3" -d "{\"pageSize\": 100, \"pageToken\": \"$token\"}") || return 1
        token=$(sed -nE 's/.*"nextPageToken": *"([^"]*)".*/\1/p' <<<"$page")
        grep -vE '"(name|order|nextPageToken)": ' <<<"$page"
        [ -n "$token" ] || return 0
    done
}

# What stands in the shop at the end, whichever way it came there.
state() { # DIR
    pages "$1" checkout $checkout/ListOrders
    pages "$1" inventory $inventory/ListStock
    "$maru" call --data "$1" inventory $inventory/ListMovements -d '{"product": "products/85001", "pageSize": 1000}' | grep -v '"reference"'
}

# The order of an invoice, as JSON; "" where there is none.
order_of() { # DIR INVOICE
    "$maru" call --data "$1" checkout $checkout/ListOrders -d '{"pageSize": 1000}' | tr -d '\n ' | sed 's/{"name":"orders/\n&/g' |
        grep "\"invoice\":\"$2\""
}

placed() { # what maru printed
    sed -nE 's/^orders .* = ([0-9]+) placed .*/\1/p' <<<"$1"
}

begin "without being sent, all of a file is accounted for"
out=$("$maru" import --dry-run "$here/orders.csv" 2>"$work/words")
same "status" $? 0
contains "together" "$out" "together                  34      999888       -105103   all of what was read"

begin "a file whose lines end with CR alone is refused in one line, and not read as nothing"
tr '\n' '\r' <"$here/orders.csv" >"$work/cr.csv"
out=$("$maru" import --dry-run "$work/cr.csv" 2>"$work/words")
same "status" $? 1
contains "why" "$(cat "$work/words")" "cr.csv: want lines that end with LF or CR LF, got a CR alone in the first"

begin "invoices become orders, and all of them are as awk counts them"
app_start "$work/a" || exit 1
out=$("$maru" import --data "$work/a" "$here/orders.csv" 2>"$work/words")
same "status" $? 0
agrees "$here/orders.csv"
contains "why one was refused" "$(cat "$work/words")" "invoice 700013: below zero: total: want 0 or more, got -1 GBP"

begin "stock and money agree, and every order is over"
clean "$work/a" "orders 6: completed 6, cancelled 0, under way 0"

begin "an order has its invoice's prices, repetitions, charges, customer and time"
one=$(order_of "$work/a" 700001)
contains "its customer" "$one" '"customer":"customers/17850"'
contains "its total" "$one" '"total":{"currency":"GBP","minor":"5850"}'
contains "its charge" "$one" '"charges":[{"title":"POSTAGE","amount":{"currency":"GBP","minor":"1800"}}]'
contains "its time" "$one" '"createTime":"2010-12-01T08:26:00Z"'
same "its lines of spoons" "$(grep -o '"product":"products/85001","quantity":"6"' <<<"$one" | wc -l)" 2
contains "its end" "$one" '"state":"COMPLETED"'

begin "one without a customer is a guest's, at a price of its own"
one=$(order_of "$work/a" 700003)
same "its customer" "$(grep -c '"customer"' <<<"$one")" 0
contains "its price" "$one" '"price":{"currency":"GBP","minor":"295"}'

begin "orders have numbers in order of time"
same "the newest first" "$("$maru" call --data "$work/a" checkout $checkout/ListOrders -d '{}' | sed -nE 's/.*"invoice": "([0-9]*)".*/\1/p' | paste -sd' ')" \
    "700016 700020 700004 700003 700002 700001"

begin "74,215 pieces were there, left, and came back"
one=$("$maru" call --data "$work/a" inventory $inventory/ListMovements -d '{"product": "products/85004"}' | tr -d '\n ')
contains "received" "$one" '"kind":"RECEIVED","delta":"74215","onHand":"74215"'
contains "shipped" "$one" '"kind":"SHIPPED","delta":"-74215"'
contains "returned" "$one" '"kind":"RETURNED","delta":"74215","onHand":"74215"'
contains "when" "$one" '"time":"2010-12-02T10:17:00Z"'

begin "no card is charged for what was paid elsewhere"
same "the provider's ledger" "$("$maru" call --data "$work/a" provider shop.provider.v1.ProviderService/ListOperations -d '{}' | tr -d ' \n')" \
    '{}'

begin "the public has no way to it"
same "over HTTP" "$(curl -s -o /dev/null -w '%{http_code}' --json '{}' "$edge/shop.checkout.v1.CheckoutService/PlacePastOrder")" 404

begin "again it changes nothing, also in one go with itself, and after a restart"
before=$(state "$work/a")
out=$("$maru" import --data "$work/a" "$here/orders.csv" 2>/dev/null)
agrees "$here/orders.csv"
contains "orders" "$out" "= 0 placed + 6 there already + 1 refused"
same "the shop" "$(state "$work/a")" "$before"
check "stop" app_stop
app_start "$work/a" || exit 1
out=$("$maru" import --data "$work/a" "$here/orders.csv" "$here/orders.csv" 2>/dev/null)
contains "orders" "$out" "= 0 placed + 12 there already + 2 refused"
same "the shop" "$(state "$work/a")" "$before"

begin "an invoice that says something else than before stays as it was, and is told"
sed 's/^700002,85003,LANTERN,12,/700002,85003,LANTERN,13,/; s/^C700007,85003,LANTERN,-4/C700007,85003,LANTERN,-5/' "$here/orders.csv" >"$work/other.csv"
out=$("$maru" import --data "$work/a" "$work/other.csv" 2>"$work/words")
same "status" $? 0
contains "the order" "$(cat "$work/words")" "invoice 700002: differs: the invoice was imported before with other lines, customer or time, and stays so"
contains "the return" "$(cat "$work/words")" "invoice C700007: differs: the invoice was imported before with other lines, customer or time, and stays so"
contains "how many" "$out" "  differs                  4          20          6619"
contains "the sum" "$out" "all of what was read"
same "the shop" "$(state "$work/a")" "$before"

begin "an invoice that comes to more than 64 bits hold is told as that, beside one that comes to less than nothing"
head -n 1 "$here/orders.csv" >"$work/much.csv"
for line in {1..11}; do echo "700030,8600$((line % 10)),GOLD,1000000,2010-12-04 09:00:00,10000000000,,EIRE"; done >>"$work/much.csv"
grep '^700013,' "$here/orders.csv" >>"$work/much.csv"
out=$("$maru" import --data "$work/a" "$work/much.csv" 2>"$work/words")
same "status" $? 0
contains "together" "$out" "together                  13    11000000 10999999999999999999   all of what was read"
contains "the row" "$out" "  too much                11    11000000 11000000000000000000   an invoice that comes to more pence than 64 bits hold"
contains "the other row" "$out" "  below zero               2           0            -1   an invoice that comes to less than nothing"
contains "why" "$(cat "$work/words")" "invoice 700030: too much: total: 1000000 of products/86000 make it more than 64 bits hold"
contains "how many" "$out" "= 0 placed + 0 there already + 2 refused"
check "stop" app_stop

# Waits until an import that runs has told what became of the invoices, in $work/out.
told_all() {
    grep -qm1 '^repeated ' < <(timeout 20 tail -n +1 -f "$work/out" 2>/dev/null)
}

# Inventory is stopped, so that all orders stay as they were submitted; and checkout dies once when an order was made that
# nobody was told of. (It commits nothing but what the import says, and the import asks again.)
begin "what was placed is what this import made, though its answer was lost, the file is there twice, and no order goes on"
MARU_FAULTS="checkout done 5 $work/died" app_start "$work/d" || exit 1
stopped=$("$maru" ps --data "$work/d" | awk '$1 == "inventory" {print $2}')
check "inventory is stopped" kill -STOP "$stopped"
: >"$work/out" # what the import before it told is not looked at, nor that there is no file yet
"$maru" import --data "$work/d" "$here/orders.csv" "$here/orders.csv" >"$work/out" 2>/dev/null &
importer=$!
check "it tells" told_all
check "checkout died" [ -e "$work/died" ]
contains "orders" "$(grep "^orders " "$work/out")" " 14 = 6 placed + 6 there already + 2 refused; 2 of guests"
same "orders that went on" "$("$maru" call --data "$work/d" checkout $checkout/ListOrders -d '{}' | grep '"state"' | grep -cv SUBMITTED)" 0
check "the import is killed, as it waits" kill -9 $importer
wait $importer 2>/dev/null
same "its status" $? 137

begin "the next import placed nothing, also while no order goes on, and ends when they are over"
: >"$work/out"
"$maru" import --data "$work/d" "$here/orders.csv" >"$work/out" 2>/dev/null &
importer=$!
check "it tells" told_all
contains "orders" "$(grep "^orders " "$work/out")" " 7 = 0 placed + 6 there already + 1 refused; 1 of guests"
same "orders that went on" "$("$maru" call --data "$work/d" checkout $checkout/ListOrders -d '{}' | grep '"state"' | grep -cv SUBMITTED)" 0
check "inventory goes on" kill -CONT "$stopped"
wait $importer
same "status" $? 0
same "orders that are over" "$("$maru" call --data "$work/d" checkout $checkout/ListOrders -d '{}' | grep -c COMPLETED)" 6
check "stop" app_stop

begin "so does a month, with an invoice of 675 lines, imported by two at once: each order was placed by one of them"
awk -v invoices=300 -v most=12 -f "$here/month.awk" >"$work/month.csv"
app_start "$work/b" || exit 1
"$maru" import --data "$work/b" "$work/month.csv" >"$work/other" 2>&1 &
importer=$!
out=$("$maru" import --data "$work/b" "$work/month.csv" 2>&1)
same "status" $? 0
wait $importer
same "status of the other" $? 0
same "placed by both" $(($(placed "$out") + $(placed "$(cat "$work/other")"))) 300
agrees "$work/month.csv"
out=$(cat "$work/other")
agrees "$work/month.csv"
clean "$work/b" "orders 300: completed 300, cancelled 0, under way 0"
same "its lines" "$(order_of "$work/b" 600150 | grep -o '"product":' | wc -l)" $((675 + 17))
want=$(state "$work/b")
check "stop" app_stop

# Waits until so many orders are there: invoices come in order of time, and so of their numbers.
some() { # DIR COUNT
    local newest=0
    while [ $((newest - 600000)) -lt "$2" ] && kill -0 $importer; do
        newest=$("$maru" call --data "$1" checkout $checkout/ListOrders -d '{"pageSize": 1}' | sed -nE 's/.*"invoice": "([0-9]+)".*/\1/p')
        newest=${newest:-0}
    done
}

kill_services() { # DIR
    for service in catalog checkout inventory payment shipping; do
        check "$service is killed" kill -9 "$("$maru" ps --data "$1" | awk -v name=$service '$1 == name {print $2}')"
    done
}

begin_import() { # DIR
    "$maru" import --data "$1" "$work/month.csv" >"$work/out" 2>&1 &
    importer=$!
}

# Kills an import when some orders are there, and the next when more are. Fails where one came to its end before: on a machine
# that is busy it may.
kill_imports() { # DIR
    local count ended
    for count in 20 60; do
        begin_import "$1"
        some "$1" $count
        kill -9 $importer 2>/dev/null
        wait $importer 2>/dev/null
        ended=$?
        [ $ended = 137 ] || { same "one that was not killed: status" $ended 0 && return 1; }
    done
    [ "$(pages "$1" checkout $checkout/ListOrders | grep -c '"invoice"')" -lt 300 ]
}

begin "killed with -9 in the middle, and started again, it ends the same"
for try in 1 2 3; do
    app_start "$work/c" || exit 1
    kill_imports "$work/c" && killed=yes && break
    check "stop" app_stop
    rm -rf "$work/c"
done
check "they were killed before all was placed" [ "${killed-}" = yes ]

begin "so it does where the services are killed, after it and under it"
kill_services "$work/c"
begin_import "$work/c"
some "$work/c" 120
kill_services "$work/c"
wait $importer
same "status" $? 0
out=$(cat "$work/out")
agrees "$work/month.csv"
clean "$work/c" "orders 300: completed 300, cancelled 0, under way 0"
same "the shop" "$(state "$work/c" | cksum)" "$(cksum <<<"$want")"
check "stop" app_stop

finish
