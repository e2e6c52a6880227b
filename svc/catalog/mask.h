/* mask.h: which of a product's fields an update means. Pure. One table: bits and paths follow from it. */
#ifndef SHOP_CATALOG_MASK_H
#define SHOP_CATALOG_MASK_H

#include "maru/status.h"

#include "shop/catalog.pb-c.h"

#define FIELD_TABLE(X)                                                                                                 \
    X(TITLE, "title", 0)                                                                                               \
    X(DESCRIPTION, "description", 1)                                                                                   \
    X(PRICE, "price", 2)                                                                                               \
    X(PRICES, "prices", 3)                                                                                             \
    X(OTHER_TITLES, "other_titles", 4)                                                                                 \
    X(ATTRIBUTES, "attributes", 5)

enum {
#define X(name, path, bit) FIELD_##name = 1 << bit,
    FIELD_TABLE(X)
#undef X
};

/* mask_set is the fields of product that are set: those that are not empty. */
unsigned mask_set(const Catalog__Product *product);

/* mask_of is the fields that a request means: those that its mask names, all where it is "*" (of price and
 * prices then those that are set, as for a new product: a price alone goes on with the history, a history alone ends
 * with the price), those that are set where it is empty. INVALID_ARGUMENT,
 * in words that name it, for a path that is none of them, or where nothing is left to change. */
maru_status mask_of(const Catalog__UpdateProductRequest *request, unsigned *fields, maru_error *error);

#endif
