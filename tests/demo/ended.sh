# ended.sh: tools/demo ended by a signal, at whichever moment: what it started ends too, its folder goes away, and it says nothing
# but what went wrong. Where a moment must be met, what it starts are stand-ins that wait there.
. "${MARU_SOURCE:?the folder of the tree}/tests/demo/staying.sh" || exit 1
mkdir "$work/bin" "$work/tmp"
touch "$work/held"
mkfifo "$work/go" "$work/keys"
exec {go}<>"$work/go" {keys}<>"$work/keys"

script() { # FILE LINE...: that file is a script
    local file=$1
    shift
    printf '%s\n' '#!/bin/sh' "$@" >"$file"
    chmod +x "$file"
}
script bin/dpkg-query '[ -e "$0.none" ] || echo installed'
mkfifo "$work/free"
exec {free}<>"$work/free"
script bin/apt-get "echo \$\$ >$work/go" "read line <$work/free" 'exit 1'

# The demo on a build folder of ours, and its pid, $demo_pid, and group; what it says is in $work/said.
begun() { # ARGUMENT...
    TMPDIR=$work/tmp PATH=$work/bin:$PATH MARU_BUILD=$work/build \
        setsid env --default-signal=INT "$demo" --once --edge none --data "$data" "$@" >"$work/said" 2>&1 &
    demo_pid=$!
}

gone() { # WORDS STATUS WANT
    same "status, $1" "$2" "$3"
    same "what runs, $1" "$(left "$work")" ""
    same "folders, $1" "$(ls "$work/tmp")" ""
}

begin "a signal while apt-get installs is heard when that has ended; and this was said before"
touch bin/dpkg-query.none
begun
check "it installs" read -r -t 60 installer <&$go
kill -TERM $demo_pid
contains "what it said" "$(cat said)" "(a signal is heard when apt-get has ended)"
contains "what it prints lines for" "$(cat said)" " curl"
check "it installs still" [ -e "/proc/$installer" ]
echo >&$free
wait $demo_pid
gone TERM $? 143
rm bin/dpkg-query.none

# A ninja's build whose one compiler tells its pid and does not end, and a cmake that does the same in a child.
mkdir -p build/bin
{
    printf 'rule slow\n  command = echo $$$$ >%s; exec tail -f %s\nbuild x: slow\n' "$work/go" "$work/held"
    printf 'build maru_tool'
    for service in "$MARU_SOURCE"/svc/*/CMakeLists.txt; do
        service=${service%/CMakeLists.txt}
        printf ' %s' "${service##*/}"
    done
    printf ': phony x\n'
} >ready.ninja
script bin/cmake "tail -f $work/held &" "echo \$! >$work/go" wait

for phase in cmake ninja; do
    rm -f build/build.ninja
    [ $phase = cmake ] || cp ready.ninja build/build.ninja
    for signal in INT TERM HUP; do
        begin "$signal while $phase runs ends it at once, and it says nothing of a build that failed"
        begun
        check "it compiles" read -r -t 60 compiler <&$go
        # A terminal's Ctrl-C goes to the whole group.
        kill -$signal -- "$([ $signal = INT ] && echo -$demo_pid || echo $demo_pid)"
        wait $demo_pid
        gone "$signal" $? "$([ $signal = INT ] && echo 130 || echo 143)"
        same "what it said" "$(cat said)" "building in $work/build"
    done
done

for phase in ninja cmake; do
    begin "killed with -9 while $phase runs it leaves nothing that does"
    [ $phase = ninja ] || rm build/build.ninja
    begun
    check "it compiles" read -r -t 60 compiler <&$go
    kill -9 $demo_pid
    wait $demo_pid 2>/dev/null
    check "the compiler ends" timeout 20 tail --pid="$compiler" -f /dev/null || kill "$compiler"
done

begin "a demo that finds another building waits for it, and says whose build that is; killed with -9 that one has no say any more"
begun
check "it configures" read -r -t 60 compiler <&$go
first=$demo_pid
mv said said.first
begun
check "it waits" timeout 60 grep -qm1 -x "waits for the build of process $first" <(exec tail --pid=$demo_pid -n +1 -F "$work/said" 2>/dev/null)
kill -9 $first
wait $first 2>/dev/null
check "then it configures" read -r -t 60 compiler <&$go
kill -TERM $demo_pid
wait $demo_pid
gone TERM $? 143
same "what it said" "$(cat said)" "waits for the build of process $first
building in $work/build"

begin "TERM while it waits for a build ends it at once, and that one goes on"
begun
check "it configures" read -r -t 60 compiler <&$go
first=$demo_pid
begun
check "it waits" timeout 60 grep -qm1 -x "waits for the build of process $first" <(exec tail --pid=$demo_pid -n +1 -F "$work/said" 2>/dev/null)
kill -TERM $demo_pid
wait $demo_pid
same "status" $? 143
check "the other compiles still" [ -e "/proc/$compiler" ]
kill -TERM $first
wait $first
gone TERM $? 143

# What a stand-in for services does: it is ready, and ends with 0 when TERM comes, at whichever moment. A shell can't: what it waits
# for is a child, which loses a signal that comes before it is what it shall be.
# shellcheck disable=SC2016
serve='exec perl -MPOSIX -e '\''sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGTERM)); $SIG{TERM} = sub { exit 0 };
    $| = 1; print "ready cart=here\n"; sigsuspend(POSIX::SigSet->new)'\'' "$@"'

# From here on the build is quick, and the services are a stand-in that says ready. Their catalogue can't be filled: until there
# a run has some hundred commands, and a signal comes before every second of them in turn; MARU_EVERY=1 takes each.
script bin/ninja 'exit 0'
touch build/build.ninja
# shellcheck disable=SC2016
script build/bin/maru 'case $1 in' \
    up\)" $serve ;;" \
    '*) echo "no goods" >&2; exit 1 ;;' esac
cp build/bin/maru quick
script build/bin/maru "echo \$\$ >$work/go" "exec tail -f $work/held"
begin "what a build starts and leaves running keeps no later demo from building"
script bin/ninja "[ -e $work/daemon ] || { setsid tail -f $work/held >/dev/null 2>&1 </dev/null & echo \$! >$work/daemon; }"
cp quick build/bin/maru
for nth in first second; do
    begun
    check "the $nth ends" timeout 60 tail --pid=$demo_pid -f /dev/null || kill $demo_pid
    wait $demo_pid
done
check "it runs still" kill "$(cat daemon)"
check "nobody waited" [ -z "$(grep waits said)" ]
script bin/ninja 'exit 0'
script build/bin/maru "echo \$\$ >$work/go" "exec tail -f $work/held"

begin "killed with -9 it leaves its folder, which the next one clears away, and none of another that lives"
begun
check "it starts the services" read -r -t 60 first <&$go
same "folders" "$(ls tmp | wc -l)" 1
kill -9 $demo_pid
wait $demo_pid 2>/dev/null
kill "$first"
check "what it started ends" timeout 60 tail --pid="$first" -f /dev/null
killed=$(ls tmp)
mkdir tmp/maru-demo-stored # a store that somebody put there: it has a file named lock, which nobody holds
touch tmp/maru-demo-stored/lock
begun
living=$demo_pid
check "the next" read -r -t 60 second <&$go
check "the folder is gone" [ ! -e "tmp/$killed" ]
check "a store stays" [ -e tmp/maru-demo-stored/lock ]
rm -r tmp/maru-demo-stored
same "folders" "$(ls tmp | wc -l)" 1
cp quick build/bin/maru
begun
wait $demo_pid
same "one beside it" $? 1
same "folders" "$(ls tmp | wc -l)" 1
kill -TERM $living
wait $living
same "folders" "$(ls tmp)" ""

begin "of one that was killed before it had locked its folder, that is cleared away when an hour has passed"
mkdir tmp/maru-demo-first0 tmp/maru-demo-second tmp/maru-demo-third0 tmp/maru-demo-stored
touch tmp/maru-demo-second/new tmp/maru-demo-stored/data
touch -d '2 hours ago' tmp/maru-demo-first0 tmp/maru-demo-second tmp/maru-demo-stored
begun
wait $demo_pid
same "folders" "$(ls tmp | xargs)" "maru-demo-stored maru-demo-third0"
rm -r tmp/*

# What maru is asked takes for ever: a stand-in whose up serves, and that does not end where $work/blocks has its first words.
# shellcheck disable=SC2016
script build/bin/maru 'case "$1 $2" in' \
    "\"up \"*) echo \$\$ >$work/serving; $serve ;;" \
    "\"\$(cat $work/blocks)\"*) echo \$\$ >$work/go; exec tail -f $work/held ;;" \
    '"import "*) echo "products 1 = 1 created" ;;' \
    '"call "*) echo "{}" ;;' esac
for words in import call 'order timeline' 'order why'; do
    echo "$words" >blocks
    begin "TERM while maru $words runs ends it at once, and that, too"
    begun
    check "it runs" read -r -t 60 asked <&$go
    kill -TERM $demo_pid
    check "the demo ends" timeout 20 tail --pid=$demo_pid -f /dev/null || kill "$asked"
    wait $demo_pid
    gone "TERM" $? 143

    begin "killed with -9 while maru $words runs it leaves nothing of that"
    begun
    check "it runs" read -r -t 60 asked <&$go
    kill -9 $demo_pid
    wait $demo_pid 2>/dev/null
    check "maru $words ends" timeout 20 tail --pid="$asked" -f /dev/null || kill "$asked"
    kill "$(cat serving)" 2>/dev/null # the real one ends by itself, since it is supervised
    check "the stand-in ends" timeout 60 tail --pid="$(cat serving)" -f /dev/null
done
begin "services that do not stop cleanly while it asks are told, with status 1"
sed -i 's/{ exit 0 }/{ exit 3 }/' build/bin/maru
echo call >blocks
begun
check "it runs" read -r -t 60 asked <&$go
kill -TERM $demo_pid
wait $demo_pid
same "status" $? 1
contains "words" "$(cat said)" "demo: the services did not stop cleanly"

cp quick build/bin/maru
begun # clears away the folders of those that were killed
wait $demo_pid
gone "of no signal" $? 1

cat >each.sh <<'E2'
# Before the command $AT of the demo $SIGNAL comes, and before the next $THEN. Not in what it starts.
unset BASH_ENV
count=0
before() {
    [ $BASHPID = $$ ] || return 0
    case $((count++ - AT)) in
    0) : >"$FIRED" && kill -$SIGNAL $$ ;;
    1) [ -z "$THEN" ] || kill -$THEN $$ ;;
    esac
}
case $0 in */tools/demo) set -T && trap before DEBUG ;; esac
E2

sweep() { # FIRST STEP SIGNAL THEN STATUS...
    local at status first=$1 step=$2 signal=$3 then=$4 done=''
    shift 4
    for ((at = first; ; at += step)); do
        rm -f fired
        TMPDIR=$work/tmp PATH=$work/bin:$PATH MARU_BUILD=$work/build BASH_ENV=$work/each.sh AT=$at SIGNAL=$signal THEN=$then FIRED=$work/fired \
            timeout -k 9 60 env --default-signal=INT "$demo" --once --edge none --data "$data" >said 2>&1
        status=$?
        [ -e fired ] || break
        grep -q "can't be filled" said && done=yes
        # When it has ended by itself, and signals only can't hinder that, its own status stands.
        [[ " $* " == *" $status "* ]] || { [ -n "$done" ] && [ $status = 1 ]; } || same "status, before command $at" "$status" "$*"
        [ -z "$(left "$work")$(ls tmp)" ] || gone "before command $at" $status $status
        [ -n "$done" ] || ! grep -qvE '^(building in .*|The shop is up: .*|no goods)$' said || same "words, before command $at" "$(cat said)" ""
    done
    check "commands: $at" [ "$at" -gt 100 ]
    gone "of no signal" $status 1
}
every=${MARU_EVERY-2}
begin "a signal before any of its commands (of $every one is tried) ends it, and nothing is left"
sweep 1 "$every" INT '' 130
begin "so do two of them, one after the other (of $((2 * every)) one is tried)"
sweep 2 $((2 * every)) TERM INT 143 130

begin "Ctrl-C while an order is followed on a terminal ends it, and does not wait for the parcel"
MARU_PACK_MS=25000 TMPDIR=$work/tmp SHELL=/bin/bash \
    env --default-signal=INT script -qefc "'$demo' --edge none --once --data '$data'" "$work/typed" <&$keys >/dev/null 2>&1 &
terminal=$!
check "the order is followed" timeout 120 grep -qm1 StockCommitted <(exec tail --pid=$terminal -n +1 -F "$work/typed" 2>/dev/null)
printf '\003' >&$keys
wait $terminal
same "status" $? 130
same "what runs" "$(left)" ""
same "folders" "$(ls tmp)" ""
same "parcels" "$(grep -c ShipmentPacked typed)" 0

begin "services that do not stop cleanly are told, with status 1"
check "it stays" stay --edge none --data "$work/other"
up=$(sed -n 's/^pid //p' "$work/other/up.lock")
kill -STOP "$up"
# Until it does: of two signals that come at once the lesser is heard first, and it would be told before it stands.
until grep -q '^State:.T' "/proc/$up/status" || [ ! -e /proc/$staying ]; do :; done
kill -INT $staying
# It has been told to stop, and cannot: TERM (15) waits for it.
told() { ((0x$(sed -n 's/^ShdPnd:\t*//p' "/proc/$up/status") & (1 << 14))); }
until told || [ ! -e /proc/$staying ]; do :; done
kill -9 "$up"
wait $staying
same "status" $? 1
contains "words" "$(cat demo.err)" "demo: the services did not stop cleanly"

finish
