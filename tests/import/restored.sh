# restored.sh: checkout's store goes back to a backup of before an import, or of its middle: the same files again make the same
# orders, under the names that they had, so that what the others hold of them counts, and nothing is there twice.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
here=$MARU_SOURCE/tests/import
. "$here/agreeing.sh" || exit 1
checkout=shop.checkout.v1.CheckoutService inventory=shop.inventory.v1.InventoryService payment=shop.payment.v1.PaymentService

list() { # SERVICE METHOD BODY
    "$maru" call --data "$work/a" "$1" "$2" -d "$3"
}

# All that the shop has of its orders, names included.
state() {
    list checkout $checkout/ListOrders '{"pageSize": 1000}'
    list inventory $inventory/ListStock '{"pageSize": 1000}'
    list inventory $inventory/ListReservations '{"pageSize": 1000}'
    list payment $payment/ListPayments '{"pageSize": 1000}'
    for product in 85001 85003 85004; do
        list inventory $inventory/ListMovements "{\"product\": \"products/$product\", \"pageSize\": 1000}"
    done
}

as_it_was() {
    diff <(echo "$want") <(state) >&2
}

# The shop stops; stores of services go back to a backup; it starts again.
go_back() { # BACKUP SERVICE...
    local backup=$1
    shift
    check "stop" app_stop
    for service; do
        rm -rf "$work/away-$service"
        check "$service goes away" mv "$work/a/$service" "$work/away-$service"
        check "$service comes back" "$maru" store restore --data "$work/a" "$service" "$work/$backup-$service" >/dev/null
    done
    app_start "$work/a" || exit 1
}

back_up() { # BACKUP SERVICE...
    local backup=$1
    shift
    for service; do
        check "backup of $service" "$maru" store backup --data "$work/a" "$service" "$work/$backup-$service" >/dev/null
    done
}

import() { # FILE WORDS
    out=$("$maru" import --data "$work/a" "$1" 2>/dev/null)
    same "status" $? 0
    contains "orders" "$out" "$2"
}

begin "a file is imported, beside a backup of before it, one of its middle, and one of after"
head -n 10 "$here/orders.csv" >"$work/half.csv"
app_start "$work/a" || exit 1
back_up none checkout payment
import "$work/half.csv" " placed + 0 there already + "
half=$(sed -nE 's/^orders .* = ([0-9]+) placed .*/\1/p' <<<"$out")
back_up half checkout
import "$here/orders.csv" " = $((6 - half)) placed + $half there already + 1 refused"
clean "$work/a" "orders 6: completed 6, cancelled 0, under way 0"
want=$(state)
story=$("$maru" order timeline --data "$work/a" "$(grep -om1 'orders/[^"]*' <<<"$want")" | awk '$5 != "checkout" {print $4, $5}' | sort)

begin "checkout goes back to before it: what it lost is told, with what helps"
go_back none checkout
verdict=$("$maru" audit --wait 30s --data "$work/a" 2>&1)
same "status of the audit" $? 1
lost=$(grep -om1 'orders/[^"]*' <<<"$want")
contains "the audit" "$verdict" "order-known: $lost: "
why=$("$maru" order why --data "$work/a" "$lost" 2>/dev/null)
contains "why" "$why" "only where checkout's store came from a backup that it made in this version or later, import the same files again"
same "lines that would fail" "$(grep -c RefundPayment <<<"$why")" 0

begin "and the same file again makes the same orders, with the stock and the money that were there"
import "$here/orders.csv" "= 6 placed + 0 there already + 1 refused"
agrees "$here/orders.csv"
clean "$work/a" "orders 6: completed 6, cancelled 0, under way 0"
check "the shop is as it was" as_it_was
same "what others said of the newest" "$("$maru" order timeline --data "$work/a" "$lost" | awk '$5 != "checkout" {print $4, $5}' | sort)" "$story"
verdict=$("$maru" audit --data "$work/a" 2>&1)
same "what restored stores lost" "$(grep -c 'lost' <<<"$verdict")" 0

begin "once more it changes nothing"
import "$here/orders.csv" "= 0 placed + 6 there already + 1 refused"
check "the shop is as it was" as_it_was

begin "so it is where checkout goes back to the middle of it"
go_back half checkout
import "$here/orders.csv" "= $((6 - half)) placed + $half there already + 1 refused"
clean "$work/a" "orders 6: completed 6, cancelled 0, under way 0"
check "the shop is as it was" as_it_was

begin "and where payment goes back with it"
go_back none checkout payment
import "$here/orders.csv" "= 6 placed + 0 there already + 1 refused"
clean "$work/a" "orders 6: completed 6, cancelled 0, under way 0"
check "the shop is as it was" as_it_was

begin "another shop gives the same invoices other names: who knows a file does not know them"
check "stop" app_stop
app_start "$work/b" || exit 1
check "it is imported" "$maru" import --data "$work/b" "$here/orders.csv" >/dev/null 2>&1
same "names of both" "$("$maru" call --data "$work/b" checkout $checkout/ListOrders -d '{}' | grep -o 'orders/[^"]*' | grep -cFf <(grep -o 'orders/[^"]*' <<<"$want"))" 0
check "stop" app_stop

finish
