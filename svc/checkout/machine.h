/* machine.h: the states of an order: what happened, and what follows from it. Pure.
 *
 * The events of different services come in any order, and late; so every state has an answer to everything that can
 * happen. Most are: nothing. machine.c has it as one table.
 */
#ifndef SHOP_CHECKOUT_MACHINE_H
#define SHOP_CHECKOUT_MACHINE_H

#include <stdbool.h>

#include "shop/checkout.pb-c.h"

/* What can happen to an order. Stores keep the numbers (early.c): new ones go behind the last. */
#define MACHINE_HAPPENINGS(X)                                                                                          \
    X(NEWS) /* something that changes no order, such as that a parcel was packed */                                    \
    X(STOCK_RESERVED)                                                                                                  \
    X(STOCK_REJECTED)  /* instead of being reserved, or of being pinned after its time */                              \
    X(STOCK_EXPIRED)   /* the reservation ended by its time */                                                         \
    X(STOCK_TIMED_OUT) /* inventory had its time to answer */                                                          \
    X(PAYMENT_AUTHORIZED)                                                                                              \
    X(PAYMENT_DECLINED)                                                                                                \
    X(AUTHORIZATION_EXPIRED) /* it was voided, by its time */                                                          \
    X(CAPTURE_REFUSED)       /* or it can't be captured, since somebody gave it up at the provider */                  \
    X(UNDONE)                /* stock or money was given up because the order was cancelled */                         \
    X(DISPATCHED)                                                                                                      \
    X(DELIVERED)                                                                                                       \
    X(STOPPED)      /* shipping: it will not leave */                                                                  \
    X(NOT_STOPPED)  /* shipping: it left already */                                                                    \
    X(CANCEL_ASKED) /* by the customer */

enum happening {
#define X(name) HAPPENED_##name,
    MACHINE_HAPPENINGS(X)
#undef X
        HAPPENINGS
};

const char *machine_happening_name(enum happening what);

/* All of an order that the machine knows. */
struct machine {
    Checkout__OrderState   state;
    Checkout__CancelReason reason;     /* of CANCELLING and CANCELLED, else unspecified */
    bool                   reserved;   /* was heard */
    bool                   authorized; /* was heard */
    bool                   dispatched; /* it left, as far as is known */
};

/* What there is to say to the others, or to the customer. */
enum machine_say {
    SAY_NOTHING,
    SAY_CONFIRMED,
    SAY_CANCEL_REQUESTED,
    SAY_CANCELLED,
    SAY_COMPLETED,
    SAY_REFUSED, /* to who asked for the cancel: too late. Nothing changed */
};

/* machine_step changes order by what happened, and returns what is to be said. Its state is none of the unspecified. */
enum machine_say machine_step(struct machine *order, enum happening what);

#endif
