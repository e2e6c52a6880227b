/* catalog.h: the catalogue service: its state and its methods. proto/shop/catalog.proto says what each does. */
#ifndef SHOP_CATALOG_H
#define SHOP_CATALOG_H

#include "maru/store.h"

#include "shop/catalog.maru.h"

/* All of it is open before the first call and closed after the last. */
struct catalog_service {
    maru_store *store;
};

extern const catalog_handlers catalog_methods;

#endif
