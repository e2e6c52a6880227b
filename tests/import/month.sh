# month.sh: a month of invoices, as many and as long as a real wholesaler's, is imported with at most two minutes of processor time of
# the services, and agrees. The bound is of processor time: by the clock it would be the other programs' time too.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
here=$MARU_SOURCE/tests/import
. "$here/agreeing.sh" || exit 1

# How long the services have used processors, in ticks.
worked() {
    local pid sum=0
    for pid in $("$maru" ps --json --data "$work/a" | grep -oE '"pid": *[0-9]+' | grep -oE '[0-9]+'); do
        sum=$((sum + $(awk '{sub(/.*\) /, ""); print $12 + $13}' "/proc/$pid/stat")))
    done
    echo $sum
}

awk -v invoices=1700 -v most=47 -f "$here/month.awk" >"$work/month.csv"
begin "a month of 42,000 lines takes less than two minutes of processor time"
check "it is as long" [ "$(wc -l <"$work/month.csv")" -gt 42000 ]
app_start "$work/a" || exit 1
before=$(worked)
SECONDS=0
out=$("$maru" import --data "$work/a" "$work/month.csv" 2>&1)
same "status" $? 0
took=$SECONDS used=$((($(worked) - before) / $(getconf CLK_TCK)))
echo "# it took $took s, and $used s of processor time"
check "in time" [ $used -lt 120 ]
agrees "$work/month.csv"
clean "$work/a" "orders 1700: completed 1700, cancelled 0, under way 0"
check "stop" app_stop

finish
