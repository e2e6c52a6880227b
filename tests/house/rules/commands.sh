# The commands that the documents show exist, and so do their flags.
# Looked at are the lines of code blocks that begin with a path of the tree or with maru, and such words in backticks. Flags
# and maru's commands are looked up in what a program prints with --help, so this needs a built folder; of a script that has
# no --help, in its text. docs/writing-a-service.md has its reader build programs that are not here.

# FILE:LINE COMMAND... of everything that starts something of the tree; prompts, comments, continuations and pipes undone.
shown() {
    files '^(README|CONTRIBUTING|docs/.*)\.md$' | xargs -r awk '
        function show(text,    part, count, i) {
            sub(/(^| )#[ ].*/, "", text)
            count = split(text, part, / (\|\||\||&&|;|&) /)
            for (i = 1; i <= count; i++) {
                text = part[i]
                sub(/^[ ]+/, "", text)
                while (sub(/^([A-Z_]+=[^ ]*|sudo|exec|timeout [^ ]+) +/, "", text)) ;
                sub(/^\.\//, "", text)
                if (text ~ /^(tools|tests|\.ci|build\/bin)\/[A-Za-z0-9_.\/-]+/ || text ~ /^maru( |$)/) print FILENAME ":" FNR, text
            }
        }
        FNR == 1 { code = 0; before = "" }
        /^[ ]*```/ { code = !code; next }
        code {
            line = before $0
            before = ""
            sub(/^[ ]*\$ /, "", line)
            if (sub(/\\$/, "", line)) before = line
            else show(line)
            next
        }
        {
            rest = $0
            while (match(rest, /`[^`]*`/)) {
                word = substr(rest, RSTART + 1, RLENGTH - 2)
                if (word ~ /^((tools|tests|\.ci|build\/bin)\/|maru )/) show(word)
                rest = substr(rest, RSTART + RLENGTH)
            }
        }'
}

declare -A helps # by the words of a command

# help becomes what a command prints with --help; nothing where that fails.
help_of() { # COMMAND...
    local key="$*"
    [ -n "${helps[$key]+known}" ] || helps[$key]=$(timeout 20 "$@" --help 2>&1 </dev/null) || helps[$key]=''
    help=${helps[$key]}
}

# help becomes what a script says of its flags: its usage where it has one, else all of it.
help_of_script() { # SCRIPT
    if grep -qE -- '^[^#]*--help( *\|[^)]*)?\)' "$1"; then
        help_of "./$1"
    else
        help=$(<"$1")
    fi
}

flags_exist() { # WHERE NAME HELP WORD...
    local where=$1 name=$2 help=$3 word
    shift 3
    for word; do
        [[ $word =~ ^(--[a-z][a-z0-9-]*|-[A-Za-z])([^[:alnum:]-].*)?$ ]] || continue
        word=${BASH_REMATCH[1]}
        grep -qE -- "(^|[^[:alnum:]-])$word([^[:alnum:]-]|\$)" <<<"$help" || echo "$where: $name has no $word"
    done
}

# maru's own words: a command, and of some commands what to do, as `usage: maru events [FLAG...] tail|lag [WORD...]` says it.
maru_knows() { # WHERE MARU WORD...
    local where=$1 maru=$2 command='' help actions
    shift 2
    [[ ${1-} != [a-z]* ]] || { command=$1 && shift; }
    help_of "$maru" $command
    if [ -z "$help" ]; then
        echo "$where: maru has no command $command"
        return
    fi
    actions=$(sed -nE "s/^usage: maru $command (\[FLAG\.\.\.\] )?([a-z-]+(\|[a-z-]+)*)( .*)?\$/\2/p" <<<"$help")
    [ -z "$actions" ] || [[ ! ${1-} =~ ^[a-z-]+$ ]] || [[ "|$actions|" == *"|$1|"* || $1 == -* ]] ||
        echo "$where: maru $command knows no $1: want one of $actions"
    flags_exist "$where" "maru${command:+ $command}" "$help" "$@"
}

program_knows() { # WHERE NAME WORD...
    local where=$1 name=$2 program=${build:-.}/bin/$2 help
    shift 2
    if [ ! -x "$program" ]; then
        [ $# = 0 ] || echo "$where: $name: want a built folder, to look its words up, got '$build'"
    elif [ "$name" = maru ]; then
        maru_knows "$where" "$program" "$@"
    else
        help_of "$program"
        flags_exist "$where" "$name" "$help" "$@"
    fi
}

check() {
    local - where program words name help
    set -f # words are those of the page: no pattern of theirs is a file's name
    shown | while read -r where program words; do
        name=${program##*/}
        case "$program" in
        *'*'* | *NAME* | *ROOM* | */) continue ;;
        maru | build/bin/maru | build/bin/protoc-gen-maru)
            if [ -d "tools/$name" ]; then
                program_knows "$where" "$name" $words
            else
                echo "$where: $program is not built here: there is no tools/$name"
            fi
            ;;
        build/bin/*)
            if [ -d "svc/$name" ]; then
                program_knows "$where" "$name" $words
            elif [ "${where%:*}" != docs/writing-a-service.md ]; then
                echo "$where: $program is not built here: there is no svc/$name"
            fi
            ;;
        *.c | *.h | *.md | *.proto | *.txt | *.svg) [ -e "$program" ] || echo "$where: there is no $program" ;;
        *)
            if [ ! -e "$program" ]; then
                echo "$where: there is no $program"
            elif [ -f "$program" ] && [ ! -x "$program" ] && [ "$program" = "${program%.sh}" ] && [ "${program%%/*}" = tools ]; then
                echo "$where: $program has no run bit"
            elif [ -f "$program" ] && [ -x "$program" ]; then
                help_of_script "$program"
                flags_exist "$where" "$program" "$help" $words
            fi
            ;;
        esac
    done
}

bad_command() { printf '```\ntools/nothing --once\n```\n' >>README.md; }
bad_flag() { printf '```sh\n$ tools/check --nothing\n```\n' >>README.md; }
bad_flag_of_any_script() {
    printf '#!/bin/sh\n# Tries.\ncase "$1" in\n--help | -h) echo "usage: try [--keep]" ;;\n--nothing) ;;\nesac\n' >tools/try && chmod +x tools/try
    printf '```\ntools/try --keep\ntools/try --nothing\n```\n' >>README.md
}
bad_flag_in_a_room_of_tests() { printf '```\ntests/bench/run --nothing\n```\n' >>docs/wire.md; }
bad_flag_inline() { echo 'Run `tools/check --nothing`.' >>README.md; }
bad_flag_on_the_next_line() { printf '```\ntools/check --asan \\\n    --nothing\n```\n' >>README.md; }
bad_flag_behind_a_pipe() { printf '```\necho x | tools/check --nothing\n```\n' >>README.md; }
bad_inline() { echo 'Run `tools/nothing`.' >>README.md; }
bad_program() { printf '```\nbuild/bin/nothing --listen tcp://127.0.0.1:0\n```\n' >>README.md; }
bad_flag_of_a_service() { printf '```\nbuild/bin/cart --nothing\n```\n' >>README.md; }
bad_command_of_maru() { printf '```\nbuild/bin/maru nothing\n```\n' >>README.md; }
bad_command_of_maru_inline() { echo 'Then `maru nothing` tells it.' >>docs/services/cart.md; }
bad_flag_of_maru() { printf '```\nbuild/bin/maru --nothing\n```\n' >>README.md; }
bad_flag_of_a_command_of_maru() { printf '```\nbuild/bin/maru call --nothing\n```\n' >>README.md; }
bad_short_flag() { printf '```\nMARU_DATA=x maru call cart -x 1\n```\n' >>README.md; }
bad_action_of_maru() { printf '```\nmaru events nothing cart\n```\n' >>README.md; }
bad_program_that_is_not_built() { rm "$build/bin/cart"; }
bad_run_bit() { chmod -x tools/check; }
