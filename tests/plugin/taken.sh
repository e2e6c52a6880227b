#!/bin/bash
# taken.sh PROTOC PLUGIN PROTOC_GEN_C LIBMARU PROGRAM RPC INCLUDE ...: what has a name already is refused. Functions and macros
# are taken out of the headers of C17, POSIX and GNU, functions out of the libraries that PROGRAM, one of Maru's, is linked with,
# macros and words out of the compilers, by asking them.
set -u
protoc=$1 plugin=$2 gen_c=$3 libmaru=$4 program=$5 rpc=$6
shift 6
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export LC_ALL=C
includes=("${@/#/-I}")
failed=0
headers='aio arpa/inet assert complex cpio ctype dirent dlfcn errno fcntl fenv float fmtmsg fnmatch ftw glob grp iconv
    inttypes iso646 langinfo libgen limits locale math monetary mqueue ndbm net/if netdb netinet/in netinet/tcp nl_types
    poll pthread pwd regex sched search semaphore setjmp signal spawn stdalign stdarg stdatomic stdbool stddef stdint
    stdio stdlib stdnoreturn string strings stropts sys/ipc sys/mman sys/msg sys/resource sys/select sys/sem sys/shm
    sys/socket sys/stat sys/statvfs sys/time sys/times sys/types sys/uio sys/un sys/utsname sys/wait syslog tar termios
    tgmath threads time trace ulimit unistd utime utmpx wchar wctype wordexp'
words_cplusplus='alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t char8_t class
    co_await co_return co_yield compl concept const const_cast consteval constexpr constinit continue decltype default delete
    do double dynamic_cast else enum explicit export extern false float for friend goto if inline int long mutable namespace
    new noexcept not not_eq nullptr operator or or_eq private protected public register reinterpret_cast requires return
    short signed sizeof static static_assert static_cast struct switch template this thread_local throw true try typedef
    typeid typename union unsigned using virtual void volatile wchar_t while xor xor_eq'
tags_c='Alignas Alignof Atomic Bool Complex Generic Imaginary Noreturn'

# none SENTENCE NAMES: a case that holds where there are none.
none() {
    [ -z "$2" ] && echo "ok - $1" && return
    printf 'not ok - %s: %s\n' "$1" "$(xargs <<<"$2")"
    failed=1
}

# at_least SENTENCE N M
at_least() {
    [ "$2" -ge "$3" ] && echo "ok - $1" && return
    echo "not ok - $1: $2, want $3 and more"
    failed=1
}

generate() { # FILE, below $work; its code in $work/out
    "$protoc" "-I$work" "${includes[@]}" "--plugin=protoc-gen-maru=$plugin" "--maru_opt=protoc_gen_c=$gen_c" \
        "--maru_out=$work/out" "$1" 2>&1
}

# shellcheck disable=SC2086 # a list of words
all_headers() {
    printf '#if __has_include(<%s.h>)\n#include <%s.h>\n#endif\n' $(printf '%s\n' $headers | sed 's/.*/& &/')
}

cc=${CC:-cc}
mkdir "$work/out"
is_function='^[a-z][a-z0-9]*_[a-z0-9_]*$' # what a method could become
all_headers >"$work/headers.c"
{
    "$cc" -E -P -std=c17 -D_XOPEN_SOURCE=700 "$work/headers.c" | grep -oE '\b[a-z][a-z0-9]*(_[a-z0-9]+)+ *\(' | tr -d ' ('
    "$cc" -E -dM -std=gnu17 -D_GNU_SOURCE "$work/headers.c" | awk '/^#define/ {sub(/\(.*/, "", $2); print $2}' | grep -E "$is_function"
} | sort -u >"$work/of-headers"

# The libraries' names; a version that nothing new is linked with (one @) is none. A sanitizer's own are not Maru's to keep.
exported() { # LIBRARY
    nm -D --defined-only "$1" | awk 'NF == 3 {print $3}' | grep -vE '[^@]@[^@]' | sed 's/@.*//' | grep -E "$is_function"
}
ldd "$program" | awk '$2 == "=>" {print $3}' | grep -vE '/lib(a|t|ub|l)san\.|/libstdc\+\+\.|/libgcc_s\.' >"$work/libraries"
while IFS= read -r library; do exported "$library"; done <"$work/libraries" | sort -u >"$work/of-libraries"
nm -g --defined-only "$libmaru" 2>/dev/null | awk 'NF == 3 {print $3}' | grep -E '^maru_[a-z0-9_]+$' | sort -u >"$work/of-libmaru"
for library in libnng.so liblmdb.so libuv.so libhttp_parser.so libprotobuf-c.so libc.so; do
    at_least "a program of Maru is linked with $library" "$(grep -cF "/$library" "$work/libraries")" 1
done
at_least "headers have names" "$(wc -l <"$work/of-headers")" 300
at_least "libraries have names" "$(wc -l <"$work/of-libraries")" 1500
at_least "libmaru has names" "$(wc -l <"$work/of-libmaru")" 100

# Words of C are refused by another rule; what is not refused as a word is to be seen here.
sort -u "$work"/of-* | grep -vxE 'and_eq|not_eq|or_eq|xor_eq|static_assert|thread_local' >"$work/names"
# Fifteen methods in a file, since 20 refusals are shown; a service for each first word.
awk -v work="$work" '
    {
        first = $0; sub(/_.*/, "", first)
        if (NR % 15 == 1) {
            if (file != "") { print "}" >file; close(file) }
            file = work "/f" (++files) ".proto"
            print "syntax = \"proto3\";\nimport \"maru/options.proto\";\nmessage None {}" >file
            before = ""
        }
        if (first != before) {
            print (before == "" ? "" : "}\n") "service S" NR " {\n  option (maru.service).prefix = \"" first "\";" >file
            before = first
        }
        print "  rpc " substr($0, length(first) + 2) "(None) returns (None);" >file
    }
    END { print "}" >file }' "$work/names"
for file in "$work"/f*.proto; do generate "$(basename "$file")"; done >"$work/said"
sed -nE 's/.* becomes ([a-z0-9_]+) in C, which is a name of .*/\1/p' "$work/said" | sort -u >"$work/refused"
prefixes=$(sed -nE 's/.*: prefix "([a-z0-9_]+)" of service .*/\1/p' "$work/said" | sort -u | paste -sd '|')
none "each of $(wc -l <"$work/names") functions of the headers and the libraries, whose name a method could have, is refused" \
    "$(comm -23 "$work/names" "$work/refused" | grep -vE "^($prefixes)_" | head -n 20)"

# What the compiler has a macro for wherever libmaru's headers are, and words that begin with _ and a capital: a member, a type
# and the tag of an enum of that name is refused, or compiles.
printf '#include "maru/%s.h"\n' app client server service >"$work/maru.h"
cc_maru=("$cc" -std=gnu17 -D_GNU_SOURCE -pthread "-I$rpc" -include "$rpc/maru/errno.h" -include "$work/maru.h")
"${cc_maru[@]}" -E -dM -x c /dev/null | awk '/^#define/ && $2 !~ /\(/ {print $2}' >"$work/macros"
{
    sed -nE 's/^([a-z][a-z0-9_]*)$/message M { int32 \1 = 1; }/p; s/^([A-Z][A-Za-z0-9]*)$/message \1 {}/p
        s/^_([A-Z][A-Za-z0-9]*)$/enum \1 { A = 0; }/p' "$work/macros"
    # shellcheck disable=SC2086 # a list of words
    printf 'enum %s { A = 0; }\n' $tags_c
} | sort -u >"$work/things"
at_least "there are such macros" "$(wc -l <"$work/things")" 100
none "what is a macro wherever libmaru's headers are is refused, or compiles" "$(while IFS= read -r thing; do
    printf 'syntax = "proto3";\n%s\n' "$thing" >"$work/thing.proto"
    generate thing.proto | grep -q '^thing.proto:.* reserved there' ||
        "${cc_maru[@]}" -fsyntax-only "-I$work/out" "$work/out/thing.pb-c.c" 2>/dev/null || echo "$thing,"
done <"$work/things")"

# A method may have any word as its name, and any macro that looks like a function.
{
    printf 'syntax = "proto3";\npackage words;\nmessage None {}\nservice Words {\n'
    # shellcheck disable=SC2086 # a list of words
    printf '  rpc %s(None) returns (None);\n' $words_cplusplus assert assert_perror offsetof va_start va_arg va_end va_copy
    echo '}'
} >"$work/words.proto"
generate words.proto
none "every word can be a method's, and its code is C and C++" "$({
    "${cc_maru[@]}" -Wall -Wextra -Werror -fsyntax-only "-I$work/out" "$work/out/words.maru.c" &&
        "${CXX:-c++}" -std=c++20 -Wall -Wextra -Werror -fsyntax-only -x c++ "-I$work/out" "-I$rpc" "$work/out/words.maru.h"
} 2>&1 | head -n 5)"

# A field may too, unless it is refused; or there is a warning that its header is no C++.
for word in $words_cplusplus; do
    printf 'syntax = "proto3";\npackage fields;\nmessage M { int32 %s = 1; }\n' "$word" >"$work/field.proto"
    generate field.proto >"$work/said" && "${cc_maru[@]}" -fsyntax-only "-I$work/out" "$work/out/field.pb-c.c" >>"$work/said" 2>&1
    case "$?:$(<"$work/said")" in
    0:) echo "$word" >>"$work/silent" ;;
    "0:field.proto:3:13: warning: field fields.M.$word becomes $word in C, which C++ reserves: a C++ program cannot include its header"*) echo "$word" >>"$work/warned" ;;
    1:*"field.proto:3:13: field fields.M.$word becomes "*) echo "$word" >>"$work/refused-fields" ;;
    *) cat "$work/said" && echo "$word" >>"$work/other" ;;
    esac
done
touch "$work/other"
none "a field that has a word of C++ is refused, warned of, or renamed" "$(<"$work/other")"
none "what is warned of is decltype and its like" "$(xargs <"$work/warned" | grep -vx \
    'char16_t char32_t char8_t co_await co_return co_yield concept consteval constinit decltype export noexcept requires')"
{
    printf 'syntax = "proto3";\npackage fields;\nmessage M {\n'
    awk '{print "  int32 " $1 " = " NR ";"}' "$work/silent"
    echo '}'
} >"$work/fields.proto"
generate fields.proto
none "what is renamed is C++" "$("${CXX:-c++}" -std=c++20 -fsyntax-only -x c++ "-I$work/out" "-I$rpc" "$work/out/fields.maru.h" 2>&1 | head -n 5)"
exit $failed
