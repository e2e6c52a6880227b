# month.sh: a month of invoices, as many and as long as a real wholesaler's, is imported in less than a minute of one
# processor's work, and agrees.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
here=$MARU_SOURCE/tests/import
. "$here/agreeing.sh" || exit 1

# How long the services have used processors, in ticks. By the clock it would be the other programs' time too, on a machine
# that is busy.
worked() {
    local pid sum=0
    for pid in $("$maru" ps --json --data "$work/a" | grep -oE '"pid": *[0-9]+' | grep -oE '[0-9]+'); do
        sum=$((sum + $(awk '{sub(/.*\) /, ""); print $12 + $13}' "/proc/$pid/stat")))
    done
    echo $sum
}

awk -v invoices=850 -v most=47 -f "$here/month.awk" >"$work/month.csv"
begin "half a month, of 21,000 lines, takes less than one minute"
check "it is as long" [ "$(wc -l <"$work/month.csv")" -gt 20500 ]
app_start "$work/a" || exit 1
before=$(worked)
SECONDS=0
out=$("$maru" import --data "$work/a" "$work/month.csv" 2>&1)
same "status" $? 0
took=$SECONDS used=$((($(worked) - before) / $(getconf CLK_TCK)))
echo "# it took $took s, and the services' processors $used s"
check "in time: one minute of one processor" [ $used -lt 60 ]
agrees "$work/month.csv"
clean "$work/a" "orders 850: completed 850, cancelled 0, under way 0"
check "stop" app_stop

finish
