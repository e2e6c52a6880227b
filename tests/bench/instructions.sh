# What a call costs the server in instructions of user space, by layer: callgrind, 64 in flight on one connection over tcp, the
# difference of a run of many calls and one of few (starting and connecting are in both). Not by the time: the figures are
# nearly the same on every machine. The room of a function is the folder of its source file. Sourced by run.

instructions_few=2000 instructions_many=12000

# Sums callgrind's costs by layer: `LAYER COST` a line. An inlined function counts where it was written (fi, fe); what a call
# cost within (the line after calls=) is the callee's.
instructions_by_layer() { # FILE
    awk '
        function name(text,    id) { # (3) words: the first time; (3): after that
            id = kind substr(text, 1, index(text, ")"))
            if (index(text, ") ") > 0) names[id] = substr(text, index(text, ") ") + 2)
            return names[id]
        }
        function layer(    at) {
            if (object ~ /liblmdb/) return "LMDB"
            if (object ~ /libnng/) return "nng"
            if (object !~ /bin\/[a-z_]+$/) return "libc"
            if (match(file, /rpc\/[a-z]+\//)) return substr(file, RSTART, RLENGTH - 1)
            if (file ~ /svc\/|gen\/|tests\/bench/) return "handler"
            return "other"
        }
        /^ob=/ {kind = "o"; object = name(substr($0, 4)); next}
        /^f[lie]=/ {kind = "f"; file = name(substr($0, 4)); next}
        /^cob=/ {kind = "o"; name(substr($0, 5)); next}
        /^cf[li]=/ {kind = "f"; name(substr($0, 5)); next}
        /^calls=/ {getline; next}
        /^[0-9+*-]/ && NF == 2 {sum[layer()] += $2}
        END {for (l in sum) printf "%s %.0f\n", l, sum[l]}' "$1"
}

# A run of COUNT calls; its sums go into FILE.
instructions_run() { # COUNT FILE KIND
    local count=$1 out=$2 kind=$3 folder=$stores/instructions
    rm -rf "$folder" "$scratch"/callgrind.*
    case "$kind" in
    echo | put) instructions_start "$bin/bench_server" tcp://127.0.0.1:0 "$folder" ;;
    get) instructions_start "$service_bin/catalog" --listen tcp://127.0.0.1:0 --data "$folder" ;;
    esac || return 1
    [ $kind != get ] || client "$bin/bench_client" fill "$server_address" 64 1 150 100 >/dev/null || return 1
    client "$service_bin/maru" load "$server_address" "${instructions_call[@]}" --in-flight 64 --calls "$count" --timeout 30s \
        --want 'errors<=0%' --allow-late >/dev/null || return 1
    servers_stop
    instructions_by_layer "$scratch/callgrind" >"$out"
}

instructions_start() { # COMMAND...
    server_start valgrind --tool=callgrind "--callgrind-out-file=$scratch/callgrind" "$@"
}

bench_instructions() {
    local kind layer cost total
    echo "instructions: of the server, a call; callgrind; 64 in flight over tcp"
    for kind in echo get put; do
        case $kind in
        echo) instructions_call=(bench.Echo/Call -d "{\"body\": \"$(head -c 64 /dev/zero | base64 -w 0)\"}") ;;
        get) instructions_call=(shop.catalog.v1.CatalogService/GetProduct -d '{"name": "products/P00000${random:10..99}"}') ;;
        put) instructions_call=(bench.Table/Put -d '{"key": "${random:0..9999}", "value": "${text:256}"}') ;;
        esac
        instructions_run $instructions_few "$scratch/few" $kind && instructions_run $instructions_many "$scratch/many" $kind ||
            return 1
        awk -v calls=$((instructions_many - instructions_few)) '
            NR == FNR {few[$1] = $2; next}
            ($2 - few[$1]) / calls >= 1 {printf "%s %.1f\n", $1, ($2 - few[$1]) / calls}' "$scratch/few" "$scratch/many" | sort -k 2 -g -r >"$scratch/layers"
        total=$(awk '{sum += $2} END {printf "%.1f", sum}' "$scratch/layers")
        row "$kind" tcp 64 "$total" "$total" "itself" /call less - -
        while read -r layer cost; do
            row "$kind $layer" tcp 64 "$cost" "$total" "all of the call: ratio is its part" /call more - -
        done <"$scratch/layers"
    done
}
