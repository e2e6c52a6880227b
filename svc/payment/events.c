/* events.c: what payment does about the events of others, and about time. */
#include "news.h"
#include "payment.h"
#include "store.h"

#include "shop/inventory.pb-c.h"
#include "shop/shipping.pb-c.h"

static maru_status on_submitted(maru_txn *txn, const maru_event *event)
{
    return payment_submitted(txn, (const Checkout__OrderSubmitted *)event->payload);
}

static maru_status on_cancelled(maru_txn *txn, const maru_event *event)
{
    return payment_cancelled(txn, (const Checkout__OrderCancelled *)event->payload, event->time_ns);
}

static maru_status on_returned(maru_txn *txn, const maru_event *event)
{
    return payment_returned(txn, (const Checkout__OrderReturned *)event->payload);
}

static maru_status on_reserved(maru_txn *txn, const maru_event *event)
{
    return payment_step(txn, ((const Inventory__StockReserved *)event->payload)->order, FLOW_RESERVED);
}

static maru_status on_packed(maru_txn *txn, const maru_event *event)
{
    return payment_step(txn, ((const Shipping__ShipmentPacked *)event->payload)->order, FLOW_PACKED);
}

static maru_status on_settled(maru_txn *txn, const maru_event *event)
{
    const Provider__OperationSettled *settled = (const Provider__OperationSettled *)event->payload;

    return settled->operation != NULL ? payment_settle(txn, settled->operation) : MARU_OK;
}

const maru_consumer payment_consumers[] = {
    {"checkout", &checkout__order_submitted__descriptor, on_submitted},
    {"checkout", &checkout__order_cancelled__descriptor, on_cancelled},
    {"checkout", &checkout__order_returned__descriptor, on_returned},
    {"inventory", &inventory__stock_reserved__descriptor, on_reserved},
    {"shipping", &shipping__shipment_packed__descriptor, on_packed},
    {"provider", &provider__operation_settled__descriptor, on_settled},
    {NULL},
};

static maru_status on_expired(maru_txn *txn, const char *order, const ProtobufCMessage *nothing)
{
    return payment_step(txn, order, FLOW_EXPIRED);
}

const maru_timer payment_timers[] = {
    {"expire-authorization", &payment__work__descriptor, on_expired},
    {NULL},
};
