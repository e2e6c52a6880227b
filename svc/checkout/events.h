/* events.h: what checkout does about the events of others, and when a time is up. */
#ifndef SHOP_CHECKOUT_EVENTS_H
#define SHOP_CHECKOUT_EVENTS_H

#include "maru/events.h"

extern const maru_consumer checkout_consumers[];
extern const maru_timer    checkout_timers[];

/* events_catch_up lets a new order of the past hear what others said of its name before: this store went back to a
 * backup of before it, and they do not say it again. */
maru_status events_catch_up(maru_txn *txn, const char *order);

#endif
