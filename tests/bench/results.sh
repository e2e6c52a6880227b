# Running a measurement, and what came out: medians, a table, JSON, floors. Sourced by run.

results_begin() { # FILE ROUNDS SECONDS
    rows=$1 rounds=$2 seconds=$3
    : >"$rows"
}

# Runs a client, pinned and bounded; prints its line `key=value ...`. Its words go to the terminal where it fails.
client() { # COMMAND...
    timeout 60 "${pin[@]}" "$@" 2>"$scratch/client.log" </dev/null && return
    tail -n 5 "$scratch/client.log" | sed 's/^/  | /' >&2
    echo "tests/bench/run: failed: $*" >&2
    return 1
}

field() { # KEY, of the line on stdin
    sed -nE "s/.*(^|[[:space:]])$1=([0-9.]+).*/\2/p"
}

median() {
    sort -g | awk '{v[NR] = $1}
        END {if (NR > 0) {m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2; printf m < 100 ? "%.3f\n" : "%.1f\n", m}}'
}

# Runs ours and the peer's in turn, and keeps their lines for turned.
turns() { # OURS-FUNCTION PEER-FUNCTION
    local round
    : >"$scratch/ours" && : >"$scratch/peer" || return 1
    for ((round = 0; round < rounds; round++)); do
        "$1" >>"$scratch/ours" && "$2" >>"$scratch/peer" || return 1
    done
}

# Sets ours and peer to the medians of a key of the lines that turns kept.
turned() { # KEY
    ours=$(field "$1" <"$scratch/ours" | median) peer=$(field "$1" <"$scratch/peer" | median)
    [ -n "$ours" ] && [ -n "$peer" ] || { echo "tests/bench/run: no $1 in what the clients printed" >&2; return 1; }
}

in_turn() { # KEY OURS-FUNCTION PEER-FUNCTION
    turns "$2" "$3" && turned "$1"
}

# Notes a row. BETTER: more (rates) or less (times, sizes); GOAL and FLOOR are ratios, or - where there is none.
row() { # NAME TRANSPORT IN_FLIGHT OURS PEER PEER_NAME UNIT BETTER GOAL FLOOR
    local ratio reached=-
    ratio=$(awk -v ours="$4" -v peer="$5" -v better="$8" 'BEGIN {
        a = better == "more" ? ours : peer; b = better == "more" ? peer : ours
        if (b > 0) printf "%.3g", a / b; else print 0 }')
    [ "$9" = - ] || reached=$(awk -v ratio="$ratio" -v goal="$9" -v floor="${10}" 'BEGIN {
        print (ratio >= goal ? "goal" : ratio >= floor ? "floor" : "BELOW") }')
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$5" "$6" "$7" "$ratio" "$9" "${10}" "$reached" >>"$rows"
    printf '  %-20s %-5s %5s  %s: ours %.8g, %s %.8g, ratio %s\n' "$1" "$2" "$3" "$7" "$4" "$6" "$5" "$ratio"
}

results_table() {
    echo
    awk -F '\t' '
        function show(v) { return v >= 1000 ? sprintf("%d", v) : sprintf("%.4g", v) }
        BEGIN { printf "%-20s %-6s %9s %12s %12s  %-8s %7s %6s %6s %-8s %s\n", "name", "via", "in flight", "ours", "peer", "unit", "ratio", "goal", "floor", "reached", "peer is" }
        { printf "%-20s %-6s %9s %12s %12s  %-8s %7s %6s %6s %-8s %s\n", $1, $2, $3, show($4), show($5), $7, $8, $9, $10, $11, $6 }' "$rows"
    echo "A ratio above 1 is better than the peer."
}

results_json() {
    awk -F '\t' '
        function number(s) { return s == "-" ? "null" : s }
        BEGIN { printf "[" }
        { printf "%s\n  {\"name\": \"%s\", \"transport\": \"%s\", \"in_flight\": %s, \"ours\": %s, \"peer\": %s, \"peer_name\": \"%s\", \"unit\": \"%s\", \"ratio\": %s, \"goal\": %s, \"floor\": %s, \"reached\": %s}",
              (NR > 1 ? "," : ""), $1, $2, number($3), $4, $5, $6, $7, $8, number($9), number($10), ($11 == "-" ? "null" : "\"" $11 "\"") }
        END { print "\n]" }' "$rows"
}

# Says which floors are not reached; status 1 where there is one.
results_floors() {
    awk -F '\t' '$11 == "BELOW" { bad = 1; printf "below its floor: %s %s at %s in flight: ratio %s, want at least %s\n", $1, $2, $3, $8, $10 }
        END { exit bad }' "$rows" >&2
}
