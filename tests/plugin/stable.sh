#!/bin/sh
# stable.sh PROTOC PLUGIN PROTOC_GEN_C INCLUDE ...: what changes a fingerprint, and what does not; and that a run that
# fails in the middle makes nothing.
set -u
protoc=$1 plugin=$2 gen_c=$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
includes=$(for dir in "$@"; do printf -- '-I%s ' "$dir"; done)
failed=0

# ok SENTENCE, after a command: a case that held where the command did.
ok() {
    if [ "$?" -eq 0 ]; then echo "ok - $1"; else echo "not ok - $1" && failed=1; fi
}

# make DIR [OPTION]: the code of DIR/a.proto, in DIR/out.
make() {
    rm -rf "$work/$1/out" && mkdir "$work/$1/out"
    # shellcheck disable=SC2086 # the list of includes is meant to be split
    "$protoc" "-I$work/$1" $includes "--plugin=protoc-gen-maru=$plugin" "--maru_opt=${2:-protoc_gen_c=$gen_c}" \
        "--maru_out=$work/$1/out" a.proto 2>"$work/said"
}

# write DIR COMMENT FIELD: a service, and a file that it imports.
write() {
    mkdir -p "$work/$1"
    printf 'syntax = "proto3";\nimport "b.proto";\n%s\nservice A {\n  rpc Get(B) returns (B);\n}\n' "$2" >"$work/$1/a.proto"
    printf 'syntax = "proto3";\nmessage B {\n  int32 x = 1;\n%s}\n' "$3" >"$work/$1/b.proto"
}

fingerprint() {
    grep -h 'fingerprint =' "$work/$1/out/a.maru.c"
}

write first '' '' && write again '' '' && write comment '// Words.' '' && write field '' '  int32 y = 2;
'
for dir in first again comment field; do make $dir || cat "$work/said" >&2; done

[ -n "$(fingerprint first)" ] && diff -r "$work/first/out" "$work/again/out" >&2
ok 'the same .proto makes the same code'
[ "$(fingerprint first)" = "$(fingerprint comment)" ]
ok 'comments do not change a fingerprint'
[ "$(fingerprint first)" != "$(fingerprint field)" ]
ok 'a new field in a file that it imports does'
mkdir -p "$work/big/out"

nothing_made() {
    [ -z "$(find "$work"/first/out "$work"/big/out -type f)" ] && grep -qF -e "$1" "$work/said" || { cat "$work/said" >&2 && false; }
}

! make first "protoc_gen_c=$work/nowhere" && nothing_made "nowhere could not be run: No such file or directory"
ok 'without protoc-gen-c nothing is made, and it is said'
! make first "protoc_gen_c=/bin/false" && nothing_made "/bin/false ended with 1"
ok 'a protoc-gen-c that fails is named'
! make first "protoc_gen_c=/bin/true" && nothing_made "/bin/true answered without a.pb-c.c"
ok 'a protoc-gen-c that answers nothing is named'
printf '#!/bin/sh\nkill -SEGV $$\n' >"$work/crash" && chmod +x "$work/crash"
! make first "protoc_gen_c=$work/crash" && nothing_made "crash was ended by signal 11"
ok 'a protoc-gen-c that crashes is named'
printf '#!/bin/sh\nhead -c 100000 /dev/zero\n' >"$work/noise" && chmod +x "$work/noise"
! make first "protoc_gen_c=$work/noise" && nothing_made "noise answered with 100000 bytes that are no"
ok 'a protoc-gen-c that answers nonsense is named'
! make first "protoc_gen_c=$(command -v yes)" && nothing_made "yes wrote more than 64 MiB: want protoc-gen-c"
ok "a protoc-gen-c that does not end is named"
! make first "colour=blue" && nothing_made 'parameter "colour=blue": want protoc_gen_c=PROGRAM'
ok 'an unknown parameter is refused'

mkdir -p "$work/quoted/out" && cp "$work/first/b.proto" "$work/quoted/a\"b.proto"
! "$protoc" "-I$work/quoted" "--plugin=protoc-gen-maru=$plugin" "--maru_opt=protoc_gen_c=$gen_c" "--maru_out=$work/quoted/out" \
    "a\"b.proto" 2>"$work/said" && [ -z "$(find "$work/quoted/out" -type f)" ] &&
    grep -qF 'a"b.proto:1:1: the name of the file is no name of a header' "$work/said"
ok 'a file whose name could not be included is refused'

mkdir -p "$work/bare/out" && printf 'syntax = "proto3";\nimport "protobuf-c/protobuf-c.proto";\n%s\nmessage A {}\n' \
    'option (pb_c_file) = {no_generate: true};' >"$work/bare/a.proto"
make bare && [ "$(cd "$work/bare/out" && echo *)" = "a.maru.c a.maru.h a.pb-c.c a.pb-c.h" ] && ! grep -q 'A__INIT' "$work/bare/out/a.pb-c.h"
ok 'a file with no_generate has all four files, and no types'

# More than a pipe holds, both ways.
{
    echo 'syntax = "proto3";'
    i=0
    while [ $i -lt 1500 ]; do
        echo "// $i: it says much of little, so that the request is longer than any pipe."
        echo "message M$i { int32 number_$i = 1; repeated string text_$i = 2; optional bytes o = 3; }"
        i=$((i + 1))
    done
} >"$work/big/a.proto"
make big && [ "$(grep -c '^struct ' "$work/big/out/a.pb-c.h")" -eq 1500 ]
ok 'a file of 1,500 messages goes through the pipes'

! make big "protoc_gen_c=/bin/false" && nothing_made "/bin/false ended with 1"
ok 'a protoc-gen-c that reads nothing of it is named'
printf '#!/bin/sh\nhead -c 1000000 /dev/zero\ncat >/dev/null\n' >"$work/talker" && chmod +x "$work/talker"
! make big "protoc_gen_c=$work/talker" && nothing_made "talker answered with 1000000 bytes that are no"
ok 'one that writes much before it reads does not hang'

# What protoc-gen-c was given.
printf '#!/bin/sh\ntee "%s" | "%s"\n' "$work/given" "$gen_c" >"$work/recorder" && chmod +x "$work/recorder"
# shellcheck disable=SC2086
make first "protoc_gen_c=$work/recorder" && make big "protoc_gen_c=$work/recorder" &&
    "$protoc" $includes --decode=google.protobuf.compiler.CodeGeneratorRequest google/protobuf/compiler/plugin.proto \
        <"$work/given" >"$work/given.txt" && grep -q 'name: "M1499"' "$work/given.txt" &&
    ! grep -q -e proto3_optional -e 'service {' "$work/given.txt"
ok 'protoc-gen-c is given no proto3 optional'

# By processor time, which depends little on what else runs: four times the methods take four times as long, or eight,
# and not sixteen as where it looked through all of the file for each.
wide() { # FOLDER METHODS: how long it takes, in ms
    mkdir "$work/$1" && awk -v count="$2" 'BEGIN {
        print "syntax = \"proto3\";\nmessage A {}\nservice Wide {"
        for (i = 0; i < count; i++) print "  // Says " i ".\n  rpc Get" i "(A) returns (A);"
        print "}"
    }' >"$work/$1/a.proto"
    (make "$1" >"$work/$1.words" 2>&1; times) | awk -F '[ms ]+' 'END {printf "%d", ($1 * 60 + $2 + $3 * 60 + $4) * 1000}'
}
few=$(wide few 5000) many=$(wide many 20000)
[ "$many" -lt $((8 * few + 500)) ] && grep -A 1 -F ' calls /Wide/Get19999.' "$work/many/out/a.maru.h" | grep -qF ' * Says 19999.'
ok "four times the methods take no more than that, and each has its comment ($few ms, $many ms)"

"$plugin" --help | grep -q '^usage: ' && "$plugin" --version | grep -q '^protoc-gen-maru [0-9]'
ok '--help and --version print to standard output'
"$plugin" --colour 2>"$work/said"
[ $? -eq 2 ] && grep -q -e '--colour: no such argument' "$work/said"
ok 'an unknown argument is wrong usage'
exit $failed
