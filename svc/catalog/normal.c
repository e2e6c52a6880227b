/* normal.c: makes text Unicode NFC (normal.h). libunistring knows Unicode. */
#include "normal.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <uninorm.h>

#include "check.h"
#include "maru/shown.h"

/* How many times its bound a text may be long as it comes in, which bounds what is spent on one. NFC may be shorter
 * still (U+1FBE U+0308 U+0341 are 7 bytes, and 2 as NFC): what is longer as it comes in is refused all the same. */
enum { LONGER = 3 };

/* Below U+0300, which is cc 80, all is NFC. */
static bool is_normal(const char *text)
{
    while (*text != '\0' && (unsigned char)*text < 0xcc)
        text++;
    return *text == '\0';
}

static maru_status no_memory(maru_error *error)
{
    return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory for text as Unicode NFC");
}

/* What is NFC as it comes in takes nothing of the call's memory. most: bytes of the NFC, which the checks look at. */
static maru_status make_normal(maru_call *call, const char *field, char **text, size_t most, maru_error *error)
{
    size_t   size = strlen(*text), made = 0;
    uint8_t *normal;
    char    *kept = *text;

    if (is_normal(*text))
        return MARU_OK;
    if (size > LONGER * most)
        return maru_error_set(error, MARU_INVALID_ARGUMENT,
                              "%s: want at most %zu bytes as Unicode NFC and %zu before that, got %zu", field, most,
                              LONGER * most, size);
    if ((normal = u8_normalize(UNINORM_NFC, (const uint8_t *)*text, size, NULL, &made)) == NULL)
        return no_memory(error);
    if (made != size || memcmp(normal, *text, size) != 0) {
        /* Not maru_alloc, which might end the call here, where normal would be left behind. */
        if ((kept = maru_arena_alloc(maru_call_arena(call), made + 1)) != NULL) {
            memcpy(kept, normal, made);
            kept[made] = '\0';
        }
    }
    free(normal);
    if (kept == NULL)
        return no_memory(error);
    *text = kept;
    return MARU_OK;
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
    maru_status                         status = MARU_OK;

    if (count > ATTRIBUTES_MAX)
        return MARU_OK; /* it will be refused */
    for (size_t i = 0; i < count && status == MARU_OK; i++) {
        keys[i] = entries[i]->key;
        status = make_normal(call, "product.attributes key", &keys[i], ATTRIBUTE_KEY_MAX_BYTES, error);
        if (status == MARU_OK)
            status = make_normal(call, "product.attributes", &entries[i]->value, ATTRIBUTE_VALUE_MAX_BYTES, error);
    }
    if (status == MARU_OK)
        status = check_apart(entries, keys, count, error);
    for (size_t i = 0; i < count && status == MARU_OK; i++)
        entries[i]->key = keys[i];
    return status;
}

static maru_status normal_titles(maru_call *call, Catalog__Product *product, maru_error *error)
{
    maru_status status = MARU_OK;

    for (size_t i = 0; i < product->n_other_titles && i < OTHER_TITLES_MAX && status == MARU_OK; i++)
        status = make_normal(call, "product.other_titles", &product->other_titles[i], TITLE_MAX_BYTES, error);
    return status;
}

maru_status normal_product(maru_call *call, Catalog__Product *product, unsigned fields, maru_error *error)
{
    maru_status status = MARU_OK;

    if (fields & FIELD_TITLE)
        status = make_normal(call, "product.title", &product->title, TITLE_MAX_BYTES, error);
    if (status == MARU_OK && fields & FIELD_DESCRIPTION)
        status = make_normal(call, "product.description", &product->description, DESCRIPTION_MAX_BYTES, error);
    if (status == MARU_OK && fields & FIELD_OTHER_TITLES)
        status = normal_titles(call, product, error);
    return status == MARU_OK && fields & FIELD_ATTRIBUTES ? normal_attributes(call, product, error) : status;
}

maru_status normal_sightings(maru_call *call, Catalog__ProductSightings *sightings, maru_error *error)
{
    maru_status status = MARU_OK;

    for (size_t i = 0; i < sightings->n_seen && i < SEEN_MAX && status == MARU_OK; i++)
        status = make_normal(call, "products: seen: title", &sightings->seen[i]->title, TITLE_MAX_BYTES, error);
    return status;
}
