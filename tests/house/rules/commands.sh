# The commands that the documents show exist, and so do their flags.
# Looked at are the lines of code blocks that begin with a path of the tree, and such paths in backticks.

# FILE:LINE COMMAND... of every line of a code block that starts something of the tree; prompts and continuations undone.
shown() {
    files '^(README|CONTRIBUTING|docs/.*)\.md$' | xargs -r awk '
        FNR == 1 { code = 0 }
        /^[ ]*```/ { code = !code; next }
        code {
            line = $0
            sub(/^[ ]*(\$ |# )?[ ]*(sudo )?/, "", line)
            while (line ~ /^[A-Z_]+=[^ ]* /) sub(/^[^ ]* /, "", line)
            sub(/^\.\//, "", line)
            if (line ~ /^(tools|tests|\.ci|build\/bin)\/[A-Za-z0-9_.\/-]+/) print FILENAME ":" FNR, line
            next
        }
        {
            rest = $0
            while (match(rest, /`(tools|tests|\.ci)\/[^`]*`/)) {
                print FILENAME ":" FNR, substr(rest, RSTART + 1, RLENGTH - 2)
                rest = substr(rest, RSTART + RLENGTH)
            }
        }'
}

flags_exist() { # WHERE PROGRAM WORDS...
    local where=$1 program=$2 help word
    shift 2
    case "$program" in tools/check | tools/demo | tests/bench/run | tools/packages) ;; *) return ;; esac
    help=$("./$program" --help 2>&1 </dev/null)
    for word; do
        case "$word" in
        '|' | '>' | '#' | '&&' | ';') return ;;
        --*) grep -qE -- "(^|[^[:alnum:]-])${word%%=*}([^[:alnum:]-]|\$)" <<<"$help" || echo "$where: $program has no ${word%%=*}" ;;
        esac
    done
}

check() {
    local where program words
    shown | while read -r where program words; do
        case "$program" in
        *'*'* | *NAME* | *ROOM* | */) continue ;;
        build/bin/maru | build/bin/protoc-gen-maru) [ -d "tools/${program##*/}" ] || echo "$where: $program is not built here" ;;
        build/bin/*) [ -d "svc/${program##*/}" ] || echo "$where: $program is not built here: there is no svc/${program##*/}" ;;
        *.c | *.h | *.md | *.proto | *.txt | *.svg) [ -e "$program" ] || echo "$where: there is no $program" ;;
        *)
            if [ ! -e "$program" ]; then
                echo "$where: there is no $program"
            elif [ -f "$program" ] && [ ! -x "$program" ] && [ "$program" = "${program%.sh}" ] && [ "${program%%/*}" = tools ]; then
                echo "$where: $program has no run bit"
            elif [ -x "$program" ]; then
                flags_exist "$where" "$program" $words
            fi
            ;;
        esac
    done
}

bad_command() { printf '```\ntools/nothing --once\n```\n' >>README.md; }
bad_flag() { printf '```sh\n$ tools/check --nothing\n```\n' >>README.md; }
bad_inline() { echo 'Run `tools/nothing`.' >>README.md; }
bad_program() { printf '```\nbuild/bin/nothing --listen tcp://127.0.0.1:0\n```\n' >>README.md; }
bad_run_bit() { chmod -x tools/check; }
