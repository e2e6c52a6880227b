/* book_test.c: the audit's book: which orders go on by themselves, and that it finds each again; and the page on it. */
#include <stdio.h>
#include <stdlib.h>

#include "handmade.h"
#include "test.h"

/* ---- what goes on by itself ---- */

static bool goes_on(const handmade *h)
{
    return book_goes_on(h->done) != NULL;
}

static void test_goes_on(void)
{
    handmade    h;
    book_order *o;

    test_begin("an order that waits for a timer or the provider is under way, and no finding");
    if (!CHECK(hand_open(&h)))
        return;
    o = h.done;
    CHECK(!goes_on(&h));
    for (int state = PAYMENT__PAYMENT_STATE__WAITING; state <= PAYMENT__PAYMENT_STATE__CAPTURE_REFUSED; state++) {
        bool asks = state == PAYMENT__PAYMENT_STATE__AUTHORIZING || state == PAYMENT__PAYMENT_STATE__CAPTURING ||
                    state == PAYMENT__PAYMENT_STATE__VOIDING || state == PAYMENT__PAYMENT_STATE__REFUNDING;

        o->payment->state = (Payment__PaymentState)state;
        CHECK_INT(goes_on(&h), asks);
    }
    o->payment->state = PAYMENT__PAYMENT_STATE__AUTHORIZED;
    o->order->state = CHECKOUT__ORDER_STATE__CONFIRMED;
    for (int state = SHIPPING__SHIPMENT_STATE__PENDING; state <= SHIPPING__SHIPMENT_STATE__EXPECTED; state++) {
        o->shipment->state = (Shipping__ShipmentState)state;
        CHECK_INT(goes_on(&h),
                  state == SHIPPING__SHIPMENT_STATE__PENDING || state == SHIPPING__SHIPMENT_STATE__DISPATCHED);
    }
    o->shipment->state = SHIPPING__SHIPMENT_STATE__PACKED;
    o->shipment->captured = true;
    CHECK(goes_on(&h));
    o->shipment = NULL;
    CHECK(!goes_on(&h));
    o->reservation->state = INVENTORY__RESERVATION_STATE__RESERVED;
    CHECK(goes_on(&h));
    o->reservation = NULL;
    CHECK(!goes_on(&h));
    o->order->state = CHECKOUT__ORDER_STATE__SUBMITTED;
    CHECK(goes_on(&h));
    checks_run(&h.b);
    CHECK_INT(h.b.under_way, 1);
    for (const book_finding *f = h.b.findings; f != NULL; f = f->next)
        CHECK(strcmp(f->check, "order-ends") != 0);
    book_close(&h.b);
}

/* ---- how many of each ---- */

static void check_counts(const book *b, book_counts want)
{
    book_counts c = book_count(b);

    CHECK_INT(c.orders, want.orders);
    CHECK_INT(c.completed, want.completed);
    CHECK_INT(c.cancelled, want.cancelled);
    CHECK_INT(c.under_way, want.under_way);
    CHECK_INT(c.stuck, want.stuck);
    CHECK_INT(c.settling, want.settling);
    CHECK_INT(c.unknown, want.unknown);
    CHECK_INT(c.completed + c.cancelled + c.under_way + c.stuck, c.orders);
}

static void test_counts(void)
{
    handmade h;

    test_begin(
        "orders are counted by what the verdict goes by: one that is over and waits for the provider is under way");
    if (!CHECK(hand_open(&h)))
        return;
    check_counts(&h.b, (book_counts){.orders = 2, .completed = 1, .cancelled = 1});
    h.gone->payment->state = PAYMENT__PAYMENT_STATE__VOIDING;
    hand_hear(&h);
    checks_run(&h.b);
    check_counts(&h.b, (book_counts){.orders = 2, .completed = 1, .under_way = 1, .settling = 1});
    CHECK_INT(h.b.under_way, book_count(&h.b).under_way);

    test_begin("one that nothing moves is stuck, but while events are under way");
    h.done->order->state = CHECKOUT__ORDER_STATE__CONFIRMED;
    check_counts(&h.b, (book_counts){.orders = 2, .under_way = 1, .settling = 1, .stuck = 1});
    h.b.logs[BOOK_PAYMENT].still = false;
    check_counts(&h.b, (book_counts){.orders = 2, .under_way = 2, .settling = 1});

    test_begin("those that checkout lost are counted apart, where it could be asked");
    h.gone->order = NULL;
    check_counts(&h.b, (book_counts){.orders = 1, .under_way = 1, .unknown = 1});
    book_lacks(&h.b, BOOK_CHECKOUT, "checkout: does not run");
    check_counts(&h.b, (book_counts){.orders = 1, .under_way = 1});
    book_close(&h.b);
}

/* ---- the book ---- */

static void test_book(void)
{
    book b;
    char name[32];

    test_begin("a book finds each of many orders again, and no other");
    if (!CHECK(book_open(&b)))
        return;
    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof name, "orders/%d", i);
        book_order_of(&b, name)->ledger.voids = (unsigned)i;
    }
    CHECK_INT(b.order_count, 5000);
    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof name, "orders/%d", i);
        if (book_order_of(&b, name)->ledger.voids != (unsigned)i)
            CHECK(false);
    }
    CHECK_INT(b.order_count, 5000);
    CHECK(book_stock_of(&b, "products/x") == NULL);
    CHECK_INT(book_service_of("shipping"), BOOK_SHIPPING);
    CHECK_INT(book_service_of("nobody"), BOOK_SERVICE_COUNT);
    book_close(&b);
    book_close(&b); /* harmless */
}

/* ---- what people read ---- */

static void test_page(void)
{
    char  path[1024], text[65536];
    FILE *page;

    test_begin("each check stands on the page about orders");
    snprintf(path, sizeof path, "%s/docs/orders.md", getenv("MARU_SOURCE") != NULL ? getenv("MARU_SOURCE") : ".");
    if (!CHECK((page = fopen(path, "r")) != NULL))
        return;
    text[fread(text, 1, sizeof text - 1, page)] = '\0';
    fclose(page);
    for (const audit_check *check = audit_checks; check->name != NULL; check++)
        if (!CHECK(strstr(text, check->name) != NULL))
            fprintf(stderr, "docs/orders.md: want %s\n", check->name);
}

int main(void)
{
    test_page();
    test_goes_on();
    test_counts();
    test_book();
    return test_end();
}
