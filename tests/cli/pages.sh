# pages.sh: help, pages of the manual, and what bash and zsh complete say the same: every command and every flag, in all four; and the
# pages are such as man takes. bash runs its function, zsh sits at a terminal.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
pages=$(dirname "$MARU_BIN")/pages
words() { tr -s ' \n' '\n' | grep . | sort -u | paste -sd ' '; }

# The commands, and the flags of one, as a reader of the help sees them.
commands=$("$maru" help | sed -n '/^usage:/,/^maru /s/^  \([a-z][a-z-]*\) .*/\1/p')
help_flags() { "$maru" "$1" --help | sed -nE 's/^  (-., |    )(--[a-z0-9-]+).*/\2/p' | words; }
shown() { mandoc -T ascii "$pages/man/man1/$1.1" | sed 's/.\x08//g'; }
man_flags() { shown "maru-$1" | sed -n '/^OPTIONS/,/^[A-Z]/p' | sed -nE 's/^ +(-., )?(--[a-z0-9-]+).*/\2/p' | words; }

bash_offers() { # LINE
    bash --norc -c '. "$1"; read -ra COMP_WORDS <<<"$2"; [ "${2% }" = "$2" ] || COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _maru; printf "%s\n" "${COMPREPLY[@]}"' - \
        "$pages/bash-completion/completions/maru" "$1" | words
}

begin "every command has its page, and the pages are well formed"
same "pages" "$(cd "$pages/man/man1" && ls | words)" "$(for c in $commands; do echo "maru-$c.1"; done | (cat; echo maru.1) | words)"
same "lint" "$(mandoc -T lint -W warning "$pages"/man/man1/*.1 2>&1 | grep -v 'missing date')" ""
same "the list" "$(shown maru | sed -n '/^COMMANDS/,/^EXIT/s/^       \([a-z][a-z-]*\)\( .*\)*$/\1/p' | words)" "$(words <<<"$commands")"

begin "flags of help and manual are the same, and so are the words of both"
check "there are commands" [ "$(wc -w <<<"$commands")" -gt 10 ]
for c in $commands; do
    same "$c" "$(man_flags "$c")" "$(help_flags "$c")"
    "$maru" help "$c" | sed -n '1s/.* - //p; 4,$p' | sed 's/^  *\(-., \)*--[^ ]* *[A-Z=:_]* *//' >"$work/said"
    same "what help says, and the page of $c does not" \
        "$(grep -vxF "$(shown "maru-$c" | tr -s ' \n' ' ' | words | tr ' ' '\n')" <<<"$(tr -s ' ' '\n' <"$work/said" | grep .)" | paste -sd ' ')" ""
done

begin "the plugin's page has what the plugin says of itself"
page=$MARU_SOURCE/tools/protoc-gen-maru/protoc-gen-maru.1 plugin=$(dirname "$maru")/protoc-gen-maru
same "lint" "$(mandoc -T lint -W warning "$page" 2>&1 | grep -v 'missing date')" ""
contains "its version" "$(head -n 1 "$page")" "\"maru $("$plugin" --version | cut -d ' ' -f 2)\""
text=$(mandoc -T ascii -O width=200 "$page" | sed 's/.\x08//g' | tr -s ' \n' ' ')
for part in $("$plugin" --help | tr -s ' \n[].,;' '\n' | grep -E '^(X|[A-Za-z]*_?gen_c|--|[A-Z][a-z]+[A-Z])' | sort -u); do
    contains "what help says" "$text" "$part"
done

begin "bash completes commands and flags"
same "commands" "$(bash_offers 'maru ')" "$(echo "$commands --help --version" | words)"
for c in $commands; do
    same "$c" "$(bash_offers "maru $c --")" "$(help_flags "$c")"
done
same "a word" "$(bash_offers 'maru events ta')" tail
same "a folder" "$(cd / && bash_offers 'maru up --data et')" etc
same "a value that is not known" "$(bash_offers 'maru call --timeout ')" ""

# A real bash on a terminal, which runs what was completed: a maru that shows its words. LINE: printf's, \\t is a tab.
typed() { # LINE
    # shellcheck disable=SC2028
    printf '%b\n' "PS1=; cd '$work/names'; maru() { printf '<%s>' \"\$@\"; echo; }; . '$pages/bash-completion/completions/maru'" "$1" exit |
        INPUTRC=/dev/null TERM=dumb timeout 20 script -qec 'bash --norc --noprofile -i' /dev/null | tr -d '\r' | grep -ao '<[a-z][a-z]*>.*' | tail -n 1
}
mkdir -p "$work/names/my folder/in it" "$work/names/events"
: >"$work/names/my file.csv"
: >"$work/names/my folder/in it/it's.csv"

begin "a real bash completes names with blanks, goes on into folders, and takes no command for one"
same "a file" "$(typed 'maru import my\\ fi\t')" '<import><my file.csv>'
same "a file, quoted" "$(typed 'maru import "my fi\t')" '<import><my file.csv>'
same "what both begin with" "$(typed 'maru import m\ti\t')" '<import><my file.csv>'
same "a file in a folder in a folder" "$(typed 'maru import my\\ fo\ti\t\t')" "<import><my folder/in it/it's.csv>"
same "a folder as a value" "$(typed 'maru up --data my\\ fo\ti\t')" '<up><--data><my folder/in it/>'
same "a command of a folder's name" "$(typed 'maru even\tta\t')" '<events><tail>'

begin "zsh completes commands and flags"
mapfile -t lines < <(for c in $commands; do echo "maru $c --"; done)
zsh -f "$MARU_SOURCE/tests/cli/zsh.zsh" "$pages/zsh/vendor-completions" 'maru ' 'maru events ' 'maru order ' "${lines[@]}" \
    >"$work/zsh" 2>"$work/zsh.words" </dev/null
offers() { sed -n "s/^$1|//p" "$work/zsh" | words; }
same "commands" "$(offers 'maru ')" "$(words <<<"$commands")"
same "words" "$(offers 'maru events ')" "dead lag retry show skip tail"
same "words" "$(offers 'maru order ')" "timeline why"
for c in $commands; do
    same "$c" "$(offers "maru $c --")" "$(help_flags "$c")"
done
cat "$work/zsh.words" >&2
finish
