# flat.awk: JSON as `maru call` prints it, a value a line, becomes lines of PATH, tab, VALUE: `products.0.price.minor	14000`.
function unquoted(text) {
    sub(/,$/, "", text)
    if (text !~ /^".*"$/)
        return text
    text = substr(text, 2, length(text) - 2)
    gsub(/\\"/, "\"", text)
    gsub(/\\\\/, "\\", text)
    return text
}

# The name of what this line begins or is: its key, or its place in the list that is open.
function name_of(line) {
    if (match(line, /^"([^"\\]|\\.)*": /)) {
        rest = substr(line, RLENGTH + 1)
        return unquoted(substr(line, 1, RLENGTH - 2))
    }
    rest = line
    return depth == 0 ? "" : places[depth]++
}

{
    sub(/^ +/, "")
    if ($0 ~ /^[]}],?$/) {
        depth--
        next
    }
    name = name_of($0)
    path = depth > 1 ? paths[depth] "." name : name
    if (rest ~ /^[[{]$/) {
        paths[++depth] = path
        places[depth] = 0
    } else
        printf "%s\t%s\n", path, unquoted(rest)
}
