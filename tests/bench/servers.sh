# The processes that a benchmark starts: each says when it is ready, and is ended by its own id. Sourced by run.

servers=() # process ids

# The first N of the cores that this process may use, as taskset wants them.
first_cores() { # N
    awk -v n="$1" '/^Cpus_allowed_list:/ {
        count = split($2, part, ",")
        for (i = 1; i <= count; i++) {
            split(part[i], range, "-")
            for (c = range[1]; c <= (range[2] == "" ? range[1] : range[2]) && taken < n; c++)
                out = out (taken++ ? "," : "") c
        }
        print out
    }' /proc/self/status
}

# Starts a server, pinned, and waits for its line that says where it listens. Sets server_pid, server_address (the first)
# and server_line.
server_start() { # COMMAND...
    local line fd
    exec {fd}< <(exec "${pin[@]}" "$@" 2>"$scratch/server.log")
    server_pid=$!
    servers+=("$server_pid")
    server_address=''
    while IFS= read -r -t 20 line <&"$fd"; do
        case "$line" in
        'ready '*)
            server_line=$line
            line=${line#ready * }
            server_address=${line%% *}
            return
            ;;
        esac
    done
    tail -n 5 "$scratch/server.log" | sed 's/^/  | /' >&2
    echo "tests/bench/run: $1 did not become ready" >&2
    return 1
}

# Starts Redis on a free port of 127.0.0.1 and waits until it accepts. Sets server_pid and server_address (the port).
# Debian's redis-tools has the server's program, which looks at the name of the program it is called by; the package redis-server would
# also start a daemon on this machine, which nobody asked for.
redis_start() { # FOLDER FLAG...
    local folder=$1 line fd try
    shift
    mkdir -p "$folder" || return 1
    for try in 1 2 3 4 5 6 7 8; do
        server_address=$((20000 + RANDOM % 12000)) # below what the system gives out; a taken one is tried again
        exec {fd}< <(exec "${pin[@]}" "$scratch/redis-server" --bind 127.0.0.1 --port "$server_address" \
            --dir "$folder" --daemonize no --protected-mode yes "$@" 2>&1)
        server_pid=$!
        while IFS= read -r -t 20 line <&"$fd"; do
            case "$line" in
            *'Ready to accept connections'*)
                servers+=("$server_pid")
                return
                ;;
            esac
            echo "$line"
        done >"$scratch/server.log"
    done
    tail -n 5 "$scratch/server.log" | sed 's/^/  | /' >&2
    echo "tests/bench/run: Redis did not become ready in $try tries" >&2
    return 1
}

redis_prepare() {
    [ -e "$scratch/redis-server" ] || ln -s "$(command -v redis-check-rdb)" "$scratch/redis-server"
}

# Ends the servers that were started, and waits for them; what has not ended in 15 s is killed.
servers_stop() {
    local pid
    for pid in "${servers[@]}"; do
        kill -TERM "$pid" 2>/dev/null
    done
    for pid in "${servers[@]}"; do
        timeout 15 tail --pid="$pid" -f /dev/null 2>/dev/null || kill -KILL "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
    done
    servers=()
}
