# No function is longer than 70 lines.
# clang-format puts the braces of functions, and of nothing else, into the first column.

check() {
    files "$C_FILES" | xargs -r awk '
        FNR == 1 { begin = 0 }
        /^\{/ { begin = FNR }
        /^\}/ && begin {
            if (FNR - begin - 1 > 70) print FILENAME ":" begin ": a function of " FNR - begin - 1 " lines, want at most 70"
            begin = 0
        }'
}

bad_long_function() {
    { echo 'void frame_long(void)'; echo '{'; yes '    frame_size();' | head -n 71; echo '}'; } >>rpc/wire/frame.c
}
