/* why_last_test.c: which event about an order is its last, and which events are about it, over facts made by hand. */
#include "why_world.h"

static void test_last(void)
{
    world      w;
    why_answer a;

    test_begin("the newest event is the newest of all services");
    world_make(&w, RESERVED "payment:PaymentDeclined");
    why_find(&w.facts, &a);
    if (CHECK(a.last != NULL))
        CHECK_STR(a.last->type, "shop.payment.v1.PaymentDeclined");
    test_begin("of those that one transaction said at one time, the last of the log");
    world_make(&w, RESERVED "inventory:StockReleased");
    w.events[BOOK_INVENTORY][1].time = w.events[BOOK_INVENTORY][0].time;
    why_find(&w.facts, &a);
    if (CHECK(a.last != NULL))
        CHECK_STR(a.last->type, "shop.inventory.v1.StockReleased");
    test_begin("an order that checkout's log does not know is none");
    world_make(&w, "");
    why_find(&w.facts, &a);
    CHECK(!a.known && a.last == NULL);
}

static void test_about(void)
{
    test_begin("an aggregate is about an order by its name, alone or behind a colon");
    CHECK(why_is_about("orders/a", "orders/a"));
    CHECK(why_is_about("authorize:orders/a", "orders/a"));
    CHECK(!why_is_about("authorize:orders/ab", "orders/a"));
    CHECK(!why_is_about("reorders/a", "orders/a"));
    CHECK(!why_is_about("a", "orders/a"));
    CHECK(!why_is_about("", "orders/a"));
}

int main(void)
{
    test_last();
    test_about();
    return test_end();
}
