/* events.c: what checkout does about the events of others, and when a time is up (events.h). */
#include "events.h"

#include "news.h"
#include "order.h"
#include "quotes.h"
#include "returns.h"
#include "shop/inventory.pb-c.h"
#include "shop/payment.pb-c.h"
#include "shop/shipping.pb-c.h"
#include "timeline.h"

/* Of an order of the past something may have come back, which is said once all of it is over. */
static maru_status hear_past(maru_txn *txn, const maru_event *event, Checkout__OrderRecord *record, enum happening what,
                             const char *detail)
{
    maru_status status = MARU_OK;

    if (event->payload->descriptor == &inventory__stock_shipped__descriptor)
        status = returns_shipped(txn, record);
    if (status == MARU_OK)
        status = order_happens(txn, event->aggregate, what, detail, NULL);
    return status == MARU_OK ? returns_say(txn, event->aggregate) : status;
}

/* Every event of an order: into its timeline, then what follows from it. One about an order that is not here is of no
 * effect: all orders begin here. */
static maru_status hear(maru_txn *txn, const maru_event *event)
{
    Checkout__OrderRecord *record;
    const char            *detail;
    enum happening         what = news_of(maru_txn_arena(txn), event->payload, &detail);
    maru_status            status = order_get(txn, event->aggregate, &record);

    if (status != MARU_OK)
        return status == MARU_NOT_FOUND ? MARU_OK : status;
    if ((status = timeline_add(txn, event, detail)) != MARU_OK)
        return status;
    if (what == HAPPENED_UNDONE) /* what was given up is no reason why */
        detail = "it was cancelled before checkout's store went back to a backup";
    if (order_past(record->order) != NULL)
        return hear_past(txn, event, record, what, detail);
    return order_happens(txn, event->aggregate, what, detail, NULL);
}

const maru_consumer checkout_consumers[] = {
    {"inventory", &inventory__stock_reserved__descriptor, hear},
    {"inventory", &inventory__stock_rejected__descriptor, hear},
    {"inventory", &inventory__stock_committed__descriptor, hear},
    {"inventory", &inventory__stock_released__descriptor, hear},
    {"inventory", &inventory__stock_shipped__descriptor, hear},
    {"inventory", &inventory__stock_returned__descriptor, hear},
    {"payment", &payment__payment_authorized__descriptor, hear},
    {"payment", &payment__payment_declined__descriptor, hear},
    {"payment", &payment__payment_captured__descriptor, hear},
    {"payment", &payment__payment_capture_refused__descriptor, hear},
    {"payment", &payment__payment_voided__descriptor, hear},
    {"payment", &payment__refund_succeeded__descriptor, hear},
    {"shipping", &shipping__shipment_packed__descriptor, hear},
    {"shipping", &shipping__shipment_dispatched__descriptor, hear},
    {"shipping", &shipping__shipment_delivered__descriptor, hear},
    {"shipping", &shipping__shipment_cancelled__descriptor, hear},
    {"shipping", &shipping__shipment_cancel_refused__descriptor, hear},
    {NULL, NULL, NULL},
};

static maru_status stock_timed_out(maru_txn *txn, const char *name, const ProtobufCMessage *payload)
{
    return order_happens(txn, name, HAPPENED_STOCK_TIMED_OUT, "inventory did not answer in time", NULL);
}

const maru_timer checkout_timers[] = {
    {ORDER_STOCK_TIMER, &checkout__order_pointer__descriptor, stock_timed_out},
    {QUOTES_TIMER, &checkout__quote_pointer__descriptor, quotes_forget},
    {NULL, NULL, NULL},
};
