/* early_test.c: orders of the past that checkout lost with its store, and that are said to it again: beside others that
 * said what they did for them before, and do not say it again.
 */
#include "early.h"
#include "naming.h"
#include "testing.h"

/* So many spoons, at 1.05. */
static struct bill *spoons(struct bill *bill, const char *invoice, int64_t quantity)
{
    bill_of(bill, invoice, "customers/kim", THEN);
    add_line(bill, "products/spoon", quantity, 105);
    return bill;
}

/* ---- the name that it had, and will have ---- */

struct naming {
    const struct bill *bill;
    char              *name;
};

static maru_status find_name(maru_txn *txn, void *arg)
{
    static const uint8_t fresh[SIPHASH_KEY_BYTES] = {1, 2, 3};
    struct naming       *n = arg;

    return naming_past(txn, fresh, &n->bill->order.base, &n->name);
}

static const char *name_of(struct shop *shop, const struct bill *bill)
{
    struct naming n = {.bill = bill, .name = (char *)"orders/none"};

    CHECK_INT(maru_store_write(shop->checkout.s.store, shop->checkout.call, find_name, &n), MARU_OK);
    return maru_printf(shop->checkout.call, "%s", n.name);
}

static maru_status look(maru_txn *txn, void *arg)
{
    return maru_has(txn, &table_early, maru_key_text(arg));
}

static bool is_kept(struct shop *shop, const char *name)
{
    return maru_store_read(shop->checkout.s.store, shop->checkout.call, look, (void *)name) == MARU_OK;
}

/* ---- what the others said ---- */

static void say_all(struct shop *shop, const char *order)
{
    says(&shop->inventory, order, &inventory__stock_reserved__descriptor);
    says(&shop->payment, order, &payment__payment_authorized__descriptor);
    says(&shop->inventory, order, &inventory__stock_committed__descriptor);
    says(&shop->payment, order, &payment__payment_captured__descriptor);
    says(&shop->inventory, order, &inventory__stock_shipped__descriptor);
    says(&shop->shipping, order, &shipping__shipment_delivered__descriptor);
}

/* ---- the cases ---- */

static void test_names(struct shop *shop)
{
    struct bill      one, other;
    Checkout__Order *order;
    char             name[128];

    begin(shop, "the name of an order of the past follows from all that is said of it");
    snprintf(name, sizeof name, "%s", name_of(shop, spoons(&one, "1", 6)));
    CHECK(naming_is_past(name));
    CHECK_STR(name_of(shop, spoons(&other, "1", 6)), name);
    CHECK(strcmp(name_of(shop, spoons(&other, "1", 7)), name) != 0);
    CHECK(strcmp(name_of(shop, spoons(&other, "2", 6)), name) != 0);
    begin(shop, "and from no request id; a restart keeps it");
    if (!CHECK(shop_restart_checkout(shop)))
        return;
    CHECK_STR(name_of(shop, &one), name);
    CHECK_INT(maru_call_set_request_id(shop->checkout.call, "import-1/1"), MARU_OK);
    if (CHECK_INT(place_past(shop, &one, &order), MARU_OK))
        CHECK_STR(order->name, name);
}

/* Whose event it is, in whichever order they were heard. */
static const char *said_by(const Checkout__Timeline *story, const char *type)
{
    for (size_t i = 0; i < story->n_entries; i++)
        if (strcmp(story->entries[i]->type, type) == 0)
            return story->entries[i]->service;
    return "nobody";
}

static void test_again(struct shop *shop)
{
    struct bill                        bill;
    Checkout__Order                   *order;
    Checkout__Timeline                *found;
    Checkout__ReturnPastGoodsResponse *back;
    const char                        *name;

    begin(shop, "what others said of an order that is not here is kept, and it is none for that");
    name = name_of(shop, spoons(&bill, "1", 6));
    say_all(shop, name);
    teller_settle(&shop->checkout);
    CHECK(is_kept(shop, name));
    refused(shop, get(shop, name, &order), MARU_NOT_FOUND, "no order");
    refused(shop, timeline(shop, name, &found), MARU_NOT_FOUND, "no order");
    begin(shop, "once it is said again it is over at once, as the answer says, also after a restart");
    if (!CHECK(shop_restart_checkout(shop)))
        return;
    name = name_of(shop, &bill);
    if (!CHECK_INT(place_past(shop, &bill, &order), MARU_OK))
        return;
    CHECK_STR(order->name, name);
    CHECK_INT(order->state, CHECKOUT__ORDER_STATE__COMPLETED);
    CHECK_INT(order->update_time->seconds, THEN);
    CHECK(order->made_by_request);
    CHECK_STR(teller_story(&shop->checkout, name), COMPLETED);
    CHECK(!is_kept(shop, name));
    begin(shop, "its timeline has what they said, and what came back of it is said");
    if (CHECK_INT(timeline(shop, order->name, &found), MARU_OK) && CHECK_INT(found->n_entries, 9)) {
        CHECK_STR(found->entries[0]->type, "shop.checkout.v1.OrderSubmitted");
        CHECK_STR(said_by(found, "shop.inventory.v1.StockReserved"), "inventory");
        CHECK_STR(said_by(found, "shop.checkout.v1.OrderCompleted"), "checkout");
    }
    bill.back.invoice = (char *)"C1";
    bill.lines[0].quantity = 2;
    if (CHECK_INT(give_back(shop, &bill, &back), MARU_OK))
        CHECK_STR(back->orders[0], order->name);
    CHECK_STR(teller_story(&shop->checkout, order->name), COMPLETED " OrderReturned");
}

static void test_part(struct shop *shop)
{
    struct bill      bill;
    Checkout__Order *order;
    const char      *name;

    begin(shop, "where they were not done, it goes on from there");
    name = name_of(shop, spoons(&bill, "1", 6));
    says(&shop->inventory, name, &inventory__stock_reserved__descriptor);
    teller_settle(&shop->checkout);
    if (!CHECK_INT(place_past(shop, &bill, &order), MARU_OK))
        return;
    CHECK_INT(order->state, CHECKOUT__ORDER_STATE__SUBMITTED);
    says(&shop->payment, name, &payment__payment_authorized__descriptor);
    teller_wait(&shop->checkout, name, "OrderSubmitted OrderConfirmed");
    begin(shop, "nothing is kept of an order of today: it never comes again");
    says(&shop->inventory, "orders/7f3a", &inventory__stock_reserved__descriptor);
    teller_settle(&shop->checkout);
    CHECK(!is_kept(shop, "orders/7f3a"));
}

static maru_status forget_invoice(maru_txn *txn, void *arg)
{
    return maru_delete(txn, &table_invoices, maru_key_text(arg));
}

/* As a repair of the store leaves it that took the record of the invoice out. */
static void test_invoice_lost(struct shop *shop)
{
    struct bill                   bill;
    Checkout__Order              *order;
    Checkout__ListOrdersResponse *page;
    const char                   *name;

    begin(shop, "an order of which it is not known any more that its invoice made it is found, and not made again");
    name = name_of(shop, spoons(&bill, "1", 6));
    CHECK_INT(place_past(shop, &bill, &order), MARU_OK);
    says(&shop->inventory, name, &inventory__stock_reserved__descriptor);
    says(&shop->payment, name, &payment__payment_authorized__descriptor);
    teller_wait(&shop->checkout, name, "OrderSubmitted OrderConfirmed");
    CHECK_INT(maru_store_write(shop->checkout.s.store, shop->checkout.call, forget_invoice, (void *)"1"), MARU_OK);
    if (!CHECK_INT(place_past(shop, &bill, &order), MARU_OK))
        return;
    CHECK_STR(order->name, name);
    CHECK_INT(order->state, CHECKOUT__ORDER_STATE__CONFIRMED);
    CHECK(!order->made_by_request);
    CHECK_STR(teller_story(&shop->checkout, name), "OrderSubmitted OrderConfirmed");
    if (CHECK_INT(list(shop, "", 0, "", &page), MARU_OK))
        CHECK_INT(page->n_orders, 1);
}

/* The logs of others are read side by side. */
static void test_ahead(struct shop *shop)
{
    struct bill      bill;
    Checkout__Order *order;
    const char      *name;

    begin(shop, "that a parcel came waits until its order is confirmed, also where that is heard much later");
    name = name_of(shop, spoons(&bill, "1", 6));
    says(&shop->shipping, name, &shipping__shipment_delivered__descriptor);
    teller_settle(&shop->checkout);
    if (!CHECK_INT(place_past(shop, &bill, &order), MARU_OK))
        return;
    CHECK_INT(order->state, CHECKOUT__ORDER_STATE__SUBMITTED);
    CHECK(is_kept(shop, name));
    says(&shop->inventory, name, &inventory__stock_reserved__descriptor);
    says(&shop->payment, name, &payment__payment_authorized__descriptor);
    teller_wait(&shop->checkout, name, COMPLETED);
    CHECK_STR(teller_story(&shop->checkout, name), COMPLETED);
    CHECK(!is_kept(shop, name));
    begin(shop, "so does what is heard after it was said again");
    name = name_of(shop, spoons(&bill, "2", 6));
    if (!CHECK_INT(place_past(shop, &bill, &order), MARU_OK))
        return;
    says(&shop->shipping, name, &shipping__shipment_delivered__descriptor);
    teller_settle(&shop->checkout);
    CHECK_STR(teller_story(&shop->checkout, name), "OrderSubmitted");
    says(&shop->payment, name, &payment__payment_authorized__descriptor);
    says(&shop->inventory, name, &inventory__stock_reserved__descriptor);
    teller_wait(&shop->checkout, name, COMPLETED);
    CHECK(!is_kept(shop, name));
}

/* As large as an order may be, and given back as often. */
static void test_large(struct shop *shop)
{
    static Checkout__Line *lines[LINES_MAX];
    struct bill            bill;
    Checkout__Order       *order;
    const char            *name;

    begin(shop, "an order of 1000 lines of which 100 invoices gave back takes no more memory than it may");
    spoons(&bill, "1", 200);
    for (int i = 0; i < LINES_MAX; i++)
        lines[i] = &bill.lines[0];
    bill.order.lines = lines;
    bill.order.n_lines = LINES_MAX;
    name = name_of(shop, &bill);
    say_all(shop, name);
    for (int i = 0; i < 100; i++) {
        says(&shop->inventory, name, &inventory__stock_returned__descriptor);
        says(&shop->payment, name, &payment__refund_succeeded__descriptor);
    }
    teller_settle(&shop->checkout);
    if (!CHECK_INT(place_past(shop, &bill, &order), MARU_OK))
        fprintf(stderr, "%s\n", maru_call_message(shop->checkout.call));
    else
        CHECK_INT(order->state, CHECKOUT__ORDER_STATE__COMPLETED);
}

int main(void)
{
    run(test_names, false);
    run(test_again, false);
    run(test_part, false);
    run(test_invoice_lost, false);
    run(test_ahead, false);
    run(test_large, false);
    return test_end();
}
