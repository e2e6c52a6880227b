# demo.sh: tools/demo on a folder of its own: a first run, a second that finds it all, the lines that it prints for people, and
# how it ends when it has shown all.
#
#   demo.sh [first]      only its first cases: what tests/guide wants of a tree that has more services
. "${MARU_SOURCE:?the folder of the tree}/tests/demo/staying.sh" || exit 1
sample=$MARU_SOURCE/tests/import/dirty.csv
services=$(cd "$MARU_SOURCE/svc" && printf '%s\n' */CMakeLists.txt | sed 's|/.*||' | xargs)

# How many events of a type stand in a timeline that was printed.
rows() { # TEXT EVENT
    grep -cE "^ *[0-9]+ +[0-9]+ ms  $2 " <<<"$1"
}

begin "a first run plays the customer: one order is completed, one is cancelled, and all of it agrees"
first=$("$demo" --edge 127.0.0.1:0 --once --data "$data" 2>&1)
same "status" $? 0
contains "the services" "$first" "The shop is up: $services"$'\n'
contains "HTTP" "$first" "HTTP and JSON are at http://127.0.0.1:"
contains "the catalogue" "$first" "62 products of our own are new"
contains "stock" "$first" "Goods came in: 100 of each of 62 products."
contains "a page" "$first" "       7,000 KRW  products/anchovies "
contains "what was searched for" "$first" "      14,000 KRW  products/napa-kimchi        배추김치 (Napa cabbage kimchi)"
same "what was not" "$(sed -n '/^Searching/,/^A product/p' <<<"$first" | grep -c anchovies)" 0
contains "a product" "$first" "청자 찻잔: 강진 가마에서 구운 찻잔."
contains "its stock" "$first" "    100 on hand, 0 reserved for orders, 100 to sell"
contains "a cart" "$first" "      2 x   14,000 KRW  products/napa-kimchi        배추김치"
contains "a quote" "$first" "      =   66,000 KRW  with 6,000 KRW of tax in it"
contains "the card" "$first" "card ending in 4242: tok_"
for event in StockReserved PaymentAuthorized OrderConfirmed StockCommitted ShipmentPacked PaymentCaptured ShipmentDispatched \
    StockShipped ShipmentDelivered OrderCompleted PaymentDeclined OrderCancelled; do
    same "rows of $event" "$(rows "$first" $event)" "$([ $event = StockReserved ] && echo 2 || echo 1)"
done
same "causes" "$(grep -cE '^ *4 +[0-9]+ ms  OrderConfirmed +checkout +[0-9]+ ms after [23] ' <<<"$first")" 1
same "ends" "$(grep -E '^(COMPLETED|CANCELLED)' <<<"$first")" $'COMPLETED\nCANCELLED: DECLINED, insufficient_funds'
contains "the cart" "$first" "carts/demo is empty again"
contains "the audit" "$first" "    orders 2: completed 1, cancelled 1, under way 0; products 62"
contains "the verdict" "$first" $'\n    audit: clean\n'
same "what is left" "$(left)" ""

begin "a second run finds all that the first stored, and says so"
second=$("$demo" --edge 127.0.0.1:0 --once --data "$data" 2>&1)
same "status" $? 0
contains "the catalogue" "$second" "The catalogue of the last run is there: 62 products"
contains "stock" "$second" "So is its stock."
contains "orders" "$second" "2 orders of earlier runs are there."
contains "what was sold" "$second" "    99 on hand, 0 reserved for orders, 99 to sell"
contains "the audit" "$second" "    orders 4: completed 2, cancelled 2, under way 0"
[ "${1-}" != first ] || finish

begin "with --import every line is accounted for, and the second time nothing changes"
first=$("$demo" --edge 127.0.0.1:0 --data "$data" --import "$sample" --once 2>&1)
same "status" $? 0
contains "lines" "$first" "lines            63"
contains "the sum" "$first" "16 accepted + 47 refused = 63"
contains "products" "$first" "11 created, 0 changed, 0 unchanged"
contains "an order of it" "$first" "      2 x     2.55 GBP  products/85001"
contains "what became of invoices" "$first" "orders            1 = 1 placed + 0 there already + 0 refused; 0 of guests"
contains "what it sold" "$first" "      sold                    16       74305       7443214   a line of an order"
contains "the whole file" "$first" "    together                  63       74429        829667   all of what was read"
contains "completed" "$first" "    orders 7: completed 4, cancelled 3, under way 0"
contains "the verdict" "$first" $'\n    audit: clean\n'
second=$("$demo" --edge 127.0.0.1:0 --once --data "$data" --import "$sample" "$sample" 2>&1)
contains "products" "$second" "0 created, 0 changed, 11 unchanged"
contains "orders" "$second" "orders            2 = 0 placed + 2 there already + 0 refused"
contains "words" "$second" "All of it was there already: nothing changed."

here=(--edge 127.0.0.1:0 --data "$data")

begin "the lines that it prints work as they are printed"
check "it stays" stay "${here[@]}"
lines=$(sed -n '/^Try it by hand/,$p' <<<"$printed" | grep '^  ')
same "their number" "$(wc -l <<<"$lines")" 21
while IFS= read -r line; do
    want=0
    case "$line" in *products/moon*) want=$((64 + 5)) ;; esac
    got=$(eval "$line" 2>&1 </dev/null)
    same "status of $line" $? $want
    contains "what it prints" "$got" "$(case "$line" in
        *' list '*) echo shop.checkout.v1.CheckoutService/PlaceOrder ;;
        *' describe '*) echo 'rpc GetProduct' ;;
        *ListProducts*) echo nextPageToken ;;
        *UpdateProduct*) echo "Minji's: 잘 익은 포기김치" ;;
        *products/moon*) echo 'NOT_FOUND: name: no product products/moon' ;;
        *GetStock*) echo '"onHand": "9' ;;
        *Quote*) echo '"minor": "28000"' ;;
        *carts/minji\"*) echo '"quantity": "2"' ;;
        *GetOrder*) echo '"state": "COMPLETED"' ;;
        *GetTimeline*) echo '"type": "shop.payment.v1.PaymentDeclined"' ;;
        *' order timeline '*) printf '\nCOMPLETED' ;;
        *' order why '*) echo '  over  no event is owed' ;;
        *' events lag '*) echo 'payment      inventory ' ;;
        *' events tail '*) echo 'OrderCompleted <- ' ;;
        *' audit '*) echo 'audit: clean' ;;
        *curl*carts/minji/items) echo '"product":"products/rice-20"' ;;
        *curl*/stock) echo '"onHand":"9' ;;
        *curl*/timeline) echo '"type":"shop.checkout.v1.OrderCompleted"' ;;
        *curl*/orders/*) echo '"state":"COMPLETED"' ;;
        *curl*) echo '"title":"배추김치"' ;;
        *) echo "a line that this test does not know" ;;
        esac)"
done <<<"$lines"
kill -INT -- -$staying
wait $staying
same "status" $? 0

begin "where the port of HTTP is taken it says by whom, and takes a free one"
check "one has it, or says that someone else does" stay --data "$data"
second=$("$demo" --once --data "$work/other" 2>&1)
same "status" $? 0
case "$printed" in *' is in use'*) second=$printed ;; esac # what had it then may have gone since
same "words" "$(grep -cE '^127\.0\.0\.1:[0-9]+ is in use.*: HTTP gets a free port$' <<<"$second")" 1
contains "HTTP" "$second" "HTTP and JSON are at http://127.0.0.1:"
kill -INT $staying
wait $staying

begin "where it is told a port that is taken, that is an error"
check "it stays" stay "${here[@]}"
taken=$(sed -n 's|^HTTP and JSON are at http://||p' <<<"$printed")
second=$("$demo" --once --data "$work/other" --edge "$taken" 2>&1)
same "status" $? 1
contains "words" "$second" "--edge: $taken is in use"
kill -INT $staying
wait $staying

for signal in INT TERM; do
    begin "it stays up until it is told to end by $signal, and leaves nothing behind"
    check "it stays" stay "${here[@]}"
    contains "a cart" "$("$maru" call --data "$data" cart shop.cart.v1.CartService/GetCart -d '{"name": "carts/minji"}')" '"items"'
    # A terminal's Ctrl-C goes to the whole group.
    kill -$signal -- "$([ $signal = INT ] && echo -$staying || echo $staying)"
    wait $staying
    same "status" $? "$([ $signal = INT ] && echo 0 || echo 143)"
    same "what is left" "$(left)" ""
    same "what it complains of" "$(cat "$work/demo.err")" ""
done

begin "where who reads it goes away, it stops what it started and leaves no folder behind"
mkdir "$work/tmp"
for lines in 1 3 40; do
    TMPDIR=$work/tmp "$demo" --edge 127.0.0.1:0 --once --data "$data" 2>&1 | head -n $lines >"$work/read"
    same "status, $lines lines read" "${PIPESTATUS[0]}" 141
    same "what runs, $lines lines read" "$(left)" ""
    same "folders, $lines lines read" "$(ls "$work/tmp")" ""
done

begin "killed with -9 it leaves nothing that runs, and the next one begins as ever"
check "it stays" stay "${here[@]}"
up=$(sed -n 's/^pid //p' "$data/up.lock")
kill -9 $staying
wait $staying
check "the services end" timeout 60 tail --pid="$up" -f /dev/null
same "what is left" "$(left)" ""
first=$("$demo" --once --data "$data" 2>&1)
same "status" $? 0
contains "the catalogue" "$first" "The catalogue of the last run is there: 62 products"

begin "a second demo on one folder says that there is one"
check "it stays" stay "${here[@]}"
second=$("$demo" --edge 127.0.0.1:0 --once --data "$data" 2>&1)
same "status" $? 1
contains "words" "$second" "demo: the services did not start"
kill -INT $staying
wait $staying
same "what is left" "$(left)" ""

begin "when the services end under it, it says so and ends"
check "it stays" stay "${here[@]}"
"$maru" down --data "$data" >/dev/null 2>&1
wait $staying
same "status" $? 1
contains "words" "$(cat "$work/demo.err")" "demo: the services ended by themselves"

refused() { # STATUS WORDS ARGUMENT...
    local want=$1 words=$2 got
    shift 2
    got=$("$demo" "$@" 2>&1)
    same "status of $*" $? "$want"
    contains "words of $*" "$got" "$words"
    same "lines of $*" "$(wc -l <<<"$got")" 1
}

begin "wrong usage and files that are not there are one line, before anything is done"
refused 2 "demo: --colour: unknown" --colour
refused 2 "demo: extra: unknown" extra
refused 2 "demo: --data: want a folder" --data
refused 2 "demo: --import: want at least one FILE" --import --once
refused 2 "demo: --import: want a FILE, got \"\"" --import ""
refused 1 "none.csv: No such file or directory" --import "$work/none.csv" --data "$work/not"
refused 1 "$work: want a file, got a folder" --import "$work" --data "$work/not"
refused 1 "/dev/null: want a file that can be read" --import /dev/null --data "$work/not"
check "nothing was made" [ ! -e "$work/not" ]

for edge in '' foo 8080 127.0.0.1 127.0.0.1: h:99999 h:123456 127.0.0.1:x ::1:80 '[::1]' http://h:80 'a b:80'; do
    refused 2 "demo: --edge: want HOST:PORT with a port of 0..65535 (an IPv6 address in brackets), or none, got \"$edge\"" \
        --data "$work/not" --edge "$edge"
done
for edge in :8080 :x '[]:80'; do
    refused 2 "demo: --edge: want HOST:PORT with a host (* is every address of this machine), or none, got \"$edge\"" \
        --data "$work/not" --edge "$edge"
done
refused 2 "demo: --edge: want HOST:PORT" --data "$work/not" --edge=bogus
refused 2 "demo: --edge: want HOST:PORT" --edge
check "nothing was made" [ ! -e "$work/not" ]

begin "an address that no edge can have is told before a service starts"
second=$("$demo" --once --data "$work/other" --edge 192.0.2.1:0 2>&1)
same "status" $? 1
contains "words" "$second" "maru up: --edge: 192.0.2.1:0: Cannot assign requested address"
same "services" "$(grep -c 'starts again\|was ended\|stops all' <<<"$second")" 0

begin "where all addresses of the machine are served, the lines of curl name one that can be asked"
for edge in '*:0' 0.0.0.0:0; do
    check "it stays" stay --edge "$edge" --data "$data"
    contains "where it is said to be" "$printed" "HTTP and JSON are at http://127.0.0.1:"
    line=$(sed -n '/^Try it by hand/,$p' <<<"$printed" | grep -m 1 '^  curl')
    contains "$line" "$(eval "$line" 2>&1)" '"title":"배추김치"'
    kill -INT -- -$staying
    wait $staying
done

begin "an import that fails ends it with status 1, and leaves nothing behind"
printf 'a,b\n' >"$work/bad.csv"
second=$("$demo" --edge 127.0.0.1:0 --once --data "$data" --import "$work/bad.csv" 2>&1)
same "status" $? 1
contains "words" "$second" "bad.csv:1: want a first line that names the columns"
same "what is left" "$(left)" ""

begin "a folder with a space and a quote in its name works as printed"
check "it stays" stay --edge none --data "$work/it's a shop"
same "lines of curl" "$(grep -c '^  curl' <<<"$printed")" 0
line=$(sed -n '/^Try it by hand/,$p' <<<"$printed" | grep 'carts/minji' | head -n 1)
contains "a cart" "$(eval "$line" 2>&1)" '"quantity": "2"'
kill -INT $staying
wait $staying

begin "where MARU_DATA says which shop it is, the lines work in a terminal that has no MARU_DATA"
export MARU_DATA=$work/by-environment
check "it stays" stay --edge none
unset MARU_DATA
line=$(sed -n '/^Try it by hand/,$p' <<<"$printed" | grep 'carts/minji' | head -n 1)
contains "the folder" "$line" "--data $work/by-environment "
contains "a cart" "$(eval "$line" 2>&1)" '"quantity": "2"'
kill -INT $staying
wait $staying

finish
