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
    {.name = "stock-equation",
     .sentence = "on hand = received + returned + adjusted - shipped",
     .run = stock_equation,
     .needs = STOCK},
    {.name = "stock-bounds", .sentence = "0 <= reserved <= on hand", .run = stock_bounds, .needs = STOCK},
    {.name = "request-once",
     .sentence = "one request id, one quote, one invoice makes at most one order",
     .run = request_once,
     .needs = ORDERS},
    {.name = "charge-once",
     .sentence = "one authorisation and one capture an order",
     .run = charge_once,
     .needs = LEDGER},
    {.name = "refund-bound",
     .sentence = "refunds are never above what was captured",
     .run = refund_bound,
     .needs = MONEY},
    {.name = "one-currency",
     .sentence = "an order's money is of one currency",
     .run = one_currency,
     .needs = ORDERS | MONEY},
    /* Found by book_mar and book_unhear, while lists and timelines are asked for. */
    {.name = "readable", .sentence = "every record that was asked for could be read", .needs = EVERY, .partly = true},
    /* Found by fold_event, while logs_read reads. */
    {.name = "log-dense", .sentence = "sequences and versions have no gap", .needs = EVERY, .partly = true},
    {.name = "cursors",
     .sentence = "nobody has read further than a log goes",
     .run = cursors,
     .needs = EVERY,
     .partly = true},
    {.name = "delivered", .sentence = "no event is a dead letter", .run = delivered, .needs = EVERY, .partly = true},
    {.name = "reserved-sum",
     .sentence = "reserved = the sum of live reservations",
     .at_rest = true,
     .run = reserved_sum,
     .needs = STOCK},
    {.name = "stock-ledger",
     .sentence = "the movements of a product make its stock",
     .at_rest = true,
     .run = stock_ledger,
     .needs = STOCK},
    {.name = "stock-kinds",
     .sentence = "received, returned, adjusted, shipped = the movements of each kind",
     .at_rest = true,
     .run = stock_kinds,
     .needs = STOCK},
    {.name = "stock-shipped",
     .sentence = "what left of a product is what shipped orders held",
     .at_rest = true,
     .run = stock_shipped,
     .needs = STOCK},
    {.name = "returned",
     .sentence = "what came back is what orders say, and was paid back",
     .at_rest = true,
     .run = goods_returned,
     .needs = ORDERS | STOCK | BOOK_SET(BOOK_PAYMENT)},
    {.name = "goods",
     .sentence = "what is reserved and shipped is what was ordered",
     .at_rest = true,
     .run = goods_agree,
     .needs = ORDERS | STOCK | PARCELS},
    {.name = "ledgers-equal",
     .sentence = "our ledger is the provider's",
     .at_rest = true,
     .run = ledgers_equal,
     .needs = MONEY},
    {.name = "settled",
     .sentence = "orders of the past, and no others, were paid elsewhere",
     .at_rest = true,
     .run = settled,
     .needs = ORDERS | BOOK_SET(BOOK_PAYMENT)},
    {.name = "fold",
     .sentence = "each service's state is the fold of its log",
     .at_rest = true,
     .run = fold_agrees,
     .needs = FLOW,
     .partly = true},
    {.name = "timeline",
     .sentence = "every event about an order was heard, once",
     .at_rest = true,
     .run = timelines,
     .needs = FLOW},
    {.name = "order-ends",
     .sentence = "an order ends COMPLETED or CANCELLED",
     .at_rest = true,
     .run = orders_end,
     .needs = FLOW},
    /* Found by orders_end, as the next two: it looks at each order once, by how that stands. */
    {.name = "order-known", .sentence = "checkout knows every order that others know", .at_rest = true, .needs = FLOW},
    {.name = "completed",
     .sentence = "COMPLETED: captured = total, goods left, delivered",
     .at_rest = true,
     .needs = FLOW | LEDGER,
     .partly = true},
    {.name = "cancelled",
     .sentence = "CANCELLED: captured = refunded, nothing authorised or reserved",
     .at_rest = true,
     .needs = FLOW | LEDGER,
     .partly = true},
    {.name = NULL},
};

/* A service that it needs did not say all. */
static bool misses(const book *b, const audit_check *check)
{
    unsigned unseen = book_unseen(b);

    return (check->needs & (unseen | b->marred)) != 0 ||
           (check->at_rest && (unseen & ~LEDGER) != 0); /* rest can't be told then */
}

static bool misses_others(const book *b)
{
    for (size_t i = 0; i < b->other_count; i++)
        if (b->others[i].unseen != NULL)
            return true;
    return false;
}

/* What orders_end finds besides is not found in part where that is not run. */
bool checks_made_partly(const book *b, const audit_check *check)
{
    if (misses(b, check))
        return check->partly && !(check->run == NULL && check->at_rest && (FLOW & (book_unseen(b) | b->marred)) != 0);
    return (check->run == delivered && misses_others(b)) || (check->run == timelines && b->unheard > 0);
}

bool checks_lack(const book *b, const audit_check *check)
{
    return misses(b, check) || checks_made_partly(b, check);
}

void checks_run(book *b)
{
    bool at_rest = book_at_rest(b);

    for (const audit_check *check = audit_checks; check->name != NULL; check++)
        if (check->run != NULL && (at_rest || !check->at_rest) && (check->partly || !misses(b, check)))
            check->run(b);
}
