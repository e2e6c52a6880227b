/* lost_test.c: what checkout answers where a record of its store is gone, as a repair puts a damaged one aside: what is
 * left is listed, found and ordered on, and nothing is made a second time.
 */
#include "order.h"
#include "testing.h"

/* ---- losing ---- */

static maru_status lose_order(maru_txn *txn, void *name)
{
    return maru_delete(txn, &table_orders, maru_key_text(name));
}

/* That of the newest order: its key is the first of all. */
static maru_status lose_newest(maru_txn *txn, void *nothing)
{
    maru_key    all = key_owner(txn, ""), newest;
    maru_status status = maru_next(maru_walk(txn, &table_newest, all, all), &newest, NULL);

    return status == MARU_OK ? maru_delete(txn, &table_newest, newest) : status;
}

static void lose(struct shop *shop, maru_txn_fn fn, const char *name)
{
    CHECK_INT(maru_store_write(shop->checkout.s.store, shop->checkout.call, fn, (void *)name), MARU_OK);
}

/* ---- the lists ---- */

/* The carts of all orders, in pages of that size, each followed by a blank. */
static const char *listed(struct shop *shop, const char *customer, int size)
{
    Checkout__ListOrdersResponse *page;
    const char                   *carts = "", *token = "";

    do {
        if (!CHECK_INT(list(shop, customer, size, token, &page), MARU_OK)) {
            fprintf(stderr, "%s\n", maru_call_message(shop->checkout.call));
            return carts;
        }
        for (size_t i = 0; i < page->n_orders; i++)
            carts = maru_printf(shop->checkout.call, "%s%s ", carts, page->orders[i]->cart + strlen("carts/"));
        token = page->next_page_token;
    } while (token[0] != '\0');
    return carts;
}

static void test_lists(struct shop *shop)
{
    const char *lost;

    begin(shop, "an order whose record is gone is in no list, and all others are, in pages of any size");
    new_order(shop, "carts/a");
    lost = new_order(shop, "carts/b");
    new_order(shop, "carts/c");
    lose(shop, lose_order, lost);
    CHECK_STR(listed(shop, "", 0), "c a ");
    CHECK_STR(listed(shop, "", 1), "c a ");
    CHECK_STR(listed(shop, "customers/minji", 0), "c a ");
    CHECK_STR(listed(shop, "customers/minji", 1), "c a ");
    begin(shop, "where the list of all lost its newest, the next order takes no other's place in its customer's");
    lose(shop, lose_newest, NULL);
    CHECK_STR(listed(shop, "", 0), "a ");
    new_order(shop, "carts/d");
    CHECK_STR(listed(shop, "", 0), "d a ");
    CHECK_STR(listed(shop, "customers/minji", 0), "d c a ");
}

/* ---- what it was made of ---- */

static void test_request(struct shop *shop)
{
    Checkout__Quote *made;
    Checkout__Order *order;

    begin(shop, "the request of an order whose record is gone is told so, and makes no second one");
    if (!CHECK_INT(quote(shop, "carts/a", "", &made), MARU_OK) ||
        !CHECK_INT(place(shop, wish("r1", made->name), &order), MARU_OK))
        return;
    lose(shop, lose_order, order->name);
    refused(shop, place(shop, wish("r1", made->name), &order), MARU_DATA_LOSS, " was made, and its record is gone: ");
    CHECK_STR(listed(shop, "", 0), "");
}

static maru_status wait_for_stock(maru_txn *txn, void *name)
{
    return checkout_timers[0].fn(txn, name, NULL);
}

static void test_timer(struct shop *shop)
{
    const char *name;

    begin(shop, "nor does it wait for stock: its timer ends, and is not tried again for ever");
    name = new_order(shop, "carts/a");
    CHECK_STR(checkout_timers[0].kind, ORDER_STOCK_TIMER);
    lose(shop, lose_order, name);
    lose(shop, wait_for_stock, name);
}

/* ---- of the past ---- */

/* Two of a product. */
static struct bill *spoons(struct bill *bill, const char *invoice, int64_t time)
{
    bill_of(bill, invoice, "customers/kim", time);
    add_line(bill, "products/spoon", 2, 105);
    return bill;
}

static void test_past(struct shop *shop)
{
    Checkout__ReturnPastGoodsResponse *found;
    Checkout__Order                   *old, *new, *again;
    struct bill                        bill;

    begin(shop, "what came back is found in an order that is there, behind one whose record is gone");
    if (!CHECK_INT(place_past(shop, spoons(&bill, "1", THEN), &old), MARU_OK) ||
        !CHECK_INT(place_past(shop, spoons(&bill, "2", THEN + 1), &new), MARU_OK))
        return;
    lose(shop, lose_order, new->name);
    if (CHECK_INT(give_back(shop, spoons(&bill, "C1", THEN + 2), &found), MARU_OK))
        CHECK_STR(found->orders[0], old->name);
    begin(shop, "and in none, where there is no other");
    if (CHECK_INT(give_back(shop, spoons(&bill, "C2", THEN + 2), &found), MARU_OK))
        CHECK_STR(found->orders[0], "");
    begin(shop, "its invoice is told that it is gone, and makes no second order");
    refused(shop, place_past(shop, spoons(&bill, "2", THEN + 1), &again), MARU_DATA_LOSS,
            " was made, and its record is gone: ");
    CHECK_INT(place_past(shop, spoons(&bill, "1", THEN), &again), MARU_OK);
}

int main(void)
{
    run(test_lists, false);
    run(test_request, false);
    run(test_timer, false);
    run(test_past, false);
    return test_end();
}
