/* lost.c: see lost.h. The first row that fits says how far it went. */
#include "audit/lost.h"

#include <string.h>

enum { SIGNS = 2 };

typedef struct sign {
    book_service service;
    const char  *type; /* NULL: nothing is looked for */
} sign;

static const struct stand {
    sign        there[SIGNS], missing[SIGNS];
    const char *stands, *safe;
    bool        lost_by_payment; /* only where its log, which was read, does not have that it was authorised */
    bool        taken;           /* only where the provider took money for it */
} stands[] = {
    {
        .there = {{BOOK_SHIPPING, "ShipmentCancelled"}},
        .missing = {{BOOK_INVENTORY, "StockReleased"}, {BOOK_SHIPPING, "ShipmentDispatched"}},
        .stands = "its parcel was stopped; that it is cancelled, only checkout would say",
        .safe = "nothing leaves; its goods stay reserved, and what is authorised payment voids after 7 days",
    },
    {
        .there = {{BOOK_SHIPPING, "ShipmentCancelled"}, {BOOK_PAYMENT, "PaymentCaptured"}},
        .missing = {{BOOK_PAYMENT, "RefundSucceeded"}, {BOOK_SHIPPING, "ShipmentDispatched"}},
        .stands = "it was cancelled, and its money did not go back yet",
        .safe = "wait: payment asks the provider to give it back, and asks no more where that refuses",
    },
    {
        .there = {{BOOK_SHIPPING, "ShipmentDispatched"}, {BOOK_PAYMENT, "PaymentCaptured"}},
        .missing = {{BOOK_PAYMENT, "RefundSucceeded"}},
        .stands = "its goods left, and are paid",
        .safe = "leave it: who ordered it has what was paid for, or gets it; nothing is done twice",
    },
    {
        .there = {{BOOK_PAYMENT, "PaymentCaptured"}},
        .missing = {{BOOK_PAYMENT, "RefundSucceeded"}},
        .stands = "it is paid, and its goods did not leave yet",
        .safe = "leave it: shipping sends it by itself; nothing is done twice",
    },
    /* What is confirmed was authorised. */
    {
        .there = {{BOOK_SHIPPING, "ShipmentDispatched"}},
        .stands = "its goods left, and payment lost it as well: it does not know that they are paid",
        .safe = "leave it: what the provider took for it is what they cost, though the audit calls that no order's",
        .lost_by_payment = true,
    },
    {
        .there = {{BOOK_INVENTORY, "StockCommitted"}},
        .missing = {{BOOK_INVENTORY, "StockReleased"}},
        .stands =
            "it was confirmed and paid, and payment lost it as well: shipping sends it if it heard that it is paid",
        .safe =
            "leave it while its parcel goes on; where that stays PACKED nothing leaves: give back what the provider "
            "took (docs/orders.md: a charge without an order)",
        .lost_by_payment = true,
        .taken = true,
    },
    {
        .there = {{BOOK_INVENTORY, "StockCommitted"}},
        .missing = {{BOOK_INVENTORY, "StockReleased"}},
        .stands = "it was confirmed, and payment lost it as well: nobody asks for its money any more",
        .safe = "nothing leaves unpaid, be it packed, and its goods stay reserved: give up what the provider holds for "
                "it (docs/orders.md: a charge without an order)",
        .lost_by_payment = true,
    },
    {
        .there = {{BOOK_INVENTORY, "StockCommitted"}},
        .missing = {{BOOK_INVENTORY, "StockReleased"}, {BOOK_PAYMENT, "PaymentCaptured"}},
        .stands = "it was confirmed, and goes on without checkout: it is packed, captured and sent",
        .safe = "leave it: nothing is done twice; while checkout does not know it, nobody can cancel it",
    },
    {
        .there = {{BOOK_INVENTORY, "StockReserved"}},
        .missing = {{BOOK_INVENTORY, "StockReleased"}, {BOOK_INVENTORY, "StockCommitted"}},
        .stands = "its goods are reserved, and it was not confirmed",
        .safe =
            "leave it: the reservation ends by itself after 15 min, and what is authorised payment voids after 7 days",
    },
    {
        .there = {{BOOK_PAYMENT, "PaymentAuthorized"}},
        .missing = {{BOOK_PAYMENT, "PaymentVoided"}, {BOOK_PAYMENT, "PaymentCaptured"}},
        .stands = "money is authorised for it, and no goods are bound",
        .safe = "leave it: nothing is captured, and payment voids it after 7 days",
    },
    {.stands = "nothing of it is open", .safe = "nothing has to be done"},
};

static bool has(const why_facts *facts, const sign *s)
{
    return s->type != NULL && why_find_event(facts, s->service, s->type) != NULL;
}

static bool is_lost_by_payment(const why_facts *facts)
{
    return !facts->services[BOOK_PAYMENT].blind && why_find_event(facts, BOOK_PAYMENT, "PaymentAuthorized") == NULL;
}

static bool fits(const why_facts *facts, const struct stand *row)
{
    if ((row->lost_by_payment && !is_lost_by_payment(facts)) || (row->taken && facts->taken <= facts->returned))
        return false;
    for (int i = 0; i < SIGNS; i++)
        if ((row->there[i].type != NULL && !has(facts, &row->there[i])) || has(facts, &row->missing[i]))
            return false;
    return true;
}

/* Inventory and shipping say nothing of what checkout never submitted; payment also tells news of the provider. */
static bool was_submitted(const why_facts *facts)
{
    return facts->services[BOOK_INVENTORY].event_count > 0 || facts->services[BOOK_SHIPPING].event_count > 0;
}

/* Its goods are still here, and nobody stopped that. */
static bool may_leave(const why_facts *facts)
{
    return why_find_event(facts, BOOK_SHIPPING, "ShipmentDispatched") == NULL &&
           why_find_event(facts, BOOK_SHIPPING, "ShipmentCancelled") == NULL &&
           why_find_event(facts, BOOK_INVENTORY, "StockReleased") == NULL;
}

void lost_find(const why_facts *facts, lost_order *lost)
{
    const struct stand *row = stands;

    while (!fits(facts, row))
        row++;
    *lost = (lost_order){.submitted = was_submitted(facts),
                         .stands = row->stands,
                         .safe = row->safe,
                         .refundable = facts->left > 0 && *facts->currency != '\0',
                         .restorable = was_submitted(facts) && (facts->returned == 0 || !may_leave(facts))};
    for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
        if (facts->services[i].event_count > 0)
            lost->newest[i] = facts->services[i].events[facts->services[i].event_count - 1];
}
