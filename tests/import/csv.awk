# csv.awk: lines of invoices, split and looked at, for count.awk and orders.awk: by regular expressions, a line at a time,
# sharing nothing with `maru import`. For LC_ALL=C and any awk, but a NUL byte is seen by those only that read past it (mawk
# and gawk do). Quoted fields may not hold line ends, and descriptions are NFC as they stand.

# Splits a line into f[1..nf]; 0 where its quotes are broken, or a NUL is in it.
function split_csv(line,    part) {
    nf = 0
    if (line ~ /[^\001-\377]/) return 0
    for (;;) {
        if (substr(line, 1, 1) == "\"") {
            if (!match(line, /^"([^"]|"")*"/)) return 0
            part = substr(line, 2, RLENGTH - 2)
            gsub(/""/, "\"", part)
            line = substr(line, RLENGTH + 1)
        } else {
            match(line, /^[^,]*/)
            part = substr(line, 1, RLENGTH)
            if (part ~ /"/) return 0
            line = substr(line, RLENGTH + 1)
        }
        f[++nf] = part
        if (line == "") return 1
        if (substr(line, 1, 1) != ",") return 0
        line = substr(line, 2)
    }
}

# Whether what is left after all well-formed sequences are taken out is ASCII without control characters.
function is_text(line) {
    gsub(/\302[\240-\277]/, "", line)                 # from 200 to 237 they are control characters
    gsub(/[\303-\337][\200-\277]/, "", line)
    gsub(/\340[\240-\277][\200-\277]/, "", line)
    gsub(/[\341-\354\356\357][\200-\277][\200-\277]/, "", line)
    gsub(/\355[\200-\237][\200-\277]/, "", line)
    gsub(/\360[\220-\277][\200-\277][\200-\277]/, "", line)
    gsub(/[\361-\363][\200-\277][\200-\277][\200-\277]/, "", line)
    gsub(/\364[\200-\217][\200-\277][\200-\277]/, "", line)
    return line !~ /[\200-\377\001-\037\177]/
}

function days_in(year, month) {
    if (month == 2) return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    return month ~ /^(4|6|9|11)$/ ? 30 : 31
}

function is_date(text,    n, part) {
    if (text !~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9](:[0-9][0-9])?$/) return 0
    n = split(text, part, /[- :]/)
    if (part[1] + 0 < 1970 || part[2] + 0 < 1 || part[2] + 0 > 12 || part[3] + 0 < 1) return 0
    if (part[3] + 0 > days_in(part[1] + 0, part[2] + 0)) return 0
    return part[4] + 0 < 24 && part[5] + 0 < 60 && (n == 5 || part[6] + 0 < 60)
}

function is_quantity(text) {
    return text ~ /^-?[0-9]+$/ && length(text) - (text ~ /^-/) <= 12
}

# At most 10,000,000,000 either way, however many zeros are around it: by its digits, since numbers of awk are not exact.
function is_price(text,    part) {
    if (text !~ /^-?[0-9]+(\.[0-9]+)?$/) return 0
    sub(/^-?0*/, "", text)
    split(text, part, ".")
    return length(part[1]) < 11 || text ~ /^10000000000(\.0*)?$/
}

# In bytes, with single spaces and none around.
function is_description(text) {
    gsub(/  */, " ", text)
    sub(/^ /, "", text)
    sub(/ $/, "", text)
    return length(text) <= 300
}

# Postage, fees, discounts, vouchers.
function is_charge(code) {
    return code ~ /^(POST|DOT|C2|M|D|S|B|CRUK|AMAZONFEE|BANK CHARGES)$/ || code ~ /^GIFT_0001_/
}

function is_product(code) {
    return code ~ /^[0-9][0-9][0-9][0-9][0-9][A-Z]?[A-Z]?$/ || code ~ /^DCGS[0-9A-Z]+$/
}

# Why a line shows no product, or "accepted".
function reason_of(line,    code) {
    if (line == "") return "empty line"
    if (!split_csv(line)) return "malformed"
    if (!is_text(line)) return "bad encoding"
    if (nf != columns) return "malformed"
    if (!is_quantity(f[4]) || !is_date(f[5]) || !is_price(f[6]) || !is_description(f[3])) return "malformed"
    if (f[1] ~ /^[Cc]/) return "cancellation"
    code = toupper(f[2])
    if (is_charge(code)) return "charge"
    if (!is_product(code)) return "no product"
    if (f[4] + 0 < 1) return "no quantity"
    if (f[6] + 0 <= 0) return "no price"
    if (f[6] ~ /\.[0-9][0-9]0*[1-9]/) return "no whole pence"
    if (f[3] !~ /[^ ]/) return "no description"
    return "accepted"
}
