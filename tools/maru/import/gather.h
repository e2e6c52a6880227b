/* gather.h: all that the lines showed of products, in the form in which the catalogue takes it. Pure.
 *
 * Lines go in, in any order; after gather_sort, requests come out: products in order of name, of each the titles and
 * prices in order, of these the times, each once. The same lines in another order make the same requests.
 */
#ifndef IMPORT_GATHER_H
#define IMPORT_GATHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "maru/arena.h"
#include "shop/catalog.pb-c.h"

enum {
    GATHER_LINES_MAX = 20000000,
    GATHER_PRODUCTS_MAX = 200, /* in a request, as the next */
    GATHER_TIMES_MAX = 100000,
    GATHER_SEEN_MAX = 1000,     /* titles and prices of one product: what the catalogue takes */
    GATHER_BYTES_MAX = 1 << 20, /* a quarter of what a call takes: what it is unpacked to has to fit, too */
};

struct observation {
    const char *product; /* interned: equal names have one address */
    const char *title;   /* interned */
    int64_t     pence;
    int64_t     time;
};

struct gather {
    struct observation *all;
    size_t              count;
    size_t              room;
    const char        **words; /* hash table of interned strings */
    size_t              word_count;
    size_t              word_room;
    maru_arena         *arena; /* holds the strings */
    size_t              at;    /* where the next request begins */
};

bool gather_begin(struct gather *gather); /* false where memory is out */
void gather_free(struct gather *gather);

/* gather_add takes one line in; product and title are copied. False where memory or GATHER_LINES_MAX is out. */
bool gather_add(struct gather *gather, const char *product, const char *title, int64_t pence, int64_t time);

/* gather_sort puts all in order and drops repetitions. Returns the number of products. */
size_t gather_sort(struct gather *gather);

/* gather_next makes the next request in arena, or NULL at the end or where arena is out (gather->at < gather->count
 * then). A product of which more was seen than fits may be in several requests, one after the other. */
Catalog__MergeSightingsRequest *gather_next(struct gather *gather, maru_arena *arena);

/* gather_lines is how many lines showed a product; its name is one of a request. */
size_t gather_lines(const char *product);

#endif
