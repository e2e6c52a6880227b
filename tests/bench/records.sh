# What a store costs that has a thousand to ten million records of 256 bytes: a read anywhere, a durable write of 64 records
# anywhere, opening it. No wire. Ten million take a minute and 6 GB of disk, and are left out where that is not there.
# Sourced by run.
. tests/bench/costs.sh

records_counts=(1000 10000 100000 1000000 10000000)

records_free_gb() { df --output=avail -BG "$stores" | tail -n 1 | tr -dc 0-9; }

bench_records() {
    local count line names=(read_ns write_us open_ms mib) units=(ns us ms MiB) labels=(read write open size) i
    local -A base
    echo "records: of 256 bytes, in order; then reads anywhere, and writes of 64 anywhere in one commit"
    for count in "${records_counts[@]}"; do
        if [ "$count" -ge 10000000 ] && [ "$(records_free_gb)" -lt 16 ]; then
            echo "  records $count: left out, $stores has less than 16 GB free" >&2
            continue
        fi
        line=$(client "$bin/bench_records" "$stores/records" "$count" "$seconds") || return 1
        for i in 0 1 2 3; do
            ours=$(field "${names[i]}" <<<"$line")
            : "${base[$i]:=$ours}"
            row "records-${labels[i]}" - "$count" "$ours" "${base[$i]}" "${records_counts[0]} records" "${units[i]}" less - -
        done
        rm -rf "$stores/records"
    done
}
