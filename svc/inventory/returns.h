/* returns.h: goods of an order that come back. In one transaction: all of them, or nothing. */
#ifndef SHOP_INVENTORY_RETURNS_H
#define SHOP_INVENTORY_RETURNS_H

#include "goods.h"
#include "maru/events.h"
#include "maru/store.h"

/* returns_take puts goods that left for an order back on hand, notes them with its reservation, and says StockReturned.
 * Where an order of the past still waits to hear that they left, they are kept in early until then. FAILED_PRECONDITION
 * where they do not leave, or that many came back before: who says so is wrong. */
maru_status returns_take(maru_txn *txn, const char *order, const struct goods *goods);

/* returns_shipped does what came early, now that the goods have left: reservation is SHIPPED_OUT, written and said. */
maru_status returns_shipped(maru_txn *txn, Inventory__Reservation *reservation);

#endif
