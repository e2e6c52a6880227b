/* tables.h: the tables of checkout's store, and their keys.
 *
 * Those that read and write them: quotes.c, place.c, past.c, returns.c, order.c, timeline.c, listing.c, early.c,
 * naming.c.
 */
#ifndef SHOP_CHECKOUT_TABLES_H
#define SHOP_CHECKOUT_TABLES_H

#include "maru/store.h"

#include "shop/checkout.pb-c.h"

enum { STORE_VERSION = 1 };

extern const maru_table *const checkout_tables[];

extern const maru_table table_orders;    /* OrderRecord by "orders/ID" */
extern const maru_table table_quotes;    /* Quote by "quotes/ID" */
extern const maru_table table_requests;  /* RequestRecord by request_id */
extern const maru_table table_timelines; /* Timeline by "orders/ID"; after_ms is not kept */
extern const maru_table table_newest;    /* OrderPointer by key_newest("") */
extern const maru_table table_customers; /* OrderPointer by key_newest(customer) */
extern const maru_table table_carts;     /* OrderPointer by key_cart: which state of which cart was ordered */
extern const maru_table table_invoices;  /* RequestRecord by invoice of a past order */
extern const maru_table table_returns;   /* ReturnRecord by invoice of a return */
extern const maru_table table_early;     /* EarlyNews by "orders/ID" of an order that is not here */
extern const maru_table table_keys;      /* NamingKey by "past" */

/* owner, a NUL, and what is left of 2^64 - 1 above number: of two orders of an owner the newer comes first. */
maru_key key_newest(maru_txn *txn, const char *owner, uint64_t number);
/* The beginning of all keys of an owner. */
maru_key key_owner(maru_txn *txn, const char *owner);
uint64_t key_newest_number(maru_key newest);

maru_key key_cart(maru_txn *txn, const char *cart, const char *etag);

#endif
