/* order.c: what news of an order does (order.h). What becomes of the reservation is reservation.c's to say; here it is
 * done. */
#include "order.h"

#include <stdio.h>

#include "google/protobuf/empty.pb-c.h"
#include "inventory.h"
#include "maru/log.h"
#include "stock.h"
#include "store.h"

struct work {
    maru_txn               *txn;
    Inventory__Reservation *reservation;
    Inventory__Stock      **stock; /* of its goods, in their order; NULL until it is asked for */
    Inventory__Shortage   **shortages;
    size_t                  n_shortages;
};

static maru_status load_stock(struct work *work)
{
    const Inventory__Reservation *reservation = work->reservation;
    maru_status                   status = MARU_OK;

    work->stock = maru_txn_alloc(work->txn, (reservation->n_goods + 1) * sizeof work->stock[0]);
    for (size_t i = 0; i < reservation->n_goods && status == MARU_OK; i++)
        status = store_stock(work->txn, reservation->goods[i]->product, &work->stock[i]);
    return status;
}

static Inventory__Shortage *shortage(struct work *work, size_t index)
{
    Inventory__Shortage *shortage = maru_txn_alloc(work->txn, sizeof *shortage);

    *shortage = (Inventory__Shortage)INVENTORY__SHORTAGE__INIT;
    shortage->product = work->reservation->goods[index]->product;
    shortage->wanted = work->reservation->goods[index]->quantity;
    shortage->available = work->stock[index]->available;
    return shortage;
}

/* All that is short is told, not only the first. */
static void look_for_shortages(struct work *work)
{
    const Inventory__Reservation *reservation = work->reservation;

    work->shortages = maru_txn_alloc(work->txn, (reservation->n_goods + 1) * sizeof work->shortages[0]);
    for (size_t i = 0; i < reservation->n_goods; i++)
        if (reservation->goods[i]->quantity > work->stock[i]->available)
            work->shortages[work->n_shortages++] = shortage(work, i);
}

static maru_status do_one(const struct work *work, enum deed deed, size_t index)
{
    const Inventory__Reservation *reservation = work->reservation;
    Inventory__Stock             *stock = work->stock[index];
    int64_t                       quantity = reservation->goods[index]->quantity;
    maru_status                   status = MARU_OK;
    maru_error                    error;

    if (deed == DEED_RESERVE)
        status = stock_reserve(stock, quantity, &error);
    else if (deed == DEED_RELEASE)
        status = stock_release(stock, quantity, &error);
    else
        status = stock_ship(stock, quantity, &error);
    if (status != MARU_OK)
        return maru_txn_fail(work->txn, status, "%s: %s", reservation->order, error.text);
    if (deed == DEED_SHIP)
        return store_move(work->txn, stock,
                          &(struct store_move){.kind = INVENTORY__MOVEMENT_KIND__SHIPPED,
                                               .delta = -quantity,
                                               .reference = reservation->order,
                                               .time = reservation->past});
    return store_put_stock(work->txn, stock);
}

/* What was sold in the past was there: it comes in for that order, and takes nothing that is sold today. */
static maru_status receive_past(struct work *work)
{
    const Inventory__Reservation *reservation = work->reservation;
    maru_status                   status = load_stock(work);
    maru_error                    error;

    for (size_t i = 0; i < reservation->n_goods && status == MARU_OK; i++) {
        int64_t quantity = reservation->goods[i]->quantity;

        if ((status = stock_receive(work->stock[i], quantity, &error)) != MARU_OK)
            return maru_txn_fail(work->txn, status, "%s: %s", reservation->order, error.text);
        status = store_move(work->txn, work->stock[i],
                            &(struct store_move){.kind = INVENTORY__MOVEMENT_KIND__RECEIVED,
                                                 .delta = quantity,
                                                 .reference = reservation->order,
                                                 .time = reservation->past});
    }
    return status;
}

static maru_status do_deed(struct work *work, enum deed deed)
{
    maru_status status = MARU_OK;

    if (deed == DEED_NONE)
        return MARU_OK;
    if (work->stock == NULL)
        status = load_stock(work);
    for (size_t i = 0; i < work->reservation->n_goods && status == MARU_OK; i++)
        status = do_one(work, deed, i);
    return status;
}

static maru_status say_reserved(const struct work *work)
{
    Inventory__StockReserved event = INVENTORY__STOCK_RESERVED__INIT;

    event.order = work->reservation->order;
    event.goods = work->reservation->goods;
    event.n_goods = work->reservation->n_goods;
    event.expire_time = work->reservation->expire_time;
    return maru_emit(work->txn, event.order, &event.base);
}

static maru_status say_rejected(const struct work *work)
{
    Inventory__StockRejected event = INVENTORY__STOCK_REJECTED__INIT;

    event.order = work->reservation->order;
    event.shortages = work->shortages;
    event.n_shortages = work->n_shortages;
    return maru_emit(work->txn, event.order, &event.base);
}

static maru_status say_committed(const struct work *work)
{
    Inventory__StockCommitted event = INVENTORY__STOCK_COMMITTED__INIT;

    event.order = work->reservation->order;
    event.goods = work->reservation->goods;
    event.n_goods = work->reservation->n_goods;
    event.past = work->reservation->past;
    return maru_emit(work->txn, event.order, &event.base);
}

static maru_status say_released(const struct work *work)
{
    Inventory__StockReleased event = INVENTORY__STOCK_RELEASED__INIT;

    event.order = work->reservation->order;
    event.goods = work->reservation->goods;
    event.n_goods = work->reservation->n_goods;
    event.expired = work->reservation->expired;
    return maru_emit(work->txn, event.order, &event.base);
}

static maru_status say_shipped(const struct work *work)
{
    Inventory__StockShipped event = INVENTORY__STOCK_SHIPPED__INIT;

    event.order = work->reservation->order;
    event.goods = work->reservation->goods;
    event.n_goods = work->reservation->n_goods;
    return maru_emit(work->txn, event.order, &event.base);
}

static maru_status say(const struct work *work, enum word word)
{
    switch (word) {
    case WORD_NONE:
        return MARU_OK;
    case WORD_RESERVED:
        return say_reserved(work);
    case WORD_REJECTED:
        return say_rejected(work);
    case WORD_COMMITTED:
        return say_committed(work);
    case WORD_RELEASED:
        return say_released(work);
    case WORD_SHIPPED:
        return say_shipped(work);
    }
    return MARU_OK;
}

/* A reservation has an end as long as it waits to be confirmed, and a timer to tell of it. One of the past has none:
 * that it was paid is known. */
static maru_status set_end(const struct work *work, enum stage before, enum stage after)
{
    static const Google__Protobuf__Empty nothing = GOOGLE__PROTOBUF__EMPTY__INIT;
    const struct inventory_service      *svc = maru_txn_settings(work->txn);
    int64_t                              end = maru_txn_wall_clock(work->txn) + svc->reserve_ms * MARU_NS_PER_MS;

    if (work->reservation->past != NULL)
        return MARU_OK;
    if (before == STAGE_RESERVED && after != STAGE_RESERVED) {
        work->reservation->expire_time = NULL;
        return maru_timer_clear(work->txn, ORDER_TIMER, work->reservation->order);
    }
    if (before == STAGE_RESERVED || after != STAGE_RESERVED)
        return MARU_OK;
    work->reservation->expire_time = store_time(work->txn, end);
    return maru_timer_set(work->txn, ORDER_TIMER, work->reservation->order, end, &nothing.base);
}

static maru_status carry_out(struct work *work, enum stage before, struct verdict verdict)
{
    maru_status status = do_deed(work, verdict.deed);
    bool        leaves = work->reservation->left && reservation_live(verdict.stage);

    work->reservation->left = work->reservation->left && !leaves;
    reservation_set_stage(work->reservation, verdict.stage);
    if (status == MARU_OK)
        status = set_end(work, before, verdict.stage);
    if (status == MARU_OK)
        status = store_put_reservation(work->txn, work->reservation, work->reservation->past);
    if (status == MARU_OK)
        status = say(work, verdict.word);
    return status == MARU_OK && leaves ? order_news(work->txn, work->reservation->order, NEWS_DISPATCHED, NULL)
                                       : status;
}

/* A parcel leaves with what was committed. Who does not know that (here: its store went back to a backup, and reads
 * shipping's log before checkout's) says it now, or keeps it until the order is heard of. */
static maru_status hear_before(struct work *work, enum stage stage)
{
    if (stage == STAGE_RESERVED)
        return order_news(work->txn, work->reservation->order, NEWS_CONFIRMED, NULL);
    if (stage != STAGE_UNKNOWN || work->reservation->left)
        return MARU_OK;
    work->reservation->left = true;
    return store_put_reservation(work->txn, work->reservation, NULL);
}

maru_status order_news(maru_txn *txn, const char *order, enum news news, const struct goods *goods)
{
    struct work    work = {.txn = txn};
    maru_status    status = store_reservation(txn, order, &work.reservation);
    enum stage     before;
    struct verdict verdict;

    if (status == MARU_OK && news == NEWS_DISPATCHED &&
        (status = hear_before(&work, reservation_stage(work.reservation))) == MARU_OK)
        status = store_reservation(txn, order, &work.reservation);
    if (status != MARU_OK)
        return status;
    before = reservation_stage(work.reservation);
    verdict = reservation_next(before, news, true);
    if (verdict.odd)
        maru_txn_log(txn, MARU_LOG_WARN, "%s: its reservation is %s; %s should not come now", order,
                     reservation_stage_name(before), reservation_news_name(news));
    if (before == STAGE_UNKNOWN && goods != NULL) {
        work.reservation->goods = goods->items;
        work.reservation->n_goods = goods->count;
        work.reservation->past = goods->past;
    }
    if (verdict.deed == DEED_RESERVE) {
        status = before == STAGE_UNKNOWN && work.reservation->past != NULL ? receive_past(&work) : load_stock(&work);
        if (status != MARU_OK)
            return status;
        look_for_shortages(&work);
        verdict = reservation_next(before, news, work.n_shortages == 0);
    }
    return verdict.stage == before ? MARU_OK : carry_out(&work, before, verdict);
}

maru_status order_left(maru_txn *txn, const char *order)
{
    Inventory__Reservation *reservation;
    maru_status             status = store_reservation(txn, order, &reservation);

    if (status != MARU_OK || reservation->past == NULL || !reservation_live(reservation_stage(reservation)))
        return status;
    return order_news(txn, order, NEWS_DISPATCHED, NULL);
}
