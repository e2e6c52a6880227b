/* parcel.h: what becomes of an order's parcel when something happens. Pure: one table.
 *
 * It is total: whatever comes early, late or twice has a row, and most of them do nothing. That an order was cancelled,
 * or that its parcel left, shipping hears of inventory as an echo of its own words, which does nothing; unless its
 * store went back to a backup of before: then that is how it knows.
 */
#ifndef SHOP_SHIPPING_PARCEL_H
#define SHOP_SHIPPING_PARCEL_H

#include <stdbool.h>

#include "shop/shipping.pb-c.h"

enum news {
    NEWS_NONE,
    NEWS_COMMITTED, /* StockCommitted: there is something to pack */
    NEWS_CAPTURED,  /* PaymentCaptured */
    NEWS_STOP,      /* OrderCancelRequested: wants an answer each time */
    NEWS_RELEASED,  /* StockReleased: the order was cancelled */
    NEWS_LEFT,      /* StockShipped: it left */
    NEWS_PACK,      /* these three by their time, or by hand */
    NEWS_DISPATCH,
    NEWS_DELIVER,
    NEWS,
};

enum word {
    WORD_NONE,
    WORD_PACKED,
    WORD_DISPATCHED,
    WORD_DELIVERED,
    WORD_CANCELLED,
    WORD_CANCEL_REFUSED,
    WORD_PACKED_DISPATCHED, /* one after the other */
};

struct verdict {
    Shipping__ShipmentState state;
    bool                    captured;
    bool                    moved; /* state or captured is another than before */
    enum word               word;  /* what is to be said; also where nothing moved */
};

/* state SHIPMENT_STATE_UNSPECIFIED: nothing was ever heard of it. */
struct verdict parcel_next(Shipping__ShipmentState state, bool captured, enum news news);

/* parcel_due is the step that is to be done next: NEWS_PACK, NEWS_DISPATCH or NEWS_DELIVER; NEWS_NONE where the parcel
 * waits for others, or is at its end. */
enum news parcel_due(Shipping__ShipmentState state, bool captured);

/* parcel_past: that step was done before: asking for it again is no mistake. */
bool parcel_past(Shipping__ShipmentState state, enum news step);

#endif
