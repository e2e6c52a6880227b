# limits.sh: more than the catalogue keeps of a product, or than a call takes, ends no import: all is accounted for, orders have their
# prices, and again changes nothing. What the catalogue refuses is named and counted, and the rest goes on.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
here=$MARU_SOURCE/tests/import
. "$here/agreeing.sh" || exit 1

head='InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country'

prices() { # FROM TO DAY: one product, each line at a price of its own, twenty lines an invoice
    echo "$head"
    seq "$1" "$2" | awk -v day="$3" '{print 600000 + int($1 / 20) ",85123A,SPOON,1,2010-12-" day " 08:26:00," $1 ".00,17850,UK"}'
}

imports() { # FILE: $out and $words, and what it makes of it is what awk makes of it
    out=$("$maru" import --data "$data" "$1" 2>"$work/words")
    same "status of $1" $? 0
    words=$(cat "$work/words")
    agrees "$1"
}

product() { # NAME
    "$maru" call --data "$data" catalog shop.catalog.v1.CatalogService/GetProduct -d "{\"name\": \"$1\"}"
}

lines() { # WORD: how many lines of that reason it counted
    sed -nE "s/^  $1 +([0-9]+) .*/\1/p" <<<"$out" | head -n 1
}

begin "one product at 1001 prices is taken in, and all of it is accounted for"
data=$work/a
app_start "$data" || exit 1
prices 1 1001 01 >"$work/p.csv"
imports "$work/p.csv"
same "accepted" "$(lines accepted)" 1001
contains "the sum" "$out" "1001 accepted + 0 refused = 1001"
contains "products" "$out" "1 created, 0 changed, 0 unchanged, 0 refused"
contains "orders" "$out" "51 placed + 0 there already + 0 refused"
contains "what is left out" "$out" "left out          1   times that titles and prices were seen, the oldest of 1 products"
contains "of which" "$words" "products/85123A: seen more often, or under more titles and prices, than the catalogue keeps: without the oldest 1"
contains "its title" "$(product products/85123A)" '"title": "SPOON"'

begin "and again, it says that nothing changed, and the product is the same"
before=$(product products/85123A)
imports "$work/p.csv"
contains "products" "$out" "0 created, 0 changed, 1 unchanged, 0 refused"
contains "orders" "$out" "0 placed + 51 there already + 0 refused"
contains "what is left out" "$out" "left out          1 "
same "the product" "$(product products/85123A)" "$before"

begin "a thousand other prices in another file go in, too"
prices 2001 3000 02 >"$work/q.csv"
imports "$work/q.csv"
contains "products" "$out" "0 created, 1 changed, 0 unchanged, 0 refused"
contains "orders" "$out" "51 placed + 0 there already + 0 refused"
before=$(product products/85123A)
contains "its price, of those that are kept" "$before" '"minor": "200100"'
imports "$work/q.csv"
contains "again" "$out" "0 created, 0 changed, 1 unchanged, 0 refused"
imports "$work/p.csv"
contains "the first again" "$out" "0 created, 0 changed, 1 unchanged, 0 refused"
same "the product" "$(product products/85123A)" "$before"
clean "$data" "orders 102: completed 102, cancelled 0, under way 0"
check "stop" app_stop

begin "the same in the other order ends with the same product"
data=$work/b
app_start "$data" || exit 1
imports "$work/q.csv"
imports "$work/p.csv"
same "the product" "$(product products/85123A | grep -vE '"(etag|createTime|updateTime)":')" "$(grep -vE '"(etag|createTime|updateTime)":' <<<"$before")"

cancelled() { # FIRST LAST EACH: lines that cancel one of each product, EACH lines a cancellation
    seq "$1" "$2" | awk -v each="$3" '{print "C90" int(($1 - 50000) / each) "," $1 ",CUP,-1,2010-12-06 09:00:00,1.25,777,UK"}'
}

begin "a cancellation of more lines than a call takes is refused whole, and told as that; of as many, it is done"
{
    echo "$head"
    seq 50000 51199 | awk '{print 900000 + int(($1 - 50000) / 600) "," $1 ",CUP,5,2010-12-05 09:00:00,1.25,777,UK"}'
    cancelled 50000 51199 1200
} >"$work/cancel.csv"
imports "$work/cancel.csv"
contains "how many" "$out" "cancels           1 = 0 matched + 0 in part + 0 unmatched + 1 refused"
contains "the row" "$out" "  too many lines        1200       -1200       -150000   an invoice of more than 1000 lines of goods, of charges, or that cancel"
contains "which" "$words" "invoice C900: too many lines: an invoice of more than 1000 lines"
{ sed '/^C/d' "$work/cancel.csv"; cancelled 50000 51199 1000; } >"$work/two.csv"
imports "$work/two.csv"
contains "how many" "$out" "cancels           2 = 2 matched + 0 in part + 0 unmatched + 0 refused"

begin "so is an order of more lines than a call takes, of goods or of charges; one of as many is placed"
{
    echo "$head"
    seq 3001 | awk '{print 930000 + int(($1 - 1) / 1000.5) "," 60000 + $1 ",CUP,1,2010-12-06 10:00:00,1.25,,UK"}'
    seq 1001 | awk '{print "930009,POST,POSTAGE,1,2010-12-06 11:00:00," $1 ".00,,UK"}'
    echo '930009,85001,JUG,1,2010-12-06 11:00:00,1.00,,UK'
} >"$work/orders.csv"
imports "$work/orders.csv"
contains "how many" "$out" "orders            4 = 2 placed + 0 there already + 2 refused; 2 of guests"
contains "the row" "$out" "  too many lines        2003 "
contains "which" "$words" "invoice 930000: too many lines: an invoice of more than 1000 lines"
contains "and which" "$words" "invoice 930009: too many lines: an invoice of more than 1000 lines"
imports "$work/orders.csv"
contains "again" "$out" "orders            4 = 0 placed + 2 there already + 2 refused; 2 of guests"

begin "of an order 100 cancellations give back; what one more cancels is told as that, and of another order it is done"
{
    echo "$head"
    echo '910000,85001,JUG,500,2010-12-07 09:00:00,1.00,778,UK'
    seq 101 | awk '{print "C91" 1000 + $1 ",85001,JUG,-1,2010-12-08 09:00:00,1.00,778,UK"}'
} >"$work/often.csv"
imports "$work/often.csv"
contains "how many" "$out" "cancels         101 = 100 matched + 0 in part + 0 unmatched + 1 refused"
contains "the row" "$out" "  returned often           1          -1          -100   cancels what an order before it has, of which 100 cancellations gave back"
contains "which" "$words" "invoice C911101: returned often: cancels what an order before it has"
imports "$work/often.csv"
contains "again" "$out" "cancels         101 = 100 matched + 0 in part + 0 unmatched + 1 refused"
clean "$data" "cancelled 0, under way 0"

begin "20,000 long titles do not fit into one call, and go in"
awk -v head="$head" 'BEGIN {
    print head
    long = sprintf("%270s", ""); gsub(/ /, "X", long)
    for (i = 0; i < 20000; i++)
        print 700000 + int(i / 500) "," 10000 + i % 200 "," long sprintf("%07d", int(i / 200)) ",1,2010-12-03 09:00:00,1.00,17850,UK"
}' >"$work/long.csv"
imports "$work/long.csv"
same "accepted" "$(lines accepted)" 20000
contains "products" "$out" "200 created, 0 changed, 0 unchanged, 0 refused"
imports "$work/long.csv"
contains "again" "$out" "0 created, 0 changed, 200 unchanged, 0 refused"

begin "a product that the catalogue refuses is named, its lines are counted, and the others go in; its orders have its prices"
check "one that was seen in another currency" "$maru" call --data "$data" catalog shop.catalog.v1.CatalogService/MergeSightings -d \
    '{"products": [{"name": "products/30050", "seen": [{"title": "WON", "price": {"currency": "KRW", "minor": "1000"}, "times": ["1"]}]}]}' >/dev/null
{
    echo "$head"
    seq 1 60 | awk '{print 800000 + $1 "," 30000 + $1 ",CUP,2,2010-12-04 09:00:00,1.00,17850,UK"}'
    echo '800061,30050,CUP,2,2010-12-04 09:00:00,1.00,17850,UK'
} >"$work/won.csv"
imports "$work/won.csv"
same "accepted" "$(lines accepted)" 59
same "refused" "$(lines refused)" 2
contains "the sum" "$out" "59 accepted + 2 refused = 61"
contains "products" "$out" "59 created, 0 changed, 0 unchanged, 1 refused"
contains "which, and why" "$words" "products/30050: refused: products/30050: want prices in one currency, got "
contains "orders" "$out" "61 placed + 0 there already + 0 refused"
imports "$work/won.csv"
contains "again" "$out" "0 created, 0 changed, 59 unchanged, 1 refused"
contains "orders again" "$out" "0 placed + 61 there already + 0 refused"
clean "$data" "cancelled 0, under way 0"

finish
