/* evidence_test.c: what was seen of a product: a union of sets, and the title and prices that follow from it. */
#include "evidence.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "test.h"

/* 2010-12-01, 2011-01-01, 2011-02-01 00:00 UTC. */
enum { DECEMBER = 1291161600, JANUARY = 1293840000, FEBRUARY = 1296518400 };

struct one {
    const char *title;
    int64_t     pence;
    int64_t     time;
};

static Catalog__ProductSightings *sighting(maru_arena *arena, const struct one *one)
{
    Catalog__ProductSightings *product = maru_arena_alloc(arena, sizeof *product);
    Catalog__Sighting         *seen = maru_arena_alloc(arena, sizeof *seen);

    *product = (Catalog__ProductSightings)CATALOG__PRODUCT_SIGHTINGS__INIT;
    *seen = (Catalog__Sighting)CATALOG__SIGHTING__INIT;
    seen->price = maru_arena_alloc(arena, sizeof *seen->price);
    *seen->price = (Shop__Money)SHOP__MONEY__INIT;
    seen->price->currency = (char *)"GBP";
    seen->price->minor = one->pence;
    seen->title = (char *)one->title;
    seen->times = maru_arena_memdup(arena, &one->time, sizeof one->time);
    seen->n_times = 1;
    product->name = (char *)"products/1";
    product->seen = maru_arena_memdup(arena, &seen, sizeof(Catalog__Sighting *));
    product->n_seen = 1;
    return product;
}

static Catalog__Evidence *nothing(maru_arena *arena)
{
    Catalog__Evidence *empty = maru_arena_alloc(arena, sizeof *empty);

    *empty = (Catalog__Evidence)CATALOG__EVIDENCE__INIT;
    return empty;
}

/* Takes them in one by one, in the order of order (NULL: as they are). */
static Catalog__Evidence *see(maru_arena *arena, const struct one *ones, size_t count, const size_t *order)
{
    struct evidence_merged merged = {.evidence = nothing(arena)};
    maru_error             error;

    for (size_t i = 0; i < count; i++)
        CHECK_INT(evidence_merge(arena, merged.evidence, sighting(arena, &ones[order == NULL ? i : order[i]]), &merged,
                                 &error),
                  MARU_OK);
    return merged.evidence;
}

static void test_union(maru_arena *arena)
{
    static const struct one ones[] = {{"B", 200, DECEMBER},      {"A", 100, DECEMBER + 60}, {"A", 100, DECEMBER},
                                      {"A", 300, JANUARY},       {"B", 200, JANUARY},       {"A", 100, FEBRUARY},
                                      {"C", 100, FEBRUARY + 60}, {"A", 100, DECEMBER}};
    enum { COUNT = sizeof ones / sizeof ones[0], ROUNDS = 300 };
    unsigned           seed = 42;
    Catalog__Evidence *first = see(arena, ones, COUNT, NULL);
    uint8_t            want[512], got[512];
    size_t             size = protobuf_c_message_pack(&first->base, want);

    test_begin("the same sightings in any order are the same evidence, byte for byte (seed 42)");
    CHECK_INT(first->n_seen, 4);
    for (int round = 0; round < ROUNDS; round++) {
        maru_arena_mark mark = maru_arena_now(arena);
        size_t          order[COUNT];

        for (size_t i = 0; i < COUNT; i++) {
            size_t j = (size_t)rand_r(&seed) % (i + 1);

            order[i] = order[j];
            order[j] = i;
        }
        CHECK_MEM(got, protobuf_c_message_pack(&see(arena, ones, COUNT, order)->base, got), want, size);
        maru_arena_rewind(arena, mark);
    }
}

static void test_known(maru_arena *arena)
{
    const struct one   ones[] = {{"A", 100, DECEMBER}, {"A", 100, JANUARY}};
    const struct one   again = {"A", 100, DECEMBER}, other = {"A", 101, DECEMBER};
    Catalog__Evidence *known = see(arena, ones, 2, NULL);
    maru_error         error;

    struct evidence_merged merged;

    test_begin("what was known changes nothing; another price at the same time does");
    CHECK_INT(evidence_merge(arena, known, sighting(arena, &again), &merged, &error), MARU_OK);
    CHECK(!merged.changed);
    CHECK_INT(evidence_merge(arena, known, sighting(arena, &other), &merged, &error), MARU_OK);
    CHECK(merged.changed);
    CHECK_INT(merged.evidence->n_seen, 2);
}

static void test_currency(maru_arena *arena)
{
    const struct one           one = {"A", 1, DECEMBER};
    Catalog__ProductSightings *won = sighting(arena, &one);
    maru_error                 error = {.text = ""};
    struct evidence_merged     merged;

    test_begin("another currency is refused");
    won->seen[0]->price->currency = (char *)"KRW";
    CHECK_INT(evidence_merge(arena, see(arena, &one, 1, NULL), won, &merged, &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(error.text, "products/1: want prices in one currency, got GBP and KRW");
}

static void test_titles(maru_arena *arena)
{
    static const struct one ones[] = {{"RARE", 100, FEBRUARY},     {"OFTEN", 100, DECEMBER}, {"OFTEN", 100, JANUARY},
                                      {"OFTEN", 200, JANUARY},     {"EVEN B", 1, DECEMBER},  {"EVEN A", 1, DECEMBER},
                                      {"LATER", 100, FEBRUARY + 1}};
    Catalog__Product        product = CATALOG__PRODUCT__INIT;

    test_begin("the title is the one that was seen most; then the latest, then the first by bytes");
    CHECK(evidence_titles(arena, see(arena, ones, sizeof ones / sizeof ones[0], NULL), &product));
    CHECK_STR(product.title, "OFTEN");
    CHECK_INT(product.n_other_titles, 4);
    CHECK_STR(product.other_titles[0], "LATER");
    CHECK_STR(product.other_titles[1], "RARE");
    CHECK_STR(product.other_titles[2], "EVEN A");
    CHECK_STR(product.other_titles[3], "EVEN B");
}

static void check_price(const Catalog__Product *product, size_t i, int64_t minor, int64_t since)
{
    CHECK_INT(product->prices[i]->price->minor, minor);
    CHECK_INT(product->prices[i]->since->seconds, since);
    CHECK_STR(product->prices[i]->price->currency, "GBP");
}

static void test_prices(maru_arena *arena)
{
    static const struct one ones[] = {
        {"A", 255, DECEMBER + 10}, {"A", 255, DECEMBER + 20}, {"A", 295, DECEMBER + 5}, /* most: 255 */
        {"A", 255, JANUARY + 7},   {"B", 255, JANUARY + 3},                             /* no change */
        {"A", 295, FEBRUARY + 9},  {"A", 285, FEBRUARY + 8},                            /* a tie: the lowest */
    };
    Catalog__Product product = CATALOG__PRODUCT__INIT;

    test_begin("a month's price is the one that was seen most, then the lowest; the history has the changes");
    CHECK(evidence_prices(arena, see(arena, ones, sizeof ones / sizeof ones[0], NULL), &product));
    if (!CHECK_INT(product.n_prices, 2))
        return;
    check_price(&product, 0, 255, DECEMBER + 10);
    check_price(&product, 1, 285, FEBRUARY + 8);
    CHECK_INT(product.price->minor, 285);
}

static void test_long_history(maru_arena *arena)
{
    struct evidence_merged merged = {.evidence = nothing(arena)};
    Catalog__Product       product = CATALOG__PRODUCT__INIT;
    maru_error             error;

    test_begin("of a history of more than 1000 changes the last are kept");
    for (int i = 0; i < 1200; i++) {
        const struct one one = {"A", 100 + i % 2, (int64_t)i * 31 * 86400};

        evidence_merge(arena, merged.evidence, sighting(arena, &one), &merged, &error);
    }
    CHECK(evidence_prices(arena, merged.evidence, &product));
    CHECK_INT(product.n_prices, PRICES_MAX);
    CHECK_INT(product.prices[PRICES_MAX - 1]->since->seconds, (int64_t)1199 * 31 * 86400);
}

int main(void)
{
    maru_arena *arena = maru_arena_new((size_t)256 << 20);

    test_union(arena);
    test_known(arena);
    test_currency(arena);
    test_titles(arena);
    test_prices(arena);
    test_long_history(arena);
    maru_arena_free(arena);
    return test_end();
}
