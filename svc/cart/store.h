/* store.h: what the cart service keeps: carts by their name.
 *
 * The functions of reads and writes (maru_txn_fn); requests are checked, responses are filled in memory of the call.
 * All errors have words.
 */
#ifndef SHOP_CART_STORE_H
#define SHOP_CART_STORE_H

#include "maru/store.h"

#include "shop/cart.pb-c.h"

enum {
    STORE_VERSION = 1,
    NAME_MAX_CHARS = 64,     /* after "carts/" or "products/" */
    CART_BYTES_MAX = 1 << 20 /* more than what 1000 lines take, with the longest titles of the catalogue */
};
extern const maru_table *const cart_tables[];

/* Replies with the stored bytes where they can be sent; NOT_FOUND, without words, where nothing is stored. arg: the
 * response, a Cart__Cart that has its name. */
maru_status store_get(maru_txn *txn, void *arg);

/* One change of a cart. */
struct store_change {
    const char       *cart;
    const char       *etag;    /* "": whatever is stored */
    const Cart__Item *add;     /* to put in, or NULL */
    const char       *product; /* to set the quantity of, or NULL; with add NULL too, all is taken out */
    int64_t           quantity;
    Cart__Cart       *response; /* as it is then */
};

/* ABORTED where the etag is another; INVALID_ARGUMENT where add would make a cart named . or ..; else what items.h
 * says. A change that changes nothing leaves etag and time. */
maru_status store_change(maru_txn *txn, void *arg);

/* Takes everything out of a cart that was ordered as its etag says; one that changed since, or is not there, stays as
 * it is, and that is no error. In a write. */
maru_status store_ordered(maru_txn *txn, const char *name, const char *etag);

#endif
