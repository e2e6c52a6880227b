#!/bin/sh
# refuse.sh PROTOC PLUGIN PROTOC_GEN_C INCLUDE ...: every .proto in refused/ is refused with the lines that its
# `// want:` comments name, and no file is made.
set -u
protoc=$1 plugin=$2 gen_c=$3
shift 3
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
includes=$(for dir in "$@"; do printf -- '-I%s ' "$dir"; done)
failed=0
cases=0

for file in "$here"/refused/*.proto; do
    name=refused/$(basename "$file")
    mkdir "$work/out"
    # shellcheck disable=SC2086 # the list of includes is meant to be split
    "$protoc" "-I$here" $includes "--plugin=protoc-gen-maru=$plugin" "--maru_opt=protoc_gen_c=$gen_c" \
        "--maru_out=$work/out" "$name" 2>"$work/said"
    status=$?
    good=ok
    [ $status -ne 0 ] || good='not ok'
    [ -z "$(find "$work/out" -type f)" ] || good='not ok'
    grep '^// want: ' "$file" | sed 's,^// want: ,,' >"$work/want"
    [ -s "$work/want" ] || good='not ok'
    while IFS= read -r want; do
        grep -qF -e "$want" "$work/said" || { good='not ok' && echo "$name: not said: $want" >&2; }
    done <"$work/want"
    # After what protoc has to say: how many there are, then one line for each, at most 20.
    sed -n '/^--maru_out: /,$p' "$work/said" >"$work/ours"
    refusals=$(sed -nE '1s/^--maru_out: nothing is made: ([0-9]+) refusal.*/\1/p' "$work/ours")
    lines=$(grep -cE '^refused/[a-z/_0-9]+\.proto:[0-9]+:[0-9]+: ' "$work/ours")
    [ $((lines + 1)) = "$(wc -l <"$work/ours")" ] && [ "$lines" = $((refusals < 20 ? refusals : 20)) ] ||
        { good='not ok' && echo "$name: $lines lines of $refusals refusals" >&2; }
    [ "$good" = ok ] || { failed=1 && cat "$work/said" >&2; }
    echo "$good - $name is refused with file and line, and nothing is made"
    rm -rf "$work/out"
    cases=$((cases + 1))
done
[ $cases -gt 0 ] || { echo "no cases in $here/refused" >&2 && exit 1; }
exit $failed
