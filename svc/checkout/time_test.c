/* time_test.c: when a time is up, on the simulated clock: half a minute, a quarter of an hour, a day. */
#include "testing.h"

#define SECOND INT64_C(1000000000)

static void pass(struct shop *shop, int64_t ns)
{
    maru_sim_run(shop->sim, maru_sim_now(shop->sim) + ns);
}

static Checkout__OrderState state_of(struct shop *shop, const char *name)
{
    Checkout__Order *order;

    return CHECK_INT(get(shop, name, &order), MARU_OK) ? order->state : CHECKOUT__ORDER_STATE__ORDER_STATE_UNSPECIFIED;
}

static void reserved(struct shop *shop, const char *order)
{
    says(&shop->inventory, order, &inventory__stock_reserved__descriptor);
    teller_settle(&shop->checkout);
}

static void test_stock(struct shop *shop)
{
    Checkout__Timeline *found;
    Checkout__Order    *order;
    const char         *name, *other;

    begin(shop, "an order waits for inventory's answer");
    name = new_order(shop, "carts/a");
    pass(shop, 29 * SECOND);
    begin(shop, "for 30 s, and no more");
    CHECK_INT(state_of(shop, name), CHECKOUT__ORDER_STATE__SUBMITTED);
    pass(shop, 2 * SECOND);
    CHECK_INT(get(shop, name, &order), MARU_OK);
    CHECK_INT(order->state, CHECKOUT__ORDER_STATE__CANCELLED);
    CHECK_INT(order->reason, CHECKOUT__CANCEL_REASON__STOCK_TIME_OUT);
    CHECK_STR(order->detail, "inventory did not answer in time");
    CHECK_STR(teller_story(&shop->checkout, name), "OrderSubmitted OrderCancelled");
    begin(shop, "the timeline says that it was the timer, after how long");
    CHECK_INT(timeline(shop, name, &found), MARU_OK);
    CHECK_INT(found->n_entries, 2);
    CHECK_CONTAINS(found->entries[1]->causation_id, "timer stock-answer/orders/");
    CHECK_STR(found->entries[1]->detail, "STOCK_TIME_OUT: inventory did not answer in time");
    CHECK(found->entries[1]->after_ms >= 30000 && found->entries[1]->after_ms < 30100);
    begin(shop, "another waits as well");
    other = new_order(shop, "carts/b");
    pass(shop, 29 * SECOND);
    begin(shop, "an answer in time is enough; a late one changes nothing");
    reserved(shop, other);
    reserved(shop, name);
    pass(shop, 3600 * SECOND);
    begin(shop, "also an hour later");
    CHECK_INT(state_of(shop, other), CHECKOUT__ORDER_STATE__SUBMITTED);
    CHECK_INT(state_of(shop, name), CHECKOUT__ORDER_STATE__CANCELLED);
    CHECK_STR(teller_story(&shop->checkout, name), "OrderSubmitted OrderCancelled");
}

static void test_restart(struct shop *shop)
{
    Checkout__Order *order;
    char             name[64];

    begin(shop, "the time runs while checkout is off");
    snprintf(name, sizeof name, "%s", new_order(shop, "carts/a"));
    shop_stop_checkout(shop);
    pass(shop, 60 * SECOND);
    if (!CHECK(teller_again(&shop->checkout) && shop_serve(shop)))
        return;
    CHECK_STR(teller_wait(&shop->checkout, name, "OrderSubmitted OrderCancelled"), "OrderSubmitted OrderCancelled");
    CHECK_INT(get(shop, name, &order), MARU_OK);
    CHECK_INT(order->reason, CHECKOUT__CANCEL_REASON__STOCK_TIME_OUT);
}

static void test_quotes(struct shop *shop)
{
    Checkout__Quote *first, *second;
    Checkout__Order *order;

    begin(shop, "a quote is good for 15 minutes");
    CHECK_INT(quote(shop, "carts/a", "", &first), MARU_OK);
    CHECK_INT(quote(shop, "carts/b", "", &second), MARU_OK);
    pass(shop, (15 * 60 - 1) * SECOND);
    begin(shop, "and not longer");
    CHECK_INT(place(shop, wish("r1", first->name), &order), MARU_OK);
    pass(shop, 11 * SECOND);
    begin(shop, "then it is expired, in words");
    refused(shop, place(shop, wish("r2", second->name), &order), MARU_FAILED_PRECONDITION, "expired 10 s ago");
    begin(shop, "its order is found by its request id all the same");
    CHECK_INT(place(shop, wish("r1", first->name), &order), MARU_OK);
    pass(shop, 25 * 3600 * SECOND);
    begin(shop, "a day later it is forgotten, but not that it made an order");
    refused(shop, place(shop, wish("r2", second->name), &order), MARU_NOT_FOUND, "quote: there is no quotes/");
    refused(shop, place(shop, wish("r3", first->name), &order), MARU_FAILED_PRECONDITION, "made an order already");
    CHECK_INT(place(shop, wish("r1", first->name), &order), MARU_OK);
}

int main(void)
{
    run(test_stock, true);
    run(test_restart, true);
    run(test_quotes, true);
    return test_end();
}
