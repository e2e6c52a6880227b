# agreeing.sh: whether an import made of a file what an independent awk makes of it, and whether the audit agrees. Sourced
# after running.sh; $here is this folder.

# What awk makes of a file, and what maru said, in the same words.
wanted() { # FILE
    LC_ALL=C awk -f "$here/csv.awk" -f "$here/orders.awk" "$1" | sed '/ 0 0 0$/d' | sort
}

told() { # what maru printed
    sed -n '/^in orders/,$p' <<<"$1" | sed -nE '
        s/^  ([a-z ]*[a-z]) +([0-9]+) +(-?[0-9]+) +(-?[0-9]+)($| .*)/\1 \2 \3 \4/p
        s/^(together) +([0-9]+) +(-?[0-9]+) +(-?[0-9]+) .*/\1 \2 \3 \4/p
        s/^orders +[0-9]+ = ([0-9]+) placed \+ ([0-9]+) there already \+ ([0-9]+) refused; ([0-9]+) of guests$/orders \1+\2 \3 refused \4 guests/p
        s/^cancels +[0-9]+ = ([0-9]+) matched \+ ([0-9]+) in part \+ ([0-9]+) unmatched \+ ([0-9]+) refused$/cancels \1 \2 \3 refused \4/p
        s/^(repeated) +([0-9]+) .*/\1 \2/p' | while read -r word first rest; do
        case $word in orders) first=$((first)) ;; esac
        echo "$word $first $rest"
    done | sed 's/ *$//; / 0 0 0$/d' | sort
}

agrees() { # FILE, after $out was printed of it
    same "what it makes of $1" "$(told "$out")" "$(wanted "$1")"
}

clean() { # DIR WORDS
    local verdict
    verdict=$("$maru" audit --wait 30s --data "$1" 2>&1)
    same "status of the audit" $? 0
    contains "the audit" "$verdict" "$2"
}
