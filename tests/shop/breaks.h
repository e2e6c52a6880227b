/* breaks.h: the ways in which a store is broken on purpose: each changes what one service keeps, behind its back. */
#ifndef MARU_TEST_BREAKS_H
#define MARU_TEST_BREAKS_H

#include "shop.h"

/* The orders of the shop that is broken. */
typedef struct breaks_orders {
    const char *completed;
    const char *cancelled; /* by the customer, once it was reserved and authorised: voided and released */
    const char *past;      /* made elsewhere; some of it came back */
} breaks_orders;

typedef struct breaks_row {
    const char *sentence;
    fleet_ship  ship;
    maru_txn_fn fn;    /* arg: const breaks_orders */
    const char *finds; /* the checks that must find it, in their order, and no others */
} breaks_row;

extern const breaks_row breaks_all[]; /* in order of ship; ends with a row without sentence */

/* Tables as the stores are opened with, for rows that have a file of their own. */
extern const maru_table *const breaks_reservations, *const breaks_payments;

/* breaks_do breaks it; the ship does not run. */
bool breaks_do(shop *s, const breaks_row *row, const breaks_orders *orders);

#endif
