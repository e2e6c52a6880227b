/* found.c: see found.h.
 *
 * A place is one word: 8 bits of the hash, 9 of the key's size, 12 of the value's size, and 35 of where the key begins,
 * in steps of 2 bytes from 32 GiB before the middle, which is the first key that was noted in this snapshot. No place
 * is 0, since a key has a size.
 */
#include "store/found.h"

#include <stdlib.h>
#include <string.h>

enum {
    LINE_BYTES = 64,
    WHERE_BITS = 35,
    VALUE_BITS = 12,
    KEY_BITS = 9,
    STEP = 2,
};

#define WHERE_MIDDLE (INT64_C(1) << (WHERE_BITS - 1))

_Static_assert(sizeof(found_line) == LINE_BYTES, "a look is at one line of the cache");
_Static_assert(RECORD_KEY_MAX < 1 << KEY_BITS, "the size of any key");

void found_free(found *f)
{
    free(f->memory);
    *f = (found){0};
}

/* Fresh memory of this size comes from the system zeroed and page by page as it is used, which aligned_alloc's does not
 * promise. */
static void take_lines(found *f)
{
    if ((f->memory = calloc(FOUND_LINES + 1, sizeof *f->lines)) != NULL)
        f->lines = (found_line *)(((uintptr_t)f->memory + LINE_BYTES - 1) & ~(uintptr_t)(LINE_BYTES - 1));
}

void found_in(found *f, uint64_t snapshot)
{
    if (snapshot == f->snapshot)
        return;
    f->snapshot = snapshot;
    f->middle = NULL;
    if (f->lines == NULL)
        take_lines(f);
}

/* A checksum's bits, which are what keys that count up differ in, are spread. */
static uint64_t spread(uint32_t hash)
{
    return hash * UINT64_C(0x9e3779b97f4a7c15);
}

static found_line *line_of(const found *f, uint64_t spread_hash)
{
    return f->lines + (spread_hash >> 32) % FOUND_LINES;
}

/* What a place says of its key: all but where it lies and the size of the value. */
static uint64_t label_of(const record_key *key, uint64_t spread_hash)
{
    return (spread_hash >> 56) << KEY_BITS | key->size;
}

static const uint8_t *key_at(const found *f, uint64_t place)
{
    int64_t where = (int64_t)(place & ((UINT64_C(1) << WHERE_BITS) - 1)) - WHERE_MIDDLE;

    return f->middle + where * STEP;
}

const uint8_t *found_get(const found *f, const record_key *key, uint32_t hash, size_t *size)
{
    uint64_t          spread_hash = spread(hash), label = label_of(key, spread_hash);
    const found_line *line;

    if (f->middle == NULL || (line = line_of(f, spread_hash))->snapshot != f->snapshot)
        return NULL;
    for (int i = 0; i < FOUND_PLACES && line->places[i] != 0; i++) {
        uint64_t       place = line->places[i];
        const uint8_t *at;

        if (place >> (WHERE_BITS + VALUE_BITS) != label)
            continue;
        at = key_at(f, place);
        if (memcmp(at, key->bytes, key->size) != 0)
            continue;
        *size = place >> WHERE_BITS & ((1u << VALUE_BITS) - 1);
        return at + key->size;
    }
    return NULL;
}

/* Steps from the middle, in *where; false where they do not fit. */
static bool steps_to(const found *f, const uint8_t *at, uint64_t *where)
{
    int64_t away = (int64_t)((uintptr_t)at - (uintptr_t)f->middle);

    *where = (uint64_t)(away / STEP + WHERE_MIDDLE);
    return away % STEP == 0 && away / STEP >= -WHERE_MIDDLE && away / STEP < WHERE_MIDDLE;
}

static uint64_t *place_for(found *f, found_line *line)
{
    if (line->snapshot != f->snapshot)
        *line = (found_line){.snapshot = f->snapshot};
    for (int i = 0; i < FOUND_PLACES; i++)
        if (line->places[i] == 0)
            return &line->places[i];
    return &line->places[f->turn++ % FOUND_PLACES];
}

void found_put(found *f, const record_key *key, uint32_t hash, const uint8_t *value, size_t size)
{
    uint64_t       spread_hash = spread(hash), where;
    const uint8_t *at = value - key->size;

    if (f->lines == NULL || size >= 1u << VALUE_BITS || memcmp(at, key->bytes, key->size) != 0)
        return;
    if (f->middle == NULL)
        f->middle = at;
    if (steps_to(f, at, &where))
        *place_for(f, line_of(f, spread_hash)) =
            label_of(key, spread_hash) << (WHERE_BITS + VALUE_BITS) | (uint64_t)size << WHERE_BITS | where;
}
