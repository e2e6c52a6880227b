# settings.sh: every setting of every kind of program, by its own words: a flag wins over the environment, that over the
# section of the file, that over the file, and that over the default; --print-config says which it was.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
conf=$work/shop.conf programs=$MARU_BIN
unset MARU_BIN # it is a setting of maru up
export XDG_RUNTIME_DIR=$work XDG_STATE_HOME=$work

# A value of a setting that is none of the defaults, by its name; two of them are different.
value_of() { # KEY NUMBER
    case "$1" in
    listen) echo "tcp://127.0.0.1:$2" ;;
    peer) echo "catalog=tcp://127.0.0.1:$2" ;;
    data) echo "$work/data$2" ;;
    instance) echo "i$2" ;;
    shared | tcp) [ "$(($2 % 2))" = 1 ] && echo true || echo false ;;
    log-level) echo "$(sed -n "$2p" <<<$'debug\nwarn\nerror\noff')" ;;
    log-format) [ "$(($2 % 2))" = 1 ] && echo json || echo logfmt ;;
    metrics | http | edge) echo "127.0.0.1:$2" ;;
    bin) [ -d "$work/bin$2" ] || { mkdir "$work/bin$2" && ln -s "$programs"/* "$work/bin$2"; } && echo "$work/bin$2" ;;
    ready-timeout) echo "$2m" ;;
    *-bytes | *max-m* | *max-b* | *max-output | *max-head) echo "$((2000000 + $2))" ;;
    *max-calls* | *max-connections | *max-queue | *-ms) echo "$((2000 + $2))" ;;
    *max-headers) echo "$((20 + $2))" ;;
    *max-target) echo "$((2000 + $2))" ;;
    *) return 1 ;;
    esac
}
variable() { echo "MARU_$(tr a-z- A-Z_ <<<"$1")"; }
printed() { # KEY: its line, by whatever WORDS say
    grep -E "^$1 = " <<<"$config" | grep -vE '^peer = (ch|in)' # cart has other peers, too
}
keys_of() { sed -n 's/^\(# \)\?\([a-z-]*\) \(=\|is not set\).*/\2/p' <<<"$1" | sort -u; }

try_all() { # SECTION PROGRAM...: each key alone
    local section=$1 key flag
    shift
    same "nothing is said" "$("$@" --print-config | grep -cE '^[a-z-]+ = .*  # [^d]')" 0
    for key in $(keys_of "$("$@" --print-config)" | grep -vx peer; [ "$section" = up ] || echo peer); do
        case "$key" in http-max-head | http-max-target) max=60000 ;; *) max='' ;; esac
        v1=$(value_of "$key" 1) || note 1 "$key: this test knows no value"
        v2=$(value_of "$key" 2) v3=$(value_of "$key" 3) v4=$(value_of "$key" 4)
        if [ "$max" != '' ]; then v1=2001 v2=2002 v3=2003 v4=2004; fi
        : >"$conf"
        if [ "$section" != up ] || [ "$key" = data ]; then
            echo "$key = $v1" >"$conf"
            config=$("$@" --config "$conf" --print-config)
            same "$key in a file" "$(printed "$key")" "$key = $v1  # $conf:1"
        fi
        # maru up knows whose sections there can be, and what they may hold.
        [ "$section" = up ] && printf '[cart]\nlog-level = warn\n' >>"$conf" || printf '[other]\n%s = ??\n' "$key" >>"$conf"
        printf '[%s]\n%s = %s\n' "$section" "$key" "$v2" >>"$conf"
        config=$("$@" --config "$conf" --print-config)
        same "$key in our section" "$(printed "$key")" "$key = $v2  # $conf:$(grep -c . "$conf")"
        config=$(env "$(variable "$key")=$v3" "$@" --config "$conf" --print-config)
        same "$key in the environment" "$(printed "$key")" "$key = $v3  # $(variable "$key")"
        flag=("--$key" "$v4")
        case "$key" in shared | tcp) v4=true flag=("--$key") ;; esac
        config=$(env "$(variable "$key")=$v3" "$@" --config "$conf" "${flag[@]}" --print-config)
        same "$key as a flag" "$(printed "$key")" "$key = $v4  # --$key"
        contains "--help knows $key" "$("$@" --help)" "--$key"
    done
}

begin "every setting of a service with a store, from every source"
try_all cart "$programs/cart"
begin "every setting of the edge"
try_all edge "$programs/edge"
begin "every setting of maru up"
try_all up "$maru" up

begin "what is printed can be read again, and says the same"
"$programs/edge" --print-config --max-message 8MiB --http-idle-ms 5000 --log-level info,call=debug >"$conf"
same "all of it" "$("$programs/edge" --config "$conf" --print-config | sed 's/  # .*//')" "$(sed 's/  # .*//' "$conf")"
contains "in its unit" "$(cat "$conf")" "max-message = 8MiB  # --max-message"
contains "a default" "$(cat "$conf")" "http-max-body = 1MiB  # default"

begin "a value that is none is refused with what was wanted, wherever it stands"
refused() { # WORDS WANT COMMAND...
    local words=$1 want=$2 said status
    shift 2
    said=$(timeout 20 "$@" 2>&1 >"$work/out" </dev/null)
    status=$?
    same "$words: status" $status 2
    contains "$words" "$said" "$want"
}
echo 'max-message = 1TB' >"$conf"
refused "a file" "$conf:1: max-message: want 256KiB..1GiB bytes (KiB, MiB, GiB), got \"1TB\"" "$programs/cart" --config "$conf"
refused "the environment" 'MARU_MAX_CALLS: want 1..1000000, got "0"' env MARU_MAX_CALLS=0 "$programs/cart"
refused "a flag" '--drain-ms: want 1..600000 milliseconds, got "10s"' "$programs/cart" --drain-ms 10s
refused "too large" '--store-max-queue: want 1..10000000, got "99999999999999999999"' "$programs/cart" --store-max-queue 99999999999999999999
refused "a level" '--log-level: want LEVEL or MODULE=LEVEL' "$programs/cart" --log-level loud
refused "a format" '--log-format: want logfmt or json, got "xml"' "$programs/cart" --log-format xml
refused "an address" '--metrics: want HOST:PORT' "$programs/cart" --metrics 9100
refused "maru up" '--edge: want HOST:PORT with a port of 0..65535 (an IPv6 address in brackets), or none, got "8080"' "$maru" up --edge 8080

begin "a key that nobody knows is refused with the nearest one"
echo 'max-mesage = 1MiB' >"$conf"
refused "a file" "$conf:1: \"max-mesage\": no such setting; did you mean max-message?" "$programs/cart" --config "$conf"
printf '[cart]\nhttp-max-body = 1MiB\n' >"$conf"
refused "what another kind of service has, in our section" 'no such setting' "$programs/cart" --config "$conf"
echo 'http-max-body = 2MiB' >"$conf"
check "and for all it is theirs" "$programs/cart" --config "$conf" --print-config >"$work/out"
refused "a flag" 'did you mean --store-max-queue?' "$programs/cart" --store-max-queu 5
refused "the environment" 'did you mean MARU_LOG_LEVEL?' env MARU_LOGLEVEL=info "$programs/cart"
printf '[carr]\n' >"$conf"
refused "a section" "$conf:1: [carr]: no such service; did you mean cart?" "$maru" up --config "$conf"
printf '[up]\ntpc = true\n' >"$conf"
refused "in maru up's section" "$conf:2: \"tpc\": no such setting; did you mean tcp?" "$maru" up --config "$conf"
for key in $(keys_of "$("$maru" up --print-config)" | grep -vx data); do # maru up and a service say the same of it
    printf '%s = %s\n[cart]\n' "$key" "$(value_of "$key" 1)" >"$conf"
    want="$conf:1: \"$key\" is a setting of maru up: it belongs under [up]"
    refused "$key for all, --print-config" "$want" "$maru" up --config "$conf" --print-config
    refused "$key for all, at the start" "$want" "$maru" up --config "$conf" --data "$work/data"
    refused "$key for all, a service" "$want" "$programs/cart" --config "$conf"
    printf '[cart]\n%s = %s\n' "$key" "$(value_of "$key" 1)" >"$conf"
    refused "$key in a service's section" ":2: \"$key\" is a setting of maru up: it belongs under [up]" "$programs/cart" --config "$conf"
done
while IFS='|' read -r text want; do # --print-config shows no settings that a start refuses
    printf '%b' "$text" >"$conf"
    refused "$text, --print-config" "$want" "$maru" up --config "$conf" --print-config
    same "$text, what is printed" "$(cat "$work/out")" ""
    refused "$text, at the start" "$want" "$maru" up --config "$conf" --data "$work/data"
done <<TEXT
[cartt]\n|$conf:1: [cartt]: no such service; did you mean cart?
[cart]\nlissten = x\n|cart: $conf:2: "lissten": no such setting; did you mean listen?
[cart]\nmax-calls = none\n|cart: $conf:2: max-calls: want 1..1000000, got "none"
TEXT
printf '[cart\n' >"$conf"
refused "half a section" "$conf:1: want [NAME], got \"[cart\"" "$programs/cart" --config "$conf"

begin "a --config that is no regular file is refused, at once: those that read it after maru up would find a pipe empty"
refused_file() { # WHAT GOT FILE PROGRAM: by --config and by MARU_CONFIG, and nothing is made
    local want="${4##*/}: $3: want a regular file, which can be read more than once, got $2" up=()
    [ "$4" != "$maru" ] || up=(up) want="maru up${want#maru}"
    same "$1, $4" "$(timeout 10 "$4" "${up[@]}" --config "$3" --data "$work/unmade" 2>&1 </dev/null; echo $?)" "$want"$'\n1'
    same "$1, $4 --print-config" "$(MARU_CONFIG=$3 timeout 10 "$4" "${up[@]}" --print-config 2>&1 </dev/null; echo $?)" "$want"$'\n1'
    check "$1, $4: nothing is made" [ ! -e "$work/unmade" ]
}
mkfifo "$work/fifo"
for program in "$maru" "$programs/cart" "$programs/edge"; do
    refused_file "a FIFO that nobody writes" "a pipe" "$work/fifo" "$program"
    refused_file "what a command writes" "a pipe" <(printf '[cart]\nmax-calls = 7\n') "$program"
    refused_file "a folder" "a folder" "$work" "$program"
    refused_file "a device" "a device" /dev/zero "$program"
done
echo 'max-calls = 7' >"$conf"
contains "a file on stdin, which no service has" "$(timeout 10 "$maru" up --config /dev/stdin --print-config 2>&1 <"$conf")" \
    "maru up: /dev/stdin: want a regular file, which can be read more than once, got a device"
same "a service that has it" "$("$programs/cart" --config /dev/stdin --print-config <"$conf" | grep -c '^max-calls = 7 ')" 1
export MARU_CONFIG=$work/none
check "/dev/null is the empty file, maru up" "$maru" up --config /dev/null --print-config >"$work/out"
check "/dev/null is the empty file, a service" "$programs/cart" --config /dev/null --print-config >"$work/out"
unset MARU_CONFIG

begin "a section that is nearly one of those that a service knows is a slip; one that may be of another service is not"
sections() { # SECTION...
    printf 'log-level = warn\n' >"$conf"
    printf '[%s]\nno-key-of-ours = 1\n' "$@" >>"$conf"
}
while read -r program section meant; do
    sections shipping "$section"
    refused "$program: [$section]" "$conf:4: [$section]: no such service; did you mean $meant?" "$programs/$program" --config "$conf"
done <<'TEXT'
cart crat cart
cart carrt cart
cart upp up
cart catalgo catalog
checkout invantori inventory
edge egde edge
checkout checkuot checkout
TEXT
sections car
refused "before it serves" "[car]: no such service" "$programs/cart" --config "$conf" --print-config
sections laedger
refused "a service that --peer names" "did you mean ledger?" "$programs/edge" --config "$conf" --peer ledger=ipc:///ledger
refused "all of them, which maru up sees" "[laedger]: no such service" "$maru" up --config "$conf"
sections catalog shipping up edge laedger ui
check "cart takes those of others" "$programs/cart" --config "$conf" --print-config >"$work/out"
same "and what is for all" "$(grep -c '^log-level = warn' "$work/out")" 1
mkdir "$work/apps" && ln -s "$programs/cart" "$work/apps/cart" && ln -s "$programs/edge" "$work/apps/card"
sections card
check "a program beside it is another service" "$work/apps/cart" --config "$conf" --print-config >"$work/out"
refused "which is not beside this one" "[card]: no such service; did you mean cart?" "$programs/cart" --config "$conf"

begin "limits are those that the service then has, and maru up hands its file on"
printf 'max-message = 256KiB\n[up]\nedge = 127.0.0.1:0\n[cart]\nlog-format = json\n[edge]\nhttp-max-body = 1KiB\n' >"$conf"
up_start --config "$conf" --data "$work/data"
contains "the edge's address" "$edge" http://127.0.0.1:
long=$(printf 'x%.0s' {1..3000})
printf '{"name": "%s"}' "$(head -c 300000 /dev/zero | tr '\0' x)" >"$work/long"
contains "a message" "$("$maru" call --data "$work/data" catalog shop.catalog.v1.CatalogService/GetProduct -d "@$work/long" 2>&1)" "limit 262144"
same "a body" "$(curl -sS -m 20 -o "$work/got" -w '%{http_code}' -H 'Content-Type: application/json' -d "{\"x\": \"$long\"}" "$edge/v1/carts/a/items")" 413
check "cart's log" "$maru" log-level --data "$work/data" cart call=debug >"$work/got"
check "it is told" logged '^cart +\| .*SetLevels'
contains "is JSON" "$(grep -E '^cart +\| ' "$work/up.log")" '{"time":'
finish
