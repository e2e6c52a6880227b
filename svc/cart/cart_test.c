/* cart_test.c: the cart over real calls, beside a catalogue of the test's own that can be slow, or gone. That the cart
 * and the catalogue of the shop understand each other is tests/demo's to show. */
#include "cart.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "items.h"
#include "serving.h"
#include "shop/catalog.maru.h"
#include "store.h"
#include "test.h"

/* A caller that gave up looks at it while the handler still runs. */
struct catalog_service {
    atomic_int      asked;
    _Atomic int64_t left_ms; /* that the last asker gave */
    _Atomic int64_t slow_ms; /* before it answers */
    const char     *title;   /* of all products; NULL: a short one */
    bool            unpriced;
};

struct fixture {
    struct serving         catalog;
    struct serving         s;
    struct catalog_service stock;
    struct cart_service    svc;
    maru_call             *call;
};

/* products/NAME-CURRENCY-MINOR is sold for that; others are not there. */
static maru_status get_product(struct catalog_service *svc, maru_call *call, const Catalog__GetProductRequest *request,
                               Catalog__Product *response)
{
    char         currency[4];
    int64_t      minor;
    Shop__Money *price = maru_alloc(call, sizeof *price);

    svc->left_ms = maru_call_left_ms(call);
    svc->asked++;
    if (svc->slow_ms > 0 && maru_sleep(call, svc->slow_ms) != MARU_OK)
        return maru_fail(call, MARU_DEADLINE_EXCEEDED, "too slow");
    if (sscanf(request->name, "products/%*[a-z0-9]-%3[A-Z]-%ld", currency, &minor) != 2)
        return maru_fail(call, MARU_NOT_FOUND, "name: no product %s", request->name);
    *price = (Shop__Money)SHOP__MONEY__INIT;
    price->currency = maru_strdup(call, currency);
    price->minor = minor;
    response->name = request->name;
    response->title = (char *)(svc->title != NULL ? svc->title : "A THING");
    response->price = svc->unpriced ? NULL : price;
    return MARU_OK;
}

static const catalog_handlers stock_methods = {.get_product = get_product};

static bool serve(struct fixture *f)
{
    f->svc = (struct cart_service){.store = f->s.store};
    return maru_client_new(f->s.runtime, f->catalog.url, NULL, &f->svc.catalog, &f->s.error) == MARU_OK &&
           cart_serve(f->s.server, &cart_methods, &f->svc, &f->s.error) == MARU_OK && serving_listen(&f->s);
}

static bool open_both(struct fixture *f)
{
    return serving_open(&f->catalog, "catalog", NULL, 0) &&
           catalog_serve(f->catalog.server, &stock_methods, &f->stock, &f->catalog.error) == MARU_OK &&
           serving_listen(&f->catalog) && serving_open(&f->s, "cart", cart_tables, STORE_VERSION) && serve(f);
}

static void begin(struct fixture *f, const char *sentence)
{
    if (f->call != NULL)
        maru_call_end(f->call);
    f->call = serving_call(&f->s);
    if (sentence != NULL)
        test_begin(sentence);
}

/* A catalogue that runs, and is not slow because the test wants it. */
static bool is_quick(const struct fixture *f)
{
    return f->catalog.server != NULL && f->stock.slow_ms == 0;
}

/* A machine that is busy may take longer than the cart gives the catalogue: then nothing was put in, and it is asked
 * again. */
static maru_status add(struct fixture *f, const char *cart, const char *product, int64_t quantity, const char *etag,
                       Cart__Cart **after)
{
    Cart__AddItemRequest request = CART__ADD_ITEM_REQUEST__INIT;
    maru_status          status;

    request.cart = (char *)cart;
    request.product = (char *)product;
    request.quantity = quantity;
    request.etag = (char *)etag;
    do
        status = cart_add_item(f->s.client, f->call, &request, after);
    while (status == MARU_DEADLINE_EXCEEDED && is_quick(f) && maru_call_left_ms(f->call) > 0);
    return status;
}

static maru_status update(struct fixture *f, const char *cart, const char *product, int64_t quantity, const char *etag,
                          Cart__Cart **after)
{
    Cart__UpdateItemRequest request = CART__UPDATE_ITEM_REQUEST__INIT;

    request.cart = (char *)cart;
    request.product = (char *)product;
    request.quantity = quantity;
    request.etag = (char *)etag;
    return cart_update_item(f->s.client, f->call, &request, after);
}

static maru_status remove_one(struct fixture *f, const char *cart, const char *product, Cart__Cart **after)
{
    Cart__RemoveItemRequest request = CART__REMOVE_ITEM_REQUEST__INIT;

    request.cart = (char *)cart;
    request.product = (char *)product;
    return cart_remove_item(f->s.client, f->call, &request, after);
}

static maru_status clear(struct fixture *f, const char *cart, const char *etag, Cart__Cart **after)
{
    Cart__ClearCartRequest request = CART__CLEAR_CART_REQUEST__INIT;

    request.name = (char *)cart;
    request.etag = (char *)etag;
    return cart_clear_cart(f->s.client, f->call, &request, after);
}

static maru_status get(struct fixture *f, const char *cart, Cart__Cart **found)
{
    Cart__GetCartRequest request = CART__GET_CART_REQUEST__INIT;

    request.name = (char *)cart;
    return cart_get_cart(f->s.client, f->call, &request, found);
}

static void refused(struct fixture *f, maru_status got, maru_status want, const char *words)
{
    CHECK_STR(maru_status_name(got), maru_status_name(want));
    CHECK_CONTAINS(maru_call_message(f->call), words);
}

static void check_same(const Cart__Cart *a, const Cart__Cart *b)
{
    uint8_t left[8192], right[8192];

    CHECK_MEM(left, protobuf_c_message_pack(&a->base, left), right, protobuf_c_message_pack(&b->base, right));
}

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
    refused(f, remove_one(f, "carts/a", LONG_NAME, &after), MARU_NOT_FOUND, "got \"" LONG_SHOWN "\"");
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

/* In blocks: files may have holes. */
static long long store_kib(const struct fixture *f)
{
    static const char *const names[] = {"data.mdb", "journal.0", "journal.1"};
    long long                sum = 0;
    struct stat              about;
    char                     path[128];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", f->s.path, names[i]);
        if (CHECK_INT(stat(path, &about), 0))
            sum += about.st_blocks / 2;
    }
    return sum;
}

/* Each answer is the whole cart: all of them together are 160 MB. */
static void test_large_cart(struct fixture *f)
{
    char        product[64], id[32];
    Cart__Cart *after = NULL;
    long long   kib;

    begin(f, "a thousand lines, added one by one: the store is not much larger than what it keeps of replies");
    f->stock.title = "A THING WITH A LONG NAME: RED, LARGE, OF WOOD AND IRON, FOR KITCHEN, CELLAR AND GARDEN, WITH A "
                     "HANDLE, TWO DRAWERS, FOUR FEET AND A MANUAL IN ELEVEN LANGUAGES, IN A BOX OF GREY CARDBOARD";
    for (int i = 0; i < LINES_MAX; i++) {
        begin(f, NULL);
        snprintf(product, sizeof product, "products/a%d-GBP-%d", i, 1000 + i);
        snprintf(id, sizeof id, "line %d", i);
        if (i % 2 == 0) /* else the library makes one */
            CHECK_INT(maru_call_set_request_id(f->call, id), MARU_OK);
        if (!CHECK_INT(add(f, "carts/large", product, 1 + i, "", &after), MARU_OK))
            return;
    }
    CHECK_INT(after->n_items, LINES_MAX);
    for (int i = 0; i < LINES_MAX; i++)
        CHECK_INT(after->items[i]->quantity, 1 + i);
    if (!CHECK((kib = store_kib(f)) < 80 << 10))
        fprintf(stderr, "%lld KiB\n", kib);

    begin(f, "of those replies the last are answered again; an early one is not, and nothing is done twice");
    snprintf(id, sizeof id, "line %d", LINES_MAX - 2);
    CHECK_INT(maru_call_set_request_id(f->call, id), MARU_OK);
    snprintf(product, sizeof product, "products/a%d-GBP-%d", LINES_MAX - 2, 1000 + LINES_MAX - 2);
    CHECK_INT(add(f, "carts/large", product, LINES_MAX - 1, "", &after), MARU_OK);
    CHECK_INT(after->n_items, LINES_MAX - 1);
    CHECK_INT(maru_call_set_request_id(f->call, "line 500"), MARU_OK);
    refused(f, add(f, "carts/large", "products/a500-GBP-1500", 501, "", &after), MARU_FAILED_PRECONDITION,
            "request id line 500: this was done, and is not done again");
    CHECK_INT(get(f, "carts/large", &after), MARU_OK);
    CHECK_INT(after->items[500]->quantity, 501);
}

/* A thousand lines of the longest titles fit; this is what a catalogue of a later version might say. */
static void test_unanswerable(struct fixture *f)
{
    enum { LONG = 1500000 };
    char       *title = malloc(LONG + 1);
    Cart__Cart *before, *after;

    begin(f, "what would make a cart that can't be answered any more is refused, and the cart stays as it was");
    memset(title, 't', LONG);
    title[LONG] = '\0';
    f->stock.title = title;
    CHECK_INT(add(f, "carts/a", "products/a-GBP-1", 1, "", &after), MARU_OK);
    CHECK_INT(add(f, "carts/a", "products/b-GBP-1", 1, "", &before), MARU_OK);
    refused(f, add(f, "carts/a", "products/c-GBP-1", 1, "", &after), MARU_RESOURCE_EXHAUSTED,
            "bytes, limit 4194304 (max_message)");
    CHECK_INT(get(f, "carts/a", &after), MARU_OK);
    CHECK_INT(after->n_items, 2);
    CHECK_STR(after->etag, before->etag);
    f->stock.title = NULL;
    free(title);
}

static void run(void (*suite)(struct fixture *f))
{
    struct fixture f = {.call = NULL};

    if (CHECK(open_both(&f)))
        suite(&f);
    if (f.call != NULL)
        maru_call_end(f.call);
    if (f.s.server != NULL)
        maru_server_free(f.s.server); /* before the client that its handlers use */
    f.s.server = NULL;
    if (f.svc.catalog != NULL)
        maru_client_free(f.svc.catalog);
    serving_close(&f.s);
    serving_close(&f.catalog);
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
    run(test_large_cart);
    run(test_unanswerable);
    return test_end();
}
