# told.sh: what tools/demo says where words, files or its output are not as they must be: one line, of what really is wrong.
. "${MARU_SOURCE:?the folder of the tree}/tests/demo/staying.sh" || exit 1
mkdir -p build/bin bin
touch build/build.ninja
printf '#!/bin/sh\nexit 0\n' >bin/ninja
cat >build/bin/maru <<'SCRIPT'
#!/bin/sh
# The real one, but it may not show how an order goes, and its first AddItems may be too much for the catalogue.
case "${FAILS-} $1 $2" in "timeline order timeline") echo "maru order: cannot show it" >&2; exit 1 ;; esac
case "${FAILS-}: $*" in
busy:*/AddItem*)
    tried=$(cat "$MARU_BUILD/tried")
    echo "$tried+" >"$MARU_BUILD/tried"
    case $tried in ????*) ;; *) echo "DEADLINE_EXCEEDED: $2: no answer within the deadline (from cart/1)" >&2; exit 68 ;; esac
    ;;
busier:*/AddItem*) echo "DEADLINE_EXCEEDED: $2: no answer within the deadline (from cart/1)" >&2; exit 68 ;;
esac
exec "$MARU_BIN/maru" "$@"
SCRIPT
chmod +x bin/ninja build/bin/maru
export PATH=$work/bin:$PATH MARU_BUILD=$work/build

begin "a flag is not taken for a folder"
for words in --once --edge -x; do
    got=$("$demo" --data $words --once 2>&1)
    same "status of --data $words" $? 2
    contains "words" "$got" "demo: --data: want a folder, got \"$words\" (./$words is one of that name)"
    same "lines" "$(wc -l <<<"$got")" 1
    check "no folder was made" [ ! -e "$MARU_SOURCE/$words" ] && check "no folder was made" [ ! -e "$words" ]
done

begin "a folder and a file whose names begin with a dash are used as they are"
cp "$MARU_SOURCE/tests/import/dirty.csv" ./-f.csv
got=$("$demo" --edge none --once --data=-d --import -f.csv 2>&1)
same "status" $? 0
contains "the import" "$got" "16 accepted + 47 refused = 63"
contains "its command" "$got" "import --data ./-d ./-f.csv"
check "the folder" [ -d ./-d ]
got=$(MARU_DATA=-d "$demo" --edge none --once 2>&1)
same "status with MARU_DATA" $? 0
contains "the same shop" "$got" "2 orders of earlier runs are there."

begin "where nothing can be written to its output, that is what it says"
"$demo" --edge none --once --data "$data" >/dev/full 2>said
same "status" $? 1
same "words" "$(cat said)" "demo: what it shows can't be written: No space left on device"
"$demo" --edge none --once --data "$data" >&- 2>said
same "status, closed" $? 1
same "words, closed" "$(cat said)" "demo: what it shows can't be written"
"$demo" --help >/dev/full 2>/dev/null
same "status of --help" $? 1

begin "where the timeline of an order can't be shown, it does not blame the order"
got=$(FAILS=timeline "$demo" --edge none --once --data "$data" 2>&1)
same "status" $? 1
contains "words" "$got" $'maru order: cannot show it\ndemo: the timeline of orders/'
same "blame" "$(grep -c 'want it COMPLETED' <<<"$got")" 0
same "what is left" "$(left)" ""

begin "what a service behind another is too busy to answer is asked again, but not for ever"
: >build/tried
got=$(FAILS=busy "$demo" --edge none --once --data "$data" 2>&1)
same "status" $? 0
contains "the cart, once each" "$got" "      1 x   38,000 KRW  products/celadon-cup"
contains "tries" "$(cat build/tried)" "++++"
got=$(FAILS=busier "$demo" --edge none --once --data "$data" 2>&1)
same "status" $? 1
contains "words" "$got" "AddItem: DEADLINE_EXCEEDED: "
same "what is left" "$(left)" ""

begin "where the build can't write its log, it says so, and shows no older one"
rm -f build/demo.log
mkdir build/demo.log
for shell in env 'env POSIXLY_CORRECT=1'; do
    got=$($shell "$demo" --edge none --once --data "$data" 2>&1)
    same "status, $shell" $? 1
    same "words, $shell" "$got" "building in $work/build
demo: $work/build/demo.log: want a file that can be written: the build writes into it"
done

finish
