/* returns_test.c: orders of the past, whose goods come in for them, and what comes back of them: by real logs. */
#include "testing.h"

enum { THEN = 1291191960, DAY = 86400 };

static Google__Protobuf__Timestamp at(int64_t seconds)
{
    Google__Protobuf__Timestamp time = GOOGLE__PROTOBUF__TIMESTAMP__INIT;

    time.seconds = seconds;
    return time;
}

static void submit_past(struct fixture *f, const char *order, const char *goods)
{
    Checkout__OrderSubmitted    event = CHECKOUT__ORDER_SUBMITTED__INIT;
    Google__Protobuf__Timestamp then = at(THEN);

    event.order = (char *)order;
    event.lines = lines_of(f->t.call, goods);
    event.n_lines = count_goods(goods);
    event.past = &then;
    teller_say(&f->checkout, order, &event.base);
}

static void confirm_past(struct fixture *f, const char *order, const char *goods)
{
    Checkout__OrderConfirmed    event = CHECKOUT__ORDER_CONFIRMED__INIT;
    Google__Protobuf__Timestamp then = at(THEN);

    event.order = (char *)order;
    event.lines = lines_of(f->t.call, goods);
    event.n_lines = count_goods(goods);
    event.past = &then;
    teller_say(&f->checkout, order, &event.base);
}

static void give_back(struct fixture *f, const char *order, const char *goods)
{
    Checkout__OrderReturned     event = CHECKOUT__ORDER_RETURNED__INIT;
    Google__Protobuf__Timestamp later = at(THEN + DAY);

    event.order = (char *)order;
    event.lines = lines_of(f->t.call, goods);
    event.n_lines = count_goods(goods);
    event.past = &later;
    teller_say(&f->checkout, order, &event.base);
}

/* The ledger of a product: "RECEIVED 5, SHIPPED -5", each of them at its time. */
static const char *ledger(struct fixture *f, const char *product, const int64_t *times)
{
    Inventory__ListMovementsRequest   request = INVENTORY__LIST_MOVEMENTS_REQUEST__INIT;
    Inventory__ListMovementsResponse *response;
    const char                       *text = "";

    request.product = (char *)product;
    if (!CHECK_INT(inventory_list_movements(f->t.s.client, f->t.call, &request, &response), MARU_OK))
        return "?";
    for (size_t i = 0; i < response->n_movements; i++) {
        const Inventory__Movement *m = response->movements[i];
        const ProtobufCEnumValue  *kind =
            protobuf_c_enum_descriptor_get_value(&inventory__movement_kind__descriptor, m->kind);

        text = maru_printf(f->t.call, "%s%s%s %lld", text, i == 0 ? "" : ", ", kind->name, (long long)m->delta);
        CHECK_INT(m->time->seconds, times[i]);
    }
    return text;
}

#define SHIPPED "StockReserved StockCommitted StockShipped"

static void sell(struct fixture *f, const char *order, const char *goods)
{
    submit_past(f, order, goods);
    confirm_past(f, order, goods);
    CHECK(teller_settle(&f->t));
    dispatch(f, order);
    teller_wait(&f->t, order, SHIPPED);
}

static void test_past(struct fixture *f)
{
    Inventory__StockCommitted *event;

    teller_case(&f->t, "what was sold in the past comes in for it, and has no end");
    submit_past(f, "orders/1", "tea:70000 cup:1 tea:4215");
    CHECK_STR(teller_wait(&f->t, "orders/1", "StockReserved"), "StockReserved");
    CHECK_STR(reserved(f, "orders/1"), "RESERVED tea:74215 cup:1");
    CHECK(reservation(f, "orders/1")->expire_time == NULL);
    CHECK_INT(reservation(f, "orders/1")->update_time->seconds, THEN);
    CHECK_STR(stock(f, "tea"), "74215 there, 74215 reserved");
    teller_case(&f->t, "and leaves for it, all at its time");
    confirm_past(f, "orders/1", "tea:70000 cup:1 tea:4215");
    CHECK(teller_settle(&f->t));
    event = (Inventory__StockCommitted *)teller_said(&f->t, "orders/1", 1, &inventory__stock_committed__descriptor);
    CHECK(event != NULL && event->past != NULL && event->past->seconds == THEN);
    dispatch(f, "orders/1");
    CHECK_STR(teller_wait(&f->t, "orders/1", SHIPPED), SHIPPED);
    CHECK_STR(ledger(f, "products/tea", (int64_t[]){THEN, THEN}), "RECEIVED 74215, SHIPPED -74215");
    CHECK_STR(stock(f, "tea"), "0 there, 0 reserved");
    teller_case(&f->t, "what is sold today is not touched by it");
    have(f, "pot:1");
    sell(f, "orders/2", "pot:3");
    CHECK_STR(stock(f, "pot"), "1 there, 0 reserved");
    teller_case(&f->t, "one whose OrderSubmitted was skipped has its goods by its confirmation");
    confirm_past(f, "orders/3", "jar:2");
    CHECK_STR(teller_wait(&f->t, "orders/3", "StockCommitted"), "StockCommitted");
    CHECK_STR(stock(f, "jar"), "2 there, 2 reserved");
    teller_case(&f->t, "an order of today gets nothing in that way");
    submit(f, "orders/4", "mug:1");
    CHECK_STR(teller_wait(&f->t, "orders/4", "StockRejected"), "StockRejected");
}

static void test_returns(struct fixture *f)
{
    Inventory__StockReturned *event;

    teller_case(&f->t, "what comes back is on hand again, and the ledger says when");
    sell(f, "orders/1", "tea:5 cup:1");
    give_back(f, "orders/1", "tea:1 tea:2");
    CHECK_STR(teller_wait(&f->t, "orders/1", SHIPPED " StockReturned"), SHIPPED " StockReturned");
    CHECK_STR(stock(f, "tea"), "3 there, 0 reserved");
    CHECK_INT(get(f, "products/tea")->returned, 3);
    CHECK_STR(ledger(f, "products/tea", (int64_t[]){THEN, THEN, THEN + DAY}), "RECEIVED 5, SHIPPED -5, RETURNED 3");
    event = (Inventory__StockReturned *)teller_said(&f->t, "orders/1", 3, &inventory__stock_returned__descriptor);
    if (CHECK(event != NULL))
        CHECK_STR(goods_text(f->t.call, event->goods, event->n_goods), "tea:3");
    CHECK_INT(reservation(f, "orders/1")->update_time->seconds, THEN + DAY);
    teller_case(&f->t, "up to all of it");
    give_back(f, "orders/1", "cup:1 tea:2");
    CHECK(teller_settle(&f->t));
    CHECK_STR(stock(f, "tea"), "5 there, 0 reserved");
    CHECK_STR(goods_text(f->t.call, reservation(f, "orders/1")->returned, reservation(f, "orders/1")->n_returned),
              "tea:5 cup:1");
}

/* Its dispatch is told by another than its return: where inventory was put back, it may hear that late. */
static void test_early(struct fixture *f)
{
    teller_case(
        &f->t,
        "what comes back left: where inventory has not heard so yet, it has now, and what is sold anew is there");
    submit_past(f, "orders/1", "tea:10");
    confirm_past(f, "orders/1", "tea:10");
    give_back(f, "orders/1", "tea:6");
    give_back(f, "orders/1", "tea:1 tea:2");
    submit(f, "orders/2", "tea:9");
    CHECK_STR(teller_wait(&f->t, "orders/1", SHIPPED " StockReturned StockReturned"),
              SHIPPED " StockReturned StockReturned");
    CHECK_STR(teller_wait(&f->t, "orders/2", "StockReserved"), "StockReserved");
    CHECK_STR(ledger(f, "products/tea", (int64_t[]){THEN, THEN, THEN + DAY, THEN + DAY}),
              "RECEIVED 10, SHIPPED -10, RETURNED 6, RETURNED 3");
    teller_case(&f->t, "and that it left is nothing new when it is heard");
    dispatch(f, "orders/1");
    give_back(f, "orders/1", "tea:1");
    CHECK_STR(teller_wait(&f->t, "orders/1", SHIPPED " StockReturned StockReturned StockReturned"),
              SHIPPED " StockReturned StockReturned StockReturned");
    CHECK(teller_settle(&f->t));
    CHECK_STR(stock(f, "tea"), "10 there, 9 reserved");
    teller_case(&f->t, "also where that it was confirmed was skipped");
    submit_past(f, "orders/3", "cup:2");
    give_back(f, "orders/3", "cup:1");
    CHECK_STR(teller_wait(&f->t, "orders/3", SHIPPED " StockReturned"), SHIPPED " StockReturned");
    CHECK_STR(stock(f, "cup"), "1 there, 0 reserved");
}

/* An event of checkout's is tried again. */
static bool waits(struct fixture *f)
{
    MaruEvents__ListConsumersRequest   request = MARU_EVENTS__LIST_CONSUMERS_REQUEST__INIT;
    MaruEvents__ListConsumersResponse *response;
    const MaruEvents__Consumer        *inbox = NULL;

    while (maru_event_inbox_list_consumers(f->t.s.client, f->t.call, &request, &response) == MARU_OK)
        if ((inbox = teller_inbox(response, "checkout")) != NULL && inbox->waiting == 1)
            return true;
    return false;
}

/* Each in a shop of its own: what can't be is tried again, and becomes a dead letter in the end. */
static void refuse(struct fixture *f, const char *sold, const char *back)
{
    if (sold != NULL)
        sell(f, "orders/1", sold);
    give_back(f, "orders/1", back);
    CHECK(waits(f));
    CHECK_STR(teller_story(&f->t, "orders/1"), sold == NULL ? "" : SHIPPED);
    CHECK_STR(stock(f, "tea"), "0 there, 0 reserved");
}

static void test_too_much(struct fixture *f)
{
    teller_case(&f->t, "more than left does not come back, nor any of it");
    refuse(f, "tea:5 cup:1", "cup:1 tea:6");
    CHECK_STR(stock(f, "cup"), "0 there, 0 reserved");
}

static void test_too_much_early(struct fixture *f)
{
    teller_case(&f->t, "so it is where that it left was not heard yet: together with what came back before");
    submit_past(f, "orders/1", "tea:10");
    confirm_past(f, "orders/1", "tea:10");
    give_back(f, "orders/1", "tea:6");
    give_back(f, "orders/1", "tea:5");
    CHECK(waits(f));
    CHECK_STR(teller_story(&f->t, "orders/1"), SHIPPED " StockReturned");
    CHECK_STR(stock(f, "tea"), "6 there, 0 reserved");
}

static void test_never_left(struct fixture *f)
{
    teller_case(&f->t, "nor what never left");
    refuse(f, NULL, "tea:1");
}

int main(void)
{
    run(test_past);
    run(test_returns);
    run(test_early);
    run(test_too_much);
    run(test_too_much_early);
    run(test_never_left);
    return test_end();
}
