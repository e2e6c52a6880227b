# goods.sh: tools/demo buys also where earlier runs, or someone else, left too little of what it buys; and counts earlier orders.
. "${MARU_SOURCE:?the folder of the tree}/tests/demo/staying.sh" || exit 1
inventory=shop.inventory.v1.InventoryService
here=(--edge none --data "$data")

begin "a first run is told of no delivery but its first"
check "it stays" stay "${here[@]}"
same "deliveries" "$(grep '^Goods came in' <<<"$printed")" "Goods came in: 100 of each of 62 products."

# What is left after many runs: 9 of one, nothing of the other.
"$maru" call --data "$data" inventory $inventory/AdjustStock -d '{"product": "products/napa-kimchi", "delta": -89, "reason": "sold"}' >/dev/null
"$maru" call --data "$data" inventory $inventory/AdjustStock -d '{"product": "products/celadon-cup", "delta": -99, "reason": "sold"}' >/dev/null
kill -INT $staying
wait $staying
same "status" $? 0

begin "where too little is left of what it buys, goods come in first, and its order is completed"
got=$("$demo" --once "${here[@]}" 2>&1)
same "status" $? 0
contains "a cup" "$got" "Goods came in: 100 of products/celadon-cup, of which 0 were left."
contains "kimchi" "$got" "Goods came in: 100 of products/napa-kimchi, of which 9 were left."
contains "the cup" "$got" "    100 on hand, 0 reserved for orders, 100 to sell"
contains "the audit" "$got" "    orders 4: completed 2, cancelled 2, under way 0"

begin "then it is enough, and none come in"
got=$("$demo" --once "${here[@]}" 2>&1)
same "status" $? 0
same "deliveries" "$(grep -c '^Goods came in' <<<"$got")" 0
contains "the audit" "$got" "    orders 6: completed 3, cancelled 3, under way 0"

begin "orders of earlier runs are counted over all pages"
mkdir -p build/bin bin
touch build/build.ninja
printf '#!/bin/sh\nexit 0\n' >bin/ninja
cat >build/bin/maru <<'SCRIPT'
#!/bin/bash
# The real one, but a page of orders has room for one.
exec "$MARU_BIN/maru" "${@//\"pageSize\": 1000/\"pageSize\": 1}"
SCRIPT
chmod +x bin/ninja build/bin/maru
got=$(PATH=$work/bin:$PATH MARU_BUILD=$work/build "$demo" --once "${here[@]}" 2>&1)
same "status" $? 0
contains "orders" "$got" $'\n6 orders of earlier runs are there.\n'

finish
