# api.sh: the pages of the headers: one for each that is installed, all that it declares has a place there with words before it, and
# every link leads somewhere. A function without a comment is an error of the build.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
. "$MARU_SOURCE/tests/outside/installed.sh" || exit 1
check "cmake --install" installed_here || finish
pages=$prefix/share/doc/maru/api include=$prefix/include/libmaru

begin "every public header has its page"
headers=$(cd "$MARU_SOURCE/rpc/include/maru" && for h in *.h; do [ ! -f "$include/maru/$h" ] || echo "$h"; done | grep -vxE '(errno|decls)\.h')
check "there are headers" [ "$(wc -w <<<"$headers")" -gt 10 ]
same "pages" "$(cd "$pages" && ls | sort | xargs)" "$( (echo index.html; sed 's/$/.html/' <<<"$headers") | sort | xargs)"

begin "the index says in a whole sentence what each is for"
same "cut" "$(grep -E '^<tr>' "$pages/index.html" | grep -vE '[^,]\. ?</td></tr>$')" ""

begin "every function has its place on the page of its header"
for h in $headers; do
    echo "#include \"maru/$h\""
done >"$work/all.c"
gcc -std=gnu17 -aux-info "$work/declared" "-I$include" $(pkg-config --cflags libprotobuf-c) -fsyntax-only "$work/all.c"
sed -nE "s|^/\* $include/maru/([a-z]+\.h):[0-9]+:.*\*/ extern [^(]*[ *]([A-Za-z_0-9]+) \(.*|\1 \2|p" "$work/declared" | sort -u >"$work/functions"
check "there are functions" [ "$(wc -l <"$work/functions")" -gt 100 ]
same "not there" "$(while read -r h name; do
    grep -qF "<a id=\"$name\"></a>" "$pages/$h.html" || echo "$h:$name"
done <"$work/functions" | xargs)" ""

begin "every link leads somewhere"
grep -ohE 'href="[^"]+"' "$pages"/*.html | sed 's/href="//; s/"$//' | sort -u >"$work/links"
check "there are links" [ "$(wc -l <"$work/links")" -gt 100 ]
same "nowhere" "$(while IFS='#' read -r file name; do
    [ -f "$pages/$file" ] && { [ -z "$name" ] || grep -qF "<a id=\"$name\"></a>" "$pages/$file"; } || echo "$file#$name"
done <"$work/links" | xargs)" ""

begin "a function that no comment stands before is said, with its place"
mkdir "$work/bad"
printf '/* bad.h: a header. */\n#ifndef MARU_BAD_H\n#define MARU_BAD_H\n\n/* good does. */\nint good(void);\n\nint bad(int of);\n\n#endif\n' \
    >"$work/bad.h"
"$MARU_SOURCE/tools/api-pages" -v into="$work/bad" "$work/bad.h" 2>"$work/words"
same "status" $? 1
same "words" "$(cat "$work/words")" "$work/bad.h:8: bad: no comment says what it does"
finish
