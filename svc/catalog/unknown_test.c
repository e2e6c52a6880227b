/* unknown_test.c: fields of later versions, of any size: not kept of what comes in, and no hindrance where an older
 * version kept them; over real calls. */
#include <string.h>

#include "check.h"
#include "testing.h"

enum { LARGE = 900000, HUGE_BYTES = 3900000 };

static void add_unknown(struct fixture *f, ProtobufCMessage *message, size_t size)
{
    unknown_add(maru_call_arena(f->call), message, size);
}

static size_t packed(const Catalog__Product *product)
{
    return protobuf_c_message_get_packed_size(&product->base);
}

/* One that has a field of a later version wherever it may be, half of LARGE each. */
static Catalog__Product *later_product(struct fixture *f, const char *name)
{
    Catalog__Product *wanted = product(f, name, "L", NULL);

    wanted->prices = maru_alloc(f->call, sizeof wanted->prices[0]);
    wanted->prices[0] = price_at(f, "GBP", 5, 1);
    wanted->n_prices = 1;
    wanted->attributes = maru_alloc(f->call, sizeof wanted->attributes[0]);
    wanted->attributes[0] = attribute(f, "colour", "red");
    wanted->n_attributes = 1;
    add_unknown(f, &wanted->base, LARGE / 2);
    add_unknown(f, &wanted->prices[0]->base, LARGE / 2);
    add_unknown(f, &wanted->prices[0]->price->base, LARGE / 2);
    add_unknown(f, &wanted->prices[0]->since->base, LARGE / 2);
    add_unknown(f, &wanted->attributes[0]->base, LARGE / 2);
    return wanted;
}

static void test_product(struct fixture *f)
{
    Catalog__Product *wanted, *after;

    begin(f, "of what a product is made of and changed by, only what this version knows is kept");
    CHECK_INT(create(f, later_product(f, "products/a"), &after), MARU_OK);
    CHECK_INT(get(f, "products/a", &after), MARU_OK);
    CHECK_STR(after->attributes[0]->value, "red");
    CHECK_INT(after->prices[0]->price->minor, 5);
    CHECK(packed(after) < 200);
    wanted = product(f, "products/a", "", money(f, "GBP", 7));
    add_unknown(f, &wanted->price->base, HUGE_BYTES);
    CHECK_INT(update(f, wanted, "price", &after), MARU_OK);
    CHECK_INT(update(f, later_product(f, "products/a"), "prices,attributes", &after), MARU_OK);
    CHECK_INT(get(f, "products/a", &after), MARU_OK);
    CHECK(packed(after) < 200);
}

/* How many bytes the evidence of a product takes. */
struct evidence_size {
    const char *name;
    size_t      bytes;
};

static maru_status size_evidence(maru_txn *txn, void *arg)
{
    struct evidence_size *size = arg;
    ProtobufCMessage     *found;
    maru_status           status = maru_get(txn, catalog_tables[1], maru_key_text(size->name), &found);

    if (status == MARU_OK)
        size->bytes = protobuf_c_message_get_packed_size(found);
    return status;
}

static void test_merge(struct fixture *f)
{
    Catalog__MergeSightingsRequest   request = CATALOG__MERGE_SIGHTINGS_REQUEST__INIT;
    Catalog__MergeSightingsResponse *response;
    Catalog__ProductSightings        product = CATALOG__PRODUCT_SIGHTINGS__INIT, *products = &product;
    Catalog__Sighting                sighting = CATALOG__SIGHTING__INIT, *seen = &sighting;
    struct evidence_size             size = {.name = "products/s"};
    Catalog__Product                *after;
    int64_t                          time = 1291161600;

    begin(f, "so is it of what invoices show, in the product and in the evidence of it");
    sighting.title = (char *)"LAMP";
    sighting.price = money(f, "GBP", 255);
    sighting.times = &time;
    sighting.n_times = 1;
    product.name = (char *)size.name;
    product.seen = &seen;
    product.n_seen = 1;
    add_unknown(f, &product.base, LARGE);
    add_unknown(f, &sighting.base, LARGE);
    add_unknown(f, &sighting.price->base, LARGE);
    request.products = &products;
    request.n_products = 1;
    CHECK_INT(catalog_merge_sightings(f->s.client, f->call, &request, &response), MARU_OK);
    CHECK_INT(get(f, size.name, &after), MARU_OK);
    CHECK(packed(after) < 200);
    CHECK_INT(maru_store_read(f->s.store, f->call, size_evidence, &size), MARU_OK);
    CHECK(size.bytes < 200);
}

/* As a version that kept all of a price stored it, twice. */
static maru_status put_huge(maru_txn *txn, void *name)
{
    Catalog__Product product = CATALOG__PRODUCT__INIT;
    Catalog__Price   price = CATALOG__PRICE__INIT, *prices = &price;
    Shop__Money      money = SHOP__MONEY__INIT;

    money.currency = (char *)"GBP";
    money.minor = 3;
    unknown_add(maru_txn_arena(txn), &money.base, HUGE_BYTES);
    price.price = product.price = &money;
    product.name = name;
    product.title = (char *)"HUGE";
    product.etag = (char *)"0123";
    product.prices = &prices;
    product.n_prices = 1;
    return maru_put(txn, catalog_tables[0], maru_key_text(name), &product.base);
}

static void put_old(struct fixture *f, const char *name)
{
    begin(f, "a product that is too large to be answered, since before, is served without what is not known of it");
    CHECK_INT(maru_store_write(f->s.store, f->call, put_huge, (void *)name), MARU_OK);
}

static void check_old(const Catalog__Product *product)
{
    CHECK_STR(product->title, "HUGE");
    CHECK_STR(product->etag, "0123");
    CHECK_INT(product->price->minor, 3);
    CHECK_INT(product->n_prices, 1);
    CHECK(packed(product) < 200);
}

static void test_old(struct fixture *f)
{
    Catalog__BatchGetProductsRequest   batch = CATALOG__BATCH_GET_PRODUCTS_REQUEST__INIT;
    Catalog__BatchGetProductsResponse *got;
    Catalog__Product                  *after;
    char                              *name = (char *)"products/old";

    put_old(f, name);
    if (CHECK_INT(get(f, name, &after), MARU_OK))
        check_old(after);
    batch.names = &name;
    batch.n_names = 1;
    if (CHECK_INT(catalog_batch_get_products(f->s.client, f->call, &batch, &got), MARU_OK) &&
        CHECK_INT(got->n_products, 1))
        check_old(got->products[0]);

    begin(f, "it can be changed, and is whole again then; or deleted");
    if (CHECK_INT(update(f, product(f, name, "NEW", NULL), "title", &after), MARU_OK))
        CHECK_STR(after->title, "NEW");
    if (CHECK_INT(get(f, name, &after), MARU_OK)) {
        CHECK_INT(after->price->minor, 3);
        CHECK(packed(after) < 200);
    }
    put_old(f, name);
    CHECK_INT(delete (f, name, "0123"), MARU_OK);
}

/* The names of all, page by page, each with a space. */
static void list_all(struct fixture *f, char names[static 4096])
{
    Catalog__ListProductsRequest   request = CATALOG__LIST_PRODUCTS_REQUEST__INIT;
    Catalog__ListProductsResponse *page;
    size_t                         used = 0;

    names[0] = '\0';
    request.page_size = 1000;
    do {
        if (!CHECK_INT(catalog_list_products(f->s.client, f->call, &request, &page), MARU_OK))
            return;
        for (size_t i = 0; i < page->n_products; i++)
            used += (size_t)snprintf(names + used, 4096 - used, "%s ", page->products[i]->name + strlen("products/"));
        request.page_token = page->next_page_token;
    } while (request.page_token[0] != '\0');
}

/* Twelve of them are more than a call's memory. */
static void test_old_list(struct fixture *f)
{
    char names[4096], name[32];

    for (char c = 'a'; c <= 'l'; c++) {
        snprintf(name, sizeof name, "products/%c", c);
        put_old(f, name);
    }
    begin(f, "pages go on past many of them, and none is missed");
    create_simple(f, "products/b1", "B1", 1);
    create_simple(f, "products/z", "Z", 1);
    list_all(f, names);
    CHECK_STR(names, "a b b1 c d e f g h i j k l z ");
}

static char *text_of(struct fixture *f, size_t size)
{
    char *text = maru_alloc(f->call, size + 1);

    memset(text, 'x', size);
    text[size] = '\0';
    return text;
}

static void test_largest(struct fixture *f)
{
    Catalog__Product *wanted, *after;

    begin(f, "a product of all limits is not too large, and is served as it is");
    wanted =
        product(f, maru_printf(f->call, "products/%s", text_of(f, NAME_MAX_CHARS)), text_of(f, TITLE_MAX_BYTES), NULL);
    wanted->description = text_of(f, DESCRIPTION_MAX_BYTES);
    wanted->prices = maru_alloc(f->call, PRICES_MAX * sizeof wanted->prices[0]);
    wanted->n_prices = PRICES_MAX;
    for (int i = 0; i < PRICES_MAX; i++) {
        wanted->prices[i] = price_at(f, "GBP", PRICE_MAX, TIME_MAX - 1 - PRICES_MAX + i);
        wanted->prices[i]->since->nanos = 999999999;
    }
    wanted->other_titles = maru_alloc(f->call, OTHER_TITLES_MAX * sizeof wanted->other_titles[0]);
    wanted->n_other_titles = OTHER_TITLES_MAX;
    for (int i = 0; i < OTHER_TITLES_MAX; i++)
        wanted->other_titles[i] = text_of(f, TITLE_MAX_BYTES);
    wanted->attributes = maru_alloc(f->call, ATTRIBUTES_MAX * sizeof wanted->attributes[0]);
    wanted->n_attributes = ATTRIBUTES_MAX;
    for (int i = 0; i < ATTRIBUTES_MAX; i++) {
        wanted->attributes[i] =
            attribute(f, text_of(f, ATTRIBUTE_KEY_MAX_BYTES), text_of(f, ATTRIBUTE_VALUE_MAX_BYTES));
        wanted->attributes[i]->key[0] = (char)('a' + i / 26);
        wanted->attributes[i]->key[1] = (char)('a' + i % 26);
    }
    CHECK_INT(create(f, wanted, &after), MARU_OK);
    if (!CHECK_INT(get(f, wanted->name, &after), MARU_OK))
        return;
    CHECK_INT(after->n_prices, PRICES_MAX);
    CHECK(packed(after) > 150000 && packed(after) < PRODUCT_BYTES_MAX);
}

int main(void)
{
    run(test_product);
    run(test_merge);
    run(test_old);
    run(test_old_list);
    run(test_largest);
    return test_end();
}
