/* inventory.h: the inventory service: its state, its methods, and what it does about the events of others.
 * proto/shop/inventory.proto says what each method does. */
#ifndef SHOP_INVENTORY_H
#define SHOP_INVENTORY_H

#include "maru/events.h"
#include "maru/store.h"

#include "shop/inventory.maru.h"

#define RESERVE_MS INT64_C(900000) /* how long an order is kept goods for, until it is confirmed: 15 minutes */

/* All of it is open before the first call and closed after the last. reserve_ms is also read by the functions of events
 * and timers: set before the first of them, and never after. */
struct inventory_service {
    maru_store *store;
    int64_t     reserve_ms;
};

extern const inventory_handlers inventory_methods;
extern const maru_consumer      inventory_consumers[];
extern const maru_timer         inventory_timers[];

#endif
