# count.sh: `maru import` counts as an independent awk does; what can't be read is said in one line. Nothing needs to run.
. "${MARU_SOURCE:?the folder of the tree}/tests/running.sh" || exit 1
here=$MARU_SOURCE/tests/import

# What maru counted, in count.awk's words.
counted() { # FILE...
    "$maru" import --dry-run "$@" 2>"$work/words" | sed '/^in orders/,$d' | sed -nE '
        s/^  ([a-z ]*[a-z]) +([0-9]+) .*/\1 \2/p
        s/^lines +([0-9]+)$/lines \1/p
        s/^sum +([0-9]+) accepted \+ ([0-9]+) refused = .*/accepted \1\nrefused \2/p
        s/^products +([0-9]+) .*/products \1/p' | sort
}

begin "every reason, the sums and the products are those that awk counts"
awk_counts=$(LC_ALL=C awk -f "$here/csv.awk" -f "$here/count.awk" <"$here/dirty.csv" | sort -u)
same "the dirty sample" "$(counted "$here/dirty.csv" | sort -u)" "$awk_counts"
same "its lines" "$(grep '^lines ' <<<"$awk_counts")" "lines $(($(wc -l <"$here/dirty.csv")))"
same "its reasons" "$(grep -cvE '^(lines|refused|products|accepted) ' <<<"$awk_counts")" 10

begin "the most that a quantity, a price or a description may be, one more, and what is in no text: awk counts the same"
long=$(printf '%300s' '' | tr ' ' x)
edges() { # a line for each DESCRIPTION,QUANTITY,PRICE; \ooo is a byte
    echo InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice
    sed -E 's/^([^,]*),([^,]*),(.*)/1,85001,\1,\2,2010-12-01 08:26:00,\3/' | while IFS= read -r line; do printf "$line\\n"; done
}
edges >"$work/fine.csv" <<TEXT
SPOON,999999999999,1
SPOON,000000000001,1
SPOON,1,10000000000
SPOON,1,00010000000000.000
SPOON,1,9999999999.99
  $long ,1,1
CAF\303\251\302\240,1,1
TEXT
edges >"$work/wrong.csv" <<TEXT
SPOON,1000000000000,1
SPOON,0000000000001,1
SPOON,-1000000000000,1
SPOON,1,10000000001
SPOON,1,10000000000.01
SPOON,1,-10000000000.001
SPOON,1,123456789012345678901234567890
${long}x,1,1
NUL\000,1,1
C1\302\200,1,1
TEXT
for file in fine wrong; do
    same "$file" "$(counted "$work/$file.csv" | sort -u)" "$(LC_ALL=C awk -f "$here/csv.awk" -f "$here/count.awk" "$work/$file.csv" | sort -u)"
done
same "the fine ones" "$(counted "$work/fine.csv" | grep '^accepted' | sort -u)" "accepted 7"
same "the others" "$(counted "$work/wrong.csv" | grep -E '^(malformed|bad encoding)' | sort -u)" "bad encoding 1
malformed 9"

begin "as gzip it counts the same"
gzip -c "$here/dirty.csv" >"$work/dirty.csv.gz"
same "gzip" "$(counted "$work/dirty.csv.gz" | sort -u)" "$awk_counts"

begin "mixed and cut in many ways it counts the same (seeds 1 to 20)"
for seed in {1..20}; do
    { head -n 1 "$here/dirty.csv"
      LC_ALL=C awk -v seed="$seed" 'BEGIN { srand(seed) }
          NR > 1 && rand() < 0.8 { if (rand() < 0.2) $0 = substr($0, 1, int(rand() * length($0))); print }' "$here/dirty.csv"
    } >"$work/mixed.csv"
    same "seed $seed" "$(counted "$work/mixed.csv" | sort -u)" "$(LC_ALL=C awk -f "$here/csv.awk" -f "$here/count.awk" "$work/mixed.csv" | sort -u)"
done

begin "the first bad lines are told with file and line, one line each"
counted "$here/dirty.csv" >/dev/null
contains "a number" "$(cat "$work/words")" "dirty.csv:47: malformed: Quantity: want a whole number of at most 12 digits, got \"six\""
contains "the limit" "$(cat "$work/words")" "(further ones are only counted)"
same "their number" "$(wc -l <"$work/words")" 7

begin "progress is for terminals: without one, a long file brings no words"
{ head -n 1 "$here/dirty.csv"; for n in {1..20000}; do echo "$n,85001,SPOON,1,2010-12-01 08:26:00,1,,UK"; done; } >"$work/long.csv"
contains "its lines" "$(counted "$work/long.csv")" "accepted 20000"
same "words" "$(cat "$work/words")" ""

begin "with --latin1 a pound sign of one byte is read"
printf 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice\n1,85001,TEN \xa3,1,2010-12-01 08:26:00,1\n' >"$work/latin1.csv"
same "as UTF-8" "$(counted "$work/latin1.csv" | grep accepted)" "accepted 0
accepted 0"
same "as Latin-1" "$(counted --latin1 "$work/latin1.csv" | grep accepted | sort -u)" "accepted 1"

refused() { # STATUS WORDS ARGUMENT...
    local want=$1 words=$2 got
    shift 2
    got=$("$maru" import "$@" 2>&1)
    same "status of $*" $? "$want"
    contains "words of $*" "$got" "$words"
    same "lines of $*" "$(wc -l <<<"$got")" 1
}

begin "where nothing can be told, since the disk is full, it says so and does not end well"
"$maru" import --dry-run "$here/dirty.csv" >/dev/full 2>"$work/words"
same "status" $? 1
contains "words" "$(cat "$work/words")" "maru import: stdout: No space left on device"

begin "what can't be read, and wrong usage, are one line and a status"
printf 'a,b\n1,2\n' >"$work/other.csv"
printf '\n' >"$work/blank.csv"
: >"$work/empty.csv"
head -c 200 "$work/dirty.csv.gz" >"$work/cut.csv.gz"
refused 1 "none.csv: No such file or directory" --dry-run "$work/none.csv"
refused 1 "want a file, got a folder" --dry-run "$work"
refused 1 "other.csv:1: want a first line that names the columns, found none called InvoiceNo" --dry-run "$work/other.csv"
refused 1 "blank.csv:1: want a first line that names the columns, got an empty one" --dry-run "$work/blank.csv"
refused 1 "empty.csv:1: want a first line that names the columns, got an empty file" --dry-run "$work/empty.csv"
refused 1 "cut.csv.gz: ends in the middle of its gzip data" --dry-run "$work/cut.csv.gz"
refused 2 "want one FILE at least"
refused 2 'maru import: FILE: want a file, got ""' --dry-run "$work/dirty.csv.gz" ""
refused 2 "--colour" --colour "$work/dirty.csv.gz"
refused 2 "--products goes neither with --latin1 nor with --dry-run" --products --dry-run "$work/other.csv"

finish
