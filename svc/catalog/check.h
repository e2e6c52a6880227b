/* check.h: what a product may hold. Pure: messages in, a verdict out.
 *
 * Every check is OK, or INVALID_ARGUMENT with one line in error that opens with the field's path and says what was
 * wanted and what came. Strings are UTF-8 and messages are whole: the library saw to that before.
 */
#ifndef SHOP_CATALOG_CHECK_H
#define SHOP_CATALOG_CHECK_H

#include "maru/status.h"

#include "mask.h"
#include "shop/catalog.pb-c.h"

enum {
    NAME_MAX_CHARS = 64, /* after "products/" */
    TITLE_MAX_BYTES = 300,
    DESCRIPTION_MAX_BYTES = 10000,
    PRICES_MAX = 1000,
    OTHER_TITLES_MAX = 100,
    ATTRIBUTES_MAX = 100,
    ATTRIBUTE_KEY_MAX_BYTES = 64,
    ATTRIBUTE_VALUE_MAX_BYTES = 1000,
    BATCH_MAX = 1000,   /* names or products in one request */
    SEEN_MAX = 1000,    /* pairs of title and price of one product: in a request, and kept */
    TIMES_MAX = 200000, /* of one pair in a request, and kept of one product: what is stored is read in one piece */
};
#define PRICE_MAX INT64_C(1000000000000)
#define TIME_MAX  INT64_C(253402300799) /* the end of year 9999 */

maru_status check_name(const char *field, const char *name, maru_error *error);
maru_status check_new_name(const char *field, const char *name, maru_error *error); /* of what is made */

/* check_fields looks at those of product's fields that are in fields (bits of mask.h). */
maru_status check_fields(const Catalog__Product *product, unsigned fields, maru_error *error);

/* check_same_currency wants after in the currency of before; either may be NULL. */
maru_status check_same_currency(const char *field, const Shop__Money *before, const Shop__Money *after,
                                maru_error *error);

/* check_sightings looks at one product of a MergeSightingsRequest, the index-th. */
maru_status check_sightings(const Catalog__ProductSightings *sightings, size_t index, maru_error *error);

#endif
