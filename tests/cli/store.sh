# store.sh: maru store over a real service: looked at, dumped, verified and backed up while it runs and writes, restored into a new epoch,
# made smaller, recovered after kill -9, damaged, and repaired.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
export MARU_DATA=$work/data
store=$MARU_DATA/catalog

again='{"product": {"name": "products/last", "title": "Again", "price": {"currency": "GBP", "minor": 100}}}'

fact() { sed -n "s/^$1  *//p" <<<"$2"; }
records() { sed -n "s/^$1  *\([0-9]*\) .*/\1/p" <<<"$2"; }
products() { jq_less "$1" | sort; }
jq_less() { grep '"table":"products"' "$1" | sed 's/.*"title":"\([^"]*\)".*/\1/'; }

# What it says in one line on stderr, and its status.
refused() { # STATUS WORDS VERB...
    local status=$1 words=$2
    shift 2
    "$maru" store "$@" >"$work/out" 2>"$work/words"
    same "status of $*" $? "$status"
    contains "words of $*" "$(cat "$work/words")" "$words"
    same "lines of $*" "$(wc -l <"$work/words")" 1
}

begin "while the service runs: what it keeps, and that it is whole"
up_start --edge none catalog || exit 1
check "products" "$maru" import --products "$MARU_SOURCE/tools/demo.d/market.csv" >/dev/null
seen=$("$maru" store stat catalog)
same "service" "$(fact service "$seen")" catalog
same "runs" "$(fact runs "$seen")" yes
same "products" "$(records 1 "$seen")" 62
epoch=$(fact epoch "$seen")
contains "verify" "$("$maru" store verify catalog)" " records, 0 damaged"
"$maru" store dump catalog >"$work/dump" 2>"$work/words"
same "nothing else is said" "$(cat "$work/words")" ""
"$maru" store dump catalog >/dev/full 2>"$work/words"
same "status on a full disk" $? 1
contains "why" "$(cat "$work/words")" "maru store: stdout: No space left on device"
same "all records" "$(wc -l <"$work/dump")" "$(fact records "$seen")"
contains "a product" "$(cat "$work/dump")" '{"table":"products","key":"products/napa-kimchi","record":{"name":"products/napa-kimchi",'
same "titles" "$(products "$work/dump" | wc -l)" 62

begin "a backup while it writes is of one moment, and can be read"
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    "$maru" call catalog shop.catalog.v1.CatalogService/GetProduct -d '{"name": "products/napa-kimchi"}' >/dev/null
    "$maru" import --products <(printf 'name,title,currency,minor\nproducts/new-%d,New %d,GBP,100\n' $i $i) >/dev/null || break
done &
writer=$!
same "backup" "$("$maru" store backup catalog "$work/backup")" "$work/backup"
wait $writer
same "what is in it" "$(ls "$work/backup")" data.mdb
refused 1 "/backup: is there already" backup catalog "$work/backup"
refused 1 'DIR: want a folder, got ""' backup catalog ''
for dir in "$MARU_DATA/monday" "$MARU_DATA/../data/monday//"; do # there maru events lag would list it as a service that does not run
    refused 1 "$dir: would be the store of a service of that name there; want a folder outside of $MARU_DATA" backup catalog "$dir"
    refused 1 "$dir: would be the store of a service of that name there; want a folder outside of $MARU_DATA" repair catalog "$dir"
done
(cd "$MARU_DATA" && refused 1 "monday: would be the store of a service of that name there" backup catalog monday)
check "nothing is made" [ ! -e "$MARU_DATA/monday" ]
same "services of which maru events lag knows" "$("$maru" events lag | awk '/does not run/ {print $1}')" ""
same "backup, by a name that no service has" "$("$maru" store backup catalog "$MARU_DATA/catalog.monday")" "$MARU_DATA/catalog.monday"
same "services of which maru events lag knows" "$("$maru" events lag | awk '/does not run/ {print $1}')" ""
rm -r "$MARU_DATA/catalog.monday"
refused 1 "$store/inner: is within $store, which is a store or a copy of one; want a folder elsewhere" backup catalog "$store/inner"

begin "a limit of a file's size (ulimit -f) ends neither maru store nor a service: it is as a disk that is full"
(ulimit -f 40 && refused 1 "/limited.part/data.mdb: the file has reached the largest size allowed" backup catalog "$work/limited" && end_case >/dev/null &&
    [ $failed = 0 ]) || check "backup" false
check "nothing is left" [ ! -e "$work/limited" ] && check "nothing is left" [ ! -e "$work/limited.part" ]
service=$("$maru" ps | awk '$1 == "catalog" {print $2}')
{ echo name,title,currency,minor,description; for i in {1..400}; do printf 'products/big-%d,Big,GBP,100,%02000d\n' "$i" 0; done; } >"$work/big.csv"
check "a limit" prlimit --pid "$service" --fsize="$(stat -c %s "$store/data.mdb")":
for i in 1 2 3; do # some writes are cut short at the limit, and some begin there
    "$maru" import --products "$work/big.csv" >/dev/null 2>"$work/words"
    same "status" $? 72
    contains "why" "$(cat "$work/words")" "the file has reached the largest size allowed"
done
contains "it reads" "$("$maru" call catalog shop.catalog.v1.CatalogService/GetProduct -d '{"name": "products/napa-kimchi"}')" '"title"'
check "no limit" prlimit --pid "$service" --fsize="$(ulimit -H -f)":
check "it writes" "$maru" import --products "$work/big.csv" >/dev/null
same "it is the same process" "$("$maru" ps | awk '$1 == "catalog" {print $2}')" "$service"
contains "verify" "$("$maru" store verify catalog)" " records, 0 damaged"

begin "what needs the store alone says who has it"
refused 1 "/catalog is open in catalog, pid " compact catalog
refused 1 "catalog runs on $MARU_DATA, pid " restore catalog "$work/backup"
mv "$store" "$work/away" || exit 1
refused 1 "; stop it first" restore catalog "$work/backup"
check "nothing is made under it" [ ! -e "$store" ]
mv "$work/away" "$store" || exit 1

begin "restored, it is the store of then, in a new epoch, and the service runs on it"
check "stop" app_stop
refused 1 "/catalog: is there already; move it away first" restore catalog "$work/backup"
mv "$store" "$work/lost" || exit 1
refused 1 "/lost: this is a store, not a backup: maru store backup makes one" restore catalog "$work/lost"
refused 1 "/catalog: there is no store" stat catalog
refused 1 "the backup is of catalog, not of cart" restore cart "$work/backup"
refused 1 "/none/data.mdb: no such file" restore catalog "$work/none"
check "nothing is left" [ ! -e "$store" ] && check "nothing is left" [ ! -e "$store.restored" ]
same "restore, and where" "$("$maru" store restore catalog "$work/backup")" "$store"
seen=$("$maru" store stat catalog)
check "another epoch" [ "$(fact epoch "$seen")" != "$epoch" ]
same "service" "$(fact service "$seen")" catalog
contains "verify" "$("$maru" store verify catalog)" " records, 0 damaged"
up_start --edge none catalog || exit 1
"$maru" store dump catalog >"$work/again" 2>/dev/null
same "all that was there before the backup" "$(comm -23 <(products "$work/dump") <(products "$work/again"))" ""
contains "a call" "$("$maru" call catalog shop.catalog.v1.CatalogService/GetProduct -d '{"name": "products/napa-kimchi"}')" '"title"'

begin "after kill -9 it is recovered, as the service would"
check "one more" "$maru" import --products <(printf 'name,title,currency,minor\nproducts/last,Last,GBP,100\n') >/dev/null
service=$("$maru" ps | awk '$1 == "catalog" {print $2}')
kill -STOP "$app" # so that it starts no other
check "kill -9 of process $service" kill -9 "$service"
kill -9 "$app" && wait "$app" 2>/dev/null
app=''
for i in 0 1; do # whichever it is, what was told to be stored may have been in it
    mkdir "$work/torn$i" && cp -r "$store" "$work/torn$i/" && printf 'noise' >"$work/torn$i/catalog/journal.$i"
    for verb in dump compact; do
        refused 1 "/journal.$i is damaged: it has no header, and may have held what was written last; restore the store from a backup" \
            --data "$work/torn$i" $verb catalog
    done
done
"$maru" store dump catalog >"$work/after" 2>"$work/words"
contains "it says so" "$(cat "$work/words")" "it was not closed: "
contains "what was told to be stored" "$(cat "$work/after")" '"key":"products/last"'
contains "verify" "$("$maru" store verify catalog)" " records, 0 damaged"
same "runs" "$(fact runs "$("$maru" store stat catalog)")" no

begin "compact makes it smaller and loses nothing"
before=$(stat -c %s "$store/data.mdb")
check "compact" "$maru" store compact catalog
check "smaller" [ "$(stat -c %s "$store/data.mdb")" -lt "$before" ]
"$maru" store dump catalog >"$work/small" 2>/dev/null
same "records" "$(cksum <"$work/small")" "$(cksum <"$work/after")"
up_start --edge none catalog || exit 1
contains "a call" "$("$maru" call catalog shop.catalog.v1.CatalogService/GetProduct -d '{"name": "products/last"}')" '"Last"'
check "stop" app_stop

begin "a closed store of whose journal one file is damaged says which, and has lost nothing"
up_start --edge none catalog || exit 1
check "one more" "$maru" import --products <(printf 'name,title,currency,minor\nproducts/more,More,GBP,100\n') >/dev/null
check "stop" app_stop
for i in 0 1; do
    mkdir "$work/bare$i" && cp -r "$store" "$work/bare$i/" && printf 'noise' >"$work/bare$i/catalog/journal.$i"
    "$maru" store --data "$work/bare$i" dump catalog >"$work/bare" 2>>"$work/bare.words"
    same "records" "$(cksum <"$work/bare")" "$("$maru" store dump catalog 2>/dev/null | cksum)"
done
check "words" grep -q "journal.[01] is damaged: it is no journal's file; .* nothing is lost" "$work/bare.words"
check "no others" [ "$(grep -c "was not closed" "$work/bare.words")" = 0 ]
check "compact" "$maru" store compact catalog # each record is there once

begin "a record that was changed on the disk is found, and no backup is made of it"
at=$(grep -abo 'Last' "$store/data.mdb" | head -n 1 | cut -d: -f1)
printf 'X' | dd of="$store/data.mdb" bs=1 seek="$at" conv=notrunc status=none
got=$("$maru" store verify catalog)
same "status" $? 1
contains "which" "$got" 'table 1, key "products/last": '
contains "how many" "$got" " records, 1 damaged"
"$maru" store dump catalog >"$work/out" 2>"$work/words"
same "status of a dump of it" $? 1
same "all others are printed" "$(grep -vc '"damaged":"' "$work/out")" "$(($(fact records "$("$maru" store stat catalog)") - 1))"
same "in its last line it says" "$(tail -n 1 "$work/words")" "maru store: $(wc -l <"$work/out") records, 1 damaged"
refused 1 "; nothing was replaced; maru store verify says which" compact catalog
refused 1 "a record is damaged" backup catalog "$work/second"
check "nothing is left" [ ! -e "$work/second" ] && check "nothing is left" [ ! -e "$work/second.part" ]

begin "it is in nobody's way for long: repair takes it out, says which, and keeps the file as it was"
up_start --edge none catalog || exit 1
ask() { "$maru" call catalog "shop.catalog.v1.CatalogService/$1" -d "$2" 2>&1; }
contains "it can't be read" "$(ask GetProduct '{"name": "products/last"}')" 'DATA_LOSS'
contains "nor made anew" "$(ask CreateProduct "$again")" 'DATA_LOSS'
refused 1 "/catalog is open in catalog, pid " repair catalog "$work/old"
check "stop" app_stop
refused 1 "/inner: is within $store, which is a store" repair catalog "$store/inner"
kept=$(("$(fact records "$("$maru" store stat catalog)")" - 1))
got=$("$maru" store repair catalog "$work/old")
same "status" $? 0
contains "which" "$got" 'table 1, key "products/last": its checksum is wrong'
contains "how many" "$got" "$kept records kept, 1 dropped; all that there was is in $work/old"
contains "whole" "$("$maru" store verify catalog)" "$kept records, 0 damaged"
same "once more" "$("$maru" store repair catalog "$work/older")" "$kept records, 0 damaged: nothing was changed"
check "nothing is made" [ ! -e "$work/older" ]
contains "what it was" "$("$maru" store --data "$work" verify old)" " records, 1 damaged"
up_start --edge none catalog || exit 1
contains "it is not there" "$(ask GetProduct '{"name": "products/last"}')" 'NOT_FOUND'
contains "and made anew" "$(ask CreateProduct "$again")" '"Again"'
contains "the others" "$(ask GetProduct '{"name": "products/napa-kimchi"}')" '"title"'
check "stop" app_stop

begin "who asked, and by which id, is not shown where their reply is damaged"
check "compact" "$maru" store compact catalog # each record is there once
key=$(LC_ALL=C grep -aboP '\xfec[ -~]+\x00[ -~]+(?=\x01\x00\x00\x00)' "$store/data.mdb" | tail -n 1 | tr '\0' ' ')
id=${key##* }
check "an id" [ ${#id} -gt 8 ]
key_at=${key%%:*} key=${key#*:}
printf '\2' | LC_ALL=C dd of="$store/data.mdb" bs=1 seek=$((key_at + $(LC_ALL=C; echo ${#key}))) conv=notrunc status=none
got=$("$maru" store verify catalog)
same "status" $? 1
contains "which" "$got" 'table 254 replies, a key that is not shown: its format is not 1'
check "no id" [ "${got/"$id"/}" = "$got" ]

begin "nor the key of a record that lies beside those: it may be one of them, and is not taken out either"
last=$("$maru" store dump catalog 2>/dev/null | sed -n 's/^{"table":\("products"\|1\),"key":"\([^"]*\)".*/\2/p' | tail -n 1)
at=$(LC_ALL=C grep -aboP "\x01$last(?=\x01\x00\x00\x00)" "$store/data.mdb" | head -n 1 | tr -d '\0' | cut -d: -f1)
printf '\377\377' | dd of="$store/data.mdb" bs=1 seek=$((at + 1 + ${#last} + 8)) conv=notrunc status=none
contains "which" "$("$maru" store verify catalog)" 'table 1, a key that is not shown: its checksum is wrong'
refused 1 "is damaged, and others count on those: restore it from a backup" repair catalog "$work/refused"
check "nothing is made" [ ! -e "$work/refused" ]

begin "a store that others may write to, or that lost its file, is told as its service tells it"
chmod 770 "$store"
for verb in stat dump verify compact; do
    refused 1 "/catalog: others may write to this folder (mode 770); want 0700" $verb catalog
done
for verb in backup repair; do
    refused 1 "/catalog: others may write to this folder (mode 770); want 0700" $verb catalog "$work/never"
done
contains "the service" "$("$MARU_BIN/catalog" 2>&1)" "/catalog: others may write to this folder (mode 770); want 0700"
chmod 700 "$store" && mv "$store/data.mdb" "$work/away.mdb"
refused 1 "/catalog/data.mdb is missing or empty, though a store was made here; restore it from a backup" stat catalog
contains "the service" "$("$MARU_BIN/catalog" 2>&1)" "/catalog/data.mdb is missing or empty, though a store was made here; restore it from a backup"
mv "$work/away.mdb" "$store/data.mdb"

begin "a backup is restored where there is no data folder yet, and what is no backup makes none"
refused 1 "$work/none/data.mdb: no such file or folder; want a folder that maru store backup made" --data "$work/fresh" restore catalog "$work/none"
check "nothing is made" [ ! -e "$work/fresh" ]
refused 1 "$work/backup/data.mdb: want a folder that maru store backup made, got a file" --data "$work/fresh" restore catalog "$work/backup/data.mdb"
for bad in empty short damaged; do
    cp -r "$work/backup" "$work/$bad" || exit 1
done
truncate -s 0 "$work/empty/data.mdb"
truncate -s 20000 "$work/short/data.mdb"
at=$(grep -abo 'Cubed radish' "$work/damaged/data.mdb" | head -n 1 | cut -d: -f1)
printf 'X' | dd of="$work/damaged/data.mdb" bs=1 seek="$at" conv=notrunc status=none
mkdir "$work/there"
for into in "$work/fresh" "$work/there/deep/down"; do
    refused 1 "$work/empty/data.mdb: the file is empty; take another backup" --data "$into" restore catalog "$work/empty"
    refused 1 "$work/short/data.mdb is damaged: it is cut short: pages that are in use are missing; take another backup" --data "$into" restore catalog "$work/short"
    refused 1 "$work/damaged: a record is damaged (its checksum is wrong); take another backup" --data "$into" restore catalog "$work/damaged"
    refused 1 "the backup is of catalog, not of cart" --data "$into" restore cart "$work/backup"
done
check "nothing is made" [ ! -e "$work/fresh" ]
same "nor of what is above it" "$(ls -A "$work/there")" ""
refused 1 "$work/empty/data.mdb: the file is empty; take another backup" --data "$work/there" restore catalog "$work/empty"
check "what was there stays" [ -d "$work/there" ]
same "restore, and where" "$("$maru" store --data "$work/fresh" restore catalog "$work/backup")" "$work/fresh/catalog"
contains "verify" "$("$maru" store --data "$work/fresh" verify catalog)" " records, 0 damaged"

begin "a store that is open under names of instances only is dumped by its types, as every other"
instance() { # NAME
    local line in
    exec {in}< <(exec "$MARU_BIN/catalog" --data "$work/fresh" --shared --instance "$1" --supervised $$ 2>>"$work/up.log")
    instances+=($!)
    IFS= read -r line <&"$in"
    exec {in}<&-
    contains "catalog@$1" "$line" "/catalog@$1.sock"
}
instances=()
instance a
instance b
"$maru" store --data "$work/fresh" dump catalog >"$work/dump" 2>"$work/words"
same "status" $? 0
same "nothing else is said" "$(cat "$work/words")" ""
contains "a product" "$(cat "$work/dump")" '{"table":"products","key":"products/napa-kimchi","record":{"name":"products/napa-kimchi",'
kill -INT "${instances[@]}"
wait "${instances[@]}"

mv "$store" "$work/ill" || exit 1
truncate -s 20000 "$work/backup/data.mdb"
refused 1 "$work/backup/data.mdb is damaged: " restore catalog "$work/backup"
finish
