/* events.c: what the cart service does about the events of others (events.h). */
#include "events.h"

#include "shop/checkout.pb-c.h"
#include "store.h"

/* What was ordered is no longer about to be bought. */
static maru_status submitted(maru_txn *txn, const maru_event *event)
{
    const Checkout__OrderSubmitted *order = (const Checkout__OrderSubmitted *)event->payload;

    return store_ordered(txn, order->cart, order->cart_etag);
}

const maru_consumer cart_consumers[] = {
    {"checkout", &checkout__order_submitted__descriptor, submitted},
    {NULL, NULL, NULL},
};
