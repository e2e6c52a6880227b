/* heard_test.c: an order of which a service can't be asked: what checkout heard of it counts, and is not called all. */
#include "audit/heard.h"

#include "why_world.h"

static void test_unseen(void)
{
    static const struct unseen_case {
        const char  *events;
        book_service blind;
        const char  *owed; /* NULL: it is over */
    } cases[] = {
        {RESERVED "payment:PaymentAuthorized inventory:StockReleased " CANCELLED, BOOK_PAYMENT, "PaymentVoided"},
        {RESERVED "inventory:StockReleased " CANCELLED, BOOK_PAYMENT,
         "PaymentVoided or RefundSucceeded, where the provider did anything"},
        {SUBMITTED "inventory:StockRejected " CANCELLED, BOOK_PAYMENT, NULL},
        {RESERVED "inventory:StockReleased payment:PaymentDeclined " CANCELLED, BOOK_PAYMENT, NULL},
        {RESERVED "inventory:StockReleased payment:PaymentVoided " CANCELLED, BOOK_PAYMENT, NULL},
        {SUBMITTED CANCELLED, BOOK_INVENTORY, "StockReleased, where it reserved anything"},
        {RESERVED CANCELLED, BOOK_INVENTORY, "StockReleased"},
        {SUBMITTED "inventory:StockRejected " CANCELLED, BOOK_INVENTORY, NULL},
        {COMPLETED, BOOK_INVENTORY, NULL},
        {COMPLETED, BOOK_PAYMENT, NULL},
    };

    test_begin("a cancelled order is not called over while one that may have to undo something can't be asked");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world      w;
        why_answer a;

        world_make(&w, cases[i].events);
        w.facts.services[cases[i].blind].down = "it hangs";
        w.facts.services[cases[i].blind].blind = true;
        why_find(&w.facts, &a);
        if (!CHECK_INT(a.over, cases[i].owed == NULL))
            fprintf(stderr, "  %s\n", cases[i].events);
        if (cases[i].owed == NULL || a.over)
            continue;
        CHECK_STR(a.owed, cases[i].owed);
        CHECK(a.owes == cases[i].blind && a.unsure && a.down != NULL);
    }
    test_begin("nor where payment's log was read, and the payment was not: what it asks is in no log");
    {
        world      w;
        why_answer a;

        world_make(&w, RESERVED "inventory:StockReleased " CANCELLED);
        w.facts.services[BOOK_PAYMENT].down = "it hangs";
        why_find(&w.facts, &a);
        CHECK(!a.over && a.owes == BOOK_PAYMENT && !a.unsure);
    }
}

static void test_heard(void)
{
    Checkout__TimelineEntry entries[3], *list[3] = {&entries[0], &entries[1], &entries[2]};
    Checkout__Timeline      timeline = CHECKOUT__TIMELINE__INIT;
    MaruEvents__Event       events[3], *made[3];
    const why_service      *s;
    world                   w;
    why_answer              a;
    static char *const      words[3][3] = {
             {"inventory-00000000000000ff-12", "shop.inventory.v1.StockReserved", "inventory"},
             {"checkout-2", "shop.checkout.v1.OrderCancelled", "checkout"},
             {"payment-5", "shop.payment.v1.PaymentAuthorized", "payment"},
    };

    test_begin("of a service whose log could not be read, the timeline says what checkout heard");
    for (size_t i = 0; i < 3; i++) {
        checkout__timeline_entry__init(&entries[i]);
        entries[i].event_id = words[i][0];
        entries[i].type = words[i][1];
        entries[i].service = words[i][2];
        entries[i].version = i + 1;
    }
    timeline.entries = list;
    timeline.n_entries = 3;
    world_make(&w, SUBMITTED CANCELLED);
    w.facts.services[BOOK_INVENTORY].blind = w.facts.services[BOOK_PAYMENT].blind = true;
    w.facts.services[BOOK_INVENTORY].down = w.facts.services[BOOK_PAYMENT].down = "it hangs";
    heard_fill(&w.facts, &timeline, events, made);
    CHECK_INT(w.facts.services[BOOK_CHECKOUT].event_count, 2);
    s = &w.facts.services[BOOK_INVENTORY];
    if (CHECK_INT(s->event_count, 1)) {
        CHECK_STR(s->events[0]->type, "shop.inventory.v1.StockReserved");
        CHECK_INT(s->events[0]->epoch, 0xff);
        CHECK_INT(s->events[0]->sequence, 12);
        CHECK_INT(s->events[0]->version, 1);
        CHECK_STR(s->events[0]->aggregate, "orders/a");
    }
    s = &w.facts.services[BOOK_PAYMENT];
    if (CHECK_INT(s->event_count, 1))
        CHECK_INT(s->events[0]->epoch + s->events[0]->sequence, 0); /* that is no id */
    why_find(&w.facts, &a);
    CHECK(!a.over && a.unsure);
    CHECK_STR(a.owed, "StockReleased");
}

int main(void)
{
    test_unseen();
    test_heard();
    return test_end();
}
