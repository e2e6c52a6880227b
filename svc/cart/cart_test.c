/* cart_test.c: the cart over real calls, beside a catalogue of the test's own that can be slow, or gone. That the cart
 * and the catalogue of the shop understand each other is tests/demo's to show. */
#include "items.h"
#include "testing.h"

static void test_items(struct fixture *f)
{
    Cart__Cart *after, *found;

    begin(f, "a cart that nobody put anything into is empty, and no error");
    CHECK_INT(get(f, "carts/new", &found), MARU_OK);
    CHECK_STR(found->name, "carts/new");
    CHECK_STR(found->etag, "");
    CHECK_INT(found->n_items, 0);
    begin(f, "what is put in has the catalogue's title and price, and counts into the total");
    CHECK_INT(add(f, "carts/minji", "products/tea-KRW-4500", 2, "", &after), MARU_OK);
    CHECK_INT(add(f, "carts/minji", "products/cup-KRW-9000", 1, "", &after), MARU_OK);
    CHECK_INT(after->n_items, 2);
    CHECK_STR(after->items[0]->product, "products/tea-KRW-4500");
    CHECK_STR(after->items[0]->title, "A THING");
    CHECK_INT(after->total->minor, 18000);
    CHECK_INT(get(f, "carts/minji", &found), MARU_OK);
    check_same(after, found);
    begin(f, "a quantity can be set, and a line taken out by 0 or by its name");
    CHECK_INT(update(f, "carts/minji", "products/tea-KRW-4500", 3, "", &after), MARU_OK);
    CHECK_INT(after->total->minor, 22500);
    CHECK_INT(update(f, "carts/minji", "products/tea-KRW-4500", 0, "", &after), MARU_OK);
    CHECK_INT(after->n_items, 1);
    CHECK_INT(remove_one(f, "carts/minji", "products/cup-KRW-9000", &after), MARU_OK);
    CHECK_INT(after->n_items, 0);
    CHECK(after->total == NULL);
    begin(f, "each change has a time of its own, from the first on");
    CHECK_INT(add(f, "carts/times", "products/tea-KRW-4500", 1, "", &found), MARU_OK);
    CHECK_INT(update(f, "carts/times", "products/tea-KRW-4500", 2, "", &after), MARU_OK);
    if (!CHECK(found->update_time != NULL && after->update_time != NULL))
        return;
    CHECK(found->update_time->seconds > 1700000000);
    CHECK(after->update_time->seconds != found->update_time->seconds ||
          after->update_time->nanos != found->update_time->nanos);
    begin(f, "all can be taken out at once, and the etag tells");
    CHECK_INT(add(f, "carts/minji", "products/tea-KRW-4500", 2, "", &found), MARU_OK);
    CHECK_INT(clear(f, "carts/minji", "", &after), MARU_OK);
    CHECK_INT(after->n_items, 0);
    CHECK(after->etag[0] != '\0' && strcmp(after->etag, found->etag) != 0);
    begin(f, "an empty cart that is cleared stays as it is");
    CHECK_INT(get(f, "carts/minji", &found), MARU_OK);
    CHECK_INT(clear(f, "carts/minji", "", &after), MARU_OK);
    check_same(after, found);
}

/* Of three bytes a character: neither 77 nor 80 bytes are whole ones. */
#define FIVE       "\xea\xb0\x80\xea\xb0\x80\xea\xb0\x80\xea\xb0\x80\xea\xb0\x80"
#define LONG_SHOWN FIVE FIVE FIVE FIVE FIVE "..."
#define LONG_NAME  FIVE FIVE FIVE FIVE FIVE FIVE

static void test_errors(struct fixture *f)
{
    Cart__Cart *after;

    begin(f, "what is wrong is refused in words, before the catalogue is asked");
    refused(f, get(f, "minji", &after), MARU_INVALID_ARGUMENT, "name: want carts/ and 1..64 of A-Z a-z 0-9 . _ -");
    refused(f, add(f, "carts/", "products/a-GBP-1", 1, "", &after), MARU_INVALID_ARGUMENT, "cart: want carts/");
    refused(f, add(f, "carts/a", "products/a-GBP-1", -3, "", &after), MARU_INVALID_ARGUMENT,
            "quantity: want 1..1000000, got -3");
    refused(f, add(f, "carts/a", "products/a-GBP-1", 0, "", &after), MARU_INVALID_ARGUMENT, "got 0");
    refused(f, add(f, "carts/a", "products/a-GBP-1", 1000001, "", &after), MARU_INVALID_ARGUMENT, "got 1000001");
    refused(f, update(f, "carts/a", "products/a-GBP-1", -1, "", &after), MARU_INVALID_ARGUMENT,
            "quantity: want 0..1000000, got -1");
    refused(f, add(f, "carts/a", "a", 1, "", &after), MARU_INVALID_ARGUMENT,
            "product: want products/ and 1..64 of A-Z a-z 0-9 . _ -, got \"a\"");
    refused(f, add(f, "carts/a", "", 1, "", &after), MARU_INVALID_ARGUMENT, "product: want products/");
    refused(f, update(f, "carts/a", "", 1, "", &after), MARU_INVALID_ARGUMENT, "product: want products/");
    refused(f, remove_one(f, "carts/a", "", &after), MARU_INVALID_ARGUMENT, "product: want products/");
    CHECK_INT(f->stock.asked, 0);
    begin(f, "what the catalogue does not sell does not get in, and its words reach us");
    refused(f, add(f, "carts/a", "products/none", 1, "", &after), MARU_NOT_FOUND, "name: no product products/none");
    CHECK_CONTAINS(maru_call_origin(f->call), "catalog");
    begin(f, "what is not in the cart can be neither set nor removed");
    refused(f, update(f, "carts/a", "products/a-GBP-1", 1, "", &after), MARU_NOT_FOUND, "product: want one of the 0");
    refused(f, remove_one(f, "carts/a", "products/a-GBP-1", &after), MARU_NOT_FOUND, "product: want one of the 0");
    begin(f, "a peer's text is shown as one line of whole characters");
    refused(f, get(f, "c\n\xc2\x85", &after), MARU_INVALID_ARGUMENT, "got \"c???\"");
    refused(f, get(f, LONG_NAME, &after), MARU_INVALID_ARGUMENT, "got \"" LONG_SHOWN "\"");
    refused(f, remove_one(f, "carts/a", LONG_NAME, &after), MARU_INVALID_ARGUMENT, "got \"" LONG_SHOWN "\"");
    begin(f, "what has no price yet does not get in");
    f->stock.unpriced = true;
    refused(f, add(f, "carts/a", "products/a-GBP-1", 1, "", &after), MARU_FAILED_PRECONDITION,
            "product: products/a-GBP-1 has no price");
    f->stock.unpriced = false;
    CHECK_INT(get(f, "carts/a", &after), MARU_OK);
    CHECK_INT(after->n_items, 0);
    begin(f, "currencies are not mixed, and the cart stays as it was");
    CHECK_INT(add(f, "carts/a", "products/a-GBP-1", 1, "", &after), MARU_OK);
    refused(f, add(f, "carts/a", "products/b-KRW-1", 1, "", &after), MARU_FAILED_PRECONDITION,
            "items: want one currency in a cart, GBP as what is in it, got KRW for products/b-KRW-1");
    CHECK_INT(get(f, "carts/a", &after), MARU_OK);
    CHECK_INT(after->n_items, 1);
}

static maru_status put_dot(maru_txn *txn, void *name)
{
    Cart__Cart cart = CART__CART__INIT;

    cart.name = name;
    cart.etag = (char *)"0123";
    return maru_put(txn, cart_tables[0], maru_key_text(name), &cart.base);
}

static void test_dots(struct fixture *f)
{
    Cart__Cart *after;

    begin(f, "no cart named . or .. is made");
    refused(f, add(f, "carts/.", "products/a-GBP-1", 1, "", &after), MARU_INVALID_ARGUMENT,
            "cart: want carts/ID with an ID other than . and .., got \"carts/.\"");
    CHECK_INT(get(f, "carts/.", &after), MARU_OK);
    CHECK_INT(after->n_items, 0);
    begin(f, "one that is there since before is read, changed and cleared");
    CHECK_INT(maru_store_write(f->s.store, f->call, put_dot, (void *)"carts/."), MARU_OK);
    CHECK_INT(get(f, "carts/.", &after), MARU_OK);
    CHECK_STR(after->etag, "0123");
    CHECK_INT(add(f, "carts/.", "products/a-GBP-1", 1, "", &after), MARU_OK);
    CHECK_INT(update(f, "carts/.", "products/a-GBP-1", 2, "", &after), MARU_OK);
    CHECK_INT(clear(f, "carts/.", "", &after), MARU_OK);
    CHECK_INT(after->n_items, 0);
}

static void test_etag(struct fixture *f)
{
    Cart__Cart *one, *after;

    begin(f, "an etag that is not the stored one is ABORTED, naming both; the stored one passes");
    refused(f, add(f, "carts/a", "products/a-GBP-1", 1, "0123", &after), MARU_ABORTED,
            "carts/a: etag: want the stored one, \"\", got \"0123\"");
    refused(f, add(f, "carts/a", "products/a-GBP-1", 1, LONG_NAME, &after), MARU_ABORTED, "got \"" LONG_SHOWN "\"");
    CHECK_INT(add(f, "carts/a", "products/a-GBP-1", 1, "", &one), MARU_OK);
    refused(f, update(f, "carts/a", "products/a-GBP-1", 2, "0123", &after), MARU_ABORTED, one->etag);
    CHECK_INT(update(f, "carts/a", "products/a-GBP-1", 2, one->etag, &after), MARU_OK);
    CHECK(strcmp(one->etag, after->etag) != 0);
    refused(f, clear(f, "carts/a", one->etag, &after), MARU_ABORTED, "read it again");
}

static void test_once(struct fixture *f)
{
    Cart__Cart *one, *again;

    begin(f, "a repeat of a request id adds once, and gets the same cart");
    CHECK_INT(maru_call_set_request_id(f->call, "till-1-1"), MARU_OK);
    CHECK_INT(add(f, "carts/a", "products/a-GBP-1", 2, "", &one), MARU_OK);
    CHECK_INT(add(f, "carts/a", "products/a-GBP-1", 2, "", &again), MARU_OK);
    check_same(one, again);
    CHECK_INT(again->items[0]->quantity, 2);
    begin(f, "and another body under that id is refused");
    CHECK_INT(maru_call_set_request_id(f->call, "till-1-1"), MARU_OK);
    refused(f, add(f, "carts/a", "products/a-GBP-1", 3, "", &again), MARU_ALREADY_EXISTS, "");
}

static void test_slow_catalog(struct fixture *f)
{
    enum { TRIES = 200 };
    Cart__Cart *after;

    begin(f, "a slow catalogue costs 200 ms and no more, and nothing is put in");
    f->stock.slow_ms = 10000;
    CHECK_INT(add(f, "carts/a", "products/a-GBP-1", 1, "", &after), MARU_DEADLINE_EXCEEDED);
    CHECK(f->stock.left_ms <= 200);
    CHECK(maru_call_left_ms(f->call) > SERVING_CALL_MS - 5000);
    CHECK_INT(get(f, "carts/a", &after), MARU_OK);
    CHECK_INT(after->n_items, 0);
    begin(f, "a caller with less time than that gives the catalogue less");
    f->stock.asked = 0;
    for (int i = 0; i < TRIES && f->stock.asked == 0; i++) { /* 50 ms may be over before it is asked */
        maru_call_end(f->call);
        f->call = maru_call_begin(f->s.runtime, 50);
        CHECK_INT(add(f, "carts/a", "products/a-GBP-1", 1, "", &after), MARU_DEADLINE_EXCEEDED);
    }
    CHECK(f->stock.asked > 0 && f->stock.left_ms <= 50);
}

static void test_no_catalog(struct fixture *f)
{
    Cart__Cart *after;

    begin(f, "without a catalogue nothing can be put in, but what is in the cart is served");
    CHECK_INT(add(f, "carts/a", "products/a-GBP-1", 1, "", &after), MARU_OK);
    serving_stop(&f->catalog);
    CHECK(add(f, "carts/a", "products/a-GBP-1", 1, "", &after) != MARU_OK);
    CHECK(maru_call_message(f->call)[0] != '\0');
    CHECK_INT(get(f, "carts/a", &after), MARU_OK);
    CHECK_INT(after->items[0]->quantity, 1);
    CHECK_INT(update(f, "carts/a", "products/a-GBP-1", 5, "", &after), MARU_OK);
}

/* Many at once on one cart: what each read before it suspended is stale, and none is lost. */
struct many {
    int ended;
    int late; /* the catalogue did not answer in time: nothing was put in */
    int failed;
};

static void done(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    struct many *many = arg;

    if (status == MARU_DEADLINE_EXCEEDED)
        __atomic_add_fetch(&many->late, 1, __ATOMIC_SEQ_CST);
    else
        __atomic_add_fetch(&many->failed, status != MARU_OK, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&many->ended, 1, __ATOMIC_SEQ_CST);
}

/* Returns how many were late. */
static int add_at_once(struct fixture *f, int count)
{
    struct many          many = {0};
    Cart__AddItemRequest request = CART__ADD_ITEM_REQUEST__INIT;
    Cart__Cart          *after;

    request.cart = (char *)"carts/a";
    request.product = (char *)"products/a-GBP-1";
    request.quantity = 1;
    for (int i = 0; i < count; i++)
        cart_add_item_async(f->s.client, f->call, &request, done, &many);
    while (__atomic_load_n(&many.ended, __ATOMIC_SEQ_CST) < count)
        CHECK_INT(get(f, "carts/a", &after), MARU_OK);
    CHECK_INT(many.failed, 0);
    return many.late;
}

static void test_many(struct fixture *f)
{
    enum { MANY = 200 };
    Cart__Cart *after;

    begin(f, "two hundred at once that put the same product into one cart all count");
    for (int left = MANY; left > 0 && maru_call_left_ms(f->call) > 0;)
        left = add_at_once(f, left);
    CHECK_INT(get(f, "carts/a", &after), MARU_OK);
    CHECK_INT(after->n_items, 1);
    CHECK_INT(after->items[0]->quantity, MANY);
}

int main(void)
{
    run(test_items);
    run(test_errors);
    run(test_dots);
    run(test_etag);
    run(test_once);
    run(test_slow_catalog);
    run(test_no_catalog);
    run(test_many);
    return test_end();
}
