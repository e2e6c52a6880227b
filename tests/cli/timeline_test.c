/* timeline_test.c: maru order timeline: a row (times, causes, a detail that is cut), and what is not waited for. */
#include "timeline.h"

#include <stdlib.h>

#include "test.h"

enum { ENTRIES = 7, ROW = 400 };

static Google__Protobuf__Timestamp times[ENTRIES];
static Checkout__TimelineEntry     entries[ENTRIES];
static Checkout__TimelineEntry    *pointers[ENTRIES];

static void put(size_t at, int64_t ms, const char *id, const char *type, const char *cause, const char *detail)
{
    times[at] = (Google__Protobuf__Timestamp)GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    times[at].seconds = 1700000000 + ms / 1000;
    times[at].nanos = (int32_t)(ms % 1000) * 1000000;
    entries[at] = (Checkout__TimelineEntry)CHECKOUT__TIMELINE_ENTRY__INIT;
    entries[at].time = &times[at];
    entries[at].event_id = (char *)id;
    entries[at].type = (char *)type;
    entries[at].service = "payment";
    entries[at].causation_id = (char *)cause;
    entries[at].detail = (char *)detail;
    pointers[at] = &entries[at];
}

static void check_row(const Checkout__Timeline *timeline, size_t at, size_t width, const char *want)
{
    char  text[ROW] = "";
    FILE *out = fmemopen(text, sizeof text, "w");

    timeline_row(timeline, at, width, out);
    fclose(out);
    CHECK_STR(text, want);
}

static void check_rows(const Checkout__Timeline *t)
{
    test_begin("a row says when, what, by whom and why");
    check_row(t, 0, 0, "  1     0 ms  OrderSubmitted         payment    call PlaceOrder    2 lines\n");
    entries[1].after_ms = 3;
    check_row(t, 1, 0, "  2     3 ms  StockReserved          payment    3 ms after 1       2 pieces of 1 product\n");
    check_row(t, 2, 0, "  3    35 ms  PaymentAuthorized      payment    news of provider \n");
    check_row(t, 3, 0, "  4     12 s  ShipmentPacked         payment    timer pack         packed\n");
    check_row(t, 4, 0, "  5     12 s  PaymentCaptured        payment    task capture     \n");
    test_begin("one that says less, or comes from a clock that is behind, is a row all the same");
    check_row(t, 5, 0, "  6     0 ms  Odd                    payment    -                \n");
}

static void check_width(const Checkout__Timeline *t)
{
    test_begin("a detail ends with the line, and no character is cut");
    check_row(t, 6, 80, "  7     0 ms  StockRejected          payment    -                  twelve bytes\n");
    entries[6].detail = "eleven byte찻잔";
    check_row(t, 6, 80, "  7     0 ms  StockRejected          payment    -                  eleven byte\n");
    check_row(t, 6, 83, "  7     0 ms  StockRejected          payment    -                  eleven byte찻\n");
}

/* The rows of what put() has put: "0 2 1 ...", where those before from have theirs. */
static void check_order(size_t from, const char *want)
{
    Checkout__Timeline timeline = CHECKOUT__TIMELINE__INIT;
    size_t             rows[ENTRIES] = {0}, causes[ENTRIES];
    char               text[8 * ENTRIES] = "";

    timeline.entries = pointers;
    timeline.n_entries = ENTRIES;
    for (size_t i = 0; i < from; i++)
        rows[i] = i;
    timeline_arrange(&timeline, from, rows, causes);
    for (size_t i = 0; i < ENTRIES; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), " %zu", rows[i]);
    CHECK_STR(text, want);
}

/* As checkout heard of it: of what shipping said after what it caused. */
static void put_heard(void)
{
    put(0, 0, "checkout-1-1", "OrderSubmitted", "call PlaceOrder", "");
    put(1, 394, "inventory-1-3", "StockShipped", "shipping-1-2", "");
    put(2, 337, "payment-1-2", "PaymentCaptured", "provider-1-9", "");
    put(3, 393, "shipping-1-2", "ShipmentDispatched", "payment-1-2", "");
    put(4, 386, "shipping-1-1", "ShipmentPacked", "timer pack/orders/7f3a", "");
    put(5, 400, "shipping-1-3", "ShipmentDelivered", "timer deliver/orders/7f3a", "");
    put(6, 400, "checkout-1-3", "OrderCompleted", "shipping-1-3", "");
}

static void check_arranged(void)
{
    test_begin("rows are in the order of their times, and a cause stands before its effect");
    put_heard();
    check_order(0, " 0 2 4 3 1 5 6");
    test_begin("what is printed stays where it is");
    check_order(3, " 0 1 2 4 3 5 6");
    check_order(ENTRIES, " 0 1 2 3 4 5 6");
    test_begin("a cause stands before its effect also where its clock is ahead; the first row stays the first");
    put(3, 9000, "shipping-1-2", "ShipmentDispatched", "payment-1-2", "");
    put(2, -50, "payment-1-2", "PaymentCaptured", "provider-1-9", "");
    check_order(0, " 0 2 4 5 6 3 1");
    test_begin("ties keep their order");
    put_heard();
    for (size_t i = 0; i < ENTRIES; i++)
        put(i, 5, entries[i].event_id, "Odd", "", "");
    check_order(0, " 0 1 2 3 4 5 6");
    test_begin("causes that go round are rows all the same");
    put(1, 5, "inventory-1-3", "Odd", "payment-1-2", "");
    put(2, 5, "payment-1-2", "Odd", "inventory-1-3", "");
    check_order(0, " 0 3 4 5 6 1 2");
}

static void check_stuck(void)
{
    MaruEvents__DeadLetter letter = MARU_EVENTS__DEAD_LETTER__INIT;
    why_answer a = {.known = true, .owes = BOOK_PAYMENT, .owed = "PaymentVoided", .own_pace = "it asks the provider"};
    char       words[TIMELINE_WORDS];

    test_begin("what is owed comes by itself, but where its service can't be asked, or a person must do something");
    CHECK(!timeline_stuck(&a, words));
    a.down = "it hangs";
    CHECK(timeline_stuck(&a, words));
    CHECK_STR(words, "PaymentVoided is owed by payment, which can't be asked: it hangs");
    a.down = NULL;
    a.letter = &letter;
    CHECK(timeline_stuck(&a, words));
    CHECK_STR(words, "PaymentVoided is owed by payment, where an event failed");
    a.letter = NULL;
    a.refused = true;
    CHECK(timeline_stuck(&a, words));
    CHECK_STR(words, "PaymentVoided is owed by payment, whom the provider refused it");
    a.refused = false;
    a.in_vain = true;
    CHECK(timeline_stuck(&a, words));
    CHECK_STR(words, "PaymentVoided is owed by payment, who shall void what was captured");
    a.in_vain = false;
    a.help = "make room for the provider's store";
    CHECK(timeline_stuck(&a, words));
    CHECK_STR(words, "PaymentVoided is owed by payment, who asks the provider, which needs a person");
    a.over = true;
    CHECK(!timeline_stuck(&a, words));
    a.known = false;
    CHECK(timeline_stuck(&a, words));
}

int main(void)
{
    Checkout__Timeline timeline = CHECKOUT__TIMELINE__INIT;

    timeline.entries = pointers;
    timeline.n_entries = ENTRIES;
    put(0, 0, "checkout-1-1", "shop.checkout.v1.OrderSubmitted", "call /shop.X/PlaceOrder till-1", "2 lines");
    put(1, 3, "inventory-1-1", "shop.inventory.v1.StockReserved", "checkout-1-1", "2 pieces of 1 product");
    put(2, 35, "payment-1-1", "shop.payment.v1.PaymentAuthorized", "provider-1-9", "");
    put(3, 12000, "shipping-1-1", "ShipmentPacked", "timer pack/orders/7f3a", "packed");
    put(4, 12001, "payment-1-2", "PaymentCaptured", "task capture/orders/7f3a", "");
    put(5, -5000, "payment-1-3", "Odd", "", "");
    put(6, 0, "inventory-1-2", "StockRejected", "", "twelve bytes that go on");
    check_rows(&timeline);
    check_width(&timeline);
    check_arranged();
    check_stuck();
    return test_end();
}
