/* checks.c: the table of the invariants (checks.h); what they do is in check_*.c. */
#include "audit/checks.h"

#include <stddef.h>

#include "audit/checks_impl.h"

enum {
    ORDERS = BOOK_SET(BOOK_CHECKOUT),
    STOCK = BOOK_SET(BOOK_INVENTORY),
    PARCELS = BOOK_SET(BOOK_SHIPPING),
    LEDGER = BOOK_SET(BOOK_PROVIDER),
    MONEY = BOOK_SET(BOOK_PAYMENT) | LEDGER,
    FLOW = ORDERS | STOCK | PARCELS | BOOK_SET(BOOK_PAYMENT),
    EVERY = BOOK_SET(BOOK_SERVICE_COUNT) - 1,
};

const audit_check audit_checks[] = {
    {"stock-equation", "on hand = received + returned + adjusted - shipped", false, stock_equation, STOCK, false},
    {"stock-bounds", "0 <= reserved <= on hand", false, stock_bounds, STOCK, false},
    {"request-once", "one request id, one quote, one invoice makes at most one order", false, request_once, ORDERS,
     false},
    {"charge-once", "one authorisation and one capture an order", false, charge_once, LEDGER, false},
    {"refund-bound", "refunds are never above what was captured", false, refund_bound, MONEY, false},
    {"one-currency", "an order's money is of one currency", false, one_currency, ORDERS | MONEY, false},
    {"log-dense", "sequences and versions have no gap", false, NULL, EVERY, true},
    {"cursors", "nobody has read further than a log goes", false, cursors, EVERY, true},
    {"delivered", "no event is a dead letter", false, delivered, EVERY, true},
    {"reserved-sum", "reserved = the sum of live reservations", true, reserved_sum, STOCK, false},
    {"stock-ledger", "the movements of a product make its stock", true, stock_ledger, STOCK, false},
    {"stock-kinds", "received, returned, adjusted, shipped = the movements of each kind", true, stock_kinds, STOCK,
     false},
    {"stock-shipped", "what left of a product is what shipped orders held", true, stock_shipped, STOCK, false},
    {"returned", "what came back is what orders say, and was paid back", true, goods_returned,
     ORDERS | STOCK | BOOK_SET(BOOK_PAYMENT), false},
    {"goods", "what is reserved and shipped is what was ordered", true, goods_agree, ORDERS | STOCK | PARCELS, false},
    {"ledgers-equal", "our ledger is the provider's", true, ledgers_equal, MONEY, false},
    {"settled", "orders of the past, and no others, were paid elsewhere", true, settled,
     ORDERS | BOOK_SET(BOOK_PAYMENT), false},
    {"fold", "each service's state is the fold of its log", true, fold_agrees, FLOW, true},
    {"timeline", "every event about an order was heard, once", true, timelines, FLOW, false},
    {"order-ends", "an order ends COMPLETED or CANCELLED", true, orders_end, FLOW, false},
    {"order-known", "checkout knows every order that others know", true, NULL, FLOW, false},
    {"completed", "COMPLETED: captured = total, goods left, delivered", true, NULL, FLOW | LEDGER, true},
    {"cancelled", "CANCELLED: captured = refunded, nothing authorised or reserved", true, NULL, FLOW | LEDGER, true},
    {NULL, NULL, false, NULL, 0, false},
};

bool checks_lack(const book *b, const audit_check *check)
{
    unsigned unseen = book_unseen(b);

    if (check->run == delivered && !book_is_whole(b))
        return true;
    return (check->needs & unseen) != 0 || (check->at_rest && (unseen & ~LEDGER) != 0); /* rest can't be told then */
}

void checks_run(book *b)
{
    bool at_rest = book_at_rest(b);

    for (const audit_check *check = audit_checks; check->name != NULL; check++)
        if (check->run != NULL && (at_rest || !check->at_rest) && (check->partly || !checks_lack(b, check)))
            check->run(b);
}
