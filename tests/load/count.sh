# count.sh: maru load against the catalogue of a whole application: what it says it made is what the catalogue has, and what
# went over the wire by the count of a program that shares no code with either (tap.c).
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
tap=${1:?the program tap}

field() { # JSON KEY: the first of that name
    sed -nE "s/.*\"$2\": ?\"?([^\",]*).*/\1/p" <<<"$1" | head -n 1
}

load() { # WORDS...: sets json
    json=$("$maru" load --data "$work/a" "$@" --output json 2>"$work/words")
    local status=$?
    [ $status = 0 ] || cat "$work/words" >&2
    return $status
}

products() {
    local token='' page sum=0
    while :; do
        page=$("$maru" call --data "$work/a" catalog shop.catalog.v1.CatalogService/ListProducts \
            -d "{\"pageSize\": 1000, \"pageToken\": \"$token\"}") || return 1
        sum=$((sum + $(grep -c '"name": "products/LOAD' <<<"$page")))
        token=$(sed -nE 's/.*"nextPageToken": *"([^"]*)".*/\1/p' <<<"$page")
        [ -n "$token" ] || break
    done
    echo $sum
}

begin "calls that write: as many as the catalogue then has"
app_start "$work/a" || exit 1
create='{"product": {"name": "products/LOAD${counter:1000}", "title": "${text:20} no ${counter}",
  "price": {"currency": "GBP", "minor": ${random:1..10000}}}}'
check "load" load catalog shop.catalog.v1.CatalogService/CreateProduct -d "$create" --in-flight 16 --calls 1500 -c 4
same "calls made" "$(field "$json" made)" 1500
same "calls that ended well" "$(field "$json" OK)" 1500
same "products that the catalogue has" "$(products)" 1500

begin "at a rate: those that are there already fail, and are counted as that"
load catalog shop.catalog.v1.CatalogService/CreateProduct -d "${create/1000/2000}" --rate 400 --time 2s
same "calls made" "$(field "$json" made)" 800
same "those that were not there" "$(field "$json" OK)" 300
same "those that were" "$(field "$json" ALREADY_EXISTS)" 500
same "products that the catalogue has" "$(products)" 1800

begin "calls that read: as many as went over the wire"
socket=$("$maru" ps --data "$work/a" --json | sed -nE 's|.*"name": ?"catalog".*ipc://([^"]*)".*|\1|p' | head -n 1)
coproc TAP { exec "$tap" "$work/tap" "$socket"; }
tap_pid=$TAP_PID
exec {tapped}<&"${TAP[0]}"
read -r line <&"$tapped"
same "the tap" "$line" ready
check "load" load "ipc://$work/tap" shop.catalog.v1.CatalogService/GetProduct -d '{"name": "products/LOAD${random:1000..2799}"}' \
    --rate 1000..5000 --time 2s -c 3
kill -TERM "$tap_pid"
counted=$(cat <&"$tapped")
# FNV-1a of /shop.catalog.v1.CatalogService/GetProduct; the others are reflection's.
same "calls made" "$(field "$json" made)" 6000
same "calls, OK and failed, that the tap saw" "$(awk '$1 != "connection" && $2 > 100 {print $2, $3, $4}' <<<"$counted")" \
    "$(field "$json" made) $(field "$json" OK) 0"

same "calls of each connection, which have them in turn" \
    "$(awk '$1 == "connection" && $2 > 100 {print $2}' <<<"$counted" | xargs)" "2000 2000 2000"

begin "connections are files: it takes as many as it may have, and says so where they are too few"
reads=(catalog shop.catalog.v1.CatalogService/GetProduct -d '{"name": "products/LOAD1000"}' --in-flight 150 --calls 300 -c 150)
check "more connections than files that a shell gives at first" eval "(ulimit -Sn 100; load \"\${reads[@]}\")"
(ulimit -n 100; load "${reads[@]}" 2>"$work/few")
contains "what is said of too few" "$(cat "$work/few")" "--connections: 150 want 214 files, and this process may open 100"

begin "a run whose calls all fell into the warm-up: no --want holds, what failed there is told, and it ends with that"
none=(catalog shop.catalog.v1.CatalogService/GetProduct -d '{"name": "products/none"}' --rate 100 --warmup 5s --time 10s --calls 20)
"$maru" load --data "$work/a" "${none[@]}" >"$work/report" 2>"$work/words"
same "a call's status" $? 69
contains "how many" "$(cat "$work/words")" "20 of the 20 calls of the warm-up failed"
contains "why" "$(cat "$work/words")" "NOT_FOUND: name: no product products/none"
"$maru" load --data "$work/a" "${none[@]}" --want 'errors<1%' --want 'rate>=0' >"$work/report" 2>"$work/words"
check "another than 0" [ $? != 0 ]
contains "errors" "$(cat "$work/words")" "want errors<1%, but no call counted"
contains "rate" "$(cat "$work/words")" "want rate>=0, but no call counted"
found=(catalog shop.catalog.v1.CatalogService/GetProduct -d '{"name": "products/LOAD1000"}' --rate 100 --warmup 5s --time 10s --calls 20)
"$maru" load --data "$work/a" "${found[@]}" --want 'errors<1%' >"$work/report" 2>"$work/words"
same "of calls that went well, too" $? 1

begin "and the application stops well"
check "stop" app_stop
finish
