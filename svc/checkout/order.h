/* order.h: what happens to an order, in a transaction: the machine's answer is stored, said in the event log, and noted
 * in the timeline, all of it or none.
 */
#ifndef SHOP_CHECKOUT_ORDER_H
#define SHOP_CHECKOUT_ORDER_H

#include "machine.h"
#include "maru/events.h"
#include "maru/store.h"

#include "shop/checkout.pb-c.h"

/* order_get loads the record of an order. NOT_FOUND with words. In a read or a write. */
maru_status order_get(maru_txn *txn, const char *name, Checkout__OrderRecord **record);

/* order_copy copies an order. NOT_FOUND with words; of one that is known to have been made, order_made says DATA_LOSS.
 */
maru_status order_copy(maru_txn *txn, const char *name, Checkout__Order *copy);
maru_status order_made(maru_txn *txn, const char *name, Checkout__Order *copy);

/* order_begin stores a new order, which is SUBMITTED, says OrderSubmitted and begins its timeline. */
maru_status order_begin(maru_txn *txn, const Checkout__OrderRecord *record, const char *payment_token);

/* order_put writes a record that was changed. order_say says an event in the log, and notes it in the timeline. */
maru_status order_put(maru_txn *txn, const Checkout__OrderRecord *record);
maru_status order_say(maru_txn *txn, const char *order, const ProtobufCMessage *event, const char *detail);

/* order_past is when an order of the past was made; NULL: it is none. */
Google__Protobuf__Timestamp *order_past(const Checkout__Order *order);

/* order_happens applies what happened to an order. detail is for a person, and is kept where it is why the order ends;
 * it may be "". FAILED_PRECONDITION only where it refuses a cancel; NOT_FOUND. *after, where after
 * is not NULL, is the order as it is then. */
maru_status order_happens(maru_txn *txn, const char *name, enum happening what, const char *detail,
                          Checkout__Order **after);

/* The kind of the timer that waits for inventory's answer, by the order's name. It ends nothing that was answered. */
#define ORDER_STOCK_TIMER "stock-answer"

#endif
