# Who calls whom: a service includes its own stub, and those of the services that the table lets it call. All else goes by events.

# SERVICE CALLED: the whole of it. Nobody calls another to reserve, to charge or to ship; the edge has no service compiled in.
callers_table() {
    cat <<'TABLE'
cart catalog
checkout cart
checkout catalog
payment provider
TABLE
}

check() {
    local sources
    mapfile -t sources < <(files '^svc/[^/]+/.*\.(c|h|cc)$')
    includes "${sources[@]}" | grep -E '(^|[:/])[A-Za-z0-9_]+\.maru\.h$' | awk -v table="$(callers_table)" '
        BEGIN {
            count = split(table, word, /[ \n]+/)
            for (i = 1; i + 1 <= count; i += 2) may[word[i] " " word[i + 1]] = 1
        }
        {
            split($0, part, ":"); split(part[1], folder, "/")
            from = folder[2]; to = part[3]
            if (to ~ /(^|\/)maru\/[a-z_]+\.maru\.h$/) next # of the library
            sub(/.*\//, "", to); sub(/\.maru\.h$/, "", to)
            if (from == to || (from " " to) in may) next
            print part[1] ":" part[2] ": " from " calls " to ": not in the table of tests/house/rules/callers.sh; it hears by events"
        }'
}

bad_checkout_charges() {
    mkdir -p svc/checkout && printf '/* place.c: orders. */\n#include "shop/payment.maru.h"\n' >svc/checkout/place.c
}
bad_cart_reserves() { echo '#include "shop/inventory.maru.h"' >>svc/cart/cart.c; }
bad_by_another_path() { echo '#include "../../build/gen/shop/payment.maru.h"' >>svc/cart/cart.c; }
bad_edge_knows_a_service() {
    mkdir -p svc/edge && printf '/* peers.c: peers. */\n#include <shop/catalog.maru.h>\n' >svc/edge/peers.c
}
