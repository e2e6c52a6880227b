# names.sh: what is installed has no name that is not ours: functions of the archive, functions, macros and types of the
# headers. Each header compiles alone, as C and as C++.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
. "$MARU_SOURCE/tests/outside/installed.sh" || exit 1
public='^(maru_|google__(protobuf|api)__|grpc_)|_proto_maru_file$'
check "cmake --install" installed_here || finish
include=$prefix/include/libmaru
flags="-I$include $(pkg-config --cflags libprotobuf-c)"

begin "every global name of the archive is ours"
nm -g --defined-only "$prefix/lib/libmaru.a" 2>/dev/null | awk 'NF == 3 {print $3}' | sort -u >"$work/names"
check "there are many" [ "$(wc -l <"$work/names")" -gt 500 ]
same "others" "$(grep -vE "$public" "$work/names" | grep -v '^__odr_asan' | head | xargs)" ""

begin "every public function is in the archive, and the inner ones are not under their own names"
(cd "$include" && find . -name '*.h') | sed 's|^\./||' | sort >"$work/headers"
sed 's/.*/#include "&"/' "$work/headers" >"$work/all.c"
check "all together" gcc -std=gnu17 -aux-info "$work/declared" $flags -fsyntax-only "$work/all.c"
grep -F "/* $include/" "$work/declared" | sed -nE 's|.*\*/ extern [^(]*[ *]([A-Za-z_0-9]+) \(.*|\1|p' | sort -u >"$work/functions"
check "there are many" [ "$(wc -l <"$work/functions")" -gt 400 ]
same "others" "$(grep -vE "$public" "$work/functions" | head | xargs)" ""
same "not in the archive" "$(comm -23 "$work/functions" "$work/names" | head | xargs)" ""

begin "so is what describes each .proto that the library carries"
grep -hE '^extern' -r "$include" | grep -oE '[A-Za-z0-9_]+_proto_maru_file' | sort -u >"$work/files"
check "there are some" [ "$(wc -l <"$work/files")" -gt 5 ]
same "not in the archive" "$(comm -23 "$work/files" "$work/names" | xargs)" ""

begin "every macro of the headers is ours"
defined() { gcc -std=gnu17 -dM -E $flags "$1" | awk '{sub(/\(.*/, "", $2); print $2}' | sort -u; }
sed -n 's/^#include *\(<.*>\).*/#include \1/p' $(sed "s|^|$include/|" "$work/headers") | sort -u >"$work/theirs.c"
same "others" "$(comm -13 <(defined "$work/theirs.c") <(defined "$work/all.c") |
    grep -vE '^(MARU_|GOOGLE__|GRPC_|PROTOBUF_C_|errno$)' | head | xargs)" ""

begin "each header compiles alone, as C and as C++, without a warning"
one() { # HEADER
    printf '#include "%s"\nint main(void) { return 0; }\n' "$1" >"$work/one.c"
    gcc -std=c17 -Wall -Wextra -Wpedantic -Werror $flags -fsyntax-only "$work/one.c" &&
        g++ -std=c++17 -Wall -Wextra -Werror $flags -fsyntax-only -x c++ "$work/one.c"
}
while IFS= read -r header; do
    check "$header" one "$header"
done < <(grep '^maru/' "$work/headers")
finish
