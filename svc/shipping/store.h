/* store.h: what shipping keeps: a shipment an order.
 *
 * All errors have words. Memory is the transaction's.
 */
#ifndef SHOP_SHIPPING_STORE_H
#define SHOP_SHIPPING_STORE_H

#include "maru/store.h"

#include "shop/shipping.pb-c.h"

enum { STORE_VERSION = 1, PAGE_BYTES_MAX = 1 << 20 };
extern const maru_table *const shipping_tables[];

/* store_get gets an order's; one that was never heard of has no state. store_put sets its update_time. */
maru_status store_get(maru_txn *txn, const char *order, Shipping__Shipment **shipment);
maru_status store_put(maru_txn *txn, Shipping__Shipment *shipment);

/* The functions of reads (maru_txn_fn). */

struct store_one {
    const char         *order;
    Shipping__Shipment *response;
};

/* NOT_FOUND where nothing was ever heard of it. */
maru_status store_one(maru_txn *txn, void *arg);

/* Shipments after an order in order of name ("": from the first), at most size, and PAGE_BYTES_MAX together (but one at
 * least, where there is one). */
struct store_page {
    const char                      *after;
    size_t                           size;
    Shipping__ListShipmentsResponse *response;
};

maru_status store_page(maru_txn *txn, void *arg);

#endif
