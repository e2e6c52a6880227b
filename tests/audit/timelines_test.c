/* timelines_test.c: the audit asks for timelines many at a time, and folds each into its order. */
#include <stdio.h>
#include <string.h>

#include "audit/timelines.h"
#include "serving.h"
#include "shop/checkout.maru.h"
#include "test.h"

enum { TOGETHER = 16, ORDERS = 1000, CALL_MS = 10000 };

/* A checkout that answers nobody before so many ask at once. */
struct checkout_service {
    int asked;
};

static void tell(maru_call *call, Checkout__Timeline *timeline, const char *id, const char *service)
{
    Checkout__TimelineEntry *entry = maru_alloc(call, sizeof *entry);

    *entry = (Checkout__TimelineEntry)CHECKOUT__TIMELINE_ENTRY__INIT;
    entry->event_id = (char *)id;
    entry->service = (char *)service;
    timeline->entries[timeline->n_entries++] = entry;
}

static maru_status get_timeline(struct checkout_service *svc, maru_call *call,
                                const Checkout__GetTimelineRequest *request, Checkout__Timeline *response)
{
    maru_status status = MARU_OK;

    svc->asked++;
    while (svc->asked < TOGETHER && status == MARU_OK)
        status = maru_sleep(call, 1);
    if (status != MARU_OK)
        return status;
    if (strcmp(request->name, "orders/7") == 0)
        return maru_fail(call, MARU_NOT_FOUND, "no such order");
    if (strcmp(request->name, "orders/9") == 0)
        return maru_fail(call, MARU_DATA_LOSS, "timelines: the record at orders/9 is damaged");
    if (strcmp(request->name, "orders/secret") == 0)
        return maru_fail(call, MARU_PERMISSION_DENIED, "not for you");
    response->order = request->name;
    response->entries = maru_alloc(call, 4 * sizeof *response->entries);
    tell(call, response, "checkout-1", "checkout");
    tell(call, response, "payment-1", "payment");
    tell(call, response, strcmp(request->name, "orders/8") == 0 ? "payment-1" : "payment-2", "payment");
    return MARU_OK;
}

static const checkout_handlers handlers = {.get_timeline = get_timeline};

static void add(book *b, Checkout__Order *order, const char *name)
{
    book_order_of(b, name)->order = order;
}

static void check_heard(book *b)
{
    char name[32];
    int  heard = 0;

    for (int i = 0; i < ORDERS; i++) {
        const book_order *o;

        snprintf(name, sizeof name, "orders/%d", i);
        o = book_order_of(b, name);
        heard += o->heard.entries[BOOK_CHECKOUT] == 1 && o->heard.entries[BOOK_PAYMENT] == 2 &&
                 o->heard.entries[BOOK_SHIPPING] == 0;
        CHECK_INT(o->heard.twin != NULL, i == 8);
    }
    CHECK_INT(heard, ORDERS - 2);
    CHECK_INT(book_order_of(b, "orders/7")->heard.entries[BOOK_CHECKOUT], 0);
    CHECK_STR(book_order_of(b, "orders/8")->heard.twin, "payment-1");
}

static void test_all(struct serving *s)
{
    Checkout__Order order = CHECKOUT__ORDER__INIT;
    maru_error      error = {0};
    char            name[32];
    book            b;

    test_begin("timelines are asked for many at once, and each is heard once");
    if (!CHECK(book_open(&b)))
        return;
    for (int i = 0; i < ORDERS; i++) {
        snprintf(name, sizeof name, "orders/%d", i);
        add(&b, &order, name);
    }
    CHECK(book_order_of(&b, "orders/unknown") != NULL); /* to checkout */
    if (!CHECK_INT(timelines_ask(s->runtime, s->client, CALL_MS, &b, &error), MARU_OK))
        fprintf(stderr, "  %s\n", error.text);
    check_heard(&b);
    test_begin("one that is damaged is a finding about its order, and ends nothing");
    CHECK(book_order_of(&b, "orders/9")->heard.unread);
    CHECK_INT(b.unheard, 1);
    if (CHECK_INT(b.finding_count, 1)) {
        CHECK_STR(b.findings->where, "orders/9");
        CHECK_STR(b.findings->check, "readable");
        CHECK_STR(b.findings->words, "its timeline: timelines: the record at orders/9 is damaged");
    }
    test_begin("where one is refused, it is said why");
    add(&b, &order, "orders/secret");
    CHECK_INT(timelines_ask(s->runtime, s->client, CALL_MS, &b, &error), MARU_PERMISSION_DENIED);
    CHECK_CONTAINS(error.text, "not for you");
    book_close(&b);
}

int main(void)
{
    struct checkout_service svc = {.asked = 0};
    struct serving          s;

    if (!serving_open(&s, "checkout", NULL, 0) || checkout_serve(s.server, &handlers, &svc, &s.error) != MARU_OK ||
        !serving_listen(&s))
        return 1;
    test_all(&s);
    serving_close(&s);
    return test_end();
}
