/* listing.h: the lists of orders, the newest first: of all, and of each customer. */
#ifndef SHOP_CHECKOUT_LISTING_H
#define SHOP_CHECKOUT_LISTING_H

#include "maru/store.h"

#include "shop/checkout.pb-c.h"

enum { LISTING_BYTES_MAX = 1 << 20 }; /* a page ends when it has that many */

/* A maru_txn_fn of a read. */
struct listing_page {
    const char                   *customer; /* "": of all */
    uint64_t                      before;   /* orders whose numbers are below; UINT64_MAX: all */
    size_t                        size;
    Checkout__ListOrdersResponse *response;
};
maru_status listing_page(maru_txn *txn, void *arg);

/* listing_add gives a new order its number, and puts it into the lists. The record is put by who made it. */
maru_status listing_add(maru_txn *txn, Checkout__OrderRecord *record);

#endif
