/* timeline.h: what happened to an order, as far as checkout heard: one record of an order, which grows. */
#ifndef SHOP_CHECKOUT_TIMELINE_H
#define SHOP_CHECKOUT_TIMELINE_H

#include "maru/events.h"
#include "maru/store.h"

#include "shop/checkout.pb-c.h"

/* timeline_add puts an event, of others or of ours, at the end of its aggregate's timeline. In a write. */
maru_status timeline_add(maru_txn *txn, const maru_event *event, const char *detail);

/* timeline_note puts it into a timeline that is not written yet, and returns where: a version that is said again in
 * other words takes the place of the first. */
size_t timeline_note(maru_txn *txn, Checkout__Timeline *timeline, const maru_event *event, const char *detail);

/* A maru_txn_fn of a read: NOT_FOUND where there is no such order. arg: the response, whose order says whose. */
maru_status timeline_get(maru_txn *txn, void *arg);

/* timeline_waits fills in how long each entry came after its cause; or, where that is not there (a call, a timer),
 * after the first entry. Never below 0, though clocks may differ. Pure. */
void timeline_waits(Checkout__Timeline *timeline);

#endif
