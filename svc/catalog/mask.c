/* mask.c: which of a product's fields an update means (mask.h). */
#include "mask.h"

#include <string.h>

#include "maru/shown.h"

#define X(name, path, bit) " " path
static const char FIELD_PATHS[] = "" FIELD_TABLE(X);
#undef X

static unsigned field_of(const char *path)
{
#define X(name, text, bit)                                                                                             \
    if (strcmp(path, text) == 0)                                                                                       \
        return FIELD_##name;
    FIELD_TABLE(X)
#undef X
    return 0;
}

unsigned mask_set(const Catalog__Product *product)
{
    unsigned set = 0;

    set |= product->title[0] != '\0' ? FIELD_TITLE : 0;
    set |= product->description[0] != '\0' ? FIELD_DESCRIPTION : 0;
    set |= product->price != NULL ? FIELD_PRICE : 0;
    set |= product->n_prices > 0 ? FIELD_PRICES : 0;
    set |= product->n_other_titles > 0 ? FIELD_OTHER_TITLES : 0;
    set |= product->n_attributes > 0 ? FIELD_ATTRIBUTES : 0;
    return set;
}

/* Of the price and its history one may stand for both, as in a new product: a history ends with the price. */
static unsigned all_fields(const Catalog__Product *product)
{
    unsigned always = FIELD_TITLE | FIELD_DESCRIPTION | FIELD_OTHER_TITLES | FIELD_ATTRIBUTES;
    unsigned prices = mask_set(product) & (FIELD_PRICE | FIELD_PRICES);

    return always | (prices != 0 ? prices : FIELD_PRICE);
}

static maru_status named_fields(const Catalog__UpdateProductRequest *request, unsigned *fields, maru_error *error)
{
    const Google__Protobuf__FieldMask *mask = request->update_mask;

    for (size_t i = 0; i < mask->n_paths; i++) {
        unsigned field = strcmp(mask->paths[i], "*") == 0 ? all_fields(request->product) : field_of(mask->paths[i]);

        if (field == 0)
            return maru_error_set(error, MARU_INVALID_ARGUMENT, "update_mask: want some of%s, or *, got \"%s\"",
                                  FIELD_PATHS, maru_shown(mask->paths[i]).text);
        *fields |= field;
    }
    return MARU_OK;
}

maru_status mask_of(const Catalog__UpdateProductRequest *request, unsigned *fields, maru_error *error)
{
    *fields = 0;
    if (request->update_mask != NULL && request->update_mask->n_paths > 0)
        return named_fields(request, fields, error);
    *fields = mask_set(request->product);
    if (*fields == 0)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "product: want a field to change, some of%s, got none",
                              FIELD_PATHS);
    return MARU_OK;
}
