/* order.h: what news of an order does to its shipment, to the log, and to the timers. In one transaction: all of it, or
 * nothing.
 */
#ifndef SHOP_SHIPPING_ORDER_H
#define SHOP_SHIPPING_ORDER_H

#include "maru/events.h"
#include "parcel.h"

/* order_news: stock is what NEWS_COMMITTED tells, and of NEWS_LEFT the goods; else NULL. News that fit nothing are OK,
 * and do nothing. Steps that are due at once by the settings are done with it. */
maru_status order_news(maru_txn *txn, const char *order, enum news news, const Inventory__StockCommitted *stock);

/* A step by hand (a maru_txn_fn of a write). NOT_FOUND where there is no such shipment; FAILED_PRECONDITION where it is
 * not the step's turn; one that is past leaves all as it is. */
struct order_mark {
    const char         *order;
    enum news           step;
    Shipping__Shipment *response;
};

maru_status order_mark(maru_txn *txn, void *arg);

#endif
