# import.sh: importing into a catalogue that runs: twice changes nothing, another order ends the same, products of one's own
# stay.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
here=$MARU_SOURCE/tests/import

# All of the catalogue as JSON, page by page; with --what, without what differs between two catalogues.
catalogue() { # DIR [--what]
    local token='' page
    while :; do
        page=$("$maru" call --data "$1" catalog shop.catalog.v1.CatalogService/ListProducts \
            -d "{\"pageSize\": 7, \"pageToken\": \"$token\"}") || return 1
        token=$(sed -nE 's/.*"nextPageToken": *"([^"]*)".*/\1/p' <<<"$page")
        if [ "${2-}" = --what ]; then
            grep -vE '"(etag|createTime|updateTime|nextPageToken)":' <<<"$page"
        else
            printf '%s\n' "$page"
        fi
        [ -n "$token" ] || return 0
    done
}

# Three files of one header, with lines of the sample; they share some.
parts() {
    local part
    for part in 0 1 2; do
        { head -n 1 "$here/dirty.csv"; tail -n +2 "$here/dirty.csv" | awk -v part=$part 'NR % 3 == part || NR % 5 == 0'; } >"$work/part$part.csv"
    done
}

begin "an import makes products"
app_start "$work/a" || exit 1
one=$("$maru" import --data "$work/a" "$here/dirty.csv" 2>/dev/null)
same "status" $? 0
contains "products" "$one" "11 created, 0 changed, 0 unchanged"
before=$(catalogue "$work/a")
contains "a title" "$before" '"CAFÉ SIGN"'
contains "a history" "$before" '"since": "2011-01-03T10:00:00Z"'

begin "the same file again changes nothing: etags and times stay"
two=$("$maru" import --data "$work/a" "$here/dirty.csv" 2>/dev/null)
contains "products" "$two" "0 created, 0 changed, 11 unchanged"
same "the catalogue" "$(catalogue "$work/a")" "$before"
contains "orders" "$two" "orders            1 = 0 placed + 1 there already + 0 refused"
same "the counts" "$(grep -vE '^(products|orders) ' <<<"$two")" "$(grep -vE '^(products|orders) ' <<<"$one")"

begin "where nothing can be told, since the disk is full, it says so and does not end well"
"$maru" import --data "$work/a" "$here/dirty.csv" >/dev/full 2>"$work/words"
same "status" $? 1
contains "words" "$(cat "$work/words")" "maru import: stdout: No space left on device"

begin "and again after a restart"
check "stop" app_stop
app_start "$work/a" || exit 1
"$maru" import --data "$work/a" "$here/dirty.csv" >/dev/null 2>&1
same "the catalogue" "$(catalogue "$work/a")" "$before"
want=$(catalogue "$work/a" --what)

begin "a catalogue file makes what is missing; what is there stays as it is"
market=$MARU_SOURCE/tools/demo.d/market.csv
count=$(($(wc -l <"$market") - 1))
contains "first" "$("$maru" import --data "$work/a" --products "$market")" "= $count created + 0 there already + 0 refused"
before=$(catalogue "$work/a")
contains "again" "$("$maru" import --data "$work/a" --products "$market")" "= 0 created + $count there already + 0 refused"
same "the catalogue" "$(catalogue "$work/a")" "$before"
"$maru" import --data "$work/a" --products "$market" >/dev/full 2>"$work/words"
same "status on a full disk" $? 1
same "words" "$(cat "$work/words")" "maru import: stdout: No space left on device"

begin "on a terminal an import says how far it is, and wipes that away; elsewhere it says nothing of it"
{ head -n 1 "$here/dirty.csv"; yes "$(sed -n 2p "$here/dirty.csv")" | head -n 9000; } >"$work/many.csv"
terminal=$(script -qec "'$maru' import --data '$work/a' '$work/many.csv'" /dev/null </dev/null)
contains "lines" "$terminal" $'\r\e[K'"$work/many.csv: 8192 lines"
contains "what is sent" "$terminal" $'\r\e[K'"$work/many.csv: 0 different sightings sent"
contains "wiped away" "$terminal" $'\r\e[K'"$work/many.csv: 9000 lines after the first"
same "elsewhere" "$("$maru" import --data "$work/a" "$work/many.csv" 2>&1 >/dev/null)" \
    "invoice 900001: too many lines: an invoice of more than 1000 lines of goods, of charges, or that cancel"

begin "a wrong product is told with file and line, and the others are taken"
printf 'name,title,currency,minor\nproducts/ok,OK,KRW,1\nwrong,X,KRW,1\nproducts/x,,KRW,1\nproducts/y,Y,KRW,1.5\n' >"$work/wrong.csv"
got=$("$maru" import --data "$work/a" --products "$work/wrong.csv" 2>&1)
same "status" $? 1
contains "a name" "$got" "wrong.csv:3: product.name: want products/"
contains "a title" "$got" "wrong.csv:4: product.title: want 1..300 bytes, got 0"
contains "a price" "$got" "wrong.csv:5: minor: want a whole number, got \"1.5\""
contains "the sum" "$got" "4 = 1 created + 0 there already + 3 refused"

begin "a file of other columns is refused in one line that says which are wanted, by the status that invoices have"
got=$("$maru" import --data "$work/a" --products "$here/dirty.csv" 2>&1)
same "status" $? 1
contains "the columns" "$got" "dirty.csv:1: column 1: want one of name, title, currency, minor, "
same "lines" "$(wc -l <<<"$got")" 1
"$maru" import --data "$work/a" "$work/wrong.csv" >/dev/null 2>&1
same "invoices" $? 1
check "stop" app_stop

# It dies when it has stored what it was asked, and nobody was told: the answer is lost.
begin "a catalogue that dies under an import of invoices is asked again, and what it had made is counted as made"
awk -v invoices=300 -v most=12 -f "$here/month.awk" >"$work/month.csv"
MARU_FAULTS="catalog done 3 $work/died" app_start "$work/dies" || exit 1
got=$("$maru" import --data "$work/dies" "$work/month.csv" 2>"$work/words")
same "status" $? 0
check "it died" [ -e "$work/died" ]
made=$(cut -d, -f2 "$work/month.csv" | tail -n +2 | sort -u | wc -l)
contains "products" "$got" "$made created, 0 changed, 0 unchanged, 0 refused"
check "stop" app_stop

begin "so is one that dies under an import of products"
MARU_FAULTS="catalog done 5 $work/died-again" app_start "$work/dies" || exit 1
got=$("$maru" import --data "$work/dies" --products "$market" 2>"$work/words")
same "status" $? 0
check "it died" [ -e "$work/died-again" ]
contains "products" "$got" "= $count created + 0 there already + 0 refused"
check "stop" app_stop

begin "in parts that overlap, in any order, the catalogue ends the same"
parts
for order in "0 1 2" "2 0 1 2"; do
    app_start "$work/order$order" || exit 1
    for part in $order; do
        "$maru" import --data "$work/order$order" "$work/part$part.csv" >/dev/null 2>&1 || note 1 "import of part $part"
    done
    same "parts $order" "$(catalogue "$work/order$order" --what)" "$want"
    check "stop" app_stop
done

begin "where no catalogue runs, the import says so"
got=$("$maru" import --data "$work/a" "$here/dirty.csv" 2>&1 >/dev/null)
same "status" $? $((64 + 14))
contains "words" "$got" "UNAVAILABLE"

finish
