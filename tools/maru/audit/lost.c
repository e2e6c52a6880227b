/* lost.c: see lost.h. The first row that fits says how far it went. */
#include "audit/lost.h"

#include <string.h>

enum { SIGNS = 2 };

typedef struct sign {
    book_service service;
    const char  *type; /* NULL: nothing is looked for */
} sign;

#define DOCS " (docs/orders.md: a charge without an order)"

/* What the provider has of its money. */
typedef enum money {
    MONEY_ANY,      /* or nothing, or not known: it is not asked */
    MONEY_HELD,     /* authorised; nothing was taken or given up */
    MONEY_TAKEN,    /* captured, and not all of it given back */
    MONEY_RETURNED, /* captured, and all of it given back */
} money;

static const struct stand {
    sign        there[SIGNS], missing[SIGNS];
    const char *stands, *safe;
    bool        lost_by_payment; /* only where its log, which was read, has nothing of its money */
    bool        bound;           /* only where a parcel of it may leave: its goods were committed, and not stopped */
    bool        unseen;          /* only where one who would know of goods or money could not be asked */
    money       money;
    lost_way    way;
} stands[] = {
    /* Payment lost it as well, and no void or refund of it comes any more. What left was paid. */
    {
        .there = {{BOOK_SHIPPING, "ShipmentDispatched"}},
        .stands = "its goods left, and payment lost it as well: it does not know that they are paid",
        .safe = "leave it: what the provider took for it is what they cost, though the audit calls that no order's",
        .lost_by_payment = true,
    },
    {
        .there = {{BOOK_INVENTORY, "StockShipped"}},
        .stands = "its goods left, and payment lost it as well: it does not know that they are paid",
        .safe = "leave it: what the provider took for it is what they cost, though the audit calls that no order's",
        .lost_by_payment = true,
    },
    /* All that follows of what both lost is by what the provider has of it, and by what inventory and shipping have. */
    {
        .stands = "payment lost it as well, and not all could be asked what they have of it",
        .safe = "see that inventory, payment, shipping and provider run, and ask again before anything is given back",
        .lost_by_payment = true,
        .unseen = true,
    },
    {
        .stands =
            "it was confirmed and paid, and payment lost it as well: shipping sends it if it heard that it is paid",
        .safe =
            "leave it while its parcel goes on; where that stays PACKED nothing leaves: give back what the provider "
            "took" DOCS,
        .lost_by_payment = true,
        .bound = true,
        .money = MONEY_TAKEN,
    },
    {
        .stands = "it was confirmed, and payment lost it as well: nobody asks for its money any more",
        .safe = "nothing leaves unpaid, be it packed, and its goods stay reserved: give up what the provider holds for "
                "it" DOCS,
        .lost_by_payment = true,
        .bound = true,
        .money = MONEY_HELD,
        .way = LOST_VOID,
    },
    {
        .stands = "it was confirmed, and payment lost it as well: nobody asks for its money any more",
        .safe = "nothing is left to give back; should its parcel go on, as shipping heard before that it was paid, it "
                "leaves unpaid",
        .lost_by_payment = true,
        .bound = true,
        .money = MONEY_RETURNED,
    },
    {
        .stands = "it was confirmed, and payment lost it as well: nobody asks for its money any more",
        .safe = "nothing has to be done: the provider holds nothing for it, nothing leaves unpaid, be it packed, and "
                "its goods stay reserved",
        .lost_by_payment = true,
        .bound = true,
    },
    {
        .there = {{BOOK_SHIPPING, "ShipmentCancelled"}},
        .stands = "its parcel was stopped, and payment lost it as well: nobody gives its money back",
        .safe = "nothing leaves: give back what the provider took for it" DOCS,
        .lost_by_payment = true,
        .money = MONEY_TAKEN,
        .way = LOST_REFUND,
    },
    {
        .there = {{BOOK_SHIPPING, "ShipmentCancelled"}},
        .stands = "its parcel was stopped, and payment lost it as well: nobody voids what is authorised",
        .safe = "nothing leaves: give up what the provider holds for it" DOCS,
        .lost_by_payment = true,
        .money = MONEY_HELD,
        .way = LOST_VOID,
    },
    {
        .there = {{BOOK_SHIPPING, "ShipmentCancelled"}},
        .missing = {{BOOK_INVENTORY, "StockReleased"}},
        .stands = "its parcel was stopped; that it is cancelled, only checkout would say",
        .safe = "nothing leaves; its goods stay reserved, and the provider has none of its money",
        .lost_by_payment = true,
    },
    {
        .there = {{BOOK_INVENTORY, "StockReserved"}},
        .missing = {{BOOK_INVENTORY, "StockReleased"}},
        .stands = "its goods are reserved, and payment lost it as well: nobody gives its money back",
        .safe = "the reservation ends by itself after 15 min: give back what the provider took for it" DOCS,
        .lost_by_payment = true,
        .money = MONEY_TAKEN,
        .way = LOST_REFUND,
    },
    {
        .there = {{BOOK_INVENTORY, "StockReserved"}},
        .missing = {{BOOK_INVENTORY, "StockReleased"}},
        .stands = "its goods are reserved, and payment lost it as well: nobody voids what is authorised",
        .safe = "the reservation ends by itself after 15 min: give up what the provider holds for it" DOCS,
        .lost_by_payment = true,
        .money = MONEY_HELD,
        .way = LOST_VOID,
    },
    {
        .there = {{BOOK_INVENTORY, "StockReserved"}},
        .missing = {{BOOK_INVENTORY, "StockReleased"}},
        .stands = "its goods are reserved, and it was not confirmed",
        .safe = "leave it: the reservation ends by itself after 15 min, and the provider has none of its money",
        .lost_by_payment = true,
    },
    {
        .stands = "no goods are bound, and payment lost it as well: nobody gives its money back",
        .safe = "nothing leaves: give back what the provider took for it" DOCS,
        .lost_by_payment = true,
        .money = MONEY_TAKEN,
        .way = LOST_REFUND,
    },
    {
        .stands = "no goods are bound, and payment lost it as well: nobody voids what is authorised",
        .safe = "nothing leaves: give up what the provider holds for it" DOCS,
        .lost_by_payment = true,
        .money = MONEY_HELD,
        .way = LOST_VOID,
    },
    /* What payment knows goes on, or ends by itself. */
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
    {
        .stands = "nothing of it is open at those who could be asked",
        .safe = "see that all run, and ask again",
        .unseen = true,
    },
    {.stands = "nothing of it is open", .safe = "nothing has to be done"},
};

/* An order of the past comes again with its files, where its name follows from what they say, by a key that is part of
 * checkout's store: one that has another key makes it twice, and nothing that is here tells that. One that a version
 * before that imported does not come again. RefundPayment takes neither. */
#define PAST "orders/past-"
#define IMPORT_AGAIN                                                                                                   \
    "only where checkout's store came from a backup that it made in this version or later, import the same files "     \
    "again, in the same order: they make it again under this name, and what was done for it counts; else they make "   \
    "it a second time (docs/import.md: when checkout goes back to a backup)"
#define LEAVE_PAST                                                                                                     \
    "leave it: what is done of it stays; imported again it would be made a second time, under another name"

static bool has(const why_facts *facts, const sign *s)
{
    return s->type != NULL && why_find_event(facts, s->service, s->type) != NULL;
}

/* One that asks the provider, or gives up what it asked for, knows it: what came of that it will say. */
static bool is_lost_by_payment(const why_facts *facts)
{
    return !facts->services[BOOK_PAYMENT].blind && why_find_event(facts, BOOK_PAYMENT, "PaymentAuthorized") == NULL &&
           facts->paying != PAYMENT__PAYMENT_STATE__AUTHORIZING && facts->paying != PAYMENT__PAYMENT_STATE__VOIDING;
}

/* For good: what was released since nobody confirmed it is committed all the same, once somebody does. */
static bool is_released(const why_facts *facts)
{
    const MaruEvents__Event *released = why_find_event(facts, BOOK_INVENTORY, "StockReleased");
    const MaruEvents__Event *committed = why_find_event(facts, BOOK_INVENTORY, "StockCommitted");

    return released != NULL && (committed == NULL || committed->version < released->version);
}

/* Its goods are still here, and nobody stopped that. */
static bool may_leave(const why_facts *facts)
{
    return why_find_event(facts, BOOK_SHIPPING, "ShipmentDispatched") == NULL &&
           why_find_event(facts, BOOK_SHIPPING, "ShipmentCancelled") == NULL && !is_released(facts);
}

/* Inventory may have lost it, too: what is packed was committed. */
static bool is_bound(const why_facts *facts)
{
    return may_leave(facts) && (why_find_event(facts, BOOK_INVENTORY, "StockCommitted") != NULL ||
                                why_find_event(facts, BOOK_SHIPPING, "ShipmentPacked") != NULL);
}

static bool is_held(const why_facts *facts)
{
    return facts->authorized > 0 && !facts->given_up && facts->taken == 0;
}

static bool fits_money(const why_facts *facts, money wanted)
{
    switch (wanted) {
    case MONEY_HELD:
        return is_held(facts);
    case MONEY_TAKEN:
        return facts->taken > facts->returned;
    case MONEY_RETURNED:
        return facts->taken > 0 && facts->taken <= facts->returned;
    default:
        return true;
    }
}

/* What the provider did, and where payment stands, is asked for after their logs: either may fail at that. */
static bool is_unseen(const why_facts *facts)
{
    static const book_service all[] = {BOOK_INVENTORY, BOOK_PAYMENT, BOOK_SHIPPING, BOOK_PROVIDER};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (facts->services[all[i]].blind)
            return true;
    return facts->services[BOOK_PAYMENT].down != NULL || facts->services[BOOK_PROVIDER].down != NULL;
}

static bool fits(const why_facts *facts, const struct stand *row)
{
    if ((row->lost_by_payment && !is_lost_by_payment(facts)) || (row->bound && !is_bound(facts)) ||
        (row->unseen && !is_unseen(facts)) || !fits_money(facts, row->money))
        return false;
    for (int i = 0; i < SIGNS; i++)
        if ((row->there[i].type != NULL && !has(facts, &row->there[i])) || has(facts, &row->missing[i]))
            return false;
    return true;
}

static bool comes_again(const why_facts *facts)
{
    return strncmp(facts->order, PAST, strlen(PAST)) == 0;
}

/* Inventory and shipping say nothing of what checkout never submitted; payment also tells news of the provider. */
static bool was_submitted(const why_facts *facts)
{
    return facts->services[BOOK_INVENTORY].event_count > 0 || facts->services[BOOK_SHIPPING].event_count > 0;
}

static const char *safe_of(const why_facts *facts, const struct stand *row, bool past)
{
    if (!past || row->way != LOST_NOTHING)
        return row->safe;
    return comes_again(facts) ? IMPORT_AGAIN : LEAVE_PAST;
}

void lost_find(const why_facts *facts, lost_order *lost)
{
    const struct stand *row = stands;
    bool                past = facts->settled || comes_again(facts);

    while (!fits(facts, row))
        row++;
    *lost = (lost_order){.submitted = was_submitted(facts),
                         .stands = row->stands,
                         .safe = safe_of(facts, row, past),
                         .way = row->way,
                         .refundable = !past && facts->left > 0 && *facts->currency != '\0',
                         .restorable = was_submitted(facts) && (facts->returned == 0 || !may_leave(facts))};
    for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
        if (facts->services[i].event_count > 0)
            lost->newest[i] = facts->services[i].events[facts->services[i].event_count - 1];
}
