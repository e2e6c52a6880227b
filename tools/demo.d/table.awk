# table.awk: what flat.awk made, as lines for people. list=products: of a ListProducts, those whose titles have word in them, the
# first most of them; list=items, lines: of a cart, a quote. Titles come last: their letters are of several widths.
BEGIN {
    FS = "\t"
}

function grouped(number, tail) {
    for (tail = ""; length(number) > 3; number = substr(number, 1, length(number) - 3))
        tail = "," substr(number, length(number) - 2) tail
    return number tail
}

function money(currency, minor) {
    minor += 0
    if (currency == "KRW" || currency == "")
        return grouped(sprintf("%d", minor)) " " currency
    return grouped(sprintf("%d", int(minor / 100))) sprintf(".%02d ", minor % 100) currency
}

function money_of(path) {
    return money(value[path ".currency"], value[path ".minor"])
}

function titles(path, i, others) {
    for (i = 0; (path ".otherTitles." i) in value; i++)
        others = others (i ? ", " : "") value[path ".otherTitles." i]
    return value[path ".title"] (others == "" ? "" : " (" others ")")
}

{
    value[$1] = $2
}

END {
    for (i = 0; ("" list "." i ".title") in value; i++) {
        path = list "." i
        text = titles(path)
        if (list == "products" && word != "" && index(tolower(text), word) == 0)
            continue
        if (++found > most && most)
            continue
        if (list == "products")
            printf "    %12s  %-26s  %s\n", money_of(path ".price"), value[path ".name"], text
        else
            printf "    %3d x %12s  %-26s  %s\n", value[path ".quantity"], money_of(path ".price"), value[path ".product"], text
    }
    if (list == "products" && found > most && most)
        printf "    and %d more\n", found - most
    if ("total.minor" in value)
        printf "      = %12s%s\n", money_of("total"), ("tax.minor" in value) ? "  with " money_of("tax") " of tax in it" : ""
}
