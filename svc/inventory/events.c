/* events.c: what inventory does about what others say: orders reserve, pin and give back; a parcel takes out. */
#include "goods.h"
#include "google/protobuf/empty.pb-c.h"
#include "inventory.h"
#include "order.h"
#include "returns.h"
#include "shop/checkout.pb-c.h"
#include "shop/shipping.pb-c.h"

/* Lines of an order name a product as often as they like; a reservation names it once. */
static maru_status goods_of(maru_txn *txn, const maru_event *event, Checkout__Line *const *lines, size_t count,
                            Google__Protobuf__Timestamp *past, struct goods *goods)
{
    Inventory__Goods *made = maru_txn_alloc(txn, (count + 1) * sizeof *made);
    maru_error        error;

    *goods = (struct goods){.items = maru_txn_alloc(txn, (count + 1) * sizeof goods->items[0]), .count = count};
    for (size_t i = 0; i < count; i++) {
        made[i] = (Inventory__Goods)INVENTORY__GOODS__INIT;
        made[i].product = lines[i]->product;
        made[i].quantity = lines[i]->quantity;
        goods->items[i] = &made[i];
    }
    goods->past = past;
    if (goods_sum("lines", goods, &error) == MARU_OK)
        return MARU_OK;
    return maru_txn_fail(txn, error.code, "%s of %s: %s", event->type, event->aggregate, error.text);
}

static maru_status submitted(maru_txn *txn, const maru_event *event)
{
    const Checkout__OrderSubmitted *order = (const Checkout__OrderSubmitted *)event->payload;
    struct goods                    goods;
    maru_status                     status = goods_of(txn, event, order->lines, order->n_lines, order->past, &goods);

    return status != MARU_OK ? status : order_news(txn, order->order, NEWS_SUBMITTED, &goods);
}

static maru_status confirmed(maru_txn *txn, const maru_event *event)
{
    const Checkout__OrderConfirmed *order = (const Checkout__OrderConfirmed *)event->payload;
    struct goods                    goods;
    maru_status                     status = goods_of(txn, event, order->lines, order->n_lines, order->past, &goods);

    return status != MARU_OK ? status : order_news(txn, order->order, NEWS_CONFIRMED, &goods);
}

static maru_status cancelled(maru_txn *txn, const maru_event *event)
{
    return order_news(txn, ((const Checkout__OrderCancelled *)event->payload)->order, NEWS_CANCELLED, NULL);
}

static maru_status returned(maru_txn *txn, const maru_event *event)
{
    const Checkout__OrderReturned *order = (const Checkout__OrderReturned *)event->payload;
    struct goods                   goods;
    maru_status                    status = goods_of(txn, event, order->lines, order->n_lines, order->past, &goods);

    if (status == MARU_OK)
        status = order_left(txn, order->order);
    return status == MARU_OK ? returns_take(txn, order->order, &goods) : status;
}

static maru_status dispatched(maru_txn *txn, const maru_event *event)
{
    return order_news(txn, ((const Shipping__ShipmentDispatched *)event->payload)->order, NEWS_DISPATCHED, NULL);
}

static maru_status ran_out(maru_txn *txn, const char *name, const ProtobufCMessage *payload)
{
    return order_news(txn, name, NEWS_RAN_OUT, NULL);
}

const maru_consumer inventory_consumers[] = {
    {"checkout", &checkout__order_submitted__descriptor, submitted},
    {"checkout", &checkout__order_confirmed__descriptor, confirmed},
    {"checkout", &checkout__order_cancelled__descriptor, cancelled},
    {"checkout", &checkout__order_returned__descriptor, returned},
    {"shipping", &shipping__shipment_dispatched__descriptor, dispatched},
    {0},
};

const maru_timer inventory_timers[] = {
    {ORDER_TIMER, &google__protobuf__empty__descriptor, ran_out},
    {0},
};
