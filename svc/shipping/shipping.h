/* shipping.h: the shipping service: its state, its methods, and what it does about the events of others.
 * proto/shop/shipping.proto says what each method does. */
#ifndef SHOP_SHIPPING_H
#define SHOP_SHIPPING_H

#include "maru/events.h"
#include "maru/store.h"

#include "shop/shipping.maru.h"

/* How long a parcel waits for each step, in ms: 0 at once, below 0 until it is done by hand. */
enum { PACK_MS = 1000, DISPATCH_MS = 0, DELIVER_MS = 2000 };

/* All of it is open before the first call and closed after the last. The waits are also read by the functions of events
 * and timers: set before the first of them, and never after. */
struct shipping_service {
    maru_store *store;
    int64_t     pack_ms;     /* after the stock was committed */
    int64_t     dispatch_ms; /* after the money was captured */
    int64_t     deliver_ms;  /* after it was dispatched */
};

extern const shipping_handlers shipping_methods;
extern const maru_consumer     shipping_consumers[];
extern const maru_timer        shipping_timers[];

#endif
