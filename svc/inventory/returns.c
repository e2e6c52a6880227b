/* returns.c: goods of an order that come back (returns.h). */
#include "returns.h"

#include <string.h>

#include "stock.h"
#include "store.h"

static Inventory__Goods *find(Inventory__Goods *const *goods, size_t count, const char *product)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(goods[i]->product, product) == 0)
            return goods[i];
    return NULL;
}

static Inventory__Goods *add_goods(maru_txn *txn, Inventory__Reservation *reservation, const char *product)
{
    Inventory__Goods **all = maru_txn_alloc(txn, (reservation->n_returned + 1) * sizeof *all);
    Inventory__Goods  *goods = maru_txn_alloc(txn, sizeof *goods);

    *goods = (Inventory__Goods)INVENTORY__GOODS__INIT;
    goods->product = (char *)product;
    for (size_t i = 0; i < reservation->n_returned; i++)
        all[i] = reservation->returned[i];
    all[reservation->n_returned++] = goods;
    reservation->returned = all;
    return goods;
}

/* With the reservation: no more comes back than left. */
static maru_status note(maru_txn *txn, Inventory__Reservation *reservation, const Inventory__Goods *goods)
{
    Inventory__Goods *left = find(reservation->goods, reservation->n_goods, goods->product);
    Inventory__Goods *returned = find(reservation->returned, reservation->n_returned, goods->product);
    int64_t           before = returned == NULL ? 0 : returned->quantity;

    if (reservation->state != INVENTORY__RESERVATION_STATE__SHIPPED_OUT || left == NULL ||
        goods->quantity > left->quantity - before)
        return maru_txn_fail(txn, MARU_FAILED_PRECONDITION,
                             "%s: %lld of %s come back, but %lld left and %lld came back before", reservation->order,
                             (long long)goods->quantity, goods->product, left == NULL ? 0LL : (long long)left->quantity,
                             (long long)before);
    if (returned == NULL)
        returned = add_goods(txn, reservation, goods->product);
    returned->quantity += goods->quantity;
    return MARU_OK;
}

static maru_status take(maru_txn *txn, Inventory__Reservation *reservation, const Inventory__Goods *goods,
                        const Google__Protobuf__Timestamp *time)
{
    Inventory__Stock *stock;
    maru_error        error;
    maru_status       status = note(txn, reservation, goods);

    if (status != MARU_OK || (status = store_stock(txn, goods->product, &stock)) != MARU_OK)
        return status;
    if ((status = stock_return(stock, goods->quantity, &error)) != MARU_OK)
        return maru_txn_fail(txn, status, "%s: %s", reservation->order, error.text);
    return store_move(txn, stock,
                      &(struct store_move){.kind = INVENTORY__MOVEMENT_KIND__RETURNED,
                                           .delta = goods->quantity,
                                           .reference = reservation->order,
                                           .time = time});
}

static maru_status say(maru_txn *txn, const char *order, const struct goods *goods)
{
    Inventory__StockReturned event = INVENTORY__STOCK_RETURNED__INIT;

    event.order = (char *)order;
    event.goods = goods->items;
    event.n_goods = goods->count;
    return maru_emit(txn, order, &event.base);
}

maru_status returns_take(maru_txn *txn, const char *order, const struct goods *goods)
{
    Inventory__Reservation *reservation;
    maru_status             status = store_reservation(txn, order, &reservation);

    for (size_t i = 0; i < goods->count && status == MARU_OK; i++)
        status = take(txn, reservation, goods->items[i], goods->past);
    if (status == MARU_OK)
        status = store_put_reservation(txn, reservation, goods->past);
    return status == MARU_OK ? say(txn, order, goods) : status;
}
