/* flow.h: how a payment goes on: what it is, and what happened, to what it is then and what is to be done. Pure.
 *
 * Whatever comes in whatever order and however often: what does not fit changes nothing. Notes (submitted, reserved,
 * packed, cancelled) keep what came early until it is its turn.
 */
#ifndef SHOP_PAYMENT_FLOW_H
#define SHOP_PAYMENT_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "shop/payment.pb-c.h"

/* What happened; minor is the amount that it tells, where it tells one. */
typedef enum flow_event {
    FLOW_SUBMITTED, /* minor: of the order */
    FLOW_RESERVED,
    FLOW_PACKED,
    FLOW_CANCELLED,
    FLOW_EXPIRED,      /* the authorisation's time is over */
    FLOW_AUTHORIZE_OK, /* from here on: what the provider says it did, minor: so much */
    FLOW_AUTHORIZE_REFUSED,
    FLOW_AUTHORIZE_NEVER, /* it knows nothing of it, and never will where its key is another's */
    FLOW_CAPTURE_OK,
    FLOW_CAPTURE_REFUSED,
    FLOW_VOID_OK,      /* or there is nothing to void */
    FLOW_REFUND_ASKED, /* by an operator */
    FLOW_REFUND_OK,    /* of a refund that is pending, as is the next */
    FLOW_REFUND_REFUSED,
    FLOW_REFUND_FOUND, /* of one that this store did not ask for, as far as it knows: that was before it went back to a
                          backup, or somebody else did */
    FLOW_EVENTS
} flow_event;

/* What is to be done, in the transaction in which the payment becomes so. */
enum {
    FLOW_DO_AUTHORIZE = 1 << 0, /* tasks, which ask the provider */
    FLOW_DO_CAPTURE = 1 << 1,
    FLOW_DO_VOID = 1 << 2,
    FLOW_DO_REFUND = 1 << 3,
    FLOW_SAY_AUTHORIZED = 1 << 4, /* events */
    FLOW_SAY_DECLINED = 1 << 5,
    FLOW_SAY_CAPTURED = 1 << 6,
    FLOW_SAY_CAPTURE_REFUSED = 1 << 7,
    FLOW_SAY_VOIDED = 1 << 8,
    FLOW_SAY_REFUNDED = 1 << 9,
    FLOW_WATCH = 1 << 10, /* the authorisation's time */
    FLOW_UNWATCH = 1 << 11,
    FLOW_CHANGED = 1 << 12, /* anything at all */
};

/* Amounts in minor units of the order's currency. pending: of refunds that are asked and not settled. */
typedef struct flow {
    int     state; /* a Payment__PaymentState; UNSPECIFIED: nothing is known of the order */
    bool    submitted, reserved, packed, cancelled, expired;
    bool    capture_refused;
    bool    settled; /* paid elsewhere: whatever would be asked of the provider is done, and nothing expires */
    int64_t amount, authorized, captured, refunded, pending;
} flow;

/* flow_apply changes *f, and returns what is to be done. Where *refund is not 0, it is the amount of one more refund,
 * which is in pending already; of a settled one, in refunded. */
unsigned flow_apply(flow *f, flow_event event, int64_t minor, int64_t *refund);

/* flow_overdue notes that the time of what is or was to be given up was over before that was begun: it has expired,
 * whoever says so first. One whose capture was refused was given up for that. */
void flow_overdue(flow *f);

/* flow_left is what may still be given back: never below 0, though others may have given back what is asked for. */
int64_t flow_left(const flow *f);

#endif
