/* reservation.h: what becomes of an order's reservation when something happens. Pure: one table.
 *
 * It is total: whatever comes early, late or twice has a row, and most of them do nothing. What never comes if others
 * do as they say (goods that left for a cancelled order, say) does nothing either, and is told by odd.
 */
#ifndef SHOP_INVENTORY_RESERVATION_H
#define SHOP_INVENTORY_RESERVATION_H

#include <stdbool.h>

#include "shop/inventory.pb-c.h"

/* Where a reservation stands: its state, and of RELEASED whether it only ran out. */
#define RESERVATION_STAGES(X)                                                                                          \
    X(UNKNOWN, RESERVATION_STATE_UNSPECIFIED, false)                                                                   \
    X(RESERVED, RESERVED, false)                                                                                       \
    X(COMMITTED, COMMITTED, false)                                                                                     \
    X(SHIPPED_OUT, SHIPPED_OUT, false)                                                                                 \
    X(RELEASED, RELEASED, false)                                                                                       \
    X(EXPIRED, RELEASED, true)                                                                                         \
    X(REJECTED, REJECTED, false)                                                                                       \
    X(FORESTALLED, FORESTALLED, false)

/* What can happen: events of checkout and shipping, and the time that runs out. */
#define RESERVATION_NEWS(X)                                                                                            \
    X(SUBMITTED, "OrderSubmitted")                                                                                     \
    X(CONFIRMED, "OrderConfirmed")                                                                                     \
    X(CANCELLED, "OrderCancelled")                                                                                     \
    X(DISPATCHED, "ShipmentDispatched")                                                                                \
    X(RAN_OUT, "the end of its time")

enum stage {
#define X(name, state, expired) STAGE_##name,
    RESERVATION_STAGES(X)
#undef X
        STAGES
};

enum news {
#define X(name, words) NEWS_##name,
    RESERVATION_NEWS(X)
#undef X
        NEWS
};

/* What is to be done to the stock of the goods; what is to be said (an event). */
enum deed { DEED_NONE, DEED_RESERVE, DEED_RELEASE, DEED_SHIP };
enum word { WORD_NONE, WORD_RESERVED, WORD_REJECTED, WORD_COMMITTED, WORD_RELEASED, WORD_SHIPPED };

struct verdict {
    enum stage stage; /* from now on; the one before where nothing is to be done */
    enum deed  deed;
    enum word  word;
    bool       odd; /* by the flow of orders it cannot be */
};

enum stage reservation_stage(const Inventory__Reservation *reservation);
void       reservation_set_stage(Inventory__Reservation *reservation, enum stage stage);
/* reservation_live: its goods count into what is reserved. */
bool        reservation_live(enum stage stage);
const char *reservation_news_name(enum news news);
const char *reservation_stage_name(enum stage stage);

/* reservation_next: enough says whether all goods are available, and matters only where they would be reserved. */
struct verdict reservation_next(enum stage stage, enum news news, bool enough);

#endif
