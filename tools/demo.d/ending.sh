# ending.sh: how tools/demo ends, at whichever moment: what it started is stopped, and its folder $work goes away; where it was
# killed, the next one clears that away. Sourced.
#
# The shell hears a signal between two commands. So what was just made has its name before that (hold, release), and what takes
# its time is waited for (run): a program in the foreground would hold the signal up until it has ended.
app='' job='' work='' holding='' ended=''

# Works wherever it is called, also at the beginning of itself: a signal may come there.
end() { # STATUS
    trap '' INT TERM HUP PIPE # nothing that is said here may end us before the folder is gone
    trap - EXIT
    stop_job
    stop || set -- 1
    rm -rf "$work"
    [ "$1" -lt 128 ] || rm -f "${packages_log-}" # a signal is no failure whose log is for someone
    exit "$1"
}

signalled() { # STATUS
    ended=$1
    [ -n "$holding" ] || end "$1"
}

hold() {
    holding=yes
}

release() {
    holding=''
    [ -z "$ended" ] || end "$ended"
}

# run COMMAND...: until it has ended, or a signal ends it with us. A session of its own: Ctrl-C reaches us alone. It ends with us
# even where we are killed.
run() {
    hold
    setpriv --pdeathsig TERM setsid "$@" </dev/null &
    job=$!
    release
    wait "$job"
    local status=$?
    job=''
    return $status
}

# What COMMAND says is in FILE. That of this shell is not, which a signal may end meanwhile with something to say.
run_into() { # FILE COMMAND...
    local file=$1
    shift
    # shellcheck disable=SC2016
    run sh -c 'exec "$@" >"$0" 2>&1' "$file" "$@"
}

# With all that it started, and again where it was only beginning to be what it is; killed after 5 s.
stop_job() {
    local tries=0 signal=TERM
    [ -n "$job" ] || return 0
    while kill -$signal -- "-$job" 2>/dev/null || kill -$signal "$job" 2>/dev/null; do
        [ $((++tries)) -lt 50 ] || signal=KILL
        [ $tries -lt 60 ] || break
        sleep 0.1
    done
    wait "$job" 2>/dev/null
    job=''
}

# The services: 0 where they stopped cleanly, or none runs. Of what is only about to start them the signal is the end.
stop() {
    local pid=$app status
    [ -n "$pid" ] || return 0
    app=''
    kill -TERM "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    status=$?
    [ $status != 0 ] && { [ $status != 143 ] || [ -n "$ready" ]; } || return 0
    tail -n 5 "$work/words" | sed 's/^/  | /' >&2
    complain "the services did not stop cleanly"
    return 1
}

make_folder() {
    clear_left
    hold
    work=$(trap '' INT TERM HUP && exec mktemp -d "${TMPDIR:-/tmp}/maru-demo-XXXXXX") # else it may end before it said the name
    [ -z "$work" ] || lock_folder
    release
    [ -n "$work" ] || exit 1
}

# As long as we live, or what we started does: the lock is of an open file. It has its name when it is held: who looks for folders
# of the dead looks for that.
lock_folder() {
    local lock
    { exec {lock}>"$work/new" && flock -n "$lock" && mv "$work/new" "$work/demo.lock"; } 2>/dev/null
}

# A folder that was made an hour ago, and has no lock yet: it was to become one when its maker was killed.
never_locked() { # FOLDER
    [ -z "$(find "$1" -mindepth 1 ! \( -name new -empty \) -print -quit 2>/dev/null)" ] &&
        [ -n "$(find "$1" -maxdepth 0 -type d -mmin +60 2>/dev/null)" ]
}

# The folders of those that were killed. Nobody else's: /tmp is everyone's.
clear_left() {
    local folder
    for folder in "${TMPDIR:-/tmp}"/maru-demo-??????; do
        [ -O "$folder" ] && [ ! -L "$folder" ] || continue
        ! never_locked "$folder" || { rm -f "$folder/new" && rmdir "$folder"; } 2>/dev/null
        [ -O "$folder/demo.lock" ] && [ ! -L "$folder/demo.lock" ] || continue
        run flock -n "$folder/demo.lock" rm -rf "$folder" 2>/dev/null
    done
}

trap 'end $?' EXIT
trap 'signalled 130' INT
trap 'signalled 143' TERM HUP
trap 'signalled 141' PIPE # who read us has gone: by default that would end us with the services running
