# crowd.sh: more clients than the edge may open files for: some are let in, the others are closed at once; who operates it
# still can, and a service that comes back is found.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
data=$work/data limit=512 kept=192 more=80
ulimit -Sn "$(ulimit -Hn)" # ours
cat >"$work/few" <<'TEXT'
#!/usr/bin/env bash
ulimit -n "$LIMIT" && exec "$MARU_BIN/maru" "$@"
TEXT
chmod +x "$work/few"
export LIMIT=$limit

# answer FD: the status and the body of what comes on a connection that stays; the status of `read` where nothing does.
answer() {
    local fd=$1 line size=0
    status=''
    IFS=' ' read -r -t 20 -u "$fd" _ status line || return
    while IFS= read -r -t 20 -u "$fd" line && line=${line%$'\r'} && [ -n "$line" ]; do
        case "$line" in Content-Length:*) size=${line#*: } ;; esac
    done
    IFS= read -r -t 20 -u "$fd" -N "$size" body
}
ask() { # FD PATH
    printf 'GET %s HTTP/1.1\r\nHost: x\r\n\r\n' "$2" >&"$1"
    answer "$1"
}
# until_answer FD STATUS PART PATH: asks until it is so; bounded by time.
until_answer() {
    local end=$((SECONDS + 40))
    while [ $SECONDS -lt $end ]; do
        ask "$1" "$4" || return
        case "$status $body" in "$2 "*"$3"*) return 0 ;; esac
    done
    echo "last: $status $body" >&2
    return 1
}

begin "an edge that may open $limit files takes $((limit - kept)) connections"
plain=$maru maru=$work/few
check "it starts" app_start "$data" || finish
maru=$plain
pid=$("$maru" ps --data "$data" | awk '$1 == "edge" {print $2}')
contains "its limit" "$(grep 'Max open files' "/proc/$pid/limits")" " $limit "
address=${edge#http://} clients=()
for ((i = 0; i < limit - kept; i++)); do
    exec {client}<>"/dev/tcp/${address%:*}/${address##*:}" || break
    clients+=("$client")
    ask "$client" /healthz || break
    [ "$status" = 200 ] || break
done
same "clients" "${#clients[@]} $status" "$((limit - kept)) 200"

begin "those that come after them are closed at once"
closed=0
for ((i = 0; i < more; i++)); do
    exec {late}<>"/dev/tcp/${address%:*}/${address##*:}" || break
    read -r -t 20 -u "$late" # 1 at its end, more where it waited in vain
    [ $? = 1 ] || break
    closed=$((closed + 1))
    exec {late}>&-
done
same "closed" $closed $more || finish

begin "while they stay, operators reach the edge"
contains "maru ps" "$("$maru" ps --data "$data" | grep '^edge ')" " SERVING "
check "maru log-level" "$maru" log-level --data "$data" edge >"$work/levels"

begin "while they stay, the edge finds a service that was killed and came back"
kill -KILL "$("$maru" ps --data "$data" | awk '$1 == "cart" {print $2}')"
check "the cart" until_answer "${clients[0]}" 200 '{"name":"carts/a"}' /v1/carts/a
check "/healthz" until_answer "${clients[0]}" 200 '"degraded":false' /healthz

begin "a place that became free is another client's"
gone=${clients[1]}
exec {gone}>&-
taken() {
    local end=$((SECONDS + 20)) client
    while [ $SECONDS -lt $end ]; do
        exec {client}<>"/dev/tcp/${address%:*}/${address##*:}"
        ask "$client" /healthz 2>/dev/null && [ "$status" = 200 ] && return
        exec {client}>&-
    done
    return 1
}
trap '' PIPE
check "the place" taken
check "stop" app_stop
finish
