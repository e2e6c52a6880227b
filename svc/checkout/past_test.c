/* past_test.c: orders of the past and what came back of them: over real calls, beside others that say what they would.
 */
#include "testing.h"
#include "unknown.h"

enum { DAY = 86400 };

/* ---- requests ---- */

/* Twelve spoons in two lines and three cups, for 12.60 and 9.00. */
static const char *new_past(struct shop *shop, const char *invoice, const char *customer, int64_t time)
{
    struct bill      bill;
    Checkout__Order *order;

    bill_of(&bill, invoice, customer, time);
    add_line(&bill, "products/spoon", 6, 105);
    add_line(&bill, "products/cup", 3, 300);
    add_line(&bill, "products/spoon", 6, 105);
    if (CHECK_INT(place_past(shop, &bill, &order), MARU_OK))
        return order->name;
    fprintf(stderr, "%s: %s\n", invoice, maru_call_message(shop->checkout.call));
    return "orders/none";
}

/* ---- what the others say ---- */

static void pay(struct shop *shop, const char *order)
{
    says(&shop->inventory, order, &inventory__stock_reserved__descriptor);
    says(&shop->payment, order, &payment__payment_authorized__descriptor);
    teller_wait(&shop->checkout, order, "OrderSubmitted OrderConfirmed");
}

static void ship(struct shop *shop, const char *order)
{
    says(&shop->inventory, order, &inventory__stock_shipped__descriptor);
}

static void deliver(struct shop *shop, const char *order)
{
    says(&shop->shipping, order, &shipping__shipment_delivered__descriptor);
}

/* ---- orders ---- */

static void test_order(struct shop *shop)
{
    struct bill               bill;
    Checkout__Order          *order, *again;
    Checkout__OrderSubmitted *event;

    begin(shop, "an invoice becomes an order at its own prices and time, with its charges in the total");
    bill_of(&bill, "536365", "customers/17850", THEN);
    add_line(&bill, "products/spoon", 74215, 104);
    add_line(&bill, "products/spoon", 1, 99);
    add_charge(&bill, "POSTAGE", 1800);
    add_charge(&bill, "Discount", -1);
    if (!CHECK_INT(place_past(shop, &bill, &order), MARU_OK))
        return;
    CHECK_INT(order->state, CHECKOUT__ORDER_STATE__SUBMITTED);
    CHECK_STR(order->invoice, "536365");
    CHECK_STR(order->customer, "customers/17850");
    CHECK_INT(order->total->minor, INT64_C(74215) * 104 + 99 + 1800 - 1);
    CHECK_INT(order->lines[0]->total->minor, INT64_C(74215) * 104);
    CHECK_INT(order->create_time->seconds, THEN);
    CHECK_INT(order->update_time->seconds, THEN);
    CHECK_STR(order->quote, "");
    CHECK_INT(strlen(order->name), strlen("orders/past-") + 32);
    CHECK(order->made_by_request);
    begin(shop, "nobody was asked for prices, and it is said as one of the past, without a card");
    CHECK_INT((int)shop->catalog.asked + (int)shop->cart.asked, 0);
    event = (Checkout__OrderSubmitted *)teller_said(&shop->checkout, order->name, 0,
                                                    &checkout__order_submitted__descriptor);
    if (!CHECK(event != NULL && event->past != NULL))
        return;
    CHECK_INT(event->past->seconds, THEN);
    CHECK_STR(event->payment_token, "");
    begin(shop, "the same invoice makes no second one, also when it is over, and after a restart");
    pay(shop, order->name);
    deliver(shop, order->name);
    teller_wait(&shop->checkout, order->name, COMPLETED);
    CHECK_INT(place_past(shop, &bill, &again), MARU_OK);
    CHECK_STR(again->name, order->name);
    CHECK_INT(again->state, CHECKOUT__ORDER_STATE__COMPLETED);
    CHECK_INT(again->update_time->seconds, THEN);
    CHECK(!again->made_by_request);
    begin(shop, "another body is ALREADY_EXISTS, and changes nothing");
    bill.lines[1].quantity = 2;
    refused(shop, place_past(shop, &bill, &again), MARU_ALREADY_EXISTS,
            "invoice: 536365 made an order of another body");
    bill.lines[1].quantity = 1;
    if (!CHECK(shop_restart_checkout(shop)))
        return;
    CHECK_INT(place_past(shop, &bill, &again), MARU_OK);
    CHECK_INT(again->state, CHECKOUT__ORDER_STATE__COMPLETED);
}

static bool made(struct shop *shop, const char *invoice, const char *request_id)
{
    struct bill      bill;
    Checkout__Order *order;

    if (request_id != NULL)
        CHECK_INT(maru_call_set_request_id(shop->checkout.call, request_id), MARU_OK);
    bill_of(&bill, invoice, "", THEN);
    add_line(&bill, "products/spoon", 1, 105);
    return CHECK_INT(place_past(shop, &bill, &order), MARU_OK) && order->made_by_request;
}

/* An order that has just been made is SUBMITTED, and stays so while inventory does not answer: that says nothing. */
static void test_who_made_it(struct shop *shop)
{
    Checkout__ListOrdersResponse *page;

    begin(shop, "who brings an invoice is told whether this made the order, whatever state it is in");
    CHECK(made(shop, "1", NULL));
    CHECK(!made(shop, "1", NULL));
    begin(shop, "a request that is said again, since its answer was lost, made it all the same");
    CHECK(made(shop, "2", "import-1/17"));
    CHECK(made(shop, "2", "import-1/17"));
    begin(shop, "another request did not, also of the same import");
    CHECK(!made(shop, "2", "import-1/18"));
    CHECK(!made(shop, "1", "import-1/18"));
    begin(shop, "after a restart it is as before");
    if (!CHECK(shop_restart_checkout(shop)))
        return;
    CHECK(!made(shop, "2", "import-2/17"));
    CHECK(made(shop, "2", "import-1/17"));
    begin(shop, "no other answer says so");
    CHECK_INT(list(shop, "", 0, "", &page), MARU_OK);
    if (CHECK_INT(page->n_orders, 2))
        CHECK(!page->orders[0]->made_by_request && !page->orders[1]->made_by_request);
}

static void test_lists(struct shop *shop)
{
    Checkout__ListOrdersResponse *page;

    begin(shop, "orders of the past stand in the lists as they came; guests' only in that of all");
    new_past(shop, "1", "customers/kim", THEN);
    new_past(shop, "2", "", THEN + 1);
    new_past(shop, "3", "customers/kim", THEN + 2);
    CHECK_INT(list(shop, "customers/kim", 0, "", &page), MARU_OK);
    if (CHECK_INT(page->n_orders, 2)) {
        CHECK_STR(page->orders[0]->invoice, "3");
        CHECK_STR(page->orders[1]->invoice, "1");
    }
    CHECK_INT(list(shop, "", 0, "", &page), MARU_OK);
    CHECK_INT(page->n_orders, 3);
}

static void test_refusals(struct shop *shop)
{
    struct bill                        bill;
    Checkout__Order                   *order;
    Checkout__ReturnPastGoodsResponse *found;

    begin(shop, "what is no invoice is refused in words");
    bill_of(&bill, "no number", "", THEN);
    add_line(&bill, "products/spoon", 1, 1);
    refused(shop, place_past(shop, &bill, &order), MARU_INVALID_ARGUMENT, "invoice: want 1..64");
    refused(shop, give_back(shop, &bill, &found), MARU_INVALID_ARGUMENT, "invoice: want 1..64");
    bill.order.invoice = bill.back.invoice = (char *)"1";
    bill.time.nanos = 1;
    refused(shop, place_past(shop, &bill, &order), MARU_INVALID_ARGUMENT, "time: want seconds since 1970");
    refused(shop, give_back(shop, &bill, &found), MARU_INVALID_ARGUMENT, "time: want seconds since 1970");
    bill.time.nanos = 0;
    bill.order.customer = bill.back.customer = (char *)"kim";
    refused(shop, place_past(shop, &bill, &order), MARU_INVALID_ARGUMENT, "customer: want customers/");
    refused(shop, give_back(shop, &bill, &found), MARU_INVALID_ARGUMENT, "customer: want customers/");
    bill.order.customer = (char *)"customers/..";
    refused(shop, place_past(shop, &bill, &order), MARU_INVALID_ARGUMENT, "customer: want customers/ID with an ID");
    bill.order.customer = bill.back.customer = (char *)"";
    bill.lines[0].product = (char *)"products/.";
    refused(shop, place_past(shop, &bill, &order), MARU_INVALID_ARGUMENT,
            "lines: product: want products/ID with an ID");
    bill.lines[0].product = (char *)"products/spoon";
    bill.lines[0].quantity = 1000001;
    refused(shop, place_past(shop, &bill, &order), MARU_INVALID_ARGUMENT,
            "lines[0].quantity: want 1..1000000, got 1000001");
    bill.lines[0].quantity = 0;
    refused(shop, give_back(shop, &bill, &found), MARU_INVALID_ARGUMENT, "lines[0].quantity: want 1..1000000, got 0");
    bill.lines[0].quantity = 1;
    bill.prices[0].minor = 0;
    refused(shop, place_past(shop, &bill, &order), MARU_INVALID_ARGUMENT,
            "lines[0]: want a price of at least 1, got 0");
    bill.prices[0].minor = 1;
    bill.prices[0].currency = (char *)"pounds";
    refused(shop, place_past(shop, &bill, &order), MARU_INVALID_ARGUMENT, "lines[0]: want a price in a currency");
    bill.prices[0].currency = (char *)"GBP";
    bill.lines[0].title = (char *)"";
    refused(shop, place_past(shop, &bill, &order), MARU_INVALID_ARGUMENT, "lines[0].title: want 1..300 bytes, got 0");
    bill.lines[0].title = (char *)"SPOON";
    bill.order.n_lines = bill.back.n_lines = 0;
    refused(shop, place_past(shop, &bill, &order), MARU_INVALID_ARGUMENT, "lines: want 1..1000, got 0");
    refused(shop, give_back(shop, &bill, &found), MARU_INVALID_ARGUMENT, "lines: want 1..1000, got 0");
    bill.order.n_lines = 1;
    add_charge(&bill, "", 1);
    refused(shop, place_past(shop, &bill, &order), MARU_INVALID_ARGUMENT, "charges[0].title: want 1..300 bytes, got 0");
    bill.charges[0].title = (char *)"Discount";
    begin(shop, "so is one that costs less than nothing, or mixes currencies");
    bill.amounts[0].minor = -2;
    refused(shop, place_past(shop, &bill, &order), MARU_FAILED_PRECONDITION, "total: want 0 or more, got -1 GBP");
    bill.amounts[0].currency = (char *)"KRW";
    refused(shop, place_past(shop, &bill, &order), MARU_FAILED_PRECONDITION,
            "charges: want GBP, as the lines, got KRW");
}

/* ---- what came back ---- */

/* One line that came back of a customer's; says of which order. */
static const char *back(struct shop *shop, const char *invoice, const char *customer, int64_t time, int64_t quantity,
                        int64_t pence)
{
    struct bill                        bill;
    Checkout__ReturnPastGoodsResponse *found;

    bill_of(&bill, invoice, customer, time);
    add_line(&bill, "products/spoon", quantity, pence);
    if (!CHECK_INT(give_back(shop, &bill, &found), MARU_OK) || !CHECK_INT(found->n_orders, 1))
        return "?";
    return found->orders[0];
}

static void test_matching(struct shop *shop)
{
    const char                        *old, *new;
    struct bill                        bill;
    Checkout__ReturnPastGoodsResponse *found;
    Checkout__Order                   *order;

    begin(shop, "what came back is found in the newest order of its customer before it that has as many at that price");
    old = new_past(shop, "1", "customers/kim", THEN);
    new = new_past(shop, "2", "customers/kim", THEN + DAY);
    new_past(shop, "3", "customers/lee", THEN);
    new_past(shop, "4", "", THEN);
    CHECK_STR(back(shop, "C1", "customers/kim", THEN + 2 * DAY, 7, 105), new);
    CHECK_STR(back(shop, "C2", "customers/kim", THEN + 2 * DAY, 6, 105), old);
    CHECK_STR(back(shop, "C3", "customers/kim", THEN + 2 * DAY, 5, 105), new);
    CHECK_STR(back(shop, "C4", "customers/kim", THEN + DAY - 1, 6, 105), old);
    begin(shop, "at another price, of another customer, before it, or when all of it came back, nothing is found");
    CHECK_STR(back(shop, "C5", "customers/lee", THEN + DAY, 1, 104), "");
    CHECK_STR(back(shop, "C6", "customers/lee", THEN - 1, 1, 105), "");
    CHECK_STR(back(shop, "C7", "customers/park", THEN + DAY, 1, 105), "");
    CHECK_STR(back(shop, "C8", "", THEN + DAY, 1, 105), "");
    CHECK_STR(back(shop, "C9", "customers/lee", THEN + DAY, 13, 105), "");
    CHECK_STR(back(shop, "C10", "customers/kim", THEN + 2 * DAY, 1, 105), "");
    begin(shop, "it stands with the order's lines, from the first");
    CHECK_STR(back(shop, "C11", "customers/lee", THEN + DAY, 8, 105), new_past(shop, "3", "customers/lee", THEN));
    CHECK_INT(get(shop, new_past(shop, "3", "customers/lee", THEN), &order), MARU_OK);
    CHECK_INT(order->lines[0]->returned, 6);
    CHECK_INT(order->lines[1]->returned, 0);
    CHECK_INT(order->lines[2]->returned, 2);
    CHECK_INT(order->update_time->seconds, THEN + DAY);
    begin(shop, "each line of an invoice is found by itself");
    bill_of(&bill, "C12", "customers/lee", THEN + DAY);
    add_line(&bill, "products/cup", 3, 300);
    add_line(&bill, "products/cup", 1, 300);
    add_line(&bill, "products/spoon", 4, 105);
    CHECK_INT(give_back(shop, &bill, &found), MARU_OK);
    CHECK(found->orders[0][0] != '\0' && found->orders[1][0] == '\0' && found->orders[2][0] != '\0');
    begin(shop, "said again it does nothing, and is answered as once; with another body it is ALREADY_EXISTS");
    CHECK_STR(back(shop, "C1", "customers/kim", THEN + 2 * DAY, 7, 105), new);
    CHECK_STR(back(shop, "C5", "customers/lee", THEN + DAY, 1, 104), "");
    bill.lines[1].quantity = 2;
    refused(shop, give_back(shop, &bill, &found), MARU_ALREADY_EXISTS, "invoice: C12 said another body before");
}

static void test_money_left(struct shop *shop)
{
    struct bill      bill;
    Checkout__Order *order;

    begin(shop, "of an order with a discount no more comes back than was paid");
    bill_of(&bill, "1", "customers/kim", THEN);
    add_line(&bill, "products/spoon", 10, 100);
    add_charge(&bill, "Discount", -300);
    CHECK_INT(place_past(shop, &bill, &order), MARU_OK);
    CHECK_STR(back(shop, "C1", "customers/kim", THEN, 8, 100), "");
    CHECK_STR(back(shop, "C2", "customers/kim", THEN, 5, 100), order->name);
    CHECK_STR(back(shop, "C3", "customers/kim", THEN, 3, 100), "");
    CHECK_STR(back(shop, "C4", "customers/kim", THEN, 2, 100), order->name);
}

static void test_too_often(struct shop *shop)
{
    struct bill                        bill;
    Checkout__ReturnPastGoodsResponse *found;
    const char                        *old, *new;
    char                               invoice[16];

    begin(shop, "of an order 100 invoices give back; one more finds it in an older one that has it");
    old = new_past(shop, "1", "customers/kim", THEN);
    bill_of(&bill, "2", "customers/kim", THEN);
    add_line(&bill, "products/spoon", 200, 105);
    CHECK_INT(place_past(shop, &bill, &(Checkout__Order *){NULL}), MARU_OK);
    new = back(shop, "C0", "customers/kim", THEN, 1, 105);
    CHECK(strcmp(new, old) != 0);
    for (int i = 1; i < 100; i++) {
        snprintf(invoice, sizeof invoice, "C%d", i);
        CHECK_STR(back(shop, invoice, "customers/kim", THEN, 1, 105), new);
    }
    CHECK_STR(back(shop, "C100", "customers/kim", THEN, 11, 105), old);
    begin(shop, "where none has, it is told apart from what no order has; again, too");
    bill_of(&bill, "C101", "customers/kim", THEN);
    add_line(&bill, "products/spoon", 2, 105);
    add_line(&bill, "products/spoon", 101, 105);
    add_line(&bill, "products/spoon", 1, 105);
    for (int again = 0; again < 2; again++) {
        CHECK_INT(give_back(shop, &bill, &found), MARU_OK);
        if (!CHECK_INT(found->n_orders, 3) || !CHECK_INT(found->n_too_often, 3))
            return;
        CHECK_STR(found->orders[0], "");
        CHECK_STR(found->orders[1], "");
        CHECK_STR(found->orders[2], old);
        CHECK(found->too_often[0] && !found->too_often[1] && !found->too_often[2]);
    }
}

/* Whatever of the end comes last, the return is said after all of it. */
static void test_saying(struct shop *shop)
{
    static void (*const ends[])(struct shop * shop, const char *order) = {ship, deliver};
    Checkout__OrderReturned *event;
    Checkout__Timeline      *seen;
    const char              *name;

    for (int first = 0; first < 2; first++) {
        begin(shop, "what came back is said once the order is over and its goods were heard to have left");
        name = new_past(shop, first ? "2" : "1", "customers/kim", THEN + first);
        pay(shop, name);
        CHECK_STR(back(shop, first ? "C2" : "C1", "customers/kim", THEN + first, 9, 105), name);
        ends[first](shop, name);
        teller_settle(&shop->checkout);
        CHECK(strstr(teller_story(&shop->checkout, name), "OrderReturned") == NULL);
        ends[1 - first](shop, name);
        teller_wait(&shop->checkout, name, COMPLETED " OrderReturned");
    }
    event = (Checkout__OrderReturned *)teller_said(&shop->checkout, name, 3, &checkout__order_returned__descriptor);
    if (!CHECK(event != NULL && event->amount != NULL && event->past != NULL && event->n_lines == 1))
        return;
    CHECK_INT(event->amount->minor, 945);
    CHECK_INT(event->past->seconds, THEN + 1);
    CHECK_STR(event->invoice, "C2");
    CHECK_INT(event->lines[0]->quantity, 9);
    begin(shop, "what comes back after that is said at once, and is in the timeline");
    CHECK_STR(back(shop, "C3", "customers/kim", THEN + 2, 3, 105), name);
    teller_wait(&shop->checkout, name, COMPLETED " OrderReturned OrderReturned");
    CHECK_INT(timeline(shop, name, &seen), MARU_OK);
    CHECK_STR(seen->entries[seen->n_entries - 1]->detail, "C3: 3 back, 3.15 GBP");
}

static size_t packed(const ProtobufCMessage *message)
{
    return message == NULL ? SIZE_MAX : protobuf_c_message_get_packed_size(message);
}

static void test_unknown(struct shop *shop)
{
    enum { LARGE = 1000000 };
    struct bill                        bill;
    Checkout__ReturnPastGoodsResponse *found;
    Checkout__Order                   *order;
    Shop__Money                        total = SHOP__MONEY__INIT;
    maru_arena                        *arena;
    const char                        *name;

    begin(shop, "of an invoice only what this version knows is kept, and said");
    bill_of(&bill, "1", "customers/kim", THEN);
    add_line(&bill, "products/spoon", 12, 105);
    add_charge(&bill, "POSTAGE", 1800);
    arena = maru_call_arena(shop->checkout.call);
    unknown_add(arena, &bill.prices[0].base, LARGE);
    unknown_add(arena, &bill.amounts[0].base, LARGE);
    unknown_add(arena, &bill.time.base, LARGE);
    if (!CHECK_INT(place_past(shop, &bill, &order), MARU_OK))
        return;
    name = order->name;
    if (CHECK_INT(get(shop, name, &order), MARU_OK))
        CHECK(packed(&order->base) < 400);
    CHECK(packed(teller_said(&shop->checkout, name, 0, &checkout__order_submitted__descriptor)) < 400);
    CHECK_INT(place_past(shop, &bill, &order), MARU_OK);
    CHECK_STR(order->name, name);
    begin(shop, "so is it of what came back: neither that, nor a total of the caller's");
    pay(shop, name);
    ship(shop, name);
    deliver(shop, name);
    teller_wait(&shop->checkout, name, COMPLETED);
    arena = maru_call_arena(shop->checkout.call);
    bill_of(&bill, "C1", "customers/kim", THEN + 1);
    add_line(&bill, "products/spoon", 2, 105);
    unknown_add(arena, &bill.lines[0].base, LARGE);
    unknown_add(arena, &bill.prices[0].base, LARGE);
    total.currency = maru_arena_alloc(arena, LARGE + 1);
    memset(total.currency, 'G', LARGE);
    total.currency[LARGE] = '\0';
    bill.lines[0].total = &total;
    CHECK_INT(give_back(shop, &bill, &found), MARU_OK);
    CHECK_STR(found->orders[0], name);
    teller_wait(&shop->checkout, name, COMPLETED " OrderReturned");
    CHECK(packed(teller_said(&shop->checkout, name, 3, &checkout__order_returned__descriptor)) < 400);
}

/* Wherever it is on its way: as it was placed, on its way, and over. */
static void test_no_cancel(struct shop *shop)
{
    Checkout__Order *order;
    const char      *name;

    begin(shop, "an order of the past is not cancelled, and goes on as if nobody had asked");
    name = new_past(shop, "1", "customers/kim", THEN);
    refused(shop, cancel(shop, name, &order), MARU_FAILED_PRECONDITION, "(invoice 1), which is not cancelled");
    CHECK_CONTAINS(maru_call_message(shop->checkout.call), "ReturnPastGoods");
    pay(shop, name);
    refused(shop, cancel(shop, name, &order), MARU_FAILED_PRECONDITION, "which is not cancelled");
    deliver(shop, name);
    teller_wait(&shop->checkout, name, COMPLETED);
    refused(shop, cancel(shop, name, &order), MARU_FAILED_PRECONDITION, "which is not cancelled");
    CHECK_STR(teller_story(&shop->checkout, name), COMPLETED);
}

/* A history of hours is read in a moment: nothing of it may run out meanwhile. */
static void test_no_time_out(struct shop *shop)
{
    Checkout__Order *order;
    const char      *name;

    begin(shop, "inventory may take its time over the past: its order is not cancelled after 30 s");
    name = new_past(shop, "1", "", THEN);
    maru_sim_run(shop->sim, maru_sim_now(shop->sim) + INT64_C(3600) * 1000000000);
    begin(shop, "nor after an hour");
    if (CHECK_INT(get(shop, name, &order), MARU_OK))
        CHECK_INT(order->state, CHECKOUT__ORDER_STATE__SUBMITTED);
}

int main(void)
{
    run(test_order, false);
    run(test_who_made_it, false);
    run(test_lists, false);
    run(test_refusals, false);
    run(test_matching, false);
    run(test_money_left, false);
    run(test_too_often, false);
    run(test_saying, false);
    run(test_unknown, false);
    run(test_no_cancel, false);
    run(test_no_time_out, true);
    return test_end();
}
