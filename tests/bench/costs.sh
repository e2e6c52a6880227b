# What those cells share that say how a cost grows. Sourced by them.
#
# A cost is processor time, user and system, as the kernel counts it for each thread of a process, by how many calls were
# made meanwhile. It is measured as the difference of a short run and a long one, so that connecting is left out.

# Nanoseconds that the processes' threads have run.
cpu_ns() { # PID...
    local pid
    for pid in "$@"; do
        cat "/proc/$pid/task/"*/schedstat
    done | awk '{sum += $1} END {printf "%.0f\n", sum}'
}

# maru load of a closed model; prints `calls=N calls_per_s=N p50_us=N`. Fails where a call failed.
load_some() { # SECONDS WORDS...
    local json ms
    ms=$(awk -v s="$1" 'BEGIN {printf "%d", s * 1000}')
    shift
    json=$(client "$service_bin/maru" load "$@" --time "${ms}ms" --allow-late --want 'errors<=0%' --output json) || {
        sed -n '/^  "statuses"/,/}/p' <<<"$json" >&2
        return 1
    }
    awk -F '[:,]' '
        /^  "ok"/ {calls = $2 + 0}
        /^  "answeredPerSecond"/ {rate = $2 + 0}
        /"response"/ {in_response = 1}
        in_response && /"p50"/ {p50 = $2 / 1000; in_response = 0}
        END {printf "calls=%d calls_per_s=%.1f p50_us=%.2f\n", calls, rate, p50}' <<<"$json"
}

# Runs maru load twice, and prints `cpu_us=N calls_per_s=N p50_us=N`: what a call more took of the processes, and the rest of
# the longer run. 3 where the longer one had no more calls.
load_cost() { # PIDS WORDS...
    local -a pids=($1)
    local before between after short long
    shift
    before=$(cpu_ns "${pids[@]}")
    short=$(load_some "$(awk -v s="$seconds" 'BEGIN {print s / 2}')" "$@") || return 1
    between=$(cpu_ns "${pids[@]}")
    long=$(load_some "$(awk -v s="$seconds" 'BEGIN {print s * 2}')" "$@") || return 1
    after=$(cpu_ns "${pids[@]}")
    awk -v first="$((between - before))" -v second="$((after - between))" -v few="$(field calls <<<"$short")" \
        -v many="$(field calls <<<"$long")" -v rest="${long#* }" 'BEGIN {
            if (many <= few) exit 3
            printf "cpu_us=%.3f %s\n", (second - first) / (many - few) / 1000, rest }'
}

# Runs a function once a round, and keeps its lines for cost_row.
cost_rounds() { # FUNCTION WORDS...
    local round
    : >"$scratch/cost" || return 1
    for ((round = 0; round < rounds; round++)); do
        "$@" >>"$scratch/cost" || return 1
    done
}

# A row of the median of a key of those lines, beside the first row of its name in this run.
cost_row() { # KEY NAME TRANSPORT COUNT PEER_NAME UNIT [BETTER]
    local first
    ours=$(field "$1" <"$scratch/cost" | median)
    [ -n "$ours" ] || { echo "tests/bench/run: no $1 in what was printed" >&2; return 1; }
    first=$(awk -F '\t' -v name="$2" '$1 == name {print $4; exit}' "$rows")
    row "$2" "$3" "$4" "$ours" "${first:-$ours}" "$5" "$6" "${7:-less}" - -
}
