# names.sh: the names that docs/performance.md lists are those that tests/bench/run takes.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1

begin "the table of names has those that the script takes, and no other"
taken=$(sed -n 's/^names_all=(\(.*\))$/\1/p' "$MARU_SOURCE/tests/bench/run" | tr ' ' '\n' | sort)
listed=$(awk -F ' *[|] *' '/^[|] name [|] ours [|]/ {on = 1; next} on && !/^[|]/ {exit} on && $2 !~ /^-/ {print $2}' \
    "$MARU_SOURCE/docs/performance.md" | sort)
same "names" "$listed" "$taken"

finish
