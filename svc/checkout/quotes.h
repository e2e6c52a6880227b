/* quotes.h: the quotes that are kept, each until a day after it expired. Whether one made an order, the orders tell. */
#ifndef SHOP_CHECKOUT_QUOTES_H
#define SHOP_CHECKOUT_QUOTES_H

#include "maru/events.h"
#include "maru/store.h"

#include "shop/checkout.pb-c.h"

/* Stores a quote: a maru_txn_fn of a write. */
struct quotes_add {
    Checkout__Quote *quote; /* all but the time is set; that is set here */
    int64_t          good_ms;
};
maru_status quotes_add(maru_txn *txn, void *arg);

/* quotes_get loads one. NOT_FOUND with words. */
maru_status quotes_get(maru_txn *txn, const char *name, Checkout__Quote **quote);

/* The timer, by the quote's name, after which it is forgotten. */
#define QUOTES_TIMER "forget-quote"
maru_status quotes_forget(maru_txn *txn, const char *name, const ProtobufCMessage *payload);

#endif
