#!/bin/bash
# libc.sh PROTOC PLUGIN PROTOC_GEN_C INCLUDE ...: each function with a "_" in its name that a header of C17 or POSIX
# declares here is refused where a method would become it. The headers are read by the compiler.
set -u
protoc=$1 plugin=$2 gen_c=$3
shift 3
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
includes=("${@/#/-I}")
headers='aio arpa/inet assert complex cpio ctype dirent dlfcn errno fcntl fenv float fmtmsg fnmatch ftw glob grp iconv
    inttypes iso646 langinfo libgen limits locale math monetary mqueue ndbm net/if netdb netinet/in netinet/tcp nl_types
    poll pthread pwd regex sched search semaphore setjmp signal spawn stdalign stdarg stdatomic stdbool stddef stdint
    stdio stdlib stdnoreturn string strings stropts sys/ipc sys/mman sys/msg sys/resource sys/select sys/sem sys/shm
    sys/socket sys/stat sys/statvfs sys/time sys/times sys/types sys/uio sys/un sys/utsname sys/wait syslog tar termios
    tgmath threads time trace ulimit unistd utime utmpx wchar wctype wordexp'

# shellcheck disable=SC2086 # a list of words
for header in $headers; do
    printf '#if __has_include(<%s.h>)\n#include <%s.h>\n#endif\n' "$header" "$header"
done | "${CC:-cc}" -E -P -std=c17 -D_XOPEN_SOURCE=700 -x c - |
    grep -oE '\b[a-z][a-z0-9]*(_[a-z0-9]+)+ *\(' | tr -d ' (' | LC_ALL=C sort -u >"$work/names"

# One service for each first word, at most 15 methods in a file: the plugin shows 20 refusals.
awk -v work="$work" '
    function camel(words,   part, count, i, out) {
        count = split(words, part, "_")
        for (i = 1; i <= count; i++) out = out toupper(substr(part[i], 1, 1)) substr(part[i], 2)
        return out
    }
    function end() { if (file != "") { print "}" >file; close(file) } }
    {
        first = $0; sub(/_.*/, "", first)
        rest = substr($0, length(first) + 2)
        if (first != before || methods == 15) {
            end()
            file = work "/f" (++files) ".proto"
            print "syntax = \"proto3\";\nimport \"maru/options.proto\";\nmessage None {}\nservice S {" >file
            print "  option (maru.service).prefix = \"" first "\";" >file
            before = first; methods = 0
        }
        print "  rpc " camel(rest) "(None) returns (None);" >file
        methods++
    }
    END { end() }' "$work/names"

mkdir "$work/out"
for file in "$work"/f*.proto; do
    "$protoc" "-I$work" "${includes[@]}" "--plugin=protoc-gen-maru=$plugin" "--maru_opt=protoc_gen_c=$gen_c" \
        "--maru_out=$work/out" "$(basename "$file")" 2>&1
done | sed -nE 's/.* becomes ([a-z0-9_]+) in C, which is a function of libc.*/\1/p' | LC_ALL=C sort -u >"$work/refused"

missing=$(LC_ALL=C comm -23 "$work/names" "$work/refused")
count=$(wc -l <"$work/names")
good=ok
[ -z "$missing" ] && [ "$count" -gt 200 ] || good='not ok'
[ -z "$missing" ] || printf 'not refused: %s\n' "$missing" >&2
echo "$good - each of the $count functions of C17 and POSIX whose name a method could have is refused"
[ "$good" = ok ]
