# month.awk: a month of invoices, made up: sales with repetitions and guests, one of 675 lines, and cancellations of what was
# sold before. The same whenever it is made. For any awk.
#
#   awk -v invoices=300 -v most=12 -f month.awk       so many sales, of at most so many lines

function pounds(pence) { return sprintf("%d.%02d", pence / 100, pence % 100) }

# By a rule of its own: srand gives other numbers in each awk.
function draw(below) {
    state = (state * 1103515245 + 12345) % 2147483648
    return int(state / 65536) % below
}

BEGIN {
    state = 7
    print "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
    for (i = 0; i < invoices; i++) {
        minute = int(i * 28 * 1440 / invoices)
        stamp = sprintf("2010-12-%02d %02d:%02d:00", 1 + minute / 1440, minute % 1440 / 60, minute % 60)
        who = i % 10 == 3 ? "" : 12000 + i % 97 ".0"
        count = i == int(invoices / 2) ? 675 : 1 + draw(most)
        for (n = 0; n < count; n++) {
            code = 84000 + draw(900); quantity = 1 + draw(24); price = 29 + code % 700
            line = sprintf("%d,%d,Thing %d,%d,%s,%s,%s,EIRE", 600000 + i, code, code, quantity, stamp, pounds(price), who)
            print line
            if (n % 40 == 7) print line
            if (n == 2 && i % 5 == 0) {
                back = sprintf("%d,Thing %d,-%d", code, code, 1 + draw(quantity)); cost = pounds(price); of = who
            }
        }
        if (i % 5 == 4 && back != "") printf "C%d,%s,%s,%s,%s,EIRE\n", 600000 + i, back, stamp, cost, of
    }
}
