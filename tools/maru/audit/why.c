/* why.c: see why.h. The flow of an order is the table of rules: the first that fits says what is owed. */
#include "audit/why.h"

#include <string.h>

/* The last part of a type's name: "StockReserved". */
static const char *short_type(const char *type)
{
    const char *dot = strrchr(type, '.');

    return dot == NULL ? type : dot + 1;
}

static const MaruEvents__Event *find_event(const why_facts *facts, book_service service, const char *type)
{
    const why_service *s = &facts->services[service];

    for (size_t i = s->event_count; i > 0; i--)
        if (strcmp(short_type(s->events[i - 1]->type), type) == 0)
            return s->events[i - 1];
    return NULL;
}

/* An event that a rule looks for. type NULL: nothing is looked for. */
typedef struct sign {
    book_service service;
    const char  *type;
} sign;

enum { SIGNS = 3 };

/* Where all of `there` have been and none of `missing`, `owed` is what `owes` should say next, because of `there[0]`.
 */
static const struct rule {
    sign         there[SIGNS];
    sign         missing[SIGNS];
    book_service owes;
    const char  *owed;
    const char  *own_pace;
} rules[] = {
#define S(service, type)                                                                                               \
    {                                                                                                                  \
        BOOK_##service, type                                                                                           \
    }
#define NONE                                                                                                           \
    {                                                                                                                  \
        BOOK_CHECKOUT, NULL                                                                                            \
    }
    /* It is over, and undone step by step. */
    {{S(CHECKOUT, "OrderCancelled"), S(INVENTORY, "StockReserved"), NONE},
     {S(INVENTORY, "StockReleased"), S(INVENTORY, "StockRejected"), NONE},
     BOOK_INVENTORY,
     "StockReleased",
     "it releases at once"},
    {{S(CHECKOUT, "OrderCancelled"), S(PAYMENT, "PaymentCaptured"), NONE},
     {S(PAYMENT, "RefundSucceeded"), NONE, NONE},
     BOOK_PAYMENT,
     "RefundSucceeded",
     "it asks the provider until that says yes"},
    {{S(CHECKOUT, "OrderCancelled"), S(PAYMENT, "PaymentAuthorized"), NONE},
     {S(PAYMENT, "PaymentVoided"), S(PAYMENT, "PaymentCaptured"), NONE},
     BOOK_PAYMENT,
     "PaymentVoided",
     "it asks the provider until that says yes"},
    {{S(CHECKOUT, "OrderCancelled"), NONE, NONE}, {NONE, NONE, NONE}, BOOK_CHECKOUT, NULL, NULL},
    /* It shall be stopped. */
    {{S(SHIPPING, "ShipmentCancelled"), NONE, NONE},
     {S(CHECKOUT, "OrderCancelled"), NONE, NONE},
     BOOK_CHECKOUT,
     "OrderCancelled",
     "it says so at once"},
    {{S(CHECKOUT, "OrderCancelRequested"), NONE, NONE},
     {S(SHIPPING, "ShipmentCancelled"), S(SHIPPING, "ShipmentCancelRefused"), NONE},
     BOOK_SHIPPING,
     "ShipmentCancelled or ShipmentCancelRefused",
     "it decides at once"},
    /* Something said no. */
    {{S(INVENTORY, "StockRejected"), NONE, NONE},
     {S(CHECKOUT, "OrderCancelled"), NONE, NONE},
     BOOK_CHECKOUT,
     "OrderCancelled",
     "it says so at once"},
    {{S(PAYMENT, "PaymentDeclined"), NONE, NONE},
     {S(CHECKOUT, "OrderCancelled"), NONE, NONE},
     BOOK_CHECKOUT,
     "OrderCancelled",
     "it says so at once"},
    {{S(PAYMENT, "PaymentCaptureRefused"), NONE, NONE},
     {S(CHECKOUT, "OrderCancelRequested"), NONE, NONE},
     BOOK_CHECKOUT,
     "OrderCancelRequested",
     "it says so at once"},
    /* The way to the end, the last step first. */
    {{S(CHECKOUT, "OrderCompleted"), S(INVENTORY, "StockShipped"), NONE},
     {NONE, NONE, NONE},
     BOOK_CHECKOUT,
     NULL,
     NULL},
    {{S(SHIPPING, "ShipmentDispatched"), NONE, NONE},
     {S(INVENTORY, "StockShipped"), NONE, NONE},
     BOOK_INVENTORY,
     "StockShipped",
     "it notes it at once"},
    {{S(SHIPPING, "ShipmentDelivered"), NONE, NONE},
     {S(CHECKOUT, "OrderCompleted"), NONE, NONE},
     BOOK_CHECKOUT,
     "OrderCompleted",
     "it says so at once"},
    {{S(SHIPPING, "ShipmentDispatched"), NONE, NONE},
     {S(SHIPPING, "ShipmentDelivered"), NONE, NONE},
     BOOK_SHIPPING,
     "ShipmentDelivered",
     "the parcel is on its way; MarkDelivered says that it arrived"},
    {{S(PAYMENT, "PaymentCaptured"), S(SHIPPING, "ShipmentPacked"), NONE},
     {S(SHIPPING, "ShipmentDispatched"), NONE, NONE},
     BOOK_SHIPPING,
     "ShipmentDispatched",
     "it goes out at once"},
    {{S(SHIPPING, "ShipmentPacked"), NONE, NONE},
     {S(PAYMENT, "PaymentCaptured"), S(PAYMENT, "PaymentCaptureRefused"), NONE},
     BOOK_PAYMENT,
     "PaymentCaptured or PaymentCaptureRefused",
     "it asks the provider until that answers"},
    {{S(INVENTORY, "StockCommitted"), NONE, NONE},
     {S(SHIPPING, "ShipmentPacked"), NONE, NONE},
     BOOK_SHIPPING,
     "ShipmentPacked",
     "it is being packed; MarkPacked says that it is"},
    {{S(CHECKOUT, "OrderConfirmed"), NONE, NONE},
     {S(INVENTORY, "StockCommitted"), S(INVENTORY, "StockRejected"), NONE},
     BOOK_INVENTORY,
     "StockCommitted or StockRejected",
     "it says so at once"},
    {{S(PAYMENT, "PaymentAuthorized"), S(INVENTORY, "StockReserved"), NONE},
     {S(CHECKOUT, "OrderConfirmed"), NONE, NONE},
     BOOK_CHECKOUT,
     "OrderConfirmed",
     "it says so at once"},
    {{S(INVENTORY, "StockReserved"), NONE, NONE},
     {S(PAYMENT, "PaymentAuthorized"), S(PAYMENT, "PaymentDeclined"), NONE},
     BOOK_PAYMENT,
     "PaymentAuthorized or PaymentDeclined",
     "it asks the provider until that answers, by the same key"},
    {{S(CHECKOUT, "OrderSubmitted"), NONE, NONE},
     {S(INVENTORY, "StockReserved"), S(INVENTORY, "StockRejected"), NONE},
     BOOK_INVENTORY,
     "StockReserved or StockRejected",
     "it answers at once; after 30 s checkout cancels the order"},
    {{S(CHECKOUT, "OrderSubmitted"), NONE, NONE}, {NONE, NONE, NONE}, BOOK_CHECKOUT, NULL, NULL},
#undef S
#undef NONE
};

static bool fits(const why_facts *facts, const struct rule *rule)
{
    for (int i = 0; i < SIGNS; i++) {
        const sign *there = &rule->there[i], *missing = &rule->missing[i];

        if (there->type != NULL && find_event(facts, there->service, there->type) == NULL)
            return false;
        if (missing->type != NULL && find_event(facts, missing->service, missing->type) != NULL)
            return false;
    }
    return true;
}

static int64_t time_of(const MaruEvents__Event *event)
{
    return event->time == NULL ? 0 : event->time->seconds * 1000000000 + event->time->nanos;
}

static const MaruEvents__Event *find_newest(const why_facts *facts)
{
    const MaruEvents__Event *newest = NULL;

    for (int i = 0; i < BOOK_SERVICE_COUNT; i++)
        for (size_t j = 0; j < facts->services[i].event_count; j++)
            if (newest == NULL || time_of(facts->services[i].events[j]) > time_of(newest))
                newest = facts->services[i].events[j];
    return newest;
}

static const MaruEvents__DeadLetter *find_letter(const why_service *s)
{
    return s->letter_count > 0 ? s->letters[0] : NULL;
}

static const MaruEvents__Consumer *find_behind(const why_service *s, const MaruEvents__Event *cause)
{
    for (size_t i = 0; i < s->consumer_count; i++)
        if (strcmp(s->consumers[i]->producer, cause->producer) == 0 && s->consumers[i]->sequence < cause->sequence)
            return s->consumers[i];
    return NULL;
}

static void explain(const why_facts *facts, const struct rule *rule, why_answer *answer)
{
    const why_service *s = &facts->services[rule->owes];

    answer->owes = rule->owes;
    answer->owed = rule->owed;
    answer->cause_of = rule->there[0].service;
    answer->cause_type = rule->there[0].type;
    answer->cause = find_event(facts, rule->there[0].service, rule->there[0].type);
    if ((answer->down = s->down) != NULL || (answer->letter = find_letter(s)) != NULL ||
        (answer->behind = find_behind(s, answer->cause)) != NULL)
        return;
    answer->own_pace = rule->owes == BOOK_PAYMENT && *facts->detail != '\0' ? facts->detail : rule->own_pace;
}

void why_find(const why_facts *facts, why_answer *answer)
{
    *answer = (why_answer){.last = find_newest(facts)};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (fits(facts, &rules[i])) {
            answer->known = true;
            answer->over = rules[i].owed == NULL;
            if (!answer->over)
                explain(facts, &rules[i], answer);
            return;
        }
}
