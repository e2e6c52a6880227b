/* store.c: what inventory keeps (store.h). */
#include "store.h"

#include <inttypes.h>
#include <string.h>

#include "google/protobuf/empty.pb-c.h"
#include "reservation.h"
#include "stock.h"

enum { NS_PER_S = 1000000000, NUMBER_BYTES = 8 };

static const maru_table stocks = {.number = 1, .name = "stock", .record = &inventory__stock__descriptor};
/* Key: the product, a NUL, and the number in 8 bytes, the highest first. */
static const maru_table movements = {.number = 2, .name = "movements", .record = &inventory__movement__descriptor};
static const maru_table reservations = {
    .number = 3, .name = "reservations", .record = &inventory__reservation__descriptor};
/* The orders whose reservations are live: what is kept now, among all that ever was. */
static const maru_table live = {.number = 4, .name = "live", .record = &google__protobuf__empty__descriptor};

const maru_table *const inventory_tables[] = {&stocks, &movements, &reservations, &live, NULL};

Google__Protobuf__Timestamp *store_time(maru_txn *txn, int64_t ns)
{
    Google__Protobuf__Timestamp *time = maru_txn_alloc(txn, sizeof *time);

    *time = (Google__Protobuf__Timestamp)GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    time->seconds = ns / NS_PER_S;
    time->nanos = (int32_t)(ns % NS_PER_S);
    return time;
}

/* A number past all that can be is not asked for: 2^64 - 1 movements do not fit on a disk. */
static maru_key movement_key(maru_txn *txn, const char *product, uint64_t number)
{
    size_t   size = strlen(product) + 1;
    uint8_t *data = maru_txn_alloc(txn, size + NUMBER_BYTES);

    memcpy(data, product, size);
    for (int i = 0; i < NUMBER_BYTES; i++)
        data[size + (size_t)i] = (uint8_t)(number >> (56 - 8 * i));
    return (maru_key){.data = data, .size = size + NUMBER_BYTES};
}

/* ---- a stock whose record is gone, as a repair of the store puts a damaged one aside ---- */

static maru_status not_whole(maru_txn *txn, const Inventory__Stock *stock, const maru_error *error)
{
    return maru_txn_fail(
        txn, MARU_DATA_LOSS,
        "%s: its stock is gone, and can't be made again of its ledger and of what is reserved: %s: put "
        "back a backup of inventory",
        stock->product, error->text);
}

/* What one record takes of the memory is given back before the next: a ledger may be long. */
static maru_status replay_ledger(maru_txn *txn, Inventory__Stock *stock)
{
    const maru_key       ledger = {.data = stock->product, .size = strlen(stock->product) + 1};
    maru_cursor         *cursor = maru_walk(txn, &movements, ledger, ledger);
    maru_arena_mark      mark = maru_arena_now(maru_txn_arena(txn));
    Inventory__Movement *movement;
    maru_error           error;
    maru_status          status;

    while ((status = maru_next(cursor, NULL, (ProtobufCMessage **)&movement)) == MARU_OK) {
        if (stock_replay(stock, movement, &error) != MARU_OK)
            return not_whole(txn, stock, &error);
        maru_arena_rewind(maru_txn_arena(txn), mark);
    }
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

/* Its goods name each product once. */
static maru_status reserve_for(maru_txn *txn, maru_key order, Inventory__Stock *stock)
{
    Inventory__Reservation *reservation;
    maru_error              error;
    maru_status             status = maru_get(txn, &reservations, order, (ProtobufCMessage **)&reservation);

    if (status != MARU_OK)
        return status == MARU_NOT_FOUND ? MARU_OK : status;
    for (size_t i = 0; i < reservation->n_goods; i++)
        if (strcmp(reservation->goods[i]->product, stock->product) == 0 &&
            stock_reserve(stock, reservation->goods[i]->quantity, &error) != MARU_OK)
            return not_whole(txn, stock, &error);
    return MARU_OK;
}

static maru_status reserve_again(maru_txn *txn, Inventory__Stock *stock)
{
    static const maru_key all = {.data = "", .size = 0};
    maru_cursor          *cursor = maru_walk(txn, &live, all, all);
    maru_arena_mark       mark = maru_arena_now(maru_txn_arena(txn));
    maru_key              order;
    maru_status           status;

    while ((status = maru_next(cursor, &order, NULL)) == MARU_OK) {
        if ((status = reserve_for(txn, order, stock)) != MARU_OK)
            return status;
        maru_arena_rewind(maru_txn_arena(txn), mark);
    }
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

/* OK where a movement of the product is there, sound or not; NOT_FOUND where none is. The walk is of all products: a
 * damaged record beside the place is another's by its key, and does not keep a new product from its first movement. Of
 * one before the place the walk tells once, without a key, and goes on. */
static maru_status has_ledger(maru_txn *txn, const char *product)
{
    static const maru_key all = {.data = "", .size = 0};
    const maru_key        first = {.data = product, .size = strlen(product) + 1};
    maru_cursor          *cursor = maru_walk(txn, &movements, all, first);
    maru_key              found = {.data = NULL, .size = 0};
    maru_status           status = maru_next(cursor, &found, NULL);

    if (status == MARU_DATA_LOSS && found.data == NULL)
        status = maru_next(cursor, &found, NULL);
    if (found.data == NULL)
        return status;
    return found.size >= first.size && memcmp(found.data, first.data, first.size) == 0 ? MARU_OK : MARU_NOT_FOUND;
}

static maru_status make_again(maru_txn *txn, Inventory__Stock *stock)
{
    maru_status status = replay_ledger(txn, stock);

    return status == MARU_OK ? reserve_again(txn, stock) : status;
}

/* ---- stock and its ledger ---- */

/* Of a product that was never received there is no ledger, and nothing of it is reserved. */
maru_status store_see_stock(maru_txn *txn, const char *product, Inventory__Stock **stock, bool *lost)
{
    maru_status status = maru_get(txn, &stocks, maru_key_text(product), (ProtobufCMessage **)stock);

    *lost = false;
    if (status != MARU_NOT_FOUND)
        return status;
    *stock = maru_txn_alloc(txn, sizeof **stock);
    **stock = (Inventory__Stock)INVENTORY__STOCK__INIT;
    (*stock)->product = maru_txn_strdup(txn, product);
    status = has_ledger(txn, product);
    *lost = status == MARU_OK;
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

maru_status store_stock(maru_txn *txn, const char *product, Inventory__Stock **stock)
{
    bool        lost;
    maru_status status = store_see_stock(txn, product, stock, &lost);

    return status == MARU_OK && lost ? make_again(txn, *stock) : status;
}

maru_status store_restore_stock(maru_txn *txn, const char *product, bool *was_lost)
{
    Inventory__Stock *stock;
    bool              lost;
    maru_status       status = store_see_stock(txn, product, &stock, &lost);

    *was_lost = status == MARU_OK && lost;
    if (status != MARU_OK || !lost) /* another has put it by now */
        return status;
    status = make_again(txn, stock);
    return status == MARU_OK ? store_put_stock(txn, stock) : status;
}

maru_status store_put_stock(maru_txn *txn, const Inventory__Stock *stock)
{
    maru_error error;

    if (stock_holds(stock, &error) != MARU_OK)
        return maru_txn_fail(txn, error.code, "%s", error.text);
    return maru_put(txn, &stocks, maru_key_text(stock->product), &stock->base);
}

/* The ledger is a chain: what was on hand after the last movement is what this one begins with. */
static maru_status check_chain(maru_txn *txn, const Inventory__Stock *stock, int64_t before)
{
    Inventory__Movement *last;
    int64_t              there = 0;
    maru_status          status;

    if (stock->movements > 0) {
        status =
            maru_get(txn, &movements, movement_key(txn, stock->product, stock->movements), (ProtobufCMessage **)&last);
        if (status != MARU_OK)
            return status != MARU_NOT_FOUND
                       ? status
                       : maru_txn_fail(txn, MARU_DATA_LOSS, "%s: movement %" PRIu64 " is missing in the ledger",
                                       stock->product, stock->movements);
        there = last->on_hand;
    }
    if (there == before)
        return MARU_OK;
    return maru_txn_fail(txn, MARU_DATA_LOSS, "%s: %lld on hand, but %lld by the last movement of its ledger",
                         stock->product, (long long)before, (long long)there);
}

maru_status store_move(maru_txn *txn, Inventory__Stock *stock, const struct store_move *move)
{
    Inventory__Movement movement = INVENTORY__MOVEMENT__INIT;
    maru_status         status = check_chain(txn, stock, stock->on_hand - move->delta);

    if (status != MARU_OK)
        return status;
    movement.product = stock->product;
    movement.number = ++stock->movements;
    movement.kind = move->kind;
    movement.delta = move->delta;
    movement.on_hand = stock->on_hand;
    movement.reference = (char *)move->reference;
    movement.time =
        move->time != NULL ? (Google__Protobuf__Timestamp *)move->time : store_time(txn, maru_txn_wall_clock(txn));
    status = maru_put(txn, &movements, movement_key(txn, stock->product, movement.number), &movement.base);
    return status != MARU_OK ? status : store_put_stock(txn, stock);
}

/* ---- reservations ---- */

maru_status store_reservation(maru_txn *txn, const char *order, Inventory__Reservation **reservation)
{
    maru_status status = maru_get(txn, &reservations, maru_key_text(order), (ProtobufCMessage **)reservation);

    if (status != MARU_NOT_FOUND)
        return status;
    *reservation = maru_txn_alloc(txn, sizeof **reservation);
    **reservation = (Inventory__Reservation)INVENTORY__RESERVATION__INIT;
    (*reservation)->order = maru_txn_strdup(txn, order);
    return MARU_OK;
}

maru_status store_one(maru_txn *txn, void *arg)
{
    struct store_one       *one = arg;
    Inventory__Reservation *found;
    maru_status             status = store_reservation(txn, one->order, &found);
    enum stage              stage = status == MARU_OK ? reservation_stage(found) : STAGE_UNKNOWN;

    if (stage != STAGE_UNKNOWN && (reservation_live(stage) || !one->live_only))
        one->found = found;
    return status;
}

static maru_status put_live(maru_txn *txn, const Inventory__Reservation *reservation)
{
    static const Google__Protobuf__Empty empty = GOOGLE__PROTOBUF__EMPTY__INIT;
    maru_key                             key = maru_key_text(reservation->order);
    maru_status                          status;

    if (reservation_live(reservation_stage(reservation)))
        return maru_put(txn, &live, key, &empty.base);
    status = maru_delete(txn, &live, key);
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

maru_status store_put_reservation(maru_txn *txn, Inventory__Reservation *reservation, Google__Protobuf__Timestamp *time)
{
    maru_status status;

    reservation->update_time = time != NULL ? time : store_time(txn, maru_txn_wall_clock(txn));
    status = maru_put(txn, &reservations, maru_key_text(reservation->order), &reservation->base);
    return status != MARU_OK ? status : put_live(txn, reservation);
}

/* ---- pages ---- */

/* The first key after name, if name is a key: the same with a NUL. */
static maru_key key_after(const char *name)
{
    return (maru_key){.data = name, .size = name[0] == '\0' ? 0 : strlen(name) + 1};
}

static maru_cursor *walk(maru_txn *txn, const struct store_page *page)
{
    static const maru_key all = {.data = "", .size = 0};

    switch (page->list) {
    case LIST_STOCK:
        return maru_walk(txn, &stocks, all, key_after(page->after));
    case LIST_RESERVATIONS:
        return maru_walk(txn, &reservations, all, key_after(page->after));
    case LIST_LIVE:
        return maru_walk(txn, &live, all, key_after(page->after));
    case LIST_MOVEMENTS:
        break;
    }
    return maru_walk(txn, &movements, (maru_key){.data = page->product, .size = strlen(page->product) + 1},
                     movement_key(txn, page->product, page->number + 1));
}

/* A live one whose reservation is gone, as a repair of the store puts a damaged record aside, is left out. */
static maru_status next(maru_txn *txn, const struct store_page *page, maru_cursor *cursor, ProtobufCMessage **record)
{
    maru_key    key;
    maru_status status;

    for (;;) {
        if ((status = maru_next(cursor, &key, record)) != MARU_OK)
            return status;
        if (page->list == LIST_LIVE && (status = maru_get(txn, &reservations, key, record)) == MARU_NOT_FOUND)
            continue;
        if (status != MARU_OK || page->list != LIST_RESERVATIONS ||
            reservation_stage((const Inventory__Reservation *)*record) != STAGE_UNKNOWN) /* else a mark for later */
            return status;
    }
}

maru_status store_page(maru_txn *txn, void *arg)
{
    struct store_page *page = arg;
    maru_cursor       *cursor = walk(txn, page);
    ProtobufCMessage  *record;
    maru_status        status;
    size_t             bytes = 0;

    page->records = maru_txn_alloc(txn, page->size * sizeof page->records[0]);
    while ((status = next(txn, page, cursor, &record)) == MARU_OK) {
        bytes += protobuf_c_message_get_packed_size(record);
        if (page->count == page->size || (bytes > PAGE_BYTES_MAX && page->count > 0)) {
            page->more = true;
            return MARU_OK;
        }
        page->records[page->count++] = record;
    }
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}
