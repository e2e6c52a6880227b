# orders.awk: what `maru import` makes of the invoices of one file, counted independently; with csv.awk.
#
#   zcat FILE | LC_ALL=C awk -f csv.awk -f orders.awk     prints "WORD LINES UNITS PENCE" lines, as the import's table has
#                                                         them, then orders, cancels and repeated, with their numbers

# In whole pence, what is finer left out.
function pence_of(text,    part, minus) {
    minus = sub(/^-/, "", text)
    split(text, part, ".")
    return (minus ? -1 : 1) * (part[1] * 100 + substr(part[2] "00", 1, 2))
}

function is_fine(text) { return text ~ /\.[0-9][0-9]0*[1-9]/ }

function customer_of(text) {
    sub(/\.0$/, "", text)
    return text ~ /^[A-Za-z0-9._-]+$/ && length(text) <= 64 ? text : ""
}

# What a line is before its invoice is looked at.
function fate_of(reason, quantity, pence) {
    if (reason !~ /^(accepted|charge|cancellation)$/) return reason
    if (f[1] !~ /^[A-Za-z0-9._-]+$/ || length(f[1]) > 64) return "no invoice"
    if (quantity > 1000000 || quantity < -1000000) return "too many pieces"
    if (reason == "accepted") return "sold"
    if (reason == "cancellation") {
        if (!is_product(toupper(f[2])) || quantity >= 0) return "cancels no goods"
        if (is_fine(f[6])) return "no whole pence"
        return pence > 0 ? "returned" : "cancels no goods"
    }
    if (pence == 0 && !is_fine(f[6])) return "no price"
    if (is_fine(f[6])) return "no whole pence"
    return quantity == 0 ? "no quantity" : "charged"
}

function tally(word, quantity, pence) {
    lines[word]++
    units[word] += quantity
    money[word] += quantity * pence
}

function keep(fate, quantity, pence,    number, i) {
    number = toupper(f[1])
    if (!(number in bill)) { bill[number] = ++bills; time[bills] = f[5]; cancels[bills] = f[1] ~ /^[Cc]/ }
    i = bill[number]
    if (f[5] < time[i]) time[i] = f[5]
    if (who[i] == "" && columns > 6) who[i] = customer_of(f[7])
    n = ++count[i]
    what[i, n] = fate; product[i, n] = toupper(f[2]); many[i, n] = quantity; price[i, n] = pence
    if (fate == "sold") goods[i]++
    if (fate == "charged") charges[i]++
    total[i] += quantity * pence
}

function all_are(i, word,    n) {
    for (n = 1; n <= count[i]; n++) tally(word, many[i, n], price[i, n])
}

function sell(i,    n, key) {
    if (goods[i] > 1000 || charges[i] > 1000) { all_are(i, "too many lines"); refused++; return }
    if (!goods[i]) { all_are(i, "charge alone"); return }
    if (total[i] < 0) { all_are(i, "below zero"); refused++; return }
    sold++
    if (who[i] == "") guests++
    of[who[i], ++orders_of[who[i]]] = i
    for (n = 1; n <= count[i]; n++) {
        tally(what[i, n], many[i, n], price[i, n])
        if (what[i, n] == "sold") left[i, product[i, n], price[i, n]] += many[i, n]
    }
}

# The newest order of the customer that has as many at that price; 0: none has. Of an order 100 invoices may give back.
function find(i, n,    o, at) {
    often = 0
    if (who[i] == "") return 0
    for (o = orders_of[who[i]]; o > 0; o--) {
        at = of[who[i], o]
        if (left[at, product[i, n], price[i, n]] >= -many[i, n] && total[at] >= -many[i, n] * price[i, n]) {
            if ((at, i) in gave || gaves[at] < 100) return at
            often = 1
        }
    }
    return 0
}

function give_back(i,    n, at, found, too_often) {
    if (count[i] > 1000) { all_are(i, "too many lines"); declined++; return }
    for (n = 1; n <= count[i]; n++) {
        at = find(i, n)
        tally(at ? "returned" : often ? "returned often" : "unmatched", many[i, n], price[i, n])
        too_often += !at && often
        if (!at) continue
        found++
        if (!((at, i) in gave)) { gave[at, i] = 1; gaves[at]++ }
        left[at, product[i, n], price[i, n]] += many[i, n]
        total[at] += many[i, n] * price[i, n]
    }
    if (found == count[i]) matched++; else if (found) partly++; else if (too_often) declined++; else unmatched++
}

{ sub(/\r$/, "") }
NR == 1 { split_csv($0); columns = nf; next }
{
    reason = reason_of($0)
    quantity = pence = 0
    if (reason !~ /^(empty line|bad encoding|malformed)$/) { quantity = f[4] + 0; pence = pence_of(f[6]) }
    if ($0 != "" && split_csv($0)) {
        record = ""
        for (n = 1; n <= nf; n++) record = record f[n] "\037"
        repeated += seen[record]++ > 0
    }
    tally("together", quantity, pence)
    fate = fate_of(reason, quantity, pence)
    if (fate ~ /^(sold|charged|returned)$/) keep(fate, quantity, pence); else tally(fate, quantity, pence)
}
END {
    for (i = 1; i <= bills; i++) {                 # by time, those of one time as they came; most are so already
        for (n = i; n > 1 && time[sorted[n - 1]] > time[i]; n--) sorted[n] = sorted[n - 1]
        sorted[n] = i
    }
    for (n = 1; n <= bills; n++) if (cancels[sorted[n]]) give_back(sorted[n]); else sell(sorted[n])
    for (word in lines) printf "%s %d %.0f %.0f\n", word, lines[word], units[word], money[word]
    printf "orders %d %d refused %d guests\n", sold, refused, guests
    printf "cancels %d %d %d refused %d\n", matched, partly, unmatched, declined
    printf "repeated %d\n", repeated
}
