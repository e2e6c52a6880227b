/* gather_test.c: lines in any order, however often, make the same requests. */
#include "import/gather.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

struct made {
    uint8_t *bytes; /* of all requests, one after the other */
    size_t   size;
    size_t   requests;
    size_t   products; /* as gather_sort counts them */
    size_t   times;
};

static void take_request(struct made *made, const Catalog__MergeSightingsRequest *request)
{
    size_t size = protobuf_c_message_get_packed_size(&request->base);

    made->bytes = realloc(made->bytes, made->size + size);
    protobuf_c_message_pack(&request->base, made->bytes + made->size);
    made->size += size;
    made->requests++;
    CHECK(size <= GATHER_BYTES_MAX);
    CHECK(request->n_products <= GATHER_PRODUCTS_MAX);
    for (size_t i = 0; i < request->n_products; i++)
        CHECK(request->products[i]->n_seen <= GATHER_SEEN_MAX);
    for (size_t i = 0; i < request->n_products; i++)
        for (size_t j = 0; j < request->products[i]->n_seen; j++)
            made->times += request->products[i]->seen[j]->n_times;
}

static struct made make(struct gather *gather)
{
    struct made                     made = {.products = gather_sort(gather)};
    maru_arena                     *arena = maru_arena_new((size_t)64 << 20);
    Catalog__MergeSightingsRequest *request;

    while ((request = gather_next(gather, arena)) != NULL) {
        take_request(&made, request);
        maru_arena_reset(arena);
    }
    CHECK_INT(gather->at, gather->count);
    maru_arena_free(arena);
    return made;
}

/* The i-th of many lines: 1000 products, three titles, four prices. */
static void add_nth(struct gather *gather, unsigned i)
{
    char product[32], title[32];

    snprintf(product, sizeof product, "products/%05u", i * 7919 % 1000);
    snprintf(title, sizeof title, "TITLE %u", i % 3);
    CHECK(gather_add(gather, product, title, 100 + i % 4, 1291191960 + i / 5 * 60));
}

static void test_order(void)
{
    enum { LINES = 20000 };
    struct gather forth, back;
    struct made   a, b;

    test_begin("the same lines in another order, and twice, make the same requests");
    CHECK(gather_begin(&forth) && gather_begin(&back));
    for (unsigned i = 0; i < LINES; i++) {
        add_nth(&forth, i);
        add_nth(&back, LINES - 1 - i);
        add_nth(&back, LINES - 1 - i);
    }
    a = make(&forth);
    b = make(&back);
    CHECK_INT(a.products, 1000);
    CHECK_INT(b.products, 1000);
    CHECK_INT(a.requests, 5);
    CHECK_INT(a.times, LINES);
    CHECK_MEM(a.bytes, a.size, b.bytes, b.size);
    free(a.bytes);
    free(b.bytes);
    gather_free(&forth);
    gather_free(&back);
}

static void test_large_product(void)
{
    struct gather gather;
    struct made   made;

    test_begin("a product with very many times comes in parts, and nothing is lost");
    CHECK(gather_begin(&gather));
    for (int i = 0; i < 2 * GATHER_TIMES_MAX + 10; i++)
        CHECK(gather_add(&gather, "products/1", "TITLE", 100, i));
    CHECK(gather_add(&gather, "products/2", "TITLE", 100, 0));
    made = make(&gather);
    CHECK_INT(made.requests, 3);
    CHECK_INT(made.products, 2);
    CHECK_INT(made.times, 2 * GATHER_TIMES_MAX + 11);
    free(made.bytes);
    gather_free(&gather);
}

/* As long as titles, prices and times get. */
static void test_long_titles(void)
{
    enum { PRODUCTS = 200, TITLES = 100, TITLE_BYTES = 300 };
    struct gather gather;
    struct made   made;
    char          product[32], title[TITLE_BYTES + 1];

    test_begin("a request is bounded by its bytes, and not much smaller than it may be; nothing is lost");
    CHECK(gather_begin(&gather));
    for (int i = 0; i < PRODUCTS * TITLES; i++) {
        snprintf(product, sizeof product, "products/%05d", i % PRODUCTS);
        snprintf(title, sizeof title, "%0*d", TITLE_BYTES, i);
        CHECK(gather_add(&gather, product, title, INT64_C(1000000000000), INT64_C(253402300799)));
    }
    made = make(&gather);
    CHECK_INT(made.products, PRODUCTS);
    CHECK_INT(made.times, PRODUCTS * TITLES);
    CHECK(made.requests <= made.size / GATHER_BYTES_MAX + 2);
    free(made.bytes);
    gather_free(&gather);
}

static void test_many_prices(void)
{
    enum { PRICES = 2 * GATHER_SEEN_MAX + 1 };
    struct gather gather;
    struct made   made;

    test_begin("a product with very many prices comes in parts of as many as the catalogue takes");
    CHECK(gather_begin(&gather));
    for (int i = 0; i < PRICES; i++)
        CHECK(gather_add(&gather, "products/1", "TITLE", 1 + i, 7) && gather_add(&gather, "products/1", "TITLE", 1, 7));
    CHECK(gather_add(&gather, "products/2", "TITLE", 100, 0));
    made = make(&gather);
    CHECK_INT(made.requests, 3);
    CHECK_INT(made.products, 2);
    CHECK_INT(made.times, PRICES + 1);
    CHECK_INT(gather_lines(gather.all[0].product), 2 * PRICES);
    CHECK_INT(gather_lines(gather.all[gather.count - 1].product), 1);
    free(made.bytes);
    gather_free(&gather);
}

static void test_nothing(void)
{
    struct gather gather;
    struct made   made;

    test_begin("no lines make no request");
    CHECK(gather_begin(&gather));
    made = make(&gather);
    CHECK_INT(made.requests, 0);
    CHECK_INT(made.products, 0);
    gather_free(&gather);
}

int main(void)
{
    test_order();
    test_large_product();
    test_long_titles();
    test_many_prices();
    test_nothing();
    return test_end();
}
