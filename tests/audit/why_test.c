/* why_test.c: what an order waits for, who owes it, and what keeps it, over facts made by hand: each rule, and each
 * thing that may keep an event.
 */
#include "why_world.h"

/* ---- the rules ---- */

typedef struct rule_case {
    const char *events;
    const char *owed; /* NULL: it is over */
    const char *owes;
    const char *cause; /* "checkout:OrderSubmitted" */
} rule_case;

static const rule_case rules[] = {
    /* The way to the end. */
    {SUBMITTED, "StockReserved or StockRejected", "inventory", SUBMITTED},
    {RESERVED, "PaymentAuthorized or PaymentDeclined", "payment", "inventory:StockReserved"},
    {AUTHORIZED, "OrderConfirmed", "checkout", "payment:PaymentAuthorized"},
    {CONFIRMED, "StockCommitted or StockRejected", "inventory", "checkout:OrderConfirmed"},
    {COMMITTED, "ShipmentPacked", "shipping", "inventory:StockCommitted"},
    {PACKED, "PaymentCaptured or PaymentCaptureRefused", "payment", "shipping:ShipmentPacked"},
    {CAPTURED, "ShipmentDispatched", "shipping", "payment:PaymentCaptured"},
    {DISPATCHED, "StockShipped", "inventory", "shipping:ShipmentDispatched"},
    {SHIPPED, "ShipmentDelivered", "shipping", "shipping:ShipmentDispatched"},
    {DELIVERED, "OrderCompleted", "checkout", "shipping:ShipmentDelivered"},
    {DELIVERED "checkout:OrderCompleted", NULL, NULL, NULL},
    {DISPATCHED "shipping:ShipmentDelivered checkout:OrderCompleted", "StockShipped", "inventory",
     "shipping:ShipmentDispatched"},
    /* Something says no. */
    {SUBMITTED "inventory:StockRejected", "OrderCancelled or OrderCancelRequested", "checkout",
     "inventory:StockRejected"},
    {CONFIRMED "inventory:StockRejected", "OrderCancelled or OrderCancelRequested", "checkout",
     "inventory:StockRejected"},
    {CONFIRMED "inventory:StockRejected checkout:OrderCancelRequested", "ShipmentCancelled or ShipmentCancelRefused",
     "shipping", "checkout:OrderCancelRequested"},
    /* Of an inventory that was restored: what has left goes on. */
    {DISPATCHED "inventory:StockRejected", "ShipmentDelivered", "shipping", "shipping:ShipmentDispatched"},
    {DISPATCHED "inventory:StockRejected shipping:ShipmentDelivered", "OrderCompleted", "checkout",
     "shipping:ShipmentDelivered"},
    {RESERVED "payment:PaymentDeclined", "OrderCancelled", "checkout", "payment:PaymentDeclined"},
    {PACKED "payment:PaymentCaptureRefused", "OrderCancelRequested", "checkout", "payment:PaymentCaptureRefused"},
    {PACKED "payment:PaymentVoided", "OrderCancelRequested", "checkout", "payment:PaymentVoided"},
    {EXPIRED, "OrderCancelled", "checkout", "inventory:StockReleased"},
    {EXPIRED "payment:PaymentAuthorized checkout:OrderConfirmed", "StockCommitted or StockRejected", "inventory",
     "checkout:OrderConfirmed"},
    /* It shall be stopped. */
    {REQUESTED, "ShipmentCancelled or ShipmentCancelRefused", "shipping", "checkout:OrderCancelRequested"},
    {STOPPED, "OrderCancelled", "checkout", "shipping:ShipmentCancelled"},
    {SHIPPED "checkout:OrderCancelRequested shipping:ShipmentCancelRefused", "ShipmentDelivered", "shipping",
     "shipping:ShipmentDispatched"},
    /* It is over, and is undone. */
    {SUBMITTED CANCELLED, NULL, NULL, NULL},
    {SUBMITTED "inventory:StockRejected " CANCELLED, NULL, NULL, NULL},
    {RESERVED CANCELLED, "StockReleased", "inventory", "checkout:OrderCancelled"},
    {RESERVED CANCELLED "inventory:StockReleased", NULL, NULL, NULL},
    {RESERVED CANCELLED "inventory:StockReleased payment:PaymentAuthorized", "PaymentVoided", "payment",
     "checkout:OrderCancelled"},
    {STOPPED CANCELLED "inventory:StockReleased payment:PaymentVoided", NULL, NULL, NULL},
    {LATE, "PaymentVoided, or PaymentCaptured and then RefundSucceeded", "payment", "checkout:OrderCancelled"},
    {LATE "payment:PaymentCaptureRefused ", "PaymentVoided", "payment", "checkout:OrderCancelled"},
    {LATE "payment:PaymentCaptured ", "RefundSucceeded", "payment", "checkout:OrderCancelled"},
    {LATE "payment:PaymentVoided ", NULL, NULL, NULL},
    {EXPIRED "payment:PaymentAuthorized checkout:OrderConfirmed inventory:StockCommitted " CANCELLED, "StockReleased",
     "inventory", "checkout:OrderCancelled"},
    {CAPTURED CANCELLED "inventory:StockReleased", "RefundSucceeded", "payment", "checkout:OrderCancelled"},
    {CAPTURED CANCELLED "inventory:StockReleased payment:RefundSucceeded shipping:ShipmentCancelled", NULL, NULL, NULL},
    /* By a restored checkout, which had confirmed it before. */
    {PACKED CANCELLED, "StockReleased", "inventory", "checkout:OrderCancelled"},
    {PACKED CANCELLED "inventory:StockReleased payment:PaymentVoided", "ShipmentCancelled", "shipping",
     "checkout:OrderCancelled"},
    {COMMITTED CANCELLED "inventory:StockReleased payment:PaymentVoided", "ShipmentCancelled", "shipping",
     "checkout:OrderCancelled"},
    /* Stopped by a restored shipping, which did not know yet that it had left. */
    {STOPPED "shipping:ShipmentPacked shipping:ShipmentDispatched inventory:StockShipped payment:PaymentCaptured",
     "ShipmentDelivered", "shipping", "shipping:ShipmentDispatched"},
    /* What came back of one of the past: each return has its own answers. */
    {RETURNED, "StockReturned", "inventory", "checkout:OrderReturned"},
    {RETURNED "inventory:StockReturned<checkout-4", "RefundSucceeded", "payment", "checkout:OrderReturned"},
    {ANSWERED, NULL, NULL, NULL},
    {ANSWERED "checkout:OrderReturned", "StockReturned", "inventory", "checkout:OrderReturned"},
    {ANSWERED "checkout:OrderReturned inventory:StockReturned<checkout-5", "RefundSucceeded", "payment",
     "checkout:OrderReturned"},
    {RETURNED "inventory:StockReturned<checkout-4 payment:RefundSucceeded<call", "RefundSucceeded", "payment",
     "checkout:OrderReturned"},
    {ANSWERED "checkout:OrderReturned inventory:StockReturned<checkout-5 payment:RefundSucceeded<checkout-5", NULL,
     NULL, NULL},
    {SHIPPED "shipping:ShipmentDelivered checkout:OrderCompleted checkout:OrderReturned "
             "inventory:StockReturned<checkout-4 payment:RefundSucceeded<shipping-1",
     NULL, NULL, NULL},
    /* One that inventory heard of before it heard that the goods left waits for that, and is answered because of it. */
    {EARLY, "StockShipped", "inventory", "shipping:ShipmentDispatched"},
    {EARLY "inventory:StockShipped<shipping-2 inventory:StockReturned<shipping-2 ", "StockReturned", "inventory",
     "checkout:OrderReturned"},
    {EARLY "inventory:StockShipped<shipping-2 inventory:StockReturned<shipping-2 inventory:StockReturned<shipping-2",
     NULL, NULL, NULL},
    {EARLY "checkout:OrderReturned payment:RefundSucceeded<checkout-6 inventory:StockShipped<shipping-2 "
           "inventory:StockReturned<shipping-2 inventory:StockReturned<shipping-2 inventory:StockReturned<checkout-6",
     NULL, NULL, NULL},
};

static void test_rule(const rule_case *c)
{
    world      w;
    why_answer a;
    char       cause[128];

    world_make(&w, c->events);
    why_find(&w.facts, &a);
    CHECK(a.known);
    CHECK(a.against == NULL);
    CHECK_INT(a.over, c->owed == NULL);
    if (c->owed == NULL || !CHECK(a.owed != NULL))
        return;
    CHECK_STR(a.owed, c->owed);
    CHECK_STR(book_service_name(a.owes), c->owes);
    snprintf(cause, sizeof cause, "%s:%s", book_service_name(a.cause_of), a.cause_type);
    CHECK_MEM(cause, strlen(cause), c->cause, strcspn(c->cause, " "));
    if (CHECK(a.cause != NULL))
        CHECK_CONTAINS(a.cause->type, a.cause_type);
    if (!CHECK(a.down == NULL && a.letter == NULL && a.behind == NULL && a.own_pace != NULL))
        fprintf(stderr, "  %s\n", c->events);
}

static void test_rules(void)
{
    test_begin("each step of an order's way: what is owed, by whom, because of what");
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        test_rule(&rules[i]);
}

/* ---- what keeps it ---- */

static void test_behind(void)
{
    world      w;
    why_answer a;

    test_begin("a service that has not read so far is behind; one that has goes at its own pace");
    world_make(&w, SUBMITTED);
    set_consumer(&w, BOOK_INVENTORY, "checkout", 9);
    why_find(&w.facts, &a);
    CHECK(a.behind == &w.consumers[BOOK_INVENTORY] && a.own_pace == NULL);
    set_consumer(&w, BOOK_INVENTORY, "checkout", 10);
    why_find(&w.facts, &a);
    CHECK(a.behind == NULL);
    CHECK_STR(a.own_pace, "it answers at once; after 30 s checkout cancels the order");
    set_consumer(&w, BOOK_INVENTORY, "shipping", 1);
    why_find(&w.facts, &a);
    CHECK(a.behind == NULL);

    test_begin("where an event follows from two, it is said which one was not read yet");
    world_make(&w, AUTHORIZED);
    set_consumer(&w, BOOK_CHECKOUT, "inventory", 9);
    why_find(&w.facts, &a);
    if (CHECK(a.behind != NULL)) {
        CHECK_STR(a.cause_type, "StockReserved");
        CHECK_INT(a.cause_of, BOOK_INVENTORY);
        CHECK_INT(a.cause->sequence, 10);
    }
    world_make(&w, RESERVED);
    set_consumer(&w, BOOK_PAYMENT, "checkout", 0);
    why_find(&w.facts, &a);
    if (CHECK(a.behind != NULL))
        CHECK_STR(a.cause_type, "OrderSubmitted");
}

static void check_awaited(const char *events, book_service service, bool awaited)
{
    world      w;
    why_answer a;

    world_make(&w, events);
    set_consumer(&w, service, "cart", 0);
    w.consumers[service].waits_for = 1;
    why_find(&w.facts, &a);
    CHECK((a.awaited != NULL) == awaited && (a.own_pace != NULL) == !awaited);
}

static void test_down(void)
{
    world                   w;
    why_answer              a;
    MaruEvents__DeadLetter *letter;

    test_begin("what keeps an event: the service is down, before a failed event, before not being read");
    world_make(&w, SUBMITTED);
    set_consumer(&w, BOOK_INVENTORY, "checkout", 0);
    letter = fail(&w, BOOK_INVENTORY, "checkout", "orders/a");
    why_find(&w.facts, &a);
    CHECK(a.letter == letter && a.behind == NULL && a.own_pace == NULL);
    w.facts.services[BOOK_INVENTORY].down = "nobody is there";
    why_find(&w.facts, &a);
    CHECK_STR(a.down, "nobody is there");
    CHECK(a.letter == NULL && a.behind == NULL && a.own_pace == NULL);

    test_begin("a failed event at a service that owes nothing keeps nothing");
    world_make(&w, SUBMITTED);
    fail(&w, BOOK_SHIPPING, "checkout", "orders/a");
    why_find(&w.facts, &a);
    CHECK(a.letter == NULL && a.own_pace != NULL);
}

static void test_failed(void)
{
    world                         w;
    why_answer                    a;
    const MaruEvents__DeadLetter *first, *second, *third;
    size_t                        at = 0;

    test_begin("what failed anywhere is named once for each aggregate, also of an order that is over");
    world_make(&w, COMPLETED);
    first = fail(&w, BOOK_PAYMENT, "checkout", "orders/a");
    fail(&w, BOOK_PAYMENT, "checkout", "orders/a"); /* it waits behind that */
    second = fail(&w, BOOK_PAYMENT, "provider", "refund:orders/a");
    third = fail(&w, BOOK_PAYMENT, "shipping", "orders/a");
    why_find(&w.facts, &a);
    CHECK(a.over && a.letter == NULL);
    CHECK(why_next_failed(&w.facts.services[BOOK_PAYMENT], &a, &at) == first);
    CHECK(why_next_failed(&w.facts.services[BOOK_PAYMENT], &a, &at) == second);
    CHECK(why_next_failed(&w.facts.services[BOOK_PAYMENT], &a, &at) == third);
    CHECK(why_next_failed(&w.facts.services[BOOK_PAYMENT], &a, &at) == NULL);

    test_begin("that which keeps what is owed is of the event that asks, and is not named twice");
    world_make(&w, PACKED);
    first = fail(&w, BOOK_PAYMENT, "checkout", "orders/a");
    second = fail(&w, BOOK_PAYMENT, "shipping", "orders/a");
    at = 0;
    why_find(&w.facts, &a);
    CHECK(a.letter == second);
    CHECK(why_next_failed(&w.facts.services[BOOK_PAYMENT], &a, &at) == first);
    CHECK(why_next_failed(&w.facts.services[BOOK_PAYMENT], &a, &at) == NULL);

    test_begin("a return that failed is owed, though an earlier one was answered");
    world_make(&w, ANSWERED "checkout:OrderReturned inventory:StockReturned<checkout-5");
    first = fail(&w, BOOK_PAYMENT, "checkout", "orders/a");
    why_find(&w.facts, &a);
    CHECK(!a.over && a.letter == first);
    if (CHECK(a.cause != NULL))
        CHECK_STR(a.cause->id, "checkout-5");
}

/* ---- logs that do not agree ---- */

static const struct against_case {
    const char *events;
    const char *against; /* NULL: they agree */
} againsts[] = {
    {COMPLETED, NULL},
    {COMPLETED "inventory:StockRejected", "inventory-4"},
    {DISPATCHED "shipping:ShipmentDelivered checkout:OrderCompleted inventory:StockRejected", "inventory-3"},
    {COMPLETED "payment:PaymentDeclined", "payment-3"},
    {COMPLETED "payment:PaymentCaptureRefused", "payment-3"},
    {PAID_BY_OTHERS, NULL},
    {COMPLETED "payment:PaymentVoided", "payment-3"},
    {COMPLETED "shipping:ShipmentCancelled", "shipping-4"},
    {STOPPED "shipping:ShipmentPacked shipping:ShipmentDispatched inventory:StockShipped payment:PaymentCaptured "
             "shipping:ShipmentDelivered checkout:OrderCompleted",
     NULL},
    {SUBMITTED "inventory:StockRejected shipping:ShipmentPacked " CANCELLED, "shipping-1"},
    {SUBMITTED "inventory:StockRejected shipping:ShipmentPacked shipping:ShipmentCancelled " CANCELLED, NULL},
    {EXPIRED "payment:PaymentAuthorized checkout:OrderConfirmed inventory:StockCommitted checkout:OrderCompleted "
             "inventory:StockShipped",
     NULL},
    {COMPLETED CANCELLED, "checkout-3"},
    {STOPPED CANCELLED, NULL},
    {STOPPED CANCELLED "inventory:StockReleased payment:PaymentVoided shipping:ShipmentDispatched", "shipping-2"},
    {STOPPED CANCELLED "inventory:StockShipped", "inventory-3"},
    {STOPPED CANCELLED "shipping:ShipmentDelivered", "shipping-2"},
};

static void test_against(void)
{
    test_begin("an order that is over waits for nothing that checkout will not say: the logs do not agree");
    for (size_t i = 0; i < sizeof againsts / sizeof *againsts; i++) {
        world      w;
        why_answer a;

        world_make(&w, againsts[i].events);
        why_find(&w.facts, &a);
        CHECK(a.known);
        if (!CHECK_INT(a.against != NULL, againsts[i].against != NULL))
            fprintf(stderr, "  %s\n", againsts[i].events);
        if (a.against == NULL || againsts[i].against == NULL)
            continue;
        CHECK(a.over && a.owed == NULL);
        CHECK_STR(a.against->id, againsts[i].against);
    }
}

static void test_payment(void)
{
    world      w;
    why_answer a;

    test_begin("payment's own words say what it waits for, and are said of no other");
    world_make(&w, RESERVED);
    w.facts.detail = "not known: the provider: UNAVAILABLE";
    why_find(&w.facts, &a);
    CHECK_STR(a.own_pace, "not known: the provider: UNAVAILABLE");
    world_make(&w, SUBMITTED);
    w.facts.detail = "not known";
    why_find(&w.facts, &a);
    CHECK_CONTAINS(a.own_pace, "it answers at once");

    test_begin("an order that is cancelled while the provider was asked is not over before that answers");
    world_make(&w, RESERVED CANCELLED "inventory:StockReleased");
    w.facts.paying = PAYMENT__PAYMENT_STATE__AUTHORIZING;
    why_find(&w.facts, &a);
    CHECK(a.known && !a.over);
    CHECK_INT(a.owes, BOOK_PAYMENT);
    CHECK_CONTAINS(a.owed, "PaymentVoided");

    test_begin("nor is one that is completed, while a refund by hand is owed");
    world_make(&w, DELIVERED "checkout:OrderCompleted");
    w.facts.paying = PAYMENT__PAYMENT_STATE__REFUNDING;
    w.facts.detail = "not known: the provider: UNAVAILABLE";
    why_find(&w.facts, &a);
    CHECK(a.known && !a.over);
    CHECK_INT(a.owes, BOOK_PAYMENT);
    CHECK_STR(a.owed, "RefundSucceeded");
    CHECK_STR(a.cause_type, "PaymentCaptured");
    CHECK_STR(a.own_pace, "not known: the provider: UNAVAILABLE");
    w.facts.paying = PAYMENT__PAYMENT_STATE__CAPTURED;
    why_find(&w.facts, &a);
    CHECK(a.over);
}

static void test_undone(void)
{
    static const struct {
        const char           *events;
        Payment__PaymentState paying;
        const char           *owed, *pace;
    } cases[] = {
        {LATE, PAYMENT__PAYMENT_STATE__CAPTURING,
         "PaymentCaptured and then RefundSucceeded, or PaymentCaptureRefused and then PaymentVoided",
         "the capture was begun before the cancel came"},
        {LATE, PAYMENT__PAYMENT_STATE__VOIDING, "PaymentVoided", "or waits for its turn to, until that answers"},
        {RESERVED CANCELLED "inventory:StockReleased payment:PaymentAuthorized", PAYMENT__PAYMENT_STATE__CAPTURING,
         "PaymentCaptured and then RefundSucceeded, or PaymentCaptureRefused and then PaymentVoided",
         "the capture was begun before the cancel came"},
        {LATE "payment:PaymentCaptured ", PAYMENT__PAYMENT_STATE__REFUNDING, "RefundSucceeded", "asks the provider"},
        {LATE "payment:PaymentCaptureRefused ", PAYMENT__PAYMENT_STATE__VOIDING, "PaymentVoided", "asks the provider"},
    };

    test_begin("what payment asks while an order is cancelled says what comes of it: a capture is not called back");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world      w;
        why_answer a;

        world_make(&w, cases[i].events);
        w.facts.paying = cases[i].paying;
        why_find(&w.facts, &a);
        CHECK(a.known && !a.over);
        CHECK_STR(a.owed, cases[i].owed);
        CHECK_CONTAINS(a.own_pace, cases[i].pace);
    }
    test_begin("before payment heard of what was packed, that is said: not that it asks");
    {
        world      w;
        why_answer a;

        world_make(&w, LATE);
        set_consumer(&w, BOOK_PAYMENT, "shipping", 0);
        why_find(&w.facts, &a);
        CHECK(a.behind != NULL && a.own_pace == NULL);
    }
}

static void test_refused(void)
{
    world      w;
    why_answer a;

    test_begin("a refund that the provider refused waits for a person, also where part of it was done");
    world_make(&w, CAPTURED CANCELLED "inventory:StockReleased");
    w.facts.detail = "refunds_suspended";
    w.facts.kept = 100;
    why_find(&w.facts, &a);
    CHECK(a.known && !a.over && a.refused && a.own_pace == NULL);
    CHECK_STR(a.owed, "RefundSucceeded");
    CHECK_INT(a.owes, BOOK_PAYMENT);
    world_make(&w, CAPTURED CANCELLED "inventory:StockReleased payment:RefundSucceeded shipping:ShipmentCancelled");
    w.facts.kept = 100;
    why_find(&w.facts, &a);
    CHECK(!a.over && a.refused);
    CHECK_STR(a.owed, "RefundSucceeded");
    test_begin("but first what others owe, and what keeps payment from hearing of the cancel");
    world_make(&w, CAPTURED CANCELLED);
    w.facts.kept = 100;
    why_find(&w.facts, &a);
    CHECK(!a.refused);
    CHECK_INT(a.owes, BOOK_INVENTORY);
    world_make(&w, CAPTURED CANCELLED "inventory:StockReleased");
    w.facts.kept = 100;
    w.facts.services[BOOK_PAYMENT].down = "nobody is there";
    why_find(&w.facts, &a);
    CHECK(!a.refused && a.down != NULL);
}

/* ---- what is not known ---- */

static void test_blind(void)
{
    world      w;
    why_answer a;

    test_begin("what a service that can't be asked owes, it may have said: that is not called certain");
    world_make(&w, DELIVERED);
    w.facts.services[BOOK_CHECKOUT].down = "it hangs";
    w.facts.services[BOOK_CHECKOUT].blind = true;
    why_find(&w.facts, &a);
    CHECK(a.known && a.unsure);
    CHECK_STR(a.owed, "OrderCompleted");
    test_begin("but where its log was read, and its inbox was not, it is");
    w.facts.services[BOOK_CHECKOUT].blind = false;
    why_find(&w.facts, &a);
    CHECK(!a.unsure && a.down != NULL);
}

static void test_restored(void)
{
    world      w;
    why_answer a;

    test_begin("an order that checkout's log does not have is none, and it is said who has it");
    world_make(&w, "inventory:StockReserved payment:PaymentAuthorized");
    why_find(&w.facts, &a);
    CHECK(!a.known && a.owed == NULL);
    if (CHECK(a.orphan != NULL))
        CHECK_STR(a.orphan->id, "payment-1");
    w.facts.services[BOOK_CHECKOUT].blind = true;
    why_find(&w.facts, &a);
    CHECK(a.known && a.orphan == NULL);

    test_begin("who read further in a log that was restored has not read what that says since");
    world_make(&w, SUBMITTED);
    set_consumer(&w, BOOK_INVENTORY, "checkout", 99);
    w.consumers[BOOK_INVENTORY].epoch = 1;
    w.facts.services[BOOK_CHECKOUT].epoch = 2;
    w.events[BOOK_CHECKOUT][0].epoch = 2;
    why_find(&w.facts, &a);
    CHECK(a.behind == &w.consumers[BOOK_INVENTORY]);
    test_begin("but it has what that said before");
    w.events[BOOK_CHECKOUT][0].epoch = 1;
    why_find(&w.facts, &a);
    CHECK(a.behind == NULL);
    w.consumers[BOOK_INVENTORY].epoch = 2;
    why_find(&w.facts, &a);
    CHECK(a.behind == NULL);
}

int main(void)
{
    test_rules();
    test_behind();
    test_begin("timers that wait for a log to be read do not go on by themselves; what is at hand does");
    check_awaited(COMMITTED, BOOK_SHIPPING, true);
    check_awaited(RESERVED, BOOK_PAYMENT, false);
    test_down();
    test_failed();
    test_against();
    test_payment();
    test_undone();
    test_refused();
    test_blind();
    test_restored();
    return test_end();
}
