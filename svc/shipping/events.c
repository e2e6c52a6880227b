/* events.c: what shipping does about what others say. */
#include "order.h"
#include "shipping.h"
#include "shop/checkout.pb-c.h"
#include "shop/inventory.pb-c.h"
#include "shop/payment.pb-c.h"

static maru_status committed(maru_txn *txn, const maru_event *event)
{
    const Inventory__StockCommitted *stock = (const Inventory__StockCommitted *)event->payload;

    return order_news(txn, stock->order, NEWS_COMMITTED, stock);
}

static maru_status captured(maru_txn *txn, const maru_event *event)
{
    return order_news(txn, ((const Payment__PaymentCaptured *)event->payload)->order, NEWS_CAPTURED, NULL);
}

static maru_status cancel_requested(maru_txn *txn, const maru_event *event)
{
    return order_news(txn, ((const Checkout__OrderCancelRequested *)event->payload)->order, NEWS_STOP, NULL);
}

/* What ran out may be committed yet. */
static maru_status released(maru_txn *txn, const maru_event *event)
{
    const Inventory__StockReleased *stock = (const Inventory__StockReleased *)event->payload;

    return stock->expired ? MARU_OK : order_news(txn, stock->order, NEWS_RELEASED, NULL);
}

/* With its goods, where it was stopped before they were heard of. */
static maru_status left(maru_txn *txn, const maru_event *event)
{
    const Inventory__StockShipped *stock = (const Inventory__StockShipped *)event->payload;
    Inventory__StockCommitted      goods = INVENTORY__STOCK_COMMITTED__INIT;

    goods.goods = stock->goods;
    goods.n_goods = stock->n_goods;
    return order_news(txn, stock->order, NEWS_LEFT, &goods);
}

const maru_consumer shipping_consumers[] = {
    {"checkout", &checkout__order_cancel_requested__descriptor, cancel_requested},
    {"inventory", &inventory__stock_committed__descriptor, committed},
    {"inventory", &inventory__stock_released__descriptor, released},
    {"inventory", &inventory__stock_shipped__descriptor, left},
    {"payment", &payment__payment_captured__descriptor, captured},
    {0},
};
