# staying.sh: for tests of tools/demo: where it is, a folder, what it leaves running. Sourced, with running.sh in it.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
demo=$MARU_SOURCE/tools/demo
data=$work/data
# Parcels are quick.
export MARU_PACK_MS=20 MARU_DELIVER_MS=30
cd "$work" || exit 1

# Processes that know of our folder, by /proc: a bare system has no pgrep.
left() { # [FOLDER]
    local process words folder=${1:-$data}
    for process in /proc/[0-9]*; do
        mapfile -d '' -t words <"$process/cmdline" && [[ "${words[*]}" == *"$folder"* ]] && echo "${process#/proc/}: ${words[*]}"
    done 2>/dev/null
}

# The demo without --once, from its start until it says that it stays; its pid, and that of its group, is $staying. What it
# printed is $printed.
stay() { # ARGUMENT...
    local line
    printed=''
    exec {shown}< <(exec setsid env --default-signal=INT "$demo" "$@" 2>"$work/demo.err")
    staying=$!
    while IFS= read -r line <&"$shown"; do
        printed+=$line$'\n'
        case "$line" in *'Ctrl-C ends them'*) return 0 ;; esac
    done
    cat "$work/demo.err" >&2
    return 1
}
