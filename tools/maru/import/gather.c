/* gather.c: all that the lines showed of products (gather.h). */
#include "gather.h"

#include <stdlib.h>
#include <string.h>

#include "maru/hash.h"

enum { WORDS_FIRST = 8192 };
#define ARENA_BUDGET ((size_t)4 << 30)

bool gather_begin(struct gather *gather)
{
    *gather = (struct gather){.arena = maru_arena_new(ARENA_BUDGET), .word_room = WORDS_FIRST};
    gather->words = calloc(gather->word_room, sizeof *gather->words);
    return gather->arena != NULL && gather->words != NULL;
}

void gather_free(struct gather *gather)
{
    if (gather->arena != NULL)
        maru_arena_free(gather->arena);
    free(gather->words);
    free(gather->all);
}

/* A string that is in memory once. */
struct word {
    size_t lines; /* that have it as their product */
    char   text[];
};

static struct word *word_of(const char *text)
{
    return (struct word *)(void *)(text - offsetof(struct word, text));
}

size_t gather_lines(const char *product)
{
    return word_of(product)->lines;
}

/* NULL where arena is out. */
static const char *make_word(maru_arena *arena, const char *text)
{
    size_t       size = strlen(text) + 1;
    struct word *word = maru_arena_zalloc(arena, sizeof *word + size);

    return word == NULL ? NULL : memcpy(word->text, text, size);
}

/* Where a word is in the table, or would be. */
static const char **find_word(const char **words, size_t room, const char *word)
{
    uint64_t hash = maru_hash64(word, strlen(word));

    for (hash &= room - 1; words[hash] != NULL && strcmp(words[hash], word) != 0;)
        hash = (hash + 1) & (room - 1);
    return &words[hash];
}

static bool grow_words(struct gather *gather)
{
    size_t       room = gather->word_room * 2;
    const char **words = calloc(room, sizeof *words);

    if (words == NULL)
        return false;
    for (size_t i = 0; i < gather->word_room; i++)
        if (gather->words[i] != NULL)
            *find_word(words, room, gather->words[i]) = gather->words[i];
    free(gather->words);
    gather->words = words;
    gather->word_room = room;
    return true;
}

/* NULL where memory is out. */
static const char *intern(struct gather *gather, const char *word)
{
    const char **at;

    if (gather->word_count * 2 >= gather->word_room && !grow_words(gather))
        return NULL;
    at = find_word(gather->words, gather->word_room, word);
    if (*at != NULL)
        return *at;
    *at = make_word(gather->arena, word);
    gather->word_count += *at != NULL;
    return *at;
}

static bool grow_all(struct gather *gather)
{
    size_t              room = gather->room == 0 ? 4096 : gather->room * 2;
    struct observation *all = realloc(gather->all, room * sizeof *all);

    if (all == NULL)
        return false;
    gather->all = all;
    gather->room = room;
    return true;
}

bool gather_add(struct gather *gather, const char *product, const char *title, int64_t pence, int64_t time)
{
    struct observation one = {
        .product = intern(gather, product), .title = intern(gather, title), .pence = pence, .time = time};

    if (one.product == NULL || one.title == NULL || gather->count == GATHER_LINES_MAX)
        return false;
    if (gather->count == gather->room && !grow_all(gather))
        return false;
    word_of(one.product)->lines++;
    gather->all[gather->count++] = one;
    return true;
}

static int compare(const void *left, const void *right)
{
    const struct observation *a = left, *b = right;

    if (a->product != b->product)
        return strcmp(a->product, b->product);
    if (a->title != b->title)
        return strcmp(a->title, b->title);
    if (a->pence != b->pence)
        return a->pence < b->pence ? -1 : 1;
    return (a->time > b->time) - (a->time < b->time);
}

size_t gather_sort(struct gather *gather)
{
    size_t kept = 0, products = 0;

    if (gather->count > 0)
        qsort(gather->all, gather->count, sizeof *gather->all, compare);
    for (size_t i = 0; i < gather->count; i++) {
        if (i > 0 && compare(&gather->all[kept - 1], &gather->all[i]) == 0)
            continue;
        products += kept == 0 || gather->all[kept - 1].product != gather->all[i].product;
        gather->all[kept++] = gather->all[i];
    }
    gather->count = kept;
    return products;
}

/* The sightings that begin at an observation: those of its title and price, up to end. */
static size_t seen_end(const struct gather *gather, size_t at, size_t end)
{
    const struct observation *first = &gather->all[at];

    while (at < end && gather->all[at].product == first->product && gather->all[at].title == first->title &&
           gather->all[at].pence == first->pence)
        at++;
    return at;
}

static size_t product_end(const struct gather *gather, size_t at, size_t end)
{
    const char *product = gather->all[at].product;

    while (at < end && gather->all[at].product == product)
        at++;
    return at;
}

static Catalog__Sighting *make_sighting(const struct gather *gather, size_t at, size_t end, maru_arena *arena)
{
    Catalog__Sighting *seen = maru_arena_alloc(arena, sizeof *seen);
    Shop__Money       *price = maru_arena_alloc(arena, sizeof *price);
    int64_t           *times = maru_arena_alloc(arena, (end - at) * sizeof *times);

    if (seen == NULL || price == NULL || times == NULL)
        return NULL;
    *seen = (Catalog__Sighting)CATALOG__SIGHTING__INIT;
    *price = (Shop__Money)SHOP__MONEY__INIT;
    price->currency = (char *)"GBP";
    price->minor = gather->all[at].pence;
    for (size_t i = at; i < end; i++)
        times[i - at] = gather->all[i].time;
    seen->title = (char *)gather->all[at].title;
    seen->price = price;
    seen->times = times;
    seen->n_times = end - at;
    return seen;
}

static Catalog__ProductSightings *make_product(const struct gather *gather, size_t at, size_t end, maru_arena *arena)
{
    Catalog__ProductSightings *product = maru_arena_alloc(arena, sizeof *product);
    Catalog__Sighting        **seen = maru_arena_alloc(arena, (end - at) * sizeof *seen);

    if (product == NULL || seen == NULL)
        return NULL;
    *product = (Catalog__ProductSightings)CATALOG__PRODUCT_SIGHTINGS__INIT;
    product->name = (char *)gather->all[at].product;
    product->seen = seen;
    for (size_t next; at < end; at = next) {
        next = seen_end(gather, at, end);
        if ((seen[product->n_seen++] = make_sighting(gather, at, next, arena)) == NULL)
            return NULL;
    }
    return product;
}

/* What is in a request already. */
struct load {
    size_t products, times, bytes;
    size_t seen; /* of the last product */
};

/* What protobuf writes beside names and titles, at most: tags, lengths, the price, an entry of times. */
enum { PRODUCT_BYTES = 16, SEEN_BYTES = 40, TIME_BYTES = 6 };

/* One observation more; false where the request has no room for it. */
static bool take(struct load *load, const struct observation *one, const struct observation *before)
{
    bool product = before == NULL || before->product != one->product;
    bool seen = product || before->title != one->title || before->pence != one->pence;

    load->products += product;
    load->seen = product ? 1 : load->seen + seen;
    load->times++;
    load->bytes += TIME_BYTES + (seen ? SEEN_BYTES + strlen(one->title) : 0) +
                   (product ? PRODUCT_BYTES + strlen(one->product) : 0);
    return load->products <= GATHER_PRODUCTS_MAX && load->seen <= GATHER_SEEN_MAX && load->times <= GATHER_TIMES_MAX &&
           load->bytes <= GATHER_BYTES_MAX;
}

/* Where the request ends that begins at gather->at. */
static size_t request_end(const struct gather *gather)
{
    struct load load = {0};
    size_t      end = gather->at;

    while (end < gather->count && take(&load, &gather->all[end], end == gather->at ? NULL : &gather->all[end - 1]))
        end++;
    return end;
}

Catalog__MergeSightingsRequest *gather_next(struct gather *gather, maru_arena *arena)
{
    size_t                          at = gather->at, end = request_end(gather);
    Catalog__MergeSightingsRequest *request = maru_arena_alloc(arena, sizeof *request);
    Catalog__ProductSightings     **products = maru_arena_alloc(arena, GATHER_PRODUCTS_MAX * sizeof *products);

    if (at == end || request == NULL || products == NULL)
        return NULL;
    *request = (Catalog__MergeSightingsRequest)CATALOG__MERGE_SIGHTINGS_REQUEST__INIT;
    request->products = products;
    for (size_t next; at < end; at = next) {
        next = product_end(gather, at, end);
        if ((products[request->n_products++] = make_product(gather, at, next, arena)) == NULL)
            return NULL;
    }
    gather->at = at;
    return request;
}
