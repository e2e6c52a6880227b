# A service's folder can be read in an hour: at most 3000 lines of code outside its tests.
# Fifty lines a minute; README.md promises it.

FOLDER_LINES=3000

check() {
    files '^svc/[^/]+/[^/]+\.(c|h)$' | grep -vE '(_test\.c|/testing\.h)$' | tr '\n' '\0' |
        xargs -0 -r awk -v most="$FOLDER_LINES" '
            FNR == 1 { folder = FILENAME; sub(/\/[^\/]*$/, "", folder) }
            { lines[folder]++ }
            END {
                for (folder in lines)
                    if (lines[folder] > most)
                        print folder ": " lines[folder] " lines of code, want at most " most ": split the service, or make it simpler"
            }'
}

bad_long() { yes '/* more */' | head -n 3001 >svc/cart/more.c; }
bad_in_many_files() {
    local i
    for i in 1 2 3 4 5 6 7; do yes '/* more */' | head -n 450 >svc/cart/more_$i.c; done
}
