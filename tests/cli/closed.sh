# closed.sh: every subcommand whose stdout nobody reads ends with 141 and no word; one whose stdout is full says so and ends with 1.
# One whose stdout or stdin was made non-blocking by someone who shares it waits for it. $1: clitest_sharing.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
sharing=$1
export MARU_DATA=$work/data
goods=$MARU_SOURCE/tools/demo.d/market.csv
printf '%s\n' InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country \
    '536365,85123A,A HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom' >"$work/sales.csv"

# A pipe that nobody reads any more.
mkfifo "$work/pipe" && exec {reader}<>"$work/pipe" {closed}>"$work/pipe" {reader}<&- || exit 1

# ends WORDS...: of maru
ends() {
    "$maru" "$@" >&"$closed" 2>"$work/words"
    same "status of $*, not read" $? 141
    same "words of $*, not read" "$(cat "$work/words")" ""
    "$maru" "$@" >/dev/full 2>"$work/words"
    same "status of $*, full" $? 1
    same "words of $*, full" "$(cat "$work/words")" "maru ${1#--}: stdout: No space left on device"
}

begin "what needs no service"
ends version
ends help
ends help --as man up
ends store --help
ends audit --list
ends import --dry-run "$work/sales.csv"

begin "what asks one"
app_start "$MARU_DATA" || exit 1
check "products" "$maru" import --products "$goods" >/dev/null
check "an order" "$maru" import "$work/sales.csv" >/dev/null
order=$("$maru" call checkout shop.checkout.v1.CheckoutService/ListOrders -d '{"pageSize": 1}' | tr -d '\n ' |
    sed 's/.*"name":"\(orders\/[^"]*\)".*/\1/')
ends order timeline "$order"
ends order timeline "$order" --follow
ends order why "$order"
ends list
ends describe catalog
ends describe catalog shop.catalog.v1.Product
ends call catalog shop.catalog.v1.CatalogService/GetProduct -d '{"name": "products/napa-kimchi"}'
ends ps
ends ps --json
ends metrics
ends log-level
ends import --products "$goods"
ends events lag
ends events tail checkout
ends audit
for verb in stat dump verify; do
    ends store $verb catalog
done

begin "what would block is waited for: stdout, as a whole and as it comes, and stdin"
for words in "help --as zsh" "store dump catalog"; do
    "$sharing" "$maru" $words >"$work/shared" 2>"$work/words" </dev/null
    same "status of $words" $? 0
    same "words of $words" "$(cat "$work/words")" ""
    check "$words says more than the pipe takes" [ "$(wc -c <"$work/shared")" -gt 4096 ]
    "$maru" $words >"$work/plain"
    check "$words says what it says else" cmp "$work/plain" "$work/shared"
done
got=$("$sharing" "$maru" call catalog shop.catalog.v1.CatalogService/GetProduct -d @ <<<'{"name": "products/napa-kimchi"}' 2>&1)
same "status of a call" $? 0
contains "a call" "$got" '"name": "products/napa-kimchi"'
finish
