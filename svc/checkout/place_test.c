/* place_test.c: a quote becomes an order, once, over real calls. */
#include "testing.h"

static void test_order(struct shop *shop)
{
    Checkout__Quote          *made;
    Checkout__Order          *order, *same;
    Checkout__OrderSubmitted *event;
    uint8_t                   left[8192], right[8192];

    begin(shop, "an order has all that its quote has, the quote's id, and is SUBMITTED");
    CHECK_INT(quote(shop, "carts/minji", "", &made), MARU_OK);
    if (!CHECK_INT(place(shop, wish("r1", made->name), &order), MARU_OK))
        return;
    CHECK_STR(strchr(order->name, '/'), strchr(made->name, '/'));
    CHECK_CONTAINS(order->name, "orders/");
    CHECK_INT(order->state, CHECKOUT__ORDER_STATE__SUBMITTED);
    CHECK_STR(order->customer, "customers/minji");
    CHECK_STR(order->cart, "carts/minji");
    CHECK_STR(order->quote, made->name);
    CHECK_STR(order->request_id, "r1");
    CHECK_INT(order->n_lines, 2);
    CHECK_INT(order->total->minor, 18000);
    CHECK_INT(order->tax->minor, 1636);
    CHECK(order->create_time != NULL && order->update_time != NULL);
    begin(shop, "and is found by its name");
    CHECK_INT(get(shop, order->name, &same), MARU_OK);
    CHECK_MEM(left, protobuf_c_message_pack(&order->base, left), right, protobuf_c_message_pack(&same->base, right));
    begin(shop, "and is said, with all that others need");
    event = (Checkout__OrderSubmitted *)teller_said(&shop->checkout, order->name, 0,
                                                    &checkout__order_submitted__descriptor);
    if (!CHECK(event != NULL))
        return;
    CHECK_STR(event->order, order->name);
    CHECK_INT(event->n_lines, 2);
    CHECK_STR(event->lines[1]->product, "products/cup");
    CHECK_INT(event->total->minor, 18000);
    CHECK_INT(event->tax->minor, 1636);
    CHECK_STR(event->payment_token, "tok_1");
    CHECK_STR(event->customer, "customers/minji");
    CHECK_STR(event->cart, "carts/minji");
    CHECK_STR(event->cart_etag, "round-0");
}

static void test_repeat(struct shop *shop)
{
    Checkout__Quote            *made;
    Checkout__Order            *order, *again;
    Checkout__PlaceOrderRequest other;

    begin(shop, "the same request id and body get the same order, also when the cart was emptied since");
    CHECK_INT(quote(shop, "carts/minji", "", &made), MARU_OK);
    CHECK_INT(place(shop, wish("r1", made->name), &order), MARU_OK);
    shop->cart.round++;
    CHECK_INT(place(shop, wish("r1", made->name), &again), MARU_OK);
    CHECK_STR(again->name, order->name);
    CHECK_STR(teller_story(&shop->checkout, order->name), "OrderSubmitted");
    begin(shop, "as it is now; and after a restart");
    CHECK_INT(cancel(shop, order->name, &again), MARU_OK);
    CHECK_INT(place(shop, wish("r1", made->name), &again), MARU_OK);
    CHECK_INT(again->state, CHECKOUT__ORDER_STATE__CANCELLED);
    other = wish("r1", "");
    other.quote = strdup(made->name);
    if (!CHECK(shop_restart_checkout(shop)))
        return;
    CHECK_INT(place(shop, other, &again), MARU_OK);
    CHECK_INT(again->state, CHECKOUT__ORDER_STATE__CANCELLED);
    begin(shop, "with any other word it is ALREADY_EXISTS, and tells nothing of the order that it made");
    other.payment_token = (char *)"tok_2";
    refused(shop, place(shop, other, &again), MARU_ALREADY_EXISTS,
            "request_id: \"r1\" made an order of another body before; make a new one for each order");
    CHECK(strstr(maru_call_message(shop->checkout.call), "orders/") == NULL);
    free(other.quote);
    other = wish("r1", "quotes/none");
    refused(shop, place(shop, other, &again), MARU_ALREADY_EXISTS, "");
    other.customer = (char *)"customers/other";
    refused(shop, place(shop, other, &again), MARU_ALREADY_EXISTS, "");
}

static void test_once_a_quote(struct shop *shop)
{
    Checkout__Quote *first, *second;
    Checkout__Order *order;
    char             words[256];

    begin(shop, "a quote makes one order, whatever the request id");
    CHECK_INT(quote(shop, "carts/minji", "", &first), MARU_OK);
    CHECK_INT(quote(shop, "carts/minji", "", &second), MARU_OK);
    CHECK_INT(place(shop, wish("r1", first->name), &order), MARU_OK);
    snprintf(words, sizeof words, "quote: %s made an order already", first->name);
    refused(shop, place(shop, wish("r2", first->name), &order), MARU_FAILED_PRECONDITION, words);
    begin(shop, "of two quotes of one state of a cart only one does, before the cart has heard that it is empty");
    refused(shop, place(shop, wish("r3", second->name), &order), MARU_FAILED_PRECONDITION, "carts/minji changed since");
    begin(shop, "a request id whose order was refused is free");
    shop->cart.round++;
    CHECK_INT(quote(shop, "carts/minji", "", &second), MARU_OK);
    CHECK_INT(place(shop, wish("r3", second->name), &order), MARU_OK);
}

static void test_errors(struct shop *shop)
{
    Checkout__Quote              *made;
    Checkout__Order              *order;
    Checkout__ListOrdersResponse *page;
    Checkout__PlaceOrderRequest   wrong;
    char                          id[REQUEST_ID_MAX_CHARS + 2];

    begin(shop, "what is wrong is refused in words, and nothing is placed");
    CHECK_INT(quote(shop, "carts/minji", "", &made), MARU_OK);
    memset(id, 'x', sizeof id - 1);
    id[sizeof id - 1] = '\0';
    refused(shop, place(shop, wish("", made->name), &order), MARU_INVALID_ARGUMENT, "request_id: want 1..128");
    refused(shop, place(shop, wish(id, made->name), &order), MARU_INVALID_ARGUMENT, "got 129 bytes");
    refused(shop, place(shop, wish("a\tb", made->name), &order), MARU_INVALID_ARGUMENT, "with others in them");
    refused(shop, place(shop, wish("r1", "7f"), &order), MARU_INVALID_ARGUMENT, "quote: want quotes/");
    refused(shop, place(shop, wish("r1", "quotes/none"), &order), MARU_NOT_FOUND, "quote: there is no quotes/none");
    wrong = wish("r1", made->name);
    wrong.payment_token = (char *)"";
    refused(shop, place(shop, wrong, &order), MARU_INVALID_ARGUMENT, "payment_token: want 1..200");
    wrong = wish("r1", made->name);
    wrong.customer = (char *)"minji";
    refused(shop, place(shop, wrong, &order), MARU_INVALID_ARGUMENT, "customer: want customers/");
    wrong.customer = (char *)"customers/.";
    refused(shop, place(shop, wrong, &order), MARU_INVALID_ARGUMENT, "customer: want customers/ID with an ID other");
    wrong = wish("r1", made->name);
    wrong.cart_etag = (char *)"round-7";
    refused(shop, place(shop, wrong, &order), MARU_FAILED_PRECONDITION,
            "cart_etag: want that of the quote, \"round-0\", got \"round-7\"");
    begin(shop, "nor where the cart changed since it was quoted");
    shop->cart.round++;
    refused(shop, place(shop, wish("r1", made->name), &order), MARU_FAILED_PRECONDITION, "carts/minji changed since");
    begin(shop, "nor where it can't be asked; the caller hears that in time");
    serving_stop(&shop->cart_s);
    refused(shop, place(shop, wish("r1", made->name), &order), MARU_UNAVAILABLE, "the cart service did not answer");
    CHECK(maru_call_left_ms(shop->checkout.call) > SERVING_CALL_MS - 5000);
    CHECK_INT(list(shop, "", 0, "", &page), MARU_OK);
    CHECK_INT(page->n_orders, 0);
    CHECK_INT(teller_last(&shop->checkout), 0);
    begin(shop, "what is not there is NOT_FOUND");
    refused(shop, get(shop, "orders/none", &order), MARU_NOT_FOUND, "name: no order orders/none");
    refused(shop, get(shop, "none", &order), MARU_INVALID_ARGUMENT, "name: want orders/");
    refused(shop, cancel(shop, "orders/none", &order), MARU_NOT_FOUND, "name: no order orders/none");
}

struct many {
    atomic_int ended, failed;
};

static void on_end(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    struct many *many = arg;

    if (status != MARU_OK)
        fprintf(stderr, "%s: %s\n", maru_status_name(status), message);
    many->failed += status != MARU_OK || response == NULL;
    many->ended++;
}

static void test_many(struct shop *shop)
{
    enum { MANY = 100 };
    struct many                   many = {0};
    Checkout__Quote              *made;
    Checkout__PlaceOrderRequest   request;
    Checkout__ListOrdersResponse *page;

    begin(shop, "a hundred at once with one request id get one order, though all but one find the cart emptied by it");
    CHECK_INT(quote(shop, "carts/minji", "", &made), MARU_OK);
    request = wish("r1", made->name);
    shop->cart.crowd = shop->cart.asked + MANY;
    for (int i = 0; i < MANY; i++)
        checkout_place_order_async(shop->checkout.s.client, shop->checkout.call, &request, on_end, &many);
    while (many.ended < MANY && CHECK_INT(list(shop, "", 0, "", &page), MARU_OK))
        shop->cart.round = (int)page->n_orders;
    CHECK_INT(shop->cart.asked, shop->cart.crowd);
    CHECK_INT(list(shop, "", 0, "", &page), MARU_OK);
    CHECK_INT(page->n_orders, 1);
    CHECK_STR(teller_story(&shop->checkout, page->orders[0]->name), "OrderSubmitted");
    CHECK_INT(many.failed, 0);
}

static maru_status lose_timeline(maru_txn *txn, void *arg)
{
    return maru_delete(txn, &table_timelines, maru_key_text(arg));
}

static void test_lost_timeline(struct shop *shop)
{
    Checkout__Timeline *found;
    maru_call          *call;
    const char         *name;
    char                words[128];

    begin(shop, "of an order whose timeline was lost it is not said that there is no such order");
    name = new_order(shop, "carts/a");
    call = serving_call(&shop->checkout.s);
    CHECK_INT(maru_store_write(shop->checkout.s.store, call, lose_timeline, (void *)name), MARU_OK);
    maru_call_end(call);
    snprintf(words, sizeof words, "name: the order %s is there, and its timeline is not: it was lost", name);
    refused(shop, timeline(shop, name, &found), MARU_NOT_FOUND, words);
}

int main(void)
{
    run(test_order, false);
    run(test_repeat, false);
    run(test_once_a_quote, false);
    run_within(test_errors, false, CHECKOUT_ANSWER_MS);
    run(test_many, false);
    run(test_lost_timeline, false);
    return test_end();
}
