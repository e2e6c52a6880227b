/* bounds_test.c: carts that are large, or would be too large to be answered; over real calls. */
#include "items.h"
#include "testing.h"

enum { HUGE_BYTES = 1500000 };

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
    char       *title = malloc(HUGE_BYTES + 1);
    Cart__Cart *before, *after;

    begin(f, "what would make a cart that can't be answered any more is refused, and the cart stays as it was");
    memset(title, 't', HUGE_BYTES);
    title[HUGE_BYTES] = '\0';
    f->stock.title = title;
    CHECK_INT(add(f, "carts/a", "products/a-GBP-1", 1, "", &after), MARU_OK);
    CHECK_INT(add(f, "carts/a", "products/b-GBP-1", 1, "", &before), MARU_OK);
    refused(f, add(f, "carts/a", "products/c-GBP-1", 1, "", &after), MARU_RESOURCE_EXHAUSTED,
            "bytes, limit 4194304 (max_message)");
    if (CHECK_INT(get(f, "carts/a", &after), MARU_OK)) {
        CHECK_INT(after->n_items, 2);
        CHECK_STR(after->etag, before->etag);
    }
    f->stock.title = NULL;
    free(title);
}

static void test_unknown(struct fixture *f)
{
    static const char *const products[] = {"products/a-GBP-1", "products/b-GBP-1", "products/c-GBP-1"};
    Cart__Cart              *after;

    begin(f, "what the catalogue says of a price that the cart does not know is not kept");
    f->stock.unknown = HUGE_BYTES;
    for (size_t i = 0; i < 3; i++)
        CHECK_INT(add(f, "carts/a", products[i], 1, "", &after), MARU_OK);
    CHECK_INT(add(f, "carts/a", products[0], 1, "", &after), MARU_OK);
    f->stock.unknown = 0;
    if (!CHECK_INT(get(f, "carts/a", &after), MARU_OK))
        return;
    CHECK_INT(after->n_items, 3);
    CHECK(protobuf_c_message_get_packed_size(&after->base) < 1000);
}

/* As versions that kept all of a price stored it. */
static maru_status put_huge(maru_txn *txn, void *name)
{
    Cart__Cart  cart = CART__CART__INIT;
    Cart__Item  items[3], *all[3];
    Shop__Money price = SHOP__MONEY__INIT;
    const char *names[] = {"products/a-GBP-1", "products/b-GBP-1", "products/c-GBP-1"};

    price.currency = (char *)"GBP";
    price.minor = 1;
    unknown_add(maru_txn_arena(txn), &price.base, HUGE_BYTES);
    for (size_t i = 0; i < 3; i++) {
        items[i] = (Cart__Item)CART__ITEM__INIT;
        items[i].product = items[i].title = (char *)names[i];
        items[i].quantity = 2;
        items[i].price = &price;
        all[i] = &items[i];
    }
    cart.name = name;
    cart.etag = (char *)"0123";
    cart.items = all;
    cart.n_items = 3;
    return maru_put(txn, cart_tables[0], maru_key_text(name), &cart.base);
}

static void test_old(struct fixture *f)
{
    Cart__Cart *found, *after;

    begin(f, "a cart that is too large to be answered, since before, is read and changed all the same");
    CHECK_INT(maru_store_write(f->s.store, f->call, put_huge, (void *)"carts/old"), MARU_OK);
    if (!CHECK_INT(get(f, "carts/old", &found), MARU_OK))
        return;
    CHECK_STR(found->name, "carts/old");
    CHECK_STR(found->etag, "0123");
    CHECK_INT(found->n_items, 3);
    CHECK_INT(found->items[2]->quantity, 2);
    CHECK_INT(found->items[2]->price->minor, 1);
    CHECK_INT(update(f, "carts/old", "products/b-GBP-1", 5, "0123", &after), MARU_OK);
    CHECK_INT(remove_one(f, "carts/old", "products/a-GBP-1", &after), MARU_OK);
    CHECK_INT(get(f, "carts/old", &found), MARU_OK);
    check_same(found, after);
    CHECK_INT(after->total->minor, 7);
}

int main(void)
{
    run(test_large_cart);
    run(test_unanswerable);
    run(test_unknown);
    run(test_old);
    return test_end();
}
