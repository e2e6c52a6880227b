/* events_test.c: what shipping does about what checkout, inventory and payment say, by real logs. */
#include "testing.h"

static const struct shipping_service at_once = {.pack_ms = 0, .dispatch_ms = 0, .deliver_ms = 0};
static const struct shipping_service soon = {.pack_ms = 5, .dispatch_ms = 5, .deliver_ms = 5};
static const struct shipping_service by_hand = {.pack_ms = BY_HAND, .dispatch_ms = BY_HAND, .deliver_ms = BY_HAND};

#define WHOLE "ShipmentPacked ShipmentDispatched ShipmentDelivered"

static void test_at_once(struct fixture *f)
{
    Shipping__ShipmentDispatched *event;
    Shipping__Shipment           *found;

    teller_case(&f->t, "what is committed is packed, and waits for the money");
    commit(f, "orders/1");
    CHECK(teller_settle(&f->t));
    CHECK_STR(state(f, "orders/1"), "PACKED");
    CHECK_STR(teller_story(&f->t, "orders/1"), "ShipmentPacked");
    teller_case(&f->t, "once it is paid it leaves, with a tracking number, and arrives");
    capture(f, "orders/1");
    CHECK(teller_settle(&f->t));
    CHECK_STR(teller_story(&f->t, "orders/1"), WHOLE);
    CHECK_STR(state(f, "orders/1"), "DELIVERED paid");
    event =
        (Shipping__ShipmentDispatched *)teller_said(&f->t, "orders/1", 1, &shipping__shipment_dispatched__descriptor);
    CHECK_INT(get(f, "orders/1", &found), MARU_OK);
    if (CHECK(event != NULL))
        CHECK_STR(event->tracking, found->tracking);
    teller_case(&f->t, "news that come twice do nothing");
    commit(f, "orders/1");
    capture(f, "orders/1");
    CHECK(teller_settle(&f->t));
    CHECK_STR(teller_story(&f->t, "orders/1"), WHOLE);
    teller_case(&f->t, "money that comes before the goods is remembered");
    capture(f, "orders/2");
    CHECK(teller_settle(&f->t));
    CHECK_STR(state(f, "orders/2"), "EXPECTED paid");
    CHECK_STR(teller_story(&f->t, "orders/2"), "");
    commit(f, "orders/2");
    CHECK(teller_settle(&f->t));
    CHECK_STR(teller_story(&f->t, "orders/2"), WHOLE);
}

static void test_stop(struct fixture *f)
{
    teller_case(&f->t, "what has not left is stopped, at each stage, and goes nowhere after");
    request_cancel(f, "orders/unknown");
    commit(f, "orders/pending");
    request_cancel(f, "orders/pending");
    commit(f, "orders/packed");
    commit(f, "orders/paid");
    CHECK(teller_settle(&f->t));
    CHECK_INT(mark(f, shipping_mark_packed, "orders/packed"), MARU_OK);
    CHECK_INT(mark(f, shipping_mark_packed, "orders/paid"), MARU_OK);
    capture(f, "orders/paid");
    CHECK(teller_settle(&f->t));
    request_cancel(f, "orders/packed");
    request_cancel(f, "orders/paid");
    CHECK(teller_settle(&f->t));
    commit(f, "orders/unknown");
    capture(f, "orders/packed");
    CHECK(teller_settle(&f->t));
    CHECK_STR(state(f, "orders/unknown"), "STOPPED");
    CHECK_STR(state(f, "orders/pending"), "STOPPED");
    CHECK_STR(state(f, "orders/packed"), "STOPPED");
    CHECK_STR(state(f, "orders/paid"), "STOPPED paid");
    CHECK_STR(teller_story(&f->t, "orders/unknown"), "ShipmentCancelled");
    CHECK_STR(teller_story(&f->t, "orders/pending"), "ShipmentCancelled");
    CHECK_STR(teller_story(&f->t, "orders/packed"), "ShipmentPacked ShipmentCancelled");
    CHECK_STR(teller_story(&f->t, "orders/paid"), "ShipmentPacked ShipmentCancelled");
    teller_case(&f->t, "what has left is not, and each who asks is told so");
    commit(f, "orders/gone");
    CHECK(teller_settle(&f->t));
    CHECK_INT(mark(f, shipping_mark_packed, "orders/gone"), MARU_OK);
    capture(f, "orders/gone");
    CHECK(teller_settle(&f->t));
    CHECK_INT(mark(f, shipping_mark_dispatched, "orders/gone"), MARU_OK);
    request_cancel(f, "orders/gone");
    CHECK(teller_settle(&f->t));
    CHECK_INT(mark(f, shipping_mark_delivered, "orders/gone"), MARU_OK);
    request_cancel(f, "orders/gone");
    CHECK(teller_settle(&f->t));
    CHECK_STR(state(f, "orders/gone"), "DELIVERED paid");
    CHECK_STR(teller_story(&f->t, "orders/gone"),
              "ShipmentPacked ShipmentDispatched ShipmentCancelRefused ShipmentDelivered ShipmentCancelRefused");
}

/* All of it is in the logs of others: cancels are heard of checkout in no certain order with what inventory says. */
static void test_put_back(struct fixture *f)
{
    Shipping__Shipment *found;

    teller_case(
        &f->t,
        "a store of before: what left is stopped by a cancel that came too late, and goes on once that is heard");
    request_cancel(f, "orders/1");
    CHECK(teller_settle(&f->t));
    CHECK_STR(state(f, "orders/1"), "STOPPED");
    commit(f, "orders/1");
    ship(f, "orders/1");
    CHECK(teller_settle(&f->t));
    CHECK_STR(state(f, "orders/1"), "DISPATCHED paid");
    CHECK_STR(teller_story(&f->t, "orders/1"), "ShipmentCancelled ShipmentPacked ShipmentDispatched");
    if (CHECK_INT(get(f, "orders/1", &found), MARU_OK)) {
        CHECK(found->tracking[0] != '\0');
        CHECK_INT(found->n_goods, 1);
    }
    CHECK_INT(mark(f, shipping_mark_delivered, "orders/1"), MARU_OK);
    teller_case(&f->t, "where it is heard before the cancel, that is refused as before, and all is said in its order");
    commit(f, "orders/2");
    ship(f, "orders/2");
    CHECK(teller_settle(&f->t));
    request_cancel(f, "orders/2");
    capture(f, "orders/2");
    ship(f, "orders/2");
    CHECK(teller_settle(&f->t));
    CHECK_STR(state(f, "orders/2"), "DISPATCHED paid");
    CHECK_STR(teller_story(&f->t, "orders/2"), "ShipmentPacked ShipmentDispatched ShipmentCancelRefused");
    teller_case(&f->t, "what was cancelled is not sent again, though checkout says nothing");
    commit(f, "orders/3");
    release(f, "orders/3", false);
    CHECK(teller_settle(&f->t));
    CHECK_STR(state(f, "orders/3"), "STOPPED");
    CHECK_STR(teller_story(&f->t, "orders/3"), "ShipmentCancelled");
    request_cancel(f, "orders/3");
    release(f, "orders/3", false);
    CHECK(teller_settle(&f->t));
    CHECK_STR(teller_story(&f->t, "orders/3"), "ShipmentCancelled ShipmentCancelled");
    teller_case(&f->t, "what ran out may be committed yet, and what was never committed is no parcel");
    capture(f, "orders/4");
    CHECK(teller_settle(&f->t));
    release(f, "orders/4", true);
    commit(f, "orders/4");
    release(f, "orders/5", false);
    CHECK(teller_settle(&f->t));
    CHECK_STR(state(f, "orders/4"), "PENDING paid");
    CHECK_STR(state(f, "orders/5"), "none");
}

/* One third is stopped before anything is known of it, one third after it left, one third while its parcel goes on. */
static void race_one(struct fixture *f, int i, const char *order)
{
    commit(f, order);
    capture(f, order);
    if (i % 3 == 1)
        while (strstr(teller_story(&f->t, order), "ShipmentDispatched") == NULL &&
               maru_call_check(f->t.call) == MARU_OK)
            ;
    for (int looks = 0; i % 3 == 2 && looks < i; looks++)
        state(f, order);
    request_cancel(f, order);
}

/* There is one decision, and all that is said of it fits it. */
static bool check_decision(struct fixture *f, int i, const char *order)
{
    const char *story, *now;
    bool        stopped;

    do {
        now = state(f, order);
        stopped = strncmp(now, "STOPPED", 7) == 0;
    } while (!stopped && strncmp(now, "DELIVERED", 9) != 0 && maru_call_check(f->t.call) == MARU_OK);
    story = teller_story(&f->t, order);
    CHECK(stopped == (strstr(story, "ShipmentCancelled") != NULL));
    CHECK(stopped == (strstr(story, "ShipmentCancelRefused") == NULL));
    CHECK(stopped == (strstr(story, "ShipmentDispatched") == NULL));
    CHECK(!stopped || strstr(story, "ShipmentDelivered") == NULL);
    CHECK(i % 3 == 2 || stopped == (i % 3 == 0));
    return stopped;
}

static void test_race(struct fixture *f)
{
    enum { ORDERS = 90 };
    int stopped = 0;

    teller_case(&f->t, "in the race of cancel and dispatch shipping decides, once");
    for (int i = 0; i < ORDERS; i += 3)
        request_cancel(f, maru_printf(f->t.call, "orders/%d", i));
    CHECK(teller_settle(&f->t)); /* between producers there is no order */
    for (int i = 0; i < ORDERS; i++)
        race_one(f, i, maru_printf(f->t.call, "orders/%d", i));
    CHECK(teller_settle(&f->t));
    for (int i = 0; i < ORDERS; i++)
        stopped += check_decision(f, i, maru_printf(f->t.call, "orders/%d", i));
    printf("# %d of %d stopped\n", stopped, ORDERS);
}

static void test_timers(struct fixture *f)
{
    teller_case(&f->t, "with waits, each step comes by its timer");
    commit(f, "orders/1");
    CHECK_STR(teller_wait(&f->t, "orders/1", "ShipmentPacked"), "ShipmentPacked");
    capture(f, "orders/1");
    CHECK_STR(teller_wait(&f->t, "orders/1", WHOLE), WHOLE);
    CHECK_STR(state(f, "orders/1"), "DELIVERED paid");
}

static void test_restart(struct fixture *f)
{
    teller_case(&f->t, "a timer that was set before a restart is due after it, by what it was set to");
    f->svc.pack_ms = 300;
    if (!CHECK(teller_again(&f->t) && serve(f)))
        return;
    commit(f, "orders/1");
    CHECK(teller_settle(&f->t));
    if (!CHECK(teller_again(&f->t)))
        return;
    capture(f, "orders/1");
    if (!CHECK(serve(f)))
        return;
    CHECK_STR(teller_wait(&f->t, "orders/1", WHOLE), WHOLE);
}

static void test_past(struct fixture *f)
{
    Inventory__StockCommitted   event = INVENTORY__STOCK_COMMITTED__INIT;
    Google__Protobuf__Timestamp then = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    Shipping__Shipment         *found;

    teller_case(&f->t, "what left in the past waits for nobody who packs it");
    then.seconds = 1291191960;
    event.order = (char *)"orders/1";
    event.past = &then;
    teller_say(&f->inventory, "orders/1", &event.base);
    CHECK(teller_settle(&f->t));
    CHECK_STR(teller_story(&f->t, "orders/1"), "ShipmentPacked");
    teller_case(&f->t, "but for its money, and then for no time");
    capture(f, "orders/1");
    CHECK(teller_settle(&f->t));
    CHECK_STR(teller_story(&f->t, "orders/1"), WHOLE);
    CHECK_INT(get(f, "orders/1", &found), MARU_OK);
    CHECK_INT(found->update_time->seconds, 1291191960);
    teller_case(&f->t, "one of today waits as ever");
    commit(f, "orders/2");
    CHECK(teller_settle(&f->t));
    CHECK_STR(teller_story(&f->t, "orders/2"), "");
}

int main(void)
{
    run(test_past, by_hand);
    run(test_at_once, at_once);
    run(test_stop, by_hand);
    run(test_put_back, by_hand);
    run(test_race, soon);
    run(test_timers, soon);
    run(test_restart, soon);
    return test_end();
}
