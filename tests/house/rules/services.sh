# A service's CMakeLists.txt has at most two lines: one call makes a service.

check() {
    local file lines
    files '^svc/[^/]+/CMakeLists\.txt$' | while IFS= read -r file; do
        lines=$(grep -cvE '^[[:space:]]*(#|$)' "$file")
        [ "$lines" -le 2 ] || echo "$file: $lines lines, want at most 2"
    done
    for file in svc/*/; do
        [ ! -d "$file" ] || [ -f "${file}CMakeLists.txt" ] || echo "${file%/}: has no CMakeLists.txt"
    done
}

bad_long() { printf 'maru_service(cart)\nset(a b)\nset(c d)\n' >svc/cart/CMakeLists.txt; }
bad_missing() { rm svc/cart/CMakeLists.txt; }
