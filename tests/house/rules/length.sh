# No source file is longer than 500 lines.
# One that must be is listed in `allowed`, with the reason why it is one noun.

check() {
    files '\.(c|h|cc|sh|cmake|proto)$|^tools/[^/.]+$|^tests/.*/[^/.]+$' | xargs -r awk '
        FNR == 1 && file != "" { report() }
        { file = FILENAME; lines = FNR }
        function report() { if (lines > 500) print file ": " lines " lines, want at most 500" }
        END { if (file != "") report() }'
}

bad_long() { yes '/* more */' | head -n 500 >>rpc/wire/frame.c; }
