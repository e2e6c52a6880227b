# What the rules of the house share: which files there are, their code without comments, their includes, the exceptions.
# Sourced by tests/house/rule; the current folder is the tree that is looked at.

# files REGEX: the tree's files whose paths match, one a line: what git has or would add, else all but build folders.
files() {
    if [ "$(git -c safe.directory='*' rev-parse --show-toplevel 2>/dev/null)" = "$PWD" ]; then
        git -c safe.directory='*' ls-files -co --exclude-standard
    else
        find . \( -name .git -o -name 'build' -o -name 'build-*' \) -prune -o -type f -print | sed 's|^\./||'
    fi | grep -E "$1" | sort -u | while IFS= read -r file; do [ ! -f "$file" ] || printf '%s\n' "$file"; done
    return 0
}

C_FILES='\.(c|h|cc)$'
TEST_FILES='^tests/|_test\.(c|sh)$'

# code FILE...: PATH:LINE:TEXT of every line, comments taken out.
code() {
    local file
    for file; do
        cc -fpreprocessed -dD -E -w -x c "$file" 2>/dev/null | awk -v file="$file" '
            /^# [0-9]+ "/ {line = $2; next}
            {print file ":" line++ ":" $0}'
    done
}

# code_matching REGEX FILE...: such lines of code that match. Only files that match with comments are taken apart.
code_matching() {
    local regex=$1 candidates
    shift
    [ $# -gt 0 ] || return 0
    mapfile -t candidates < <(grep -lE -- "$regex" "$@")
    [ ${#candidates[@]} -eq 0 ] || code "${candidates[@]}" | grep -E -- "^[^:]*:[0-9]+:.*($regex)"
    return 0
}

# includes FILE...: PATH:LINE:TARGET of every #include.
includes() {
    [ $# -gt 0 ] || return 0
    grep -HnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<]' "$@" |
        sed -E 's/^([^:]*:[0-9]+:)[^"<]*["<]([^">]*)[">].*/\1\2/'
    return 0
}

# shell_files: the paths of shell scripts, by their name or first line.
shell_files() {
    files '^(tools|tests|\.ci)/' | while IFS= read -r file; do
        case "$file" in *.sh) echo "$file" && continue ;; esac
        IFS= read -r first <"$file" 2>/dev/null
        case "$first" in '#!'*sh) echo "$file" ;; esac
    done
}

# Takes out the offences that the file of exceptions names for this rule: RULE | PATH | TEXT IN THE OFFENCE | REASON
apply_allowed() { # RULE FILE
    awk -v rule="$1" -v file="$2" '
        function trim(s) { sub(/^[ \t]+/, "", s); sub(/[ \t]+$/, "", s); return s }
        BEGIN {
            while ((getline line < file) > 0) {
                number++
                if (line ~ /^[ \t]*(#|$)/ || split(line, part, "|") < 1 || trim(part[1]) != rule)
                    continue
                path[++count] = trim(part[2]); text[count] = trim(part[3]); at[count] = number
                if (trim(part[4]) == "")
                    print "tests/house/allowed:" number ": want RULE | PATH | TEXT | REASON"
            }
        }
        {
            for (i = 1; i <= count; i++)
                if (index($0, path[i] ":") == 1 && index($0, text[i])) {
                    used[i] = 1
                    next
                }
            print
        }
        END {
            for (i = 1; i <= count; i++)
                if (!used[i])
                    print "tests/house/allowed:" at[i] ": allows nothing that is there; take the line out"
        }'
}
