/* merge_test.c: MergeSightings over real calls: what an import does to the catalogue. */
#include <stdio.h>

#include "check.h"
#include "testing.h"

#define OUTCOME(name) CATALOG__MERGE_SIGHTINGS_RESPONSE__OUTCOME__##name

/* 2010-12-01, 2011-01-01 00:00 UTC. */
enum { DECEMBER = 1291161600, JANUARY = 1293840000 };

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

static Catalog__Product *found(struct fixture *f, const char *name)
{
    Catalog__Product *found = NULL;

    CHECK_INT(get(f, name, &found), MARU_OK);
    return found;
}

/* An operator sets the title, or the price where pence is not 0. */
static void set(struct fixture *f, const char *name, const char *title, int64_t pence)
{
    Catalog__Product *after;

    CHECK_INT(update(f, product(f, name, title, pence > 0 ? money(f, "GBP", pence) : NULL), "", &after), MARU_OK);
}

static void test_made(struct fixture *f)
{
    Catalog__Product *one, *two;

    begin(f, "what was seen first makes the product");
    CHECK_INT(merge_one(f, saw(f, "products/1", "LAMP", 255, DECEMBER)), OUTCOME(CREATED));
    one = found(f, "products/1");
    CHECK_STR(one->title, "LAMP");
    CHECK_INT(one->price->minor, 255);
    CHECK_INT(one->prices[0]->since->seconds, DECEMBER);
    begin(f, "the same again changes nothing: neither etag nor time");
    one = found(f, "products/1");
    CHECK_INT(merge_one(f, saw(f, "products/1", "LAMP", 255, DECEMBER)), OUTCOME(UNCHANGED));
    two = found(f, "products/1");
    CHECK_STR(two->etag, one->etag);
    CHECK_INT(two->update_time->seconds, one->update_time->seconds);
    CHECK_INT(two->update_time->nanos, one->update_time->nanos);
    begin(f, "a later price goes to the history, and is what it costs now");
    CHECK_INT(merge_one(f, saw(f, "products/1", "LAMP", 295, JANUARY)), OUTCOME(CHANGED));
    two = found(f, "products/1");
    CHECK_INT(two->price->minor, 295);
    CHECK_INT(two->n_prices, 2);
    begin(f, "more of the same is stored, but the product stays as it is");
    one = found(f, "products/1");
    CHECK_INT(merge_one(f, saw(f, "products/1", "LAMP", 295, JANUARY + 60)), OUTCOME(UNCHANGED));
    CHECK_STR(found(f, "products/1")->etag, one->etag);
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
    one = found(f, "products/forth");
    two = found(f, "products/back");
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

static void test_normal(struct fixture *f)
{
    begin(f, "titles that look alike are alike: they become Unicode NFC");
    CHECK_INT(merge_one(f, saw(f, "products/n", "CAFE\xcc\x81", 100, DECEMBER)), OUTCOME(CREATED));
    CHECK_INT(merge_one(f, saw(f, "products/n", "CAF\xc3\x89", 100, DECEMBER)), OUTCOME(UNCHANGED));
    CHECK_STR(found(f, "products/n")->title, "CAF\xc3\x89");
}

static void test_by_hand(struct fixture *f)
{
    Catalog__Product *after;

    begin(f, "a title that an operator set stays, prices still follow");
    CHECK_INT(merge_one(f, saw(f, "products/t", "LAMP", 100, DECEMBER)), OUTCOME(CREATED));
    set(f, "products/t", "FINE LAMP", 0);
    CHECK_INT(merge_one(f, saw(f, "products/t", "LAMP", 120, JANUARY)), OUTCOME(CHANGED));
    after = found(f, "products/t");
    CHECK_STR(after->title, "FINE LAMP");
    CHECK_INT(after->price->minor, 120);
    begin(f, "a price that an operator set stays, other titles still follow");
    set(f, "products/t", "", 999);
    CHECK_INT(merge_one(f, saw(f, "products/t", "LAMPE", 130, JANUARY + 60)), OUTCOME(CHANGED));
    after = found(f, "products/t");
    CHECK_INT(after->price->minor, 999);
    CHECK_INT(after->n_other_titles, 1);
}

static void test_operators_product(struct fixture *f)
{
    Catalog__Product *made;

    begin(f, "a product that an operator made stays as it is, whatever was seen");
    made = create_simple(f, "products/own", "OWN", 1200);
    CHECK_INT(merge_one(f, saw(f, "products/own", "ANOTHER", 500, DECEMBER)), OUTCOME(UNCHANGED));
    CHECK_STR(found(f, "products/own")->etag, made->etag);
}

static void test_deleted(struct fixture *f)
{
    begin(f, "a deleted product leaves no evidence: seen again, it is made anew");
    CHECK_INT(merge_one(f, saw(f, "products/gone", "OLD", 100, DECEMBER)), OUTCOME(CREATED));
    CHECK_INT(delete (f, "products/gone", ""), MARU_OK);
    CHECK_INT(merge_one(f, saw(f, "products/gone", "NEW", 200, JANUARY)), OUTCOME(CREATED));
    CHECK_INT(found(f, "products/gone")->n_other_titles, 0);
    CHECK_INT(found(f, "products/gone")->n_prices, 1);
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
    two[1] = saw(f, "products/..", "LAMP", 100, DECEMBER);
    check_refused(f, two, 2, "products: name: want products/ID with an ID other than . and .., got \"products/..\"");
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
    check_refused(f, two, 2, "products[1].seen[0].times: want 1..200000, got 0");
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

/* count prices from the first on, a second each. */
static Catalog__ProductSightings *saw_prices(struct fixture *f, const char *name, int first, int count)
{
    Catalog__ProductSightings *product = saw(f, name, "LAMP", first, first);

    product->seen = maru_alloc(f->call, (size_t)count * sizeof product->seen[0]);
    product->n_seen = (size_t)count;
    for (int i = 0; i < count; i++)
        product->seen[i] = saw(f, name, "LAMP", first + i, first + i)->seen[0];
    return product;
}

static void check_left_out(struct fixture *f, Catalog__ProductSightings *product, int outcome, int64_t left_out)
{
    Catalog__ProductSightings       *two[] = {saw(f, "products/other", "OTHER", 1, DECEMBER), product};
    Catalog__MergeSightingsResponse *response = NULL;

    if (!CHECK_INT(merge(f, two, 2, &response), MARU_OK) || !CHECK_INT(response->n_left_out, 2))
        return;
    CHECK_INT(response->left_out[0], 0);
    CHECK_INT(response->left_out[1], left_out);
    CHECK_INT(response->outcomes[1], outcome);
}

static void test_full(struct fixture *f)
{
    Catalog__Product *one;

    begin(f, "more titles and prices than are kept are no error: the oldest are left out, and it is said how many");
    check_left_out(f, saw_prices(f, "products/full", 1, 1000), OUTCOME(CREATED), 0);
    check_left_out(f, saw_prices(f, "products/full", 1001, 7), OUTCOME(CHANGED), 7);
    one = found(f, "products/full");
    CHECK_INT(one->price->minor, 8); /* of January 1970, the lowest of those that were seen most */
    begin(f, "and again, they are left out again, and nothing changes");
    one = found(f, "products/full");
    check_left_out(f, saw_prices(f, "products/full", 1, 1000), OUTCOME(UNCHANGED), 7);
    check_left_out(f, saw_prices(f, "products/full", 1001, 7), OUTCOME(UNCHANGED), 0);
    CHECK_STR(found(f, "products/full")->etag, one->etag);
}

/* At one price, at as many times as are kept. */
static Catalog__ProductSightings *saw_often(struct fixture *f, const char *name, int count)
{
    Catalog__ProductSightings *product = saw(f, name, "LAMP", 1, 1);
    Catalog__Sighting         *seen = product->seen[0];

    seen->times = maru_alloc(f->call, (size_t)count * sizeof *seen->times);
    seen->n_times = (size_t)count;
    for (int i = 0; i < count; i++)
        seen->times[i] = DECEMBER + i;
    return product;
}

/* The memory of a call, 64 MiB, holds the evidence of some of them. */
static void test_large(struct fixture *f)
{
    enum { COUNT = 40 };
    Catalog__ProductSightings       *all[COUNT];
    Catalog__MergeSightingsResponse *response = NULL;

    begin(f, "however much is known of each of many products, one request may take in more of all");
    for (int i = 0; i < COUNT; i++) {
        CHECK_INT(merge_one(f, saw_often(f, maru_printf(f->call, "products/%d", i), TIMES_MAX)), OUTCOME(CREATED));
        maru_call_end(f->call); /* and with it, its memory */
        f->call = serving_call(&f->s);
    }
    for (int i = 0; i < COUNT; i++)
        all[i] = saw(f, maru_printf(f->call, "products/%d", i), "LAMP", 7, JANUARY);
    if (!CHECK_INT(merge(f, all, COUNT, &response), MARU_OK))
        fprintf(stderr, "%s\n", maru_call_message(f->call));
}

int main(void)
{
    run(test_made);
    run(test_order);
    run(test_normal);
    run(test_by_hand);
    run(test_operators_product);
    run(test_deleted);
    run(test_refused);
    run(test_batch);
    run(test_full);
    run(test_large);
    return test_end();
}
