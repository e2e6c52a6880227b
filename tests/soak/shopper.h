/* shopper.h: customers: each fills a cart, asks what it costs, orders, and perhaps thinks better of it. A call that
 * fails by the way is made again with the same request id, until it is answered or the time is over.
 */
#ifndef MARU_SOAK_SHOPPER_H
#define MARU_SOAK_SHOPPER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "fleet.h"
#include "maru/client.h"
#include "maru/runtime.h"

enum { PRODUCTS = 40, ORDER_NAME = 64 };

typedef struct market {
    maru_runtime *runtime;
    const fleet  *fleet;
    maru_client  *catalog, *cart, *checkout, *inventory, *payment, *provider;
    uint64_t      seed;
    bool          plenty;      /* there is enough of everything */
    long          orders;      /* how many there shall be */
    atomic_long   next;        /* the number of the next */
    atomic_long   placed;      /* were acknowledged */
    atomic_long   refused;     /* were refused for a reason of the shop's own */
    atomic_long   cancels;     /* were asked for, and acknowledged */
    atomic_long   by_http;     /* of those placed: through the edge */
    atomic_long   in_flight;   /* placed, and not seen to be over: what a kill may hit */
    atomic_bool   failed;      /* something was wrong: words are on stderr */
    char (*names)[ORDER_NAME]; /* of order i; "" where it was refused */
} market;

bool market_open(market *m, const fleet *f, long orders, uint64_t seed);
void market_close(market *m);

/* market_stock makes products, with more of some than of others, and tells the provider how to misbehave. */
bool market_stock(market *m);

/* What a customer does beside buying. */
typedef struct plan {
    const char *card;      /* NULL: one that works */
    bool        short_of;  /* asks for more than there is */
    bool        repeats;   /* places the order twice */
    bool        by_http;   /* places it through the edge */
    bool        leaves;    /* once the order is placed: does not see how it ends */
    bool        past;      /* brings an order of the past instead: nothing else of the plan matters */
    int64_t     cancel_ms; /* after it was placed; -1: never */
} plan;

#define CARD_DECLINED        "4000000000000002"
#define CARD_CAPTURE_REFUSED "4000000000000069"

/* market_serve is one customer, from the cart to the end of the order. m->failed is set where something was wrong. */
void market_serve(market *m, long number, plan way);

/* market_shop is a thread: one customer after the other, until there are enough orders. */
void *market_shop(void *market);

/* market_recall sees that every order that was acknowledged is there, and over. */
bool market_recall(market *m);

#endif
