/* order.c: what news of an order does (order.h). What becomes of the parcel is parcel.c's to say; here it is done. */
#include "order.h"

#include <inttypes.h>
#include <stdio.h>

#include "google/protobuf/empty.pb-c.h"
#include "shipping.h"
#include "store.h"

enum { TRACKING_SIZE = 2 + 16 + 1 };

/* ---- what is said ---- */

static maru_status say_packed(maru_txn *txn, const Shipping__Shipment *shipment)
{
    Shipping__ShipmentPacked event = SHIPPING__SHIPMENT_PACKED__INIT;

    event.order = shipment->order;
    return maru_emit(txn, event.order, &event.base);
}

static maru_status say_dispatched(maru_txn *txn, const Shipping__Shipment *shipment)
{
    Shipping__ShipmentDispatched event = SHIPPING__SHIPMENT_DISPATCHED__INIT;

    event.order = shipment->order;
    event.tracking = shipment->tracking;
    return maru_emit(txn, event.order, &event.base);
}

static maru_status say_delivered(maru_txn *txn, const Shipping__Shipment *shipment)
{
    Shipping__ShipmentDelivered event = SHIPPING__SHIPMENT_DELIVERED__INIT;

    event.order = shipment->order;
    return maru_emit(txn, event.order, &event.base);
}

static maru_status say_cancelled(maru_txn *txn, const Shipping__Shipment *shipment)
{
    Shipping__ShipmentCancelled event = SHIPPING__SHIPMENT_CANCELLED__INIT;

    event.order = shipment->order;
    return maru_emit(txn, event.order, &event.base);
}

static maru_status say_refused(maru_txn *txn, const Shipping__Shipment *shipment)
{
    Shipping__ShipmentCancelRefused event = SHIPPING__SHIPMENT_CANCEL_REFUSED__INIT;

    event.order = shipment->order;
    return maru_emit(txn, event.order, &event.base);
}

static maru_status say(maru_txn *txn, const Shipping__Shipment *shipment, enum word word)
{
    maru_status status;

    switch (word) {
    case WORD_NONE:
        return MARU_OK;
    case WORD_PACKED:
        return say_packed(txn, shipment);
    case WORD_DISPATCHED:
        return say_dispatched(txn, shipment);
    case WORD_PACKED_DISPATCHED:
        status = say_packed(txn, shipment);
        return status == MARU_OK ? say_dispatched(txn, shipment) : status;
    case WORD_DELIVERED:
        return say_delivered(txn, shipment);
    case WORD_CANCELLED:
        return say_cancelled(txn, shipment);
    case WORD_CANCEL_REFUSED:
        return say_refused(txn, shipment);
    }
    return MARU_OK;
}

/* ---- timers of the steps ---- */

static maru_status pack_now(maru_txn *txn, const char *name, const ProtobufCMessage *payload)
{
    return order_news(txn, name, NEWS_PACK, NULL);
}

static maru_status dispatch_now(maru_txn *txn, const char *name, const ProtobufCMessage *payload)
{
    return order_news(txn, name, NEWS_DISPATCH, NULL);
}

static maru_status deliver_now(maru_txn *txn, const char *name, const ProtobufCMessage *payload)
{
    return order_news(txn, name, NEWS_DELIVER, NULL);
}

/* In order of NEWS_PACK, NEWS_DISPATCH, NEWS_DELIVER. */
const maru_timer shipping_timers[] = {
    {"pack", &google__protobuf__empty__descriptor, pack_now},
    {"dispatch", &google__protobuf__empty__descriptor, dispatch_now},
    {"deliver", &google__protobuf__empty__descriptor, deliver_now},
    {0},
};

static const char *kind_of(enum news step)
{
    return shipping_timers[step - NEWS_PACK].kind;
}

static int64_t wait_ms(maru_txn *txn, const Shipping__Shipment *shipment, enum news step)
{
    const struct shipping_service *svc = maru_txn_settings(txn);

    if (shipment->past != NULL) /* all of it was over before this shop heard of it */
        return 0;
    if (step == NEWS_PACK)
        return svc->pack_ms;
    return step == NEWS_DISPATCH ? svc->dispatch_ms : svc->deliver_ms;
}

/* The timer of the step that was due goes, that of the one that is due now comes. */
static maru_status set_timers(maru_txn *txn, const Shipping__Shipment *shipment, enum news before, enum news after)
{
    const char                          *order = shipment->order;
    static const Google__Protobuf__Empty nothing = GOOGLE__PROTOBUF__EMPTY__INIT;
    maru_status                          status = MARU_OK;
    int64_t                              wait;

    if (before == after)
        return MARU_OK;
    if (before != NEWS_NONE)
        status = maru_timer_clear(txn, kind_of(before), order);
    if (status != MARU_OK || after == NEWS_NONE || (wait = wait_ms(txn, shipment, after)) < 0)
        return status;
    return maru_timer_set(txn, kind_of(after), order, maru_txn_wall_clock(txn) + wait * MARU_NS_PER_MS, &nothing.base);
}

/* ---- steps ---- */

/* "JT" and 16 digits of the order's name: 64-bit FNV-1a (draft-eastlake-fnv). The same whenever it is asked. */
static char *tracking_of(maru_txn *txn, const char *order)
{
    uint64_t sum = 0xcbf29ce484222325;
    char    *tracking = maru_txn_alloc(txn, TRACKING_SIZE);

    for (const char *at = order; *at != '\0'; at++)
        sum = (sum ^ (unsigned char)*at) * 0x100000001b3;
    snprintf(tracking, TRACKING_SIZE, "JT%016" PRIX64, sum);
    return tracking;
}

static maru_status step(maru_txn *txn, Shipping__Shipment *shipment, const struct verdict *verdict)
{
    shipment->state = verdict->state;
    shipment->captured = verdict->captured;
    if (verdict->state == SHIPPING__SHIPMENT_STATE__DISPATCHED)
        shipment->tracking = tracking_of(txn, shipment->order);
    return say(txn, shipment, verdict->word);
}

/* One piece of news, and after it all that is due at once. */
static maru_status go_on(maru_txn *txn, Shipping__Shipment *shipment, enum news news)
{
    enum news      before = parcel_due(shipment->state, shipment->captured), due;
    struct verdict verdict = parcel_next(shipment->state, shipment->captured, news);
    maru_status    status = step(txn, shipment, &verdict);

    if (!verdict.moved)
        return status;
    while (status == MARU_OK && (due = parcel_due(shipment->state, shipment->captured)) != NEWS_NONE &&
           wait_ms(txn, shipment, due) == 0) {
        verdict = parcel_next(shipment->state, shipment->captured, due);
        status = step(txn, shipment, &verdict);
    }
    if (status == MARU_OK)
        status = set_timers(txn, shipment, before, parcel_due(shipment->state, shipment->captured));
    return status != MARU_OK ? status : store_put(txn, shipment);
}

maru_status order_news(maru_txn *txn, const char *order, enum news news, const Inventory__StockCommitted *stock)
{
    Shipping__Shipment *shipment;
    maru_status         status = store_get(txn, order, &shipment);

    if (status != MARU_OK)
        return status;
    if (stock != NULL && shipment->n_goods == 0) {
        shipment->goods = stock->goods;
        shipment->n_goods = stock->n_goods;
        shipment->past = stock->past;
    }
    return go_on(txn, shipment, news);
}

/* ---- by hand ---- */

static maru_status not_now(maru_txn *txn, const Shipping__Shipment *shipment, enum news news)
{
    const ProtobufCEnumValue *state =
        protobuf_c_enum_descriptor_get_value(&shipping__shipment_state__descriptor, shipment->state);

    if (shipment->state == SHIPPING__SHIPMENT_STATE__PACKED && news == NEWS_DISPATCH)
        return maru_txn_fail(txn, MARU_FAILED_PRECONDITION,
                             "order: %s is packed, but its payment is not captured yet: want that first",
                             shipment->order);
    return maru_txn_fail(txn, MARU_FAILED_PRECONDITION, "order: want %s to %s, but it is %s", shipment->order,
                         kind_of(news), state == NULL ? "in a state of a later version" : state->name);
}

maru_status order_mark(maru_txn *txn, void *arg)
{
    struct order_mark *mark = arg;
    struct store_one   one = {.order = mark->order, .response = mark->response};
    maru_status        status = store_one(txn, &one);

    if (status != MARU_OK || parcel_past(mark->response->state, mark->step))
        return status;
    if (!parcel_next(mark->response->state, mark->response->captured, mark->step).moved)
        return not_now(txn, mark->response, mark->step);
    return go_on(txn, mark->response, mark->step);
}
