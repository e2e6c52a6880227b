# bare.sh: tools/bare-check removes nothing that it did not make. What it needs of root and the network are stand-ins.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
bare=$MARU_SOURCE/tools/bare-check
mkdir "$work/bin" "$work/tmp"
cd "$work" || exit 1

stand_in() { # NAME LINE...: a program of that name
    local name=$1
    shift
    printf '%s\n' '#!/bin/bash' "$@" >"bin/$name"
    chmod +x "bin/$name"
}
stand_in id 'echo 0'
stand_in git 'mkdir -p "${@: -1}" 2>/dev/null; exit 0'
for name in apt-get chroot unshare; do stand_in $name 'exit 0'; done
stand_in debootstrap "echo asked >>$work/asked" 'exit 1'
export TMPDIR=$work/tmp PATH=$work/bin:$PATH

makes_a_system() {
    # shellcheck disable=SC2016
    stand_in debootstrap 'mkdir -p "$3/usr/bin" "$3/usr/sbin" "$3/etc/apt" "$3/root" && cp /bin/true "$3/usr/bin/apt-get"'
}

refused() { # DIR WORDS
    local got
    got=$("$bare" --dir "$1" true 2>&1)
    same "status of $1" $? 2
    contains "words of $1" "$got" "tools/bare-check: --dir: "
    contains "words of $1" "$got" "$2"
    same "lines of $1" "$(wc -l <<<"$got")" 1
}

begin "a folder with files of the user's is refused, and stays as it is"
mkdir v hidden
echo x >v/file
touch hidden/.file
refused v "v: want a folder that is new or empty, or that an earlier run kept"
refused "$work/v" "$work/v: want a folder"
refused hidden "this one holds what is not ours"
same "the file" "$(cat v/file)" x
check "a hidden one" [ -e hidden/.file ]

begin "so is what is no folder, and /, by whichever name"
touch file
ln -s nowhere dangling
ln -s / root
refused file "want a folder"
refused dangling "want a folder"
mkdir harmless # should it go on with /, these keep this machine as it is
for name in rm cp chmod find debootstrap; do printf '#!/bin/sh\necho "%s $*" >>%s\nexit 1\n' $name "$work/asked" >harmless/$name; done
chmod +x harmless/*
for name in / root "$work/../../../../../../../.."; do PATH=$work/harmless:$PATH refused "$name" "not /"; done
same "what was asked for" "$(cat asked 2>/dev/null)" ""

begin "where debootstrap fails, a new folder goes away, and the log stays and is named"
got=$("$bare" --dir new true 2>&1)
same "status" $? 1
check "the folder" [ ! -e new ]
log=$(sed -n 's/.*all of it is in //p' <<<"$got")
check "the log" [ -f "$log" ]
rm -f "$log"

begin "an empty folder that was there stays, empty"
mkdir empty
touch empty.log
got=$("$bare" --dir empty true 2>&1)
same "status" $? 1
same "what is in it" "$(ls -A empty 2>&1)" ""
check "a file beside it" [ -e empty.log ]
rm -f tmp/*.log

begin "what an earlier run kept is taken again, and removed without --keep"
makes_a_system
got=$("$bare" --keep --dir kept true 2>&1)
same "status" $? 0
contains "words" "$got" "bare: kept $work/kept"
check "it is there" [ -x kept/usr/bin/apt-get ]
got=$("$bare" --dir kept true 2>&1)
same "status" $? 0
check "it is gone" [ ! -e kept ]
same "what is left for the time being" "$(ls tmp)" ""

begin "without the mark it is a folder like any other"
got=$("$bare" --keep --dir kept true 2>&1)
find kept -maxdepth 1 -type f -delete
refused kept "this one holds what is not ours"
check "it is there" [ -x kept/usr/bin/apt-get ]

begin "with no --dir it is a temporary one, which goes away"
got=$("$bare" true 2>&1)
same "status" $? 0
same "what is left for the time being" "$(ls tmp)" ""

finish
