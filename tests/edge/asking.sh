# asking.sh: for scripts that ask the edge by curl, behind tests/running.sh. Sourced.

# ask [CURL'S WORDS...] PATH: $status, $head and $body of the answer.
ask() {
    local path=${!#} words=("${@:1:$#-1}")
    body=$(curl -sS -m 20 -D "$work/head" "${words[@]}" "$edge$path" 2>"$work/curl.err") || body="curl: $(cat "$work/curl.err")"
    head=$(tr -d '\r' <"$work/head")
    status=$(awk '/^HTTP\// {code = $2} END {print code}' "$work/head")
}
json=(-H 'Content-Type: application/json')

# insist [CURL'S WORDS...] PATH: asks again where a service behind the one that is asked did not answer in its time, as it may not
# on a machine that is busy: 200 ms have a catalogue whom a cart asks, and nothing was done.
insist() {
    local try
    for try in {1..10}; do
        ask "$@"
        case "$status" in 503 | 504) ;; *) return ;; esac
    done
}

# until_answer PART PATH: asks until the body holds the part; bounded by time.
until_answer() {
    local end=$((SECONDS + 30))
    while [ $SECONDS -lt $end ]; do
        ask "$2"
        case "$body" in *"$1"*) return 0 ;; esac
    done
    return 1
}

# sent FILE PID: waits until the curl that writes its -v there has sent its request.
sent() {
    until grep -q '^> ' "$1" || ! kill -0 "$2"; do :; done 2>/dev/null
    grep -q '^> ' "$1"
}

# in_vain PART [CURL'S WORDS...] PATH: asks whoever hangs. A time that was over before it was asked, as it may be on a machine
# that is busy, is told in other words than PART: then it is given more. Where whoever hangs is, no answer says.
in_vain() {
    local time
    for time in 300ms 1s 3s 9s; do
        ask -H "Request-Timeout: $time" "${@:2}"
        case "$body" in *://*|*.sock*) note 1 "the public is told where it is: $body" ;; *) note 0 '' ;; esac
        case "$body" in *"$1"*) return 0 ;; esac
    done
}

# begin_head: a client, $half, that has sent a part of a head.
begin_head() {
    local address
    address=$(tr -d '[]' <<<"${edge#http://}") # of IPv6, here
    exec {half}<>"/dev/tcp/${address%:*}/${address##*:}"
    printf 'GET /v1/products/tea HTTP/1.1\r\nHo' >&"$half"
}

# option_of PACKAGE.SERVICE/METHOD: what the .proto maps it to, a line of "POST /v1/products" each; its variables are filled with x.
option_of() {
    awk -v method="$1" '
        function word(text) { sub(/[^A-Za-z0-9_.].*/, "", text); return text }
        FNR == 1 {package = ""}
        $1 == "package" {package = word($2) "."}
        $1 == "service" {service = package word($2) "/"}
        $1 == "rpc" {in_it = service word($2) == method; in_option = 0}
        in_it && /google.api.http/ {in_option = 1}
        in_it && in_option {
            while (match($0, /(get|put|post|patch|delete): "[^"]*"/)) {
                split(substr($0, RSTART, RLENGTH), part, ": \"")
                $0 = substr($0, RSTART + RLENGTH)
                sub(/"$/, "", part[2])
                gsub(/[{][^}=]*[}]/, "x", part[2])
                gsub(/[{][^}=]*=|[}]/, "", part[2])
                gsub(/[*]+/, "x", part[2])
                print toupper(part[1]), part[2]
            }
            if (/;/)
                in_option = 0
        }' "$MARU_SOURCE"/proto/shop/*.proto
}
