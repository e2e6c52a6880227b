# count.awk: what `maru import` counts of lines, counted independently; with csv.awk.
#
#   zcat FILE | LC_ALL=C awk -f csv.awk -f count.awk      prints "REASON COUNT" lines in order, then lines, accepted,
#                                                         refused, products

{ sub(/\r$/, "") }
NR == 1 { split_csv($0); columns = nf; next }
{
    reason = reason_of($0)
    count[reason]++
    if (reason == "accepted" && !(toupper(f[2]) in seen)) { seen[toupper(f[2])] = 1; products++ }
}
END {
    n = split("accepted,empty line,bad encoding,malformed,cancellation,charge,no product,no quantity,no price,no whole pence,no description", order, ",")
    for (i = 1; i <= n; i++)
        if (order[i] in count) printf "%s %d\n", order[i], count[order[i]]
    printf "lines %d\naccepted %d\nrefused %d\nproducts %d\n", NR - 1, count["accepted"], NR - 1 - count["accepted"], products
}
