/* normal.c: makes text Unicode NFC (normal.h). libunistring knows Unicode. */
#include "normal.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <uninorm.h>

#include "check.h"
#include "maru/shown.h"

/* A text is at most so many times as long as its NFC, and the other way round. */
enum { LONGER = 3 };

/* Below U+0300, which is cc 80, all is NFC. */
static bool is_normal(const char *text)
{
    while (*text != '\0' && (unsigned char)*text < 0xcc)
        text++;
    return *text == '\0';
}

/* False where there is no memory. What would be too long all the same is left to the checks. */
static bool make_normal(maru_call *call, char **text, size_t most)
{
    size_t   size = strlen(*text), made = LONGER * size;
    uint8_t *room, *normal;

    if (is_normal(*text) || size > LONGER * most)
        return true;
    room = maru_alloc(call, made + 1);
    normal = u8_normalize(UNINORM_NFC, (const uint8_t *)*text, size, room, &made);
    if (normal != room) {
        free(normal);
        return false;
    }
    room[made] = '\0';
    if (made != size || memcmp(room, *text, size) != 0)
        *text = (char *)room;
    return true;
}

static maru_status no_memory(maru_error *error)
{
    return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory for text as Unicode NFC");
}

/* The same key twice is no error: of those the last counts. */
static maru_status check_apart(Catalog__Product__AttributesEntry *const *entries, char *const *keys, size_t count,
                               maru_error *error)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count && keys[i] != entries[i]->key; j++)
            if (strcmp(keys[i], keys[j]) == 0 && strcmp(entries[i]->key, entries[j]->key) != 0)
                return maru_error_set(error, MARU_INVALID_ARGUMENT,
                                      "product.attributes: want keys that differ as Unicode NFC, got \"%s\" twice",
                                      maru_shown(keys[i]).text);
    return MARU_OK;
}

static maru_status normal_attributes(maru_call *call, Catalog__Product *product, maru_error *error)
{
    Catalog__Product__AttributesEntry **entries = product->attributes;
    char                               *keys[ATTRIBUTES_MAX];
    size_t                              count = product->n_attributes;
    maru_status                         status;

    if (count > ATTRIBUTES_MAX)
        return MARU_OK; /* it will be refused */
    for (size_t i = 0; i < count; i++) {
        keys[i] = entries[i]->key;
        if (!make_normal(call, &keys[i], ATTRIBUTE_KEY_MAX_BYTES) ||
            !make_normal(call, &entries[i]->value, ATTRIBUTE_VALUE_MAX_BYTES))
            return no_memory(error);
    }
    status = check_apart(entries, keys, count, error);
    for (size_t i = 0; i < count; i++)
        entries[i]->key = keys[i];
    return status;
}

static bool normal_titles(maru_call *call, Catalog__Product *product)
{
    for (size_t i = 0; i < product->n_other_titles && i < OTHER_TITLES_MAX; i++)
        if (!make_normal(call, &product->other_titles[i], TITLE_MAX_BYTES))
            return false;
    return true;
}

maru_status normal_product(maru_call *call, Catalog__Product *product, unsigned fields, maru_error *error)
{
    if ((fields & FIELD_TITLE && !make_normal(call, &product->title, TITLE_MAX_BYTES)) ||
        (fields & FIELD_DESCRIPTION && !make_normal(call, &product->description, DESCRIPTION_MAX_BYTES)) ||
        (fields & FIELD_OTHER_TITLES && !normal_titles(call, product)))
        return no_memory(error);
    return fields & FIELD_ATTRIBUTES ? normal_attributes(call, product, error) : MARU_OK;
}

maru_status normal_sightings(maru_call *call, Catalog__ProductSightings *sightings, maru_error *error)
{
    for (size_t i = 0; i < sightings->n_seen && i < SEEN_MAX; i++)
        if (!make_normal(call, &sightings->seen[i]->title, TITLE_MAX_BYTES))
            return no_memory(error);
    return MARU_OK;
}
