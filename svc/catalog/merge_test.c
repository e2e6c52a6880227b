/* merge_test.c: MergeSightings over real calls: what an import does to the catalogue. */
#include <stdio.h>
#include <string.h>

#include "catalog.h"
#include "serving.h"
#include "store.h"
#include "test.h"

#define OUTCOME(name) CATALOG__MERGE_SIGHTINGS_RESPONSE__OUTCOME__##name

/* 2010-12-01, 2011-01-01 00:00 UTC. */
enum { DECEMBER = 1291161600, JANUARY = 1293840000 };

struct fixture {
    struct serving         s;
    struct catalog_service svc;
    maru_call             *call;
};

static void begin(struct fixture *f, const char *sentence)
{
    if (f->call != NULL)
        maru_call_end(f->call);
    f->call = serving_call(&f->s);
    test_begin(sentence);
}

static Catalog__ProductSightings *saw(struct fixture *f, const char *name, const char *title, int64_t pence,
                                      int64_t time)
{
    Catalog__ProductSightings *product = maru_alloc(f->call, sizeof *product);
    Catalog__Sighting         *seen = maru_alloc(f->call, sizeof *seen);

    *product = (Catalog__ProductSightings)CATALOG__PRODUCT_SIGHTINGS__INIT;
    *seen = (Catalog__Sighting)CATALOG__SIGHTING__INIT;
    seen->price = maru_alloc(f->call, sizeof *seen->price);
    *seen->price = (Shop__Money)SHOP__MONEY__INIT;
    seen->price->currency = (char *)"GBP";
    seen->price->minor = pence;
    seen->title = (char *)title;
    seen->times = maru_alloc(f->call, 2 * sizeof *seen->times);
    seen->times[0] = time;
    seen->n_times = 1;
    product->name = (char *)name;
    product->seen = maru_alloc(f->call, sizeof seen);
    product->seen[0] = seen;
    product->n_seen = 1;
    return product;
}

static maru_status merge(struct fixture *f, Catalog__ProductSightings **products, size_t count,
                         Catalog__MergeSightingsResponse **response)
{
    Catalog__MergeSightingsRequest request = CATALOG__MERGE_SIGHTINGS_REQUEST__INIT;

    request.products = products;
    request.n_products = count;
    return catalog_merge_sightings(f->s.client, f->call, &request, response);
}

/* The outcome of one product's merge, or -1. */
static int merge_one(struct fixture *f, Catalog__ProductSightings *product)
{
    Catalog__MergeSightingsResponse *response;

    if (merge(f, &product, 1, &response) == MARU_OK && response->n_outcomes == 1)
        return (int)response->outcomes[0];
    fprintf(stderr, "%s\n", maru_call_message(f->call));
    return -1;
}

static Catalog__Product *get(struct fixture *f, const char *name)
{
    Catalog__GetProductRequest request = CATALOG__GET_PRODUCT_REQUEST__INIT;
    Catalog__Product          *found = NULL;

    request.name = (char *)name;
    CHECK_INT(catalog_get_product(f->s.client, f->call, &request, &found), MARU_OK);
    return found;
}

static void update(struct fixture *f, const char *name, const char *title, int64_t pence)
{
    Catalog__UpdateProductRequest request = CATALOG__UPDATE_PRODUCT_REQUEST__INIT;
    Catalog__Product              product = CATALOG__PRODUCT__INIT, *after;
    Shop__Money                   price = SHOP__MONEY__INIT;

    price.currency = (char *)"GBP";
    price.minor = pence;
    product.name = (char *)name;
    product.title = (char *)title;
    product.price = pence > 0 ? &price : NULL;
    request.product = &product;
    CHECK_INT(catalog_update_product(f->s.client, f->call, &request, &after), MARU_OK);
}

static void test_made(struct fixture *f)
{
    Catalog__Product *one, *two;

    begin(f, "what was seen first makes the product");
    CHECK_INT(merge_one(f, saw(f, "products/1", "LAMP", 255, DECEMBER)), OUTCOME(CREATED));
    one = get(f, "products/1");
    CHECK_STR(one->title, "LAMP");
    CHECK_INT(one->price->minor, 255);
    CHECK_INT(one->prices[0]->since->seconds, DECEMBER);
    begin(f, "the same again changes nothing: neither etag nor time");
    one = get(f, "products/1");
    CHECK_INT(merge_one(f, saw(f, "products/1", "LAMP", 255, DECEMBER)), OUTCOME(UNCHANGED));
    two = get(f, "products/1");
    CHECK_STR(two->etag, one->etag);
    CHECK_INT(two->update_time->seconds, one->update_time->seconds);
    CHECK_INT(two->update_time->nanos, one->update_time->nanos);
    begin(f, "a later price goes to the history, and is what it costs now");
    CHECK_INT(merge_one(f, saw(f, "products/1", "LAMP", 295, JANUARY)), OUTCOME(CHANGED));
    two = get(f, "products/1");
    CHECK_INT(two->price->minor, 295);
    CHECK_INT(two->n_prices, 2);
    begin(f, "more of the same is stored, but the product stays as it is");
    one = get(f, "products/1");
    CHECK_INT(merge_one(f, saw(f, "products/1", "LAMP", 295, JANUARY + 60)), OUTCOME(UNCHANGED));
    CHECK_STR(get(f, "products/1")->etag, one->etag);
}

static void test_order(struct fixture *f)
{
    static const struct {
        const char *title;
        int64_t     pence;
        int64_t     time;
    } seen[] = {{"OLD NAME", 100, DECEMBER}, {"LAMP", 120, JANUARY}, {"LAMP", 110, DECEMBER + 60}};
    Catalog__Product *one, *two;

    begin(f, "another order ends with the same titles and prices");
    for (int i = 0; i < 3; i++) {
        CHECK(merge_one(f, saw(f, "products/forth", seen[i].title, seen[i].pence, seen[i].time)) >= 0);
        CHECK(merge_one(f, saw(f, "products/back", seen[2 - i].title, seen[2 - i].pence, seen[2 - i].time)) >= 0);
    }
    one = get(f, "products/forth");
    two = get(f, "products/back");
    CHECK_STR(one->title, "LAMP");
    CHECK_STR(two->title, "LAMP");
    CHECK_INT(one->n_other_titles, 1);
    CHECK_STR(two->other_titles[0], one->other_titles[0]);
    if (!CHECK_INT(one->n_prices, 2) || !CHECK_INT(two->n_prices, 2))
        return;
    for (int i = 0; i < 2; i++) {
        CHECK_INT(two->prices[i]->price->minor, one->prices[i]->price->minor);
        CHECK_INT(two->prices[i]->since->seconds, one->prices[i]->since->seconds);
    }
}

static void test_by_hand(struct fixture *f)
{
    Catalog__Product *after;

    begin(f, "a title that an operator set stays, prices still follow");
    CHECK_INT(merge_one(f, saw(f, "products/t", "LAMP", 100, DECEMBER)), OUTCOME(CREATED));
    update(f, "products/t", "FINE LAMP", 0);
    CHECK_INT(merge_one(f, saw(f, "products/t", "LAMP", 120, JANUARY)), OUTCOME(CHANGED));
    after = get(f, "products/t");
    CHECK_STR(after->title, "FINE LAMP");
    CHECK_INT(after->price->minor, 120);
    begin(f, "a price that an operator set stays, other titles still follow");
    update(f, "products/t", "", 999);
    CHECK_INT(merge_one(f, saw(f, "products/t", "LAMPE", 130, JANUARY + 60)), OUTCOME(CHANGED));
    after = get(f, "products/t");
    CHECK_INT(after->price->minor, 999);
    CHECK_INT(after->n_other_titles, 1);
}

static void test_operators_product(struct fixture *f)
{
    Catalog__CreateProductRequest request = CATALOG__CREATE_PRODUCT_REQUEST__INIT;
    Catalog__Product              wanted = CATALOG__PRODUCT__INIT, *made;
    Shop__Money                   price = SHOP__MONEY__INIT;

    begin(f, "a product that an operator made stays as it is, whatever was seen");
    price.currency = (char *)"KRW";
    price.minor = 12000;
    wanted.name = (char *)"products/own";
    wanted.title = (char *)"김치";
    wanted.price = &price;
    request.product = &wanted;
    CHECK_INT(catalog_create_product(f->s.client, f->call, &request, &made), MARU_OK);
    CHECK_INT(merge_one(f, saw(f, "products/own", "KIMCHI", 500, DECEMBER)), OUTCOME(UNCHANGED));
    CHECK_STR(get(f, "products/own")->etag, made->etag);
}

static void test_deleted(struct fixture *f)
{
    Catalog__DeleteProductRequest request = CATALOG__DELETE_PRODUCT_REQUEST__INIT;
    Google__Protobuf__Empty      *empty;

    begin(f, "a deleted product leaves no evidence: seen again, it is made anew");
    CHECK_INT(merge_one(f, saw(f, "products/gone", "OLD", 100, DECEMBER)), OUTCOME(CREATED));
    request.name = (char *)"products/gone";
    CHECK_INT(catalog_delete_product(f->s.client, f->call, &request, &empty), MARU_OK);
    CHECK_INT(merge_one(f, saw(f, "products/gone", "NEW", 200, JANUARY)), OUTCOME(CREATED));
    CHECK_INT(get(f, "products/gone")->n_other_titles, 0);
    CHECK_INT(get(f, "products/gone")->n_prices, 1);
}

static void check_refused(struct fixture *f, Catalog__ProductSightings **products, size_t count, const char *words)
{
    Catalog__MergeSightingsResponse *response;

    CHECK_INT(merge(f, products, count, &response), MARU_INVALID_ARGUMENT);
    CHECK_CONTAINS(maru_call_message(f->call), words);
}

static void test_refused(struct fixture *f)
{
    Catalog__ProductSightings *two[2], *bad;

    begin(f, "a request is taken whole or not at all, and the error says where it is wrong");
    two[0] = saw(f, "products/good", "LAMP", 100, DECEMBER);
    two[1] = saw(f, "bad", "LAMP", 100, DECEMBER);
    check_refused(f, two, 2, "products[1].name: want products/");
    two[1] = saw(f, "products/good", "LAMP", 100, DECEMBER);
    check_refused(f, two, 2, "products: want each once, got products/good twice");
    two[1] = saw(f, "products/x", "LAMP", 0, DECEMBER);
    check_refused(f, two, 2, "products[1].seen[0].price.minor: want 1..1000000000000, got 0");
    two[1] = saw(f, "products/x", "", 1, DECEMBER);
    check_refused(f, two, 2, "products[1].seen[0].title: want 1..300 bytes, got 0");
    two[1] = saw(f, "products/x", "LAMP", 1, -1);
    check_refused(f, two, 2, "products[1].seen[0].times[0]: want 0..253402300799, got -1");
    two[1] = bad = saw(f, "products/x", "LAMP", 1, 7);
    bad->seen[0]->times[1] = 7;
    bad->seen[0]->n_times = 2;
    check_refused(f, two, 2, "products[1].seen[0].times[1]: want one later than the one before");
    bad->seen[0]->n_times = 0;
    check_refused(f, two, 2, "products[1].seen[0].times: want 1..1000000, got 0");
    bad->n_seen = 0;
    check_refused(f, two, 2, "products[1].seen: want 1..1000, got 0");
    begin(f, "and what came before the wrong one was not stored");
    CHECK_INT(merge_one(f, saw(f, "products/good", "LAMP", 100, DECEMBER)), OUTCOME(CREATED));
}

static void test_batch(struct fixture *f)
{
    enum { COUNT = 1000 };
    Catalog__ProductSightings       *all[COUNT];
    Catalog__MergeSightingsResponse *response = NULL;

    begin(f, "a thousand products in one request have an outcome each, in its order");
    for (int i = 0; i < COUNT; i++)
        all[i] = saw(f, maru_printf(f->call, "products/%d", i * 7919 % COUNT), "LAMP", 100 + i, DECEMBER);
    CHECK_INT(merge(f, &all[500], 1, &response), MARU_OK);
    if (!CHECK_INT(merge(f, all, COUNT, &response), MARU_OK) || !CHECK_INT(response->n_outcomes, COUNT))
        return;
    for (int i = 0; i < COUNT; i++)
        CHECK_INT(response->outcomes[i], i == 500 ? OUTCOME(UNCHANGED) : OUTCOME(CREATED));
}

static void run(void (*suite)(struct fixture *f))
{
    struct fixture f = {.call = NULL};

    if (CHECK(serving_open(&f.s, "catalog", catalog_tables, STORE_VERSION))) {
        f.svc = (struct catalog_service){.store = f.s.store};
        CHECK_INT(catalog_serve(f.s.server, &catalog_methods, &f.svc, &f.s.error), MARU_OK);
        if (CHECK(serving_listen(&f.s)))
            suite(&f);
    }
    if (f.call != NULL)
        maru_call_end(f.call);
    serving_close(&f.s);
}

int main(void)
{
    run(test_made);
    run(test_order);
    run(test_by_hand);
    run(test_operators_product);
    run(test_deleted);
    run(test_refused);
    run(test_batch);
    return test_end();
}
