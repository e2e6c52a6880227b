/* returns.h: goods of an order that come back. In one transaction: all of them, or nothing. */
#ifndef SHOP_INVENTORY_RETURNS_H
#define SHOP_INVENTORY_RETURNS_H

#include "goods.h"
#include "maru/events.h"
#include "maru/store.h"

/* returns_take puts goods that left for an order back on hand, notes them with its reservation, and says StockReturned.
 * FAILED_PRECONDITION where they did not leave, or that many came back before: who says so is wrong. */
maru_status returns_take(maru_txn *txn, const char *order, const struct goods *goods);

#endif
