# demo.sh: tools/demo on a folder of its own: a first run, a second that finds it all, the lines that it prints for people, and
# every way to end it.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
demo=$MARU_SOURCE/tools/demo
sample=$MARU_SOURCE/tests/import/dirty.csv
data=$work/data
cd "$work" || exit 1

# Processes that know of our folder, by /proc: a bare system has no pgrep.
left() {
    local process words
    for process in /proc/[0-9]*; do
        words=$(tr '\0' ' ' 2>/dev/null <"$process/cmdline") && [[ "$words" == *"$data"* ]] && echo "${process#/proc/}: $words"
    done 2>/dev/null
}

begin "a first run shows a product and puts it into a cart"
first=$("$demo" --edge 127.0.0.1:0 --once --data "$data" 2>&1)
same "status" $? 0
contains "ready" "$first" "ready cart="
contains "the catalogue" "$first" "62 products of our own are new"
contains "a product" "$first" '"title": "청자 찻잔"'
contains "a cart" "$first" '"quantity": "1"'
contains "a total" "$first" '"minor": "38000"'
same "what is left" "$(left)" ""

begin "a second run finds all that the first stored, and says so"
second=$("$demo" --edge 127.0.0.1:0 --once --data "$data" 2>&1)
same "status" $? 0
contains "the catalogue" "$second" "The catalogue of the last run is there: 62 products"
contains "the cart" "$second" "carts/demo-celadon-cup is there from before, with 1 of the product"
contains "one more" "$second" '"quantity": "2"'
same "the product" "$(grep -m 1 '"etag"' <<<"$second")" "$(grep -m 1 '"etag"' <<<"$first")"

begin "with --import every line is accounted for, and the second time nothing changes"
first=$("$demo" --edge 127.0.0.1:0 --data "$data" --import "$sample" --once 2>&1)
same "status" $? 0
contains "lines" "$first" "lines            63"
contains "the sum" "$first" "16 accepted + 47 refused = 63"
contains "products" "$first" "11 created, 0 changed, 0 unchanged"
contains "a product" "$first" '"product": "products/85001"'
second=$("$demo" --edge 127.0.0.1:0 --once --data "$data" --import "$sample" "$sample" 2>&1)
contains "products" "$second" "0 created, 0 changed, 11 unchanged"
contains "words" "$second" "All of it was there already: nothing changed."

begin "the lines that it prints work as they are printed"
app_start "$data" || exit 1
lines=$(sed -n '/^Try it by hand/,$p' <<<"$second" | grep '^  ')
same "their number" "$(wc -l <<<"$lines")" 8
while IFS= read -r line; do
    want=0
    case "$line" in *products/moon*) want=$((64 + 5)) ;; esac
    got=$(eval "$line" 2>&1 </dev/null)
    same "status of $line" $? $want
    contains "what it prints" "$got" "$(case "$line" in
        *' list '*) echo shop.cart.v1.CartService/AddItem ;;
        *' describe '*) echo 'rpc GetProduct' ;;
        *ListProducts*) echo nextPageToken ;;
        *UpdateProduct*) echo "Minji's: 잘 익은 포기김치" ;;
        *products/moon*) echo 'NOT_FOUND: name: no product products/moon' ;;
        *carts/minji*) echo '"quantity": "2"' ;;
        *) echo napa-kimchi ;;
        esac)"
done <<<"$lines"
check "stop" app_stop

# The demo without --once, from its start until it says that it stays; its pid, and that of its group, is $staying.
stay() {
    local line
    exec {shown}< <(exec setsid env --default-signal=INT "$demo" --edge 127.0.0.1:0 --data "$data" 2>"$work/demo.err")
    staying=$!
    while IFS= read -r line <&"$shown"; do
        case "$line" in *'Ctrl-C ends them'*) return 0 ;; esac
    done
    cat "$work/demo.err" >&2
    return 1
}

for signal in INT TERM; do
    begin "it stays up until it is told to end by $signal, and leaves nothing behind"
    check "it stays" stay
    contains "a cart" "$("$maru" call --data "$data" cart shop.cart.v1.CartService/GetCart -d '{"name": "carts/minji"}')" '"items"'
    # A terminal's Ctrl-C goes to the whole group.
    kill -$signal -- "$([ $signal = INT ] && echo -$staying || echo $staying)"
    wait $staying
    same "status" $? "$([ $signal = INT ] && echo 0 || echo 143)"
    same "what is left" "$(left)" ""
    same "what it complains of" "$(cat "$work/demo.err")" ""
done

begin "killed with -9 it leaves nothing that runs, and the next one begins as ever"
check "it stays" stay
up=$(sed -n 's/^pid //p' "$data/up.lock")
kill -9 $staying
wait $staying
check "the services end" timeout 60 tail --pid="$up" -f /dev/null
same "what is left" "$(left)" ""
first=$("$demo" --once --data "$data" 2>&1)
same "status" $? 0
contains "the catalogue" "$first" "The catalogue of the last run is there: 62 products"

begin "a second demo on one folder says that there is one"
check "it stays" stay
second=$("$demo" --edge 127.0.0.1:0 --once --data "$data" 2>&1)
same "status" $? 1
contains "words" "$second" "demo: the services did not start"
kill -INT $staying
wait $staying
same "what is left" "$(left)" ""

begin "when the services end under it, it says so and ends"
check "it stays" stay
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
refused 1 "none.csv: want a file that can be read" --import "$work/none.csv" --data "$work/not"
check "nothing was made" [ ! -e "$work/not" ]

begin "an import that fails ends it with status 1, and leaves nothing behind"
printf 'a,b\n' >"$work/bad.csv"
second=$("$demo" --edge 127.0.0.1:0 --once --data "$data" --import "$work/bad.csv" 2>&1)
same "status" $? 1
contains "words" "$second" "bad.csv:1: want a first line that names the columns"
same "what is left" "$(left)" ""

begin "a folder with a space and a quote in its name works as printed"
odd="$work/it's a shop"
first=$("$demo" --edge 127.0.0.1:0 --once --data "$odd" 2>&1)
same "status" $? 0
app_start "$odd" || exit 1
line=$(sed -n '/^Try it by hand/,$p' <<<"$first" | grep 'carts/minji' | head -n 1)
contains "a cart" "$(eval "$line" 2>&1)" '"quantity": "2"'
check "stop" app_stop

finish
