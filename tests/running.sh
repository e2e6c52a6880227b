# running.sh: for tests that are scripts: an application that runs, and checks that print one line each. Sourced.
#
#   . "$MARU_SOURCE/tests/running.sh"      makes the folder $work, which goes away at the end
#   up_start ARGUMENT...                   maru up with these, until it says ready; its pid is $app, what it said $ready, the edge's
#                                          address, where it has one, $edge, and its log $work/up.log
#   app_start DIR                          maru up --data DIR, its edge on a free port
#   app_stop                               as Ctrl-C does, and waits
#   begin SENTENCE; check WORDS COMMAND...; same WORDS GOT WANT
#   finish                                 the last line: exits 0 where every check held, and there was one
set -u -o pipefail
export LC_ALL=C.UTF-8
export TSAN_OPTIONS="${TSAN_OPTIONS-} atexit_sleep_ms=0" # else every program takes a second to end
maru=${MARU_BIN:?the folder of the programs}/maru
work=$(mktemp -d "${TMPDIR:-/tmp}/maru-test-XXXXXX") || exit 1
app='' ready='' edge='' sentence='' failed=0 all_failed=0 made=0

app_stop() {
    [ -n "$app" ] || return 0
    kill -INT "$app" 2>/dev/null
    wait "$app"
    local status=$?
    app=''
    return $status
}

running_end() {
    app_stop
    rm -rf "$work"
}
trap running_end EXIT
trap 'exit 130' INT TERM

up_start() { # ARGUMENT...
    local out
    exec {out}< <(exec "$maru" up --supervised $$ "$@" 2>"$work/up.log")
    app=$!
    while IFS= read -r ready <&"$out"; do
        case "$ready" in ready*)
            exec {out}<&-
            edge=$(sed -n 's/.* edge=\([^ ]*\).*/\1/p' <<<"$ready")
            return 0
            ;;
        esac
    done
    cat "$work/up.log" >&2
    app=''
    return 1
}

app_start() { # DIR
    up_start --edge 127.0.0.1:0 --data "$1"
}

# logged REGEX: waits until the log has such a line: records come a moment after what they are about.
logged() {
    grep -qm1 -E -- "$1" < <(timeout 20 tail -n +1 -f "$work/up.log" 2>/dev/null)
}

end_case() {
    [ -z "$sentence" ] || { [ $failed = 0 ] && echo "ok - $sentence" || echo "not ok - $sentence"; }
    failed=0
}

begin() {
    end_case
    sentence=$1
}

note() { # HELD WORDS
    made=$((made + 1))
    [ "$1" = 0 ] && return 0
    failed=$((failed + 1)) all_failed=$((all_failed + 1))
    echo "$sentence: $2" >&2
    return 1
}

check() { # WORDS COMMAND...
    local words=$1
    shift
    "$@"
    note $? "$words: failed: $*"
}

same() { # WORDS GOT WANT
    [ "$2" = "$3" ]
    note $? "$1: got '$2', want '$3'"
}

contains() { # WORDS TEXT PART
    case "$2" in *"$3"*) note 0 '' ;; *) note 1 "$1: want '$3' in '$2'" ;; esac
}

finish() {
    end_case
    [ $made -gt 0 ] || echo "no check was made" >&2
    [ $all_failed = 0 ] && [ $made -gt 0 ]
    exit
}
