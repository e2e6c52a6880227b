/* evidence_cut_test.c: of more than there is room for the latest is kept, whatever came in which part and how often. */
#include "evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "test.h"

enum { TITLES = 40, PRICES = 60, SEEN = 6000, CHUNKS_MAX = 40 };

struct one {
    int     title;
    int64_t pence, time;
};

/* The latest first; of one time, in order of title and price. */
static int by_rank(const void *left, const void *right)
{
    const struct one *a = left, *b = right;

    if (a->time != b->time)
        return a->time > b->time ? -1 : 1;
    if (a->title != b->title)
        return a->title < b->title ? -1 : 1;
    return (a->pence > b->pence) - (a->pence < b->pence);
}

/* A request of one title and price each: they may be equal, as in none that is sent, and are then one. */
static Catalog__ProductSightings *request_of(maru_arena *arena, const struct one *ones, size_t count)
{
    Catalog__ProductSightings *request = maru_arena_alloc(arena, sizeof *request);

    *request = (Catalog__ProductSightings)CATALOG__PRODUCT_SIGHTINGS__INIT;
    request->name = (char *)"products/1";
    request->seen = maru_arena_alloc(arena, count * sizeof request->seen[0]);
    request->n_seen = count;
    for (size_t i = 0; i < count; i++) {
        Catalog__Sighting *seen = request->seen[i] = maru_arena_alloc(arena, sizeof *seen);

        *seen = (Catalog__Sighting)CATALOG__SIGHTING__INIT;
        seen->title = maru_arena_printf(arena, "TITLE %02d", ones[i].title);
        seen->price = maru_arena_alloc(arena, sizeof *seen->price);
        *seen->price = (Shop__Money)SHOP__MONEY__INIT;
        seen->price->currency = (char *)"GBP";
        seen->price->minor = ones[i].pence;
        seen->times = maru_arena_memdup(arena, &ones[i].time, sizeof ones[i].time);
        seen->n_times = 1;
    }
    return request;
}

static struct evidence_merged nothing(maru_arena *arena)
{
    Catalog__Evidence *empty = maru_arena_alloc(arena, sizeof *empty);

    *empty = (Catalog__Evidence)CATALOG__EVIDENCE__INIT;
    return (struct evidence_merged){.evidence = empty};
}

static void merge(maru_arena *arena, struct evidence_merged *merged, const struct one *ones, size_t count)
{
    maru_error error;

    CHECK_INT(evidence_merge(arena, merged->evidence, request_of(arena, ones, count), merged, &error), MARU_OK);
}

/* What is to be kept, found another way: the longest beginning, in order of rank, of at most SEEN_MAX pairs. Returns
 * how many are different, *kept how many of them stay; sorts all. */
static size_t want_of(struct one *all, size_t count, size_t *kept)
{
    bool   seen[TITLES][PRICES] = {{false}};
    size_t pairs = 0, different = 0;

    qsort(all, count, sizeof *all, by_rank);
    *kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && by_rank(&all[i - 1], &all[i]) == 0)
            continue;
        if (!seen[all[i].title][all[i].pence - 1])
            pairs++;
        seen[all[i].title][all[i].pence - 1] = true;
        *kept += pairs <= SEEN_MAX;
        all[different++] = all[i];
    }
    return different;
}

static void shuffle(struct one *all, size_t count, unsigned *seed)
{
    for (size_t i = 1; i < count; i++) {
        size_t     j = (size_t)rand_r(seed) % (i + 1);
        struct one kept = all[i];

        all[i] = all[j];
        all[j] = kept;
    }
}

/* In parts of any size, some of them twice. Returns how many were left out, each time that any was. */
static size_t merge_in_parts(maru_arena *arena, struct evidence_merged *merged, const struct one *all, size_t count,
                             unsigned *seed)
{
    size_t left_out = 0, size;

    for (size_t at = 0; at < count; at += size) {
        size = 1 + (size_t)rand_r(seed) % SEEN_MAX;
        size = size < count - at ? size : count - at;
        merge(arena, merged, all + at, size);
        left_out += merged->left_out;
        if (rand_r(seed) % 4 == 0) {
            merge(arena, merged, all + at, size);
            CHECK(!merged->changed);
        }
    }
    return left_out;
}

static size_t pack(const struct evidence_merged *merged, uint8_t *out)
{
    return protobuf_c_message_pack(&merged->evidence->base, out);
}

static void test_any_order(maru_arena *arena)
{
    static struct one      all[SEEN];
    static uint8_t         want[1 << 20], got[1 << 20];
    unsigned               seed = 42;
    size_t                 size = 0, different = 0, kept = 0;
    struct evidence_merged merged;

    test_begin(
        "of more titles and prices than there is room for, the same are kept in any order and in any parts (seed 42)");
    for (int i = 0; i < SEEN; i++)
        all[i] = (struct one){rand_r(&seed) % TITLES, 1 + rand_r(&seed) % PRICES, 1291161600 + rand_r(&seed) % 5000};
    different = want_of(all, SEEN, &kept);
    for (int round = 0; round < 60; round++) {
        maru_arena_mark mark = maru_arena_now(arena);
        size_t          left_out;

        shuffle(all, different, &seed);
        merged = nothing(arena);
        left_out = merge_in_parts(arena, &merged, all, different, &seed);
        CHECK_INT(evidence_times(merged.evidence), kept);
        CHECK(left_out >= different - kept);
        if (round == 0)
            size = pack(&merged, want);
        CHECK_MEM(got, pack(&merged, got), want, size);
        maru_arena_rewind(arena, mark);
    }
}

static void test_again(maru_arena *arena)
{
    struct one             all[2 * SEEN_MAX];
    struct evidence_merged merged = nothing(arena);

    test_begin("what was left out is left out again, and told; nothing changes");
    for (int i = 0; i < 2 * SEEN_MAX; i++)
        all[i] = (struct one){0, 1 + i, 1291161600 + i / 2};
    merge(arena, &merged, all, SEEN_MAX);
    CHECK_INT(merged.left_out, 0);
    merge(arena, &merged, all + SEEN_MAX, SEEN_MAX);
    CHECK(merged.changed);
    CHECK_INT(merged.left_out, SEEN_MAX);
    CHECK_INT(merged.evidence->n_seen, SEEN_MAX);
    CHECK_INT(merged.evidence->left_out->price->minor, SEEN_MAX - 1);
    for (int part = 0; part < 2; part++) {
        merge(arena, &merged, all + (size_t)part * SEEN_MAX, SEEN_MAX);
        CHECK(!merged.changed);
        CHECK_INT(merged.left_out, part == 0 ? SEEN_MAX : 0);
    }
}

static void test_one_time(maru_arena *arena)
{
    struct one             all[SEEN_MAX + 1];
    struct evidence_merged merged = nothing(arena);
    Catalog__Product       product = CATALOG__PRODUCT__INIT;

    test_begin("of 1001 prices of one moment the highest is left out, and the product has a title and a price");
    for (int i = 0; i <= SEEN_MAX; i++)
        all[i] = (struct one){0, 1 + i, 1291161600};
    merge(arena, &merged, all, SEEN_MAX + 1);
    CHECK_INT(merged.evidence->n_seen, SEEN_MAX);
    CHECK_INT(merged.evidence->left_out->price->minor, SEEN_MAX + 1);
    CHECK(evidence_titles(arena, merged.evidence, &product) && evidence_prices(arena, merged.evidence, &product));
    CHECK_STR(product.title, "TITLE 00");
    CHECK_INT(product.price->minor, 1);
}

/* Two prices, at every second: of TIMES_MAX + count times, those from first on in a part. */
static void merge_times(maru_arena *arena, struct evidence_merged *merged, int64_t first, size_t count)
{
    struct one                 two[2] = {{0, 1, 0}, {0, 2, 0}};
    Catalog__ProductSightings *request = request_of(arena, two, 2);
    maru_error                 error;

    for (int i = 0; i < 2; i++) {
        request->seen[i]->times = maru_arena_alloc(arena, count * sizeof(int64_t));
        request->seen[i]->n_times = count;
        for (size_t k = 0; k < count; k++)
            request->seen[i]->times[k] = first + (int64_t)k;
    }
    CHECK_INT(evidence_merge(arena, merged->evidence, request, merged, &error), MARU_OK);
}

static void test_times(maru_arena *arena)
{
    enum { PART = TIMES_MAX / 4, PARTS = 3, ODD = 1 };
    struct evidence_merged forth = nothing(arena), back = nothing(arena);

    test_begin("of more than 200,000 times the last 200,000 are kept, whichever came first");
    for (int i = 0; i < PARTS; i++) {
        merge_times(arena, &forth, (int64_t)i * PART, PART + (i == PARTS - 1 ? ODD : 0));
        merge_times(arena, &back, (int64_t)(PARTS - 1 - i) * PART, PART + (i == 0 ? ODD : 0));
    }
    CHECK_INT(evidence_times(forth.evidence), TIMES_MAX);
    CHECK_INT(evidence_times(back.evidence), TIMES_MAX);
    CHECK_INT(forth.evidence->left_out->times[0], PART + ODD - 1);
    CHECK_INT(back.evidence->left_out->times[0], PART + ODD - 1);
    CHECK_INT(forth.evidence->seen[1]->n_times, TIMES_MAX / 2);
    merge_times(arena, &forth, 0, PART);
    CHECK(!forth.changed);
    CHECK_INT(forth.left_out, 2 * PART);
}

static void test_odd_times(maru_arena *arena)
{
    struct evidence_merged merged = nothing(arena);
    struct one             last = {0, 1, TIMES_MAX};

    test_begin("of two of one time, one of which has room, the first is kept");
    merge_times(arena, &merged, 0, TIMES_MAX / 2);
    merge(arena, &merged, &last, 1);
    CHECK_INT(merged.left_out, 1);
    CHECK_INT(merged.evidence->left_out->times[0], 0);
    CHECK_INT(merged.evidence->left_out->price->minor, 2);
    CHECK_INT(merged.evidence->seen[0]->times[0], 0);
    CHECK_INT(merged.evidence->seen[1]->times[0], 1);
}

int main(void)
{
    maru_arena *arena = maru_arena_new((size_t)512 << 20);

    test_any_order(arena);
    test_again(arena);
    test_one_time(arena);
    test_times(arena);
    test_odd_times(arena);
    maru_arena_free(arena);
    return test_end();
}
