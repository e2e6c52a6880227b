# pages.sh: the commands of the pages, as they are printed, on a shop that runs: README.md, the operator's part of events.md, the
# order by hand of orders.md, stores of operations.md, and the edge by curl. Only build/bin and the edge's port are other ones here.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
export MARU_DATA=$work/data MARU_PACK_MS=20 MARU_DELIVER_MS=30
mkdir -p "$work/build" && ln -s "$MARU_BIN" "$work/build/bin" && cd "$work" || exit 1

# The lines of a page's sh blocks, from a heading to the next one (of the whole page where none is named).
block() { # PAGE [HEADING]
    awk -v heading="${2-}" '
        /^```/ {inside = $0 == "```sh" && on; next}
        /^#/ && !inside {on = heading == "" || $0 == heading}
        BEGIN {on = heading == ""}
        inside' "$MARU_SOURCE/$1"
}

here() { # LINE: as it is run here
    sed "s|http://127\.0\.0\.1:8080|$edge|g" <<<"$1"
}

# What a line should print; nothing: it is enough that it ends with 0.
wanted() { # LINE
    case "$1" in
    *'maru list'*) echo shop.checkout.v1.CheckoutService/PlaceOrder ;;
    *ListProducts*) echo '"nextPageToken"' ;;
    *page_size=3*) echo '"nextPageToken"' ;;
    *'events lag'*) echo 'checkout     inventory ' ;;
    *'events tail'*) echo '' ;;
    *'maru audit --list'*) echo 'charge-once ' ;;
    *'maru audit'*) echo 'audit: clean' ;;
    *products/napa-kimchi) echo '"price":{"currency":"KRW","minor":"14000"}' ;;
    *carts/minji*) echo '"quantity":"2"' ;;
    *'store verify'*) echo ' 0 damaged' ;;
    *healthz*) echo '"ready":true' ;;
    esac
}

run_lines() { # WANTED-NUMBER; lines on stdin
    local line got status number=0
    while IFS= read -r line; do
        number=$((number + 1))
        got=$(eval "$(here "$line")" 2>"$work/words" </dev/null)
        status=$?
        same "status of $line ($(cat "$work/words"))" $status 0
        contains "what it prints" "$got" "$(wanted "$line")"
    done
    same "their number" $number "$1"
}

begin "a shop runs, with products and stock"
app_start "$MARU_DATA" || exit 1
contains "products" "$("$maru" import --products "$MARU_SOURCE/tools/demo.d/market.csv")" "62 created"
contains "stock" "$("$maru" call inventory shop.inventory.v1.InventoryService/ReceiveGoods \
    -d '{"goods": [{"product": "products/napa-kimchi", "quantity": 40}]}')" '"onHand": "40"'

begin "README.md: its two commands are there, and all others work"
block README.md '## Two commands' >two
same "the first two" "$(sed 's/ .*//' two)" $'tools/demo\ntools/check'
check "the first" [ -x "$MARU_SOURCE/tools/demo" ]
check "the second" [ -x "$MARU_SOURCE/tools/check" ]
block README.md '## By hand' >hand
same "there are no more" "$(block README.md)" "$(cat two hand)"
run_lines 5 <hand

begin "orders.md: an order by hand, to its end"
block docs/orders.md '## One, by hand' >order.sh
check "it is there" [ -s order.sh ]
got=$(bash -euo pipefail order.sh 2>&1)
same "status" $? 0
contains "the end" "$got" $'\nCOMPLETED\n'
contains "why" "$got" '  over  no event is owed'
contains "the audit" "$got" 'audit: clean'

begin "events.md: what an operator looks at"
run_lines 3 < <(block docs/events.md '## For an operator' | grep -v 'events show')
show=$(block docs/events.md '## For an operator' | grep 'events show' | sed 's/ *#.*//')
same "events show of what did not fail" "$(bash -c "$show" 2>&1)" "NOT_FOUND: no event of checkout about orders/7f3a waits at inventory"

begin "edge.md: by curl"
run_lines 5 < <(block docs/edge.md '## By curl')

begin "operations.md: stores, beside a service that runs"
run_lines 5 < <(block docs/operations.md '## Stores' | grep -v 'store repair')
check "the backup" [ -s backups/monday/data.mdb ]

begin "what stays in the foreground is the last line of its block, on every page"
same "followed by another" "$(cd "$MARU_SOURCE" && awk '
    /^```/ {inside = $0 == "```sh" && !inside; stays = 0; next}
    inside && stays {print FILENAME ":" FNR ": " $0}
    inside && /^(build\/bin\/)?maru up/ && !/ DIR/ && !/&$/ {stays = 1}' README.md docs/*.md docs/services/*.md)" ""
check "stop" app_stop
finish
