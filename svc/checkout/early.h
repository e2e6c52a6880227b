/* early.h: what others said of orders of the past that are not here, though they were: this store went back to a
 * backup. An import that is made again makes them again, under their names; what others did for them they do not do
 * twice, and do not say twice. So it is kept until then; for good where the key of names is another, 1.2 kB an order.
 */
#ifndef SHOP_CHECKOUT_EARLY_H
#define SHOP_CHECKOUT_EARLY_H

#include "machine.h"
#include "maru/events.h"
#include "maru/store.h"

#include "shop/checkout.pb-c.h"

/* early_keep keeps what an event says about an order that can't hear it yet: one that is not here, if it may be made
 * again, or one that waits to be confirmed, whose parcel left. */
maru_status early_keep(maru_txn *txn, const maru_event *event, enum happening what, const char *detail);

/* early_take is what was kept of an order, and it is kept no longer: in the order in which it was kept, where a version
 * that was said again in other words stands in the place of the first. That is no order of what happened: the logs of
 * others are read side by side. NOT_FOUND, without words, where nothing was. */
maru_status early_take(maru_txn *txn, const char *order, Checkout__EarlyNews **news);

#endif
