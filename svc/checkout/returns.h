/* returns.h: what came back of orders of the past. A return is noted with its order at once, and said in the log when
 * the order is COMPLETED and its goods were heard to have left: so whoever hears of it has shipped and was paid before.
 */
#ifndef SHOP_CHECKOUT_RETURNS_H
#define SHOP_CHECKOUT_RETURNS_H

#include "maru/store.h"

#include "shop/checkout.pb-c.h"

enum { RETURNS_MAX = 100 }; /* of an order: as many as payment gives back */

/* returns_shipped notes that an order's goods left. */
maru_status returns_shipped(maru_txn *txn, Checkout__OrderRecord *record);

/* returns_say says what waits, if it is time. */
maru_status returns_say(maru_txn *txn, const char *order);

#endif
