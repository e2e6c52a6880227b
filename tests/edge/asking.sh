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

# option_of METHOD: what the .proto maps it to, as "POST /v1/products"; its variables are filled with x.
option_of() {
    awk -v method="$1" '$1 == "rpc" {in_it = index($2, method "(") == 1}
        in_it && /google.api.http/ && match($0, /(get|put|post|patch|delete): "[^"]*"/) {
            split(substr($0, RSTART, RLENGTH), part, ": \"")
            sub(/"$/, "", part[2])
            gsub(/[{][^}=]*=|[}]/, "", part[2])
            gsub(/[{][^}]*|[*]+/, "x", part[2])
            print toupper(part[1]), part[2]
        }' "$MARU_SOURCE"/proto/shop/*.proto
}
