/* store.h: what inventory keeps: the stock of each product, its ledger, and a reservation an order.
 *
 * These functions keep the records in step with each other, and refuse to write what cannot be: INTERNAL or DATA_LOSS
 * with words, and the whole transaction is rolled back. All errors have words. Memory is the transaction's.
 */
#ifndef SHOP_INVENTORY_STORE_H
#define SHOP_INVENTORY_STORE_H

#include "maru/store.h"

#include "shop/inventory.pb-c.h"

enum { STORE_VERSION = 1, PAGE_BYTES_MAX = 1 << 20 };
extern const maru_table *const inventory_tables[];

Google__Protobuf__Timestamp *store_time(maru_txn *txn, int64_t ns); /* since 1970 */

/* store_stock gets the stock of a product; one that was never received has none. Where its record is gone and its
 * ledger is not, it is made again of that and of what is reserved: DATA_LOSS with words where these do not fit. Who
 * puts it ends that. */
maru_status store_stock(maru_txn *txn, const char *product, Inventory__Stock **stock);
/* store_see_stock is for a read, and does none of that: lost says that it must be made again, and what it gives is
 * empty. store_restore_stock makes it again and puts it, in a write; where it is there already, it does nothing.
 * was_lost: whether it was not there, which took the time of making it again. */
maru_status store_see_stock(maru_txn *txn, const char *product, Inventory__Stock **stock, bool *lost);
maru_status store_restore_stock(maru_txn *txn, const char *product, bool *was_lost);
maru_status store_put_stock(maru_txn *txn, const Inventory__Stock *stock);

/* store_move puts stock, whose on_hand changed by delta, with the movement that says why. */
struct store_move {
    Inventory__MovementKind            kind;
    int64_t                            delta;
    const char                        *reference;
    const Google__Protobuf__Timestamp *time; /* of a movement of the past; NULL: now */
};
maru_status store_move(maru_txn *txn, Inventory__Stock *stock, const struct store_move *move);

/* store_reservation gets an order's; one that was never heard of has no state. put sets its update_time: time, or NULL:
 * now. */
maru_status store_reservation(maru_txn *txn, const char *order, Inventory__Reservation **reservation);
maru_status store_put_reservation(maru_txn *txn, Inventory__Reservation *reservation,
                                  Google__Protobuf__Timestamp *time);

/* The reservation of one order, or NULL. */
struct store_one {
    const char             *order;
    bool                    live_only; /* NULL too where it is over */
    Inventory__Reservation *found;
};

maru_status store_one(maru_txn *txn, void *arg);

/* A page: records in order of key, at most size and PAGE_BYTES_MAX (but one at least, where there is one). */
struct store_page {
    enum store_list {
        LIST_STOCK,
        LIST_MOVEMENTS,
        LIST_RESERVATIONS,
        LIST_LIVE, /* reservations that are RESERVED or COMMITTED */
    } list;
    const char        *product; /* of LIST_MOVEMENTS */
    const char        *after;   /* the last name of the page before; "": the first page */
    uint64_t           number;  /* of LIST_MOVEMENTS: the last number of the page before */
    size_t             size;
    ProtobufCMessage **records; /* found; room for size is made here */
    size_t             count;
    bool               more; /* there are some after it */
};

maru_status store_page(maru_txn *txn, void *arg);

#endif
