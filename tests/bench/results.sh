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

# Notes a row. BETTER: more (rates) or less (times, sizes); GOAL and FLOOR are ratios, or - where there is none. A peer that measured
# nothing is a peer that failed: neither side is then better, and ratio and reached are -.
row() { # NAME TRANSPORT IN_FLIGHT OURS PEER PEER_NAME UNIT BETTER GOAL FLOOR
    local ratio reached=-
    ratio=$(awk -v ours="$4" -v peer="$5" -v better="$8" 'BEGIN {
        number = "^[0-9]+([.][0-9]+)?(e[+-]?[0-9]+)?$"
        if (ours !~ number || peer !~ number || peer + 0 == 0 || (better == "less" && ours + 0 == 0)) print "-"
        else printf "%.3g", better == "more" ? ours / peer : peer / ours }')
    [ "$9" = - ] || [ "$ratio" = - ] || reached=$(awk -v ratio="$ratio" -v goal="$9" -v floor="${10}" 'BEGIN {
        print (ratio >= goal ? "goal" : ratio >= floor ? "floor" : "BELOW") }')
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$5" "$6" "$7" "$ratio" "$9" "${10}" "$reached" >>"$rows"
    if [ "$ratio" = - ]; then
        printf "  %-20s %-5s %5s  %s: not measured: ours '%s', %s '%s'\n" "$1" "$2" "$3" "$7" "$4" "$6" "$5"
    else
        printf '  %-20s %-5s %5s  %s: ours %.8g, %s %.8g, ratio %s\n' "$1" "$2" "$3" "$7" "$4" "$6" "$5" "$ratio"
    fi
}

results_table() {
    echo
    awk -F '\t' '
        function show(v) { return v + 0 == 0 ? "-" : v >= 1000 ? sprintf("%d", v) : sprintf("%.4g", v) }
        BEGIN { printf "%-20s %-6s %9s %12s %12s  %-8s %7s %6s %6s %-8s %s\n", "name", "via", "in flight", "ours", "peer", "unit", "ratio", "goal", "floor", "reached", "peer is" }
        { printf "%-20s %-6s %9s %12s %12s  %-8s %7s %6s %6s %-8s %s\n", $1, $2, $3, show($4), show($5), $7, $8, $9, $10, $11, $6 }' "$rows"
    echo "A ratio above 1 is better than the peer."
}

results_json() {
    awk -F '\t' '
        function number(s) { return s ~ /^[0-9]+([.][0-9]+)?(e[+-]?[0-9]+)?$/ ? s : "null" }
        BEGIN { printf "[" }
        { printf "%s\n  {\"name\": \"%s\", \"transport\": \"%s\", \"in_flight\": %s, \"ours\": %s, \"peer\": %s, \"peer_name\": \"%s\", \"unit\": \"%s\", \"ratio\": %s, \"goal\": %s, \"floor\": %s, \"reached\": %s}",
              (NR > 1 ? "," : ""), $1, $2, number($3), number($4), $5 + 0 == 0 ? "null" : number($5), $6, $7, number($8), number($9), number($10), ($11 == "-" ? "null" : "\"" $11 "\"") }
        END { print "\n]" }' "$rows"
}

# Whether FILE is no file (a pipe, a terminal), or is known by a descriptor (/dev/stdout): what is written to as it is.
results_stream() { # FILE
    case "$1" in /dev/* | /proc/*) [ -e "$1" ] && return ;; esac
    [ -e "$1" ] && [ ! -f "$1" ] && [ ! -d "$1" ]
}

# Writes the JSON to FILE in one step, so that who reads it finds the old one or the new one.
results_save() { # FILE
    local to new
    if results_stream "$1"; then
        results_json >"$1"
        return
    fi
    to=$(readlink -f -- "$1") || return 1
    new=$(mktemp "$to.XXXXXX") && results_json >"$new" && chmod "$(printf '%o' $((0666 & ~$(umask))))" "$new" && mv -f "$new" "$to" && return
    rm -f "$new"
    return 1
}

# What keeps FILE from being written; nothing where it can be.
results_cannot() { # FILE
    local to
    if results_stream "$1"; then
        [ -w "$1" ] || echo "it may not be written"
    elif ! to=$(readlink -f -- "$1") || [ ! -d "$(dirname "$to")" ]; then
        echo "its folder is not there"
    elif [ -d "$to" ]; then
        echo "it is a folder"
    elif [ ! -w "$(dirname "$to")" ]; then
        echo "its folder may not be written"
    fi
}

# Says which cells were not measured; status 1 where there is one.
results_measured() {
    awk -F '\t' '$8 == "-" { bad = 1; printf "not measured: %s %s at %s in flight: ours \047%s\047, %s \047%s\047\n", $1, $2, $3, $4, $6, $5 }
        END { exit bad }' "$rows" >&2
}

# Says which floors are not reached; status 1 where there is one.
results_floors() {
    awk -F '\t' '$11 == "BELOW" { bad = 1; printf "below its floor: %s %s at %s in flight: ratio %s, want at least %s\n", $1, $2, $3, $8, $10 }
        END { exit bad }' "$rows" >&2
}
