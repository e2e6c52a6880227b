/* order.h: what news of an order does to its reservation, to the stock, and to the log. In one transaction: all of it,
 * or nothing.
 */
#ifndef SHOP_INVENTORY_ORDER_H
#define SHOP_INVENTORY_ORDER_H

#include "goods.h"
#include "maru/store.h"
#include "reservation.h"

#define ORDER_TIMER "expire-reservation" /* its name is the order's */

/* order_news: goods are what the order wants, each product once; they matter where nothing is known of it yet, and may
 * be NULL else. News that fit nothing are OK, and do nothing. */
maru_status order_news(maru_txn *txn, const char *order, enum news news, const struct goods *goods);

/* order_left: what comes back of an order of the past has left, whether or not that was heard yet: checkout says
 * OrderReturned once it heard StockShipped, so where it is kept here this store went back to a backup. */
maru_status order_left(maru_txn *txn, const char *order);

#endif
