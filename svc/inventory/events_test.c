/* events_test.c: what inventory does about what checkout and shipping say, by real logs. */
#include "testing.h"

enum { MANY = 1000 };

static void test_life(struct fixture *f)
{
    Inventory__StockReserved *event;
    int64_t                   left;

    teller_case(&f->t, "an order reserves all it wants, lines of one product together, for 15 minutes");
    have(f, "tea:10 cup:5");
    submit(f, "orders/1", "tea:2 cup:1 tea:3");
    CHECK_STR(teller_wait(&f->t, "orders/1", "StockReserved"), "StockReserved");
    CHECK_STR(reserved(f, "orders/1"), "RESERVED tea:5 cup:1");
    CHECK_STR(stock(f, "tea"), "10 there, 5 reserved");
    event = (Inventory__StockReserved *)teller_said(&f->t, "orders/1", 0, &inventory__stock_reserved__descriptor);
    if (CHECK(event != NULL)) {
        CHECK_STR(goods_text(f->t.call, event->goods, event->n_goods), "tea:5 cup:1");
        left = event->expire_time->seconds - maru_call_wall_clock(f->t.call) / 1000000000;
        CHECK(left > 890 && left <= 900);
    }
    teller_case(&f->t, "once it is confirmed its goods are pinned, and have no end");
    confirm(f, "orders/1", "tea:2 cup:1 tea:3");
    CHECK_STR(teller_wait(&f->t, "orders/1", "StockReserved StockCommitted"), "StockReserved StockCommitted");
    CHECK_STR(reserved(f, "orders/1"), "COMMITTED tea:5 cup:1");
    CHECK(reservation(f, "orders/1")->expire_time == NULL);
    CHECK_STR(stock(f, "cup"), "5 there, 1 reserved");
    teller_case(&f->t, "once it is dispatched they are gone, and the ledger says for whom");
    dispatch(f, "orders/1");
    CHECK_STR(teller_wait(&f->t, "orders/1", "StockReserved StockCommitted StockShipped"),
              "StockReserved StockCommitted StockShipped");
    CHECK_STR(reserved(f, "orders/1"), "SHIPPED_OUT tea:5 cup:1");
    CHECK_STR(stock(f, "tea"), "5 there, 0 reserved");
    CHECK_INT(get(f, "products/tea")->shipped, 5);
    teller_case(&f->t, "and whatever comes after that changes nothing");
    submit(f, "orders/1", "tea:1");
    confirm(f, "orders/1", "tea:1");
    cancel(f, "orders/1");
    dispatch(f, "orders/1");
    CHECK(teller_settle(&f->t));
    CHECK_STR(teller_story(&f->t, "orders/1"), "StockReserved StockCommitted StockShipped");
    CHECK_STR(stock(f, "tea"), "5 there, 0 reserved");
}

static void test_short(struct fixture *f)
{
    Inventory__StockRejected *event;

    teller_case(&f->t, "an order of which one thing is short gets nothing, and all that is short is told");
    have(f, "tea:10 cup:5 pot:1");
    submit(f, "orders/1", "tea:10 cup:3 cup:3 none:1 pot:1");
    CHECK_STR(teller_wait(&f->t, "orders/1", "StockRejected"), "StockRejected");
    event = (Inventory__StockRejected *)teller_said(&f->t, "orders/1", 0, &inventory__stock_rejected__descriptor);
    if (CHECK(event != NULL) && CHECK_INT(event->n_shortages, 2)) {
        CHECK_STR(event->shortages[0]->product, "products/cup");
        CHECK_INT(event->shortages[0]->wanted, 6);
        CHECK_INT(event->shortages[0]->available, 5);
        CHECK_STR(event->shortages[1]->product, "products/none");
        CHECK_INT(event->shortages[1]->available, 0);
    }
    CHECK_STR(reserved(f, "orders/1"), "REJECTED tea:10 cup:6 none:1 pot:1");
    CHECK_STR(stock(f, "tea"), "10 there, 0 reserved");
    CHECK_STR(stock(f, "pot"), "1 there, 0 reserved");
    teller_case(&f->t, "what is reserved is not available to the next, and is again when it is given back");
    submit(f, "orders/2", "cup:4");
    submit(f, "orders/3", "cup:2");
    cancel(f, "orders/2");
    submit(f, "orders/4", "cup:5");
    CHECK(teller_settle(&f->t));
    CHECK_STR(teller_story(&f->t, "orders/2"), "StockReserved StockReleased");
    CHECK_STR(teller_story(&f->t, "orders/3"), "StockRejected");
    CHECK_STR(teller_story(&f->t, "orders/4"), "StockReserved");
    CHECK_STR(stock(f, "cup"), "5 there, 5 reserved");
    teller_case(&f->t, "a cancel of what was rejected says nothing");
    cancel(f, "orders/3");
    CHECK(teller_settle(&f->t));
    CHECK_STR(teller_story(&f->t, "orders/3"), "StockRejected");
}

static void test_cancelled(struct fixture *f)
{
    teller_case(&f->t, "a cancel gives back what is reserved, and what is committed, once");
    have(f, "tea:10");
    submit(f, "orders/1", "tea:2");
    cancel(f, "orders/1");
    submit(f, "orders/2", "tea:3");
    confirm(f, "orders/2", "tea:3");
    cancel(f, "orders/2");
    cancel(f, "orders/2");
    CHECK(teller_settle(&f->t));
    CHECK_STR(teller_story(&f->t, "orders/1"), "StockReserved StockReleased");
    CHECK_STR(teller_story(&f->t, "orders/2"), "StockReserved StockCommitted StockReleased");
    CHECK_STR(reserved(f, "orders/1"), "RELEASED tea:2");
    CHECK_STR(stock(f, "tea"), "10 there, 0 reserved");
    teller_case(&f->t, "a cancel that comes before its order leaves a mark, and the order then nothing");
    cancel(f, "orders/3");
    submit(f, "orders/3", "tea:1");
    CHECK(teller_settle(&f->t));
    CHECK_STR(teller_story(&f->t, "orders/3"), "");
    CHECK_STR(reserved(f, "orders/3"), "FORESTALLED");
    CHECK_STR(stock(f, "tea"), "10 there, 0 reserved");
    teller_case(&f->t, "an order that comes twice reserves once");
    submit(f, "orders/4", "tea:1");
    submit(f, "orders/4", "tea:1");
    CHECK(teller_settle(&f->t));
    CHECK_STR(teller_story(&f->t, "orders/4"), "StockReserved");
    CHECK_STR(stock(f, "tea"), "10 there, 1 reserved");
}

/* What the flow does not have: it is told in the log, and changes nothing; or is a mistake that waits for a person. */
/* So it is where a store went back to a backup, and the logs of others are read again, each for itself. */
static void test_restored(struct fixture *f)
{
    teller_case(&f->t,
                "a parcel that left before its order was heard of leaves once that is, and all is said in order");
    have(f, "tea:10");
    dispatch(f, "orders/1");
    dispatch(f, "orders/1");
    CHECK(teller_settle(&f->t));
    CHECK_STR(reserved(f, "orders/1"), "none");
    submit(f, "orders/1", "tea:3");
    CHECK_STR(teller_wait(&f->t, "orders/1", "StockReserved StockCommitted StockShipped"),
              "StockReserved StockCommitted StockShipped");
    confirm(f, "orders/1", "tea:3");
    dispatch(f, "orders/1");
    CHECK(teller_settle(&f->t));
    CHECK_STR(teller_story(&f->t, "orders/1"), "StockReserved StockCommitted StockShipped");
    CHECK_STR(stock(f, "tea"), "7 there, 0 reserved");
    teller_case(&f->t, "or before it was confirmed");
    submit(f, "orders/2", "tea:3");
    CHECK_STR(teller_wait(&f->t, "orders/2", "StockReserved"), "StockReserved");
    dispatch(f, "orders/2");
    CHECK_STR(teller_wait(&f->t, "orders/2", "StockReserved StockCommitted StockShipped"),
              "StockReserved StockCommitted StockShipped");
    CHECK_STR(reserved(f, "orders/2"), "SHIPPED_OUT tea:3");
    CHECK_STR(stock(f, "tea"), "4 there, 0 reserved");
}

static void test_odd(struct fixture *f)
{
    MaruEvents__ListDeadLettersRequest   request = MARU_EVENTS__LIST_DEAD_LETTERS_REQUEST__INIT;
    MaruEvents__ListDeadLettersResponse *letters = NULL;

    teller_case(&f->t, "a parcel of an order that has nothing here takes nothing out");
    have(f, "tea:10");
    dispatch(f, "orders/1");
    cancel(f, "orders/2");
    dispatch(f, "orders/2");
    CHECK(teller_settle(&f->t));
    CHECK_STR(teller_story(&f->t, "orders/1"), "");
    CHECK_STR(reserved(f, "orders/1"), "none");
    CHECK_STR(stock(f, "tea"), "10 there, 0 reserved");
    teller_case(&f->t, "an order of nothing, or of less, is a dead letter, and holds up no other");
    submit(f, "orders/3", "tea:-3");
    submit(f, "orders/4", "tea:1");
    CHECK_STR(teller_wait(&f->t, "orders/4", "StockReserved"), "StockReserved");
    do
        if (!CHECK_INT(maru_event_inbox_list_dead_letters(f->t.s.client, f->t.call, &request, &letters), MARU_OK))
            return;
    while (letters->n_dead_letters == 0);
    CHECK_STR(letters->dead_letters[0]->event->aggregate, "orders/3");
    CHECK_CONTAINS(letters->dead_letters[0]->error, "lines[0].quantity: want 1..1000000000, got -3");
    CHECK_STR(stock(f, "tea"), "10 there, 1 reserved");
}

static void test_adjust(struct fixture *f)
{
    Inventory__Stock *found;

    teller_case(&f->t, "what is reserved can't be lost");
    have(f, "tea:10");
    submit(f, "orders/1", "tea:8");
    CHECK_STR(teller_wait(&f->t, "orders/1", "StockReserved"), "StockReserved");
    refused(f, adjust(f, "products/tea", -3, "broken", &found), MARU_FAILED_PRECONDITION,
            "products/tea has 10 on hand, 8 of them reserved: want at least -2, got -3");
    CHECK_INT(adjust(f, "products/tea", -2, "broken", &found), MARU_OK);
    CHECK_STR(stock(f, "tea"), "8 there, 8 reserved");
}

static const char *many_goods(maru_call *call, int64_t of_the_first)
{
    char  *text = maru_alloc(call, MANY * 24);
    size_t used = (size_t)snprintf(text, 24, "p0:%lld", (long long)of_the_first);

    for (int i = 1; i < MANY; i++)
        used += (size_t)snprintf(text + used, 24, " p%d:%d", i, i);
    return text;
}

static void test_large(struct fixture *f)
{
    const char *goods;

    teller_case(&f->t, "a thousand lines, and 74,215 pieces on one of them");
    goods = many_goods(f->t.call, 74215);
    have(f, goods);
    submit(f, "orders/1", goods);
    CHECK_STR(teller_wait(&f->t, "orders/1", "StockReserved"), "StockReserved");
    CHECK_STR(reserved(f, "orders/1"), maru_printf(f->t.call, "RESERVED %s", goods));
    CHECK_STR(stock(f, "p0"), "74215 there, 74215 reserved");
    CHECK_STR(stock(f, "p999"), "999 there, 999 reserved");
    teller_case(&f->t, "all of it is short for the next, and leaves with its parcel");
    goods = many_goods(f->t.call, 74215);
    submit(f, "orders/2", goods);
    confirm(f, "orders/1", goods);
    CHECK(teller_settle(&f->t));
    dispatch(f, "orders/1");
    CHECK_STR(teller_wait(&f->t, "orders/1", "StockReserved StockCommitted StockShipped"),
              "StockReserved StockCommitted StockShipped");
    CHECK_INT(((Inventory__StockRejected *)teller_said(&f->t, "orders/2", 0, &inventory__stock_rejected__descriptor))
                  ->n_shortages,
              MANY);
    CHECK_STR(stock(f, "p0"), "0 there, 0 reserved");
    CHECK_STR(stock(f, "p500"), "0 there, 0 reserved");
}

static void test_pages(struct fixture *f)
{
    Inventory__ListReservationsRequest   request = INVENTORY__LIST_RESERVATIONS_REQUEST__INIT;
    Inventory__ListReservationsResponse *page;
    const char                          *all = "", *goods;

    teller_case(&f->t, "reservations come in order of order, and those that are live alone where asked");
    have(f, "tea:10");
    for (int i = 1; i <= 5; i++)
        submit(f, maru_printf(f->t.call, "orders/%d", i), "tea:1");
    cancel(f, "orders/2");
    confirm(f, "orders/4", "tea:1");
    CHECK(teller_settle(&f->t));
    request.page_size = 2;
    for (int live = 0; live < 2; live++) {
        request.live_only = live;
        request.page_token = (char *)"";
        do {
            if (!CHECK_INT(inventory_list_reservations(f->t.s.client, f->t.call, &request, &page), MARU_OK))
                return;
            for (size_t i = 0; i < page->n_reservations; i++)
                all = maru_printf(f->t.call, "%s%s ", all, page->reservations[i]->order + strlen("orders/"));
            all = maru_printf(f->t.call, "%s| ", all);
            request.page_token = page->next_page_token;
        } while (request.page_token[0] != '\0');
    }
    CHECK_STR(all, "1 2 | 3 4 | 5 | 1 3 | 4 5 | ");
    request.order = (char *)"orders/2";
    CHECK_INT(inventory_list_reservations(f->t.s.client, f->t.call, &request, &page), MARU_OK);
    CHECK_INT(page->n_reservations, 0);
    teller_case(&f->t, "a page of large ones ends before it is too large for a message");
    goods = many_goods(f->t.call, 1);
    for (int i = 0; i < 100; i++)
        submit(f, maru_printf(f->t.call, "orders/large%02d", i), goods);
    CHECK(teller_settle(&f->t));
    request = (Inventory__ListReservationsRequest)INVENTORY__LIST_RESERVATIONS_REQUEST__INIT;
    request.page_size = 1000;
    CHECK_INT(inventory_list_reservations(f->t.s.client, f->t.call, &request, &page), MARU_OK);
    CHECK(page->n_reservations > 20 && page->n_reservations < 105);
    CHECK(page->next_page_token[0] != '\0');
}

static void test_restart(struct fixture *f)
{
    teller_case(&f->t, "what was said while it was down has its effect when it is back, once");
    have(f, "tea:10");
    submit(f, "orders/1", "tea:2");
    CHECK_STR(teller_wait(&f->t, "orders/1", "StockReserved"), "StockReserved");
    if (!CHECK(teller_again(&f->t)))
        return;
    submit(f, "orders/2", "tea:3");
    confirm(f, "orders/1", "tea:2");
    if (!CHECK(serve(f)) || !CHECK(teller_settle(&f->t)))
        return;
    CHECK_STR(teller_story(&f->t, "orders/1"), "StockReserved StockCommitted");
    CHECK_STR(teller_story(&f->t, "orders/2"), "StockReserved");
    CHECK_STR(stock(f, "tea"), "10 there, 5 reserved");
}

int main(void)
{
    run(test_life);
    run(test_short);
    run(test_cancelled);
    run(test_restored);
    run(test_odd);
    run(test_adjust);
    run(test_large);
    run(test_pages);
    run(test_restart);
    return test_end();
}
