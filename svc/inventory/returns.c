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

static int64_t quantity_of(Inventory__Goods *const *goods, size_t count, const char *product)
{
    const Inventory__Goods *found = find(goods, count, product);

    return found == NULL ? 0 : found->quantity;
}

/* No more comes back than left. */
static maru_status check(maru_txn *txn, const Inventory__Reservation *reservation, const Inventory__Goods *goods)
{
    bool    shipped = reservation->state == INVENTORY__RESERVATION_STATE__SHIPPED_OUT;
    int64_t left = shipped ? quantity_of(reservation->goods, reservation->n_goods, goods->product) : 0;
    int64_t before = quantity_of(reservation->returned, reservation->n_returned, goods->product);

    if (goods->quantity <= left - before)
        return MARU_OK;
    return maru_txn_fail(txn, MARU_FAILED_PRECONDITION,
                         "%s: %lld of %s come back, but %lld left and %lld came back before", reservation->order,
                         (long long)goods->quantity, goods->product, (long long)left, (long long)before);
}

/* With the reservation. */
static maru_status note(maru_txn *txn, Inventory__Reservation *reservation, const Inventory__Goods *goods)
{
    Inventory__Goods *returned = find(reservation->returned, reservation->n_returned, goods->product);
    maru_status       status = check(txn, reservation, goods);

    if (status != MARU_OK)
        return status;
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

static maru_status take_all(maru_txn *txn, Inventory__Reservation *reservation, const struct goods *goods)
{
    maru_status status = MARU_OK;

    for (size_t i = 0; i < goods->count && status == MARU_OK; i++)
        status = take(txn, reservation, goods->items[i], goods->past);
    if (status == MARU_OK)
        status = store_put_reservation(txn, reservation, goods->past);
    return status == MARU_OK ? say(txn, reservation->order, goods) : status;
}

maru_status returns_take(maru_txn *txn, const char *order, const struct goods *goods)
{
    Inventory__Reservation *reservation;
    maru_status             status = store_reservation(txn, order, &reservation);

    return status == MARU_OK ? take_all(txn, reservation, goods) : status;
}
