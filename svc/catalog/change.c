/* change.c: how a stored product changes (change.h). */
#include "change.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "maru/hash.h"

enum { NS_PER_S = 1000000000 };

static Google__Protobuf__Timestamp *make_time(maru_arena *arena, int64_t seconds, int32_t nanos)
{
    Google__Protobuf__Timestamp *time = maru_arena_alloc(arena, sizeof *time);

    if (time == NULL)
        return NULL;
    *time = (Google__Protobuf__Timestamp)GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    time->seconds = seconds;
    time->nanos = nanos;
    return time;
}

Google__Protobuf__Timestamp *change_time(maru_arena *arena, int64_t now_ns)
{
    return make_time(arena, now_ns / NS_PER_S, (int32_t)(now_ns % NS_PER_S));
}

/* The time of a new entry of the history: now, or just after the last one where the clock is behind that. */
static Google__Protobuf__Timestamp *time_after(maru_arena *arena, const Catalog__Product *product, int64_t now_ns)
{
    Google__Protobuf__Timestamp *last = product->n_prices == 0 ? NULL : product->prices[product->n_prices - 1]->since;
    int64_t                      seconds = now_ns / NS_PER_S;
    int32_t                      nanos = (int32_t)(now_ns % NS_PER_S);

    if (last == NULL || seconds > last->seconds || (seconds == last->seconds && nanos > last->nanos))
        return make_time(arena, seconds, nanos);
    if (last->nanos + 1 == NS_PER_S)
        return make_time(arena, last->seconds + 1, 0);
    return make_time(arena, last->seconds, last->nanos + 1);
}

/* Appends to the history; the oldest entry leaves where there is no more room. */
static bool note_price(maru_arena *arena, Catalog__Product *product, Shop__Money *money, int64_t now_ns)
{
    size_t           keep = product->n_prices < PRICES_MAX ? product->n_prices : PRICES_MAX - 1;
    Catalog__Price  *price = maru_arena_alloc(arena, sizeof *price);
    Catalog__Price **prices = maru_arena_alloc(arena, (keep + 1) * sizeof *prices);

    if (price == NULL || prices == NULL)
        return false;
    *price = (Catalog__Price)CATALOG__PRICE__INIT;
    price->price = money;
    price->since = time_after(arena, product, now_ns);
    if (keep > 0)
        memcpy(prices, product->prices + product->n_prices - keep, keep * sizeof *prices);
    prices[keep] = price;
    product->prices = prices;
    product->n_prices = keep + 1;
    return price->since != NULL;
}

static bool change_price(maru_arena *arena, Catalog__Product *product, Shop__Money *money, int64_t now_ns)
{
    bool same = product->price != NULL && product->price->minor == money->minor &&
                strcmp(product->price->currency, money->currency) == 0;

    product->price = money;
    return same || note_price(arena, product, money, now_ns);
}

static void change_prices(Catalog__Product *product, const Catalog__Product *wanted)
{
    product->prices = wanted->prices;
    product->n_prices = wanted->n_prices;
    product->price = wanted->prices[wanted->n_prices - 1]->price;
}

static int compare_entries(const void *a, const void *b)
{
    const Catalog__Product__AttributesEntry *left = *(Catalog__Product__AttributesEntry *const *)a;
    const Catalog__Product__AttributesEntry *right = *(Catalog__Product__AttributesEntry *const *)b;

    return strcmp(left->key, right->key);
}

/* Maps have no order on the wire: stored in that of their keys, the same attributes are the same bytes. Of a key
 * that comes twice, the last counts, as protobuf says. */
static bool change_attributes(maru_arena *arena, Catalog__Product *product, const Catalog__Product *wanted)
{
    size_t                              size = wanted->n_attributes * sizeof(Catalog__Product__AttributesEntry *);
    Catalog__Product__AttributesEntry **entries = maru_arena_alloc(arena, size + 1);
    size_t                              count = 0;

    if (entries == NULL)
        return false;
    for (size_t i = 0; i < wanted->n_attributes; i++) {
        size_t at = 0;

        while (at < count && strcmp(entries[at]->key, wanted->attributes[i]->key) != 0)
            at++;
        entries[at] = wanted->attributes[i];
        count += at == count;
    }
    qsort(entries, count, sizeof entries[0], compare_entries);
    product->attributes = entries;
    product->n_attributes = count;
    return true;
}

bool change_fields(maru_arena *arena, Catalog__Product *product, const Catalog__Product *wanted, unsigned fields,
                   int64_t now_ns)
{
    if (fields & FIELD_TITLE)
        product->title = wanted->title;
    if (fields & FIELD_DESCRIPTION)
        product->description = wanted->description;
    if (fields & FIELD_OTHER_TITLES) {
        product->other_titles = wanted->other_titles;
        product->n_other_titles = wanted->n_other_titles;
    }
    if (fields & FIELD_ATTRIBUTES && !change_attributes(arena, product, wanted))
        return false;
    if (fields & FIELD_PRICES)
        change_prices(product, wanted);
    else if (fields & FIELD_PRICE)
        return change_price(arena, product, wanted->price, now_ns);
    return true;
}

struct change_bytes change_pack(maru_arena *arena, const Catalog__Product *product)
{
    size_t              size = protobuf_c_message_get_packed_size(&product->base);
    struct change_bytes bytes = {.data = maru_arena_alloc(arena, size + 1), .size = size};

    if (bytes.data != NULL)
        protobuf_c_message_pack(&product->base, bytes.data);
    return bytes;
}

bool change_differs(struct change_bytes a, struct change_bytes b)
{
    return a.size != b.size || memcmp(a.data, b.data, a.size) != 0;
}

bool change_stamp(maru_arena *arena, Catalog__Product *product, int64_t now_ns)
{
    struct change_bytes bytes;

    if ((product->update_time = change_time(arena, now_ns)) == NULL)
        return false;
    bytes = change_pack(arena, product);
    if (bytes.data == NULL)
        return false;
    product->etag = maru_arena_printf(arena, "%016" PRIx64, maru_hash64(bytes.data, bytes.size));
    return product->etag != NULL;
}

bool change_is_by_hand(const Catalog__Evidence *evidence, const char *field)
{
    for (size_t i = 0; i < evidence->n_by_hand; i++)
        if (strcmp(evidence->by_hand[i], field) == 0)
            return true;
    return false;
}

bool change_by_hand(maru_arena *arena, Catalog__Evidence *evidence, unsigned fields, bool *changed)
{
    static const struct {
        unsigned    fields;
        const char *mark;
    } marks[] = {{FIELD_TITLE, "title"}, {FIELD_PRICE | FIELD_PRICES, "prices"}, {FIELD_OTHER_TITLES, "other_titles"}};
    size_t before = evidence->n_by_hand;
    char **by_hand = maru_arena_alloc(arena, (before + sizeof marks / sizeof marks[0]) * sizeof *by_hand);

    if (by_hand == NULL)
        return false;
    if (before > 0)
        memcpy(by_hand, evidence->by_hand, before * sizeof *by_hand);
    evidence->by_hand = by_hand;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (fields & marks[i].fields && !change_is_by_hand(evidence, marks[i].mark))
            by_hand[evidence->n_by_hand++] = (char *)marks[i].mark;
    *changed = evidence->n_by_hand > before;
    return true;
}
