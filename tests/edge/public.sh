# public.sh: every method of the shop that is the public's has a path by google.api.http, and the edge calls it there.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
. "$MARU_SOURCE/tests/edge/asking.sh" || exit 1
data=$work/data

begin "what reflection lists of the shop and does not call operators-only has an option, and a path that leads to it"
check "it starts" app_start "$data" || finish
check "the edge tells what it calls" "$maru" log-level --data "$data" edge http=debug >"$work/louder"
public=$("$maru" list --data "$data" | awk '/^ +shop\./ && !/ operators-only$/ {print $1}' | sort -u)
for service in cart catalog checkout inventory payment shipping; do
    contains "those of $service" "$public" "shop.$service.v1."
done
for method in $public; do
    mapped=$(option_of "$method")
    [ -n "$mapped" ]
    note $? "$method: want a google.api.http, or an audience of OPERATOR" || continue
    while read -r verb path; do
        case "$verb" in GET | DELETE) ask -X "$verb" "$path" ;; *) ask -X "$verb" "${json[@]}" -d '{}' "$path" ;; esac
        # It may refuse what was asked, and have nothing of that name; but it is that service which says so.
        case "$status $body" in
        *'no such path'* | 405* | 501* | 503* | curl*) note 1 "$verb $path of $method: got $status $body" ;;
        *) check "$verb $path" logged "route=/$method " ;;
        esac
    done <<<"$mapped"
done
same "methods" "$(wc -l <<<"$public")" "$(awk '$1 == "rpc" {all++} /audience.*OPERATOR/ {all--} END {print all}' "$MARU_SOURCE"/proto/shop/*.proto)"
check "stop" app_stop
finish
