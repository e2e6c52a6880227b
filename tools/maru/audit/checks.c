/* checks.c: the table of the invariants (checks.h); what they do is in check_*.c. */
#include "audit/checks.h"

#include <stddef.h>

#include "audit/checks_impl.h"

const audit_check audit_checks[] = {
    {"stock-equation", "on hand = received + returned + adjusted - shipped", false, stock_equation},
    {"stock-bounds", "0 <= reserved <= on hand", false, stock_bounds},
    {"request-once", "one request id, one quote, one invoice makes at most one order", false, request_once},
    {"charge-once", "one authorisation and one capture an order", false, charge_once},
    {"refund-bound", "refunds are never above what was captured", false, refund_bound},
    {"one-currency", "an order's money is of one currency", false, one_currency},
    {"log-dense", "sequences and versions have no gap", false, NULL},
    {"cursors", "nobody has read further than a log goes", false, cursors},
    {"delivered", "no event is a dead letter", false, delivered},
    {"reserved-sum", "reserved = the sum of live reservations", true, reserved_sum},
    {"stock-ledger", "the movements of a product make its stock", true, stock_ledger},
    {"stock-kinds", "received, returned, adjusted, shipped = the movements of each kind", true, stock_kinds},
    {"stock-shipped", "what left of a product is what shipped orders held", true, stock_shipped},
    {"returned", "what came back is what orders say, and was paid back", true, goods_returned},
    {"goods", "what is reserved and shipped is what was ordered", true, goods_agree},
    {"ledgers-equal", "our ledger is the provider's", true, ledgers_equal},
    {"settled", "orders of the past, and no others, were paid elsewhere", true, settled},
    {"fold", "each service's state is the fold of its log", true, fold_agrees},
    {"timeline", "every event about an order was heard, once", true, timelines},
    {"order-ends", "an order ends COMPLETED or CANCELLED", true, orders_end},
    {"order-known", "checkout knows every order that others know", true, NULL},
    {"completed", "COMPLETED: captured = total, goods left, delivered", true, NULL},
    {"cancelled", "CANCELLED: captured = refunded, nothing authorised or reserved", true, NULL},
    {NULL, NULL, false, NULL},
};

void checks_run(book *b)
{
    bool at_rest = book_at_rest(b);

    for (const audit_check *check = audit_checks; check->name != NULL; check++)
        if (check->run != NULL && (at_rest || !check->at_rest))
            check->run(b);
}
