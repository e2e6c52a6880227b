/* order.h: names of orders, and the keys under which the provider is asked about them. Pure.
 *
 * A key follows from the order and what is asked, and from nothing else: whatever is lost on the way, and even where a
 * store was brought back from a backup, the same thing is asked under the same key.
 */
#ifndef SHOP_PAYMENT_ORDER_H
#define SHOP_PAYMENT_ORDER_H

#include <stdbool.h>
#include <stddef.h>

enum { ORDER_NAME_MAX = 160, ORDER_KEY_MAX = 200 };

/* order_is_name: "orders/" and an id (maru/name.h), of at most ORDER_NAME_MAX bytes. */
bool order_is_name(const char *name);

typedef enum order_ask { ORDER_AUTHORIZE, ORDER_CAPTURE, ORDER_VOID, ORDER_REFUND } order_ask;

/* order_key writes authorize:ORDER and so on; a refund, whose number counts from 1, is refund:ORDER:NUMBER. They do not
 * begin as an order's name does: the provider's events are about its authorisations, not about orders. */
void order_key(const char *order, order_ask ask, unsigned number, char key[static ORDER_KEY_MAX + 1]);

/* order_of_key finds the order of a key of ours: false where it is none. number is 0 but for a refund. */
bool order_of_key(const char *key, char order[static ORDER_NAME_MAX + 1], order_ask *ask, unsigned *number);

#endif
