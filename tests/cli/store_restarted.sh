# store_restarted.sh: maru store beside a real service that is killed while it looks, and is started again: it tries again by itself.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
export MARU_DATA=$work/data
store=$MARU_DATA/catalog dying=${1:?what is preloaded to end the service}

# The line of its lock file, once it serves: its pid and URLs.
serving() {
    local pid=''
    for ((i = 0; i < 1000; i++)); do
        pid=$("$maru" ps 2>/dev/null | awk '$1 == "catalog" && / ready / {print $2}')
        case "$pid" in '' | - | "${1-}") ;; *) echo "$pid"; return 0 ;; esac
    done
    return 1
}

# Waits until a process has the store's data mapped, or is not there any more.
looks() { # PID
    while ! grep -q "$store/data.mdb" "/proc/$1/maps" 2>/dev/null; do
        kill -0 "$1" 2>/dev/null || return 1
    done
}

# Stops them, and waits until each of their threads stands: kill comes back before.
stand() { # PID...
    local pid
    kill -STOP "$@" || return 1
    for pid in "$@"; do
        while grep -qsv '^[^)]*) T ' "/proc/$pid/task/"*/stat; do :; done
    done
}

up_start --edge none catalog || exit 1
check "products" "$maru" import --products "$MARU_SOURCE/tools/demo.d/market.csv" >/dev/null
"$maru" store dump catalog >"$work/dump" || exit 1
service=$(serving)

begin "dump: the service is killed while it is asked for its types, and the one that is started again is asked"
check "it answers nobody" stand "$service"
"$maru" store dump catalog >"$work/again" 2>"$work/words" &
dumping=$!
check "it looks" looks $dumping
kill -9 "$service"
wait $dumping
same "status" $? 0
same "words" "$(cat "$work/words")" ""
same "records" "$(grep -c '"table":"products","key":"products/napa-kimchi","record":' "$work/again")" 1
same "records" "$(wc -l <"$work/again")" "$(wc -l <"$work/dump")"

begin "dump: the service ends between the two looks of who asks: the pid that had the store is nobody's then"
LD_PRELOAD=$dying ASAN_OPTIONS="${ASAN_OPTIONS-}:verify_asan_link_order=0" MARU_DYING_PID=$(serving "$service") \
    "$maru" store dump catalog >"$work/again" 2>"$work/words"
same "status" $? 0
same "words" "$(cat "$work/words")" ""
same "records" "$(wc -l <"$work/again")" "$(wc -l <"$work/dump")"
check "it was killed" [ "$(serving)" != "$service" ]

begin "whatever is done, at whatever moment the service is killed"
for verb in backup verify stat dump; do
    dir=
    [ $verb != backup ] || dir=$work/backup
    service=$(serving "$service") || check "it serves again" false
    "$maru" store $verb catalog $dir >"$work/out" 2>"$work/words" &
    looking=$!
    looks $looking
    kill -9 "$service"
    wait $looking
    same "status of $verb" $? 0
    same "words of $verb" "$(cat "$work/words")" ""
    [ -z "$dir" ] || check "it is there" rm -r "$dir"
    check "no half of it" [ ! -e "$work/backup.part" ]
done

begin "where nobody starts it again it is said, and soon enough"
service=$(serving "$service")
check "neither does anything" stand "$service" "$app"
"$maru" store dump catalog >"$work/again" 2>"$work/words" &
dumping=$!
check "it looks" looks $dumping
kill -9 "$service"
wait $dumping
same "status" $? 1
contains "words" "$(cat "$work/words")" "catalog: it ended or started meanwhile; try again"
same "records" "$(cat "$work/again")" ""
kill -CONT "$app"
check "stop" app_stop
finish
