/* machine.c: the states of an order (machine.h). */
#include "machine.h"

#include <assert.h>

/* What is done about it. */
enum action {
    STAY = 0,
    NOTE_RESERVED,     /* noted; with the authorisation there too it is confirmed */
    NOTE_AUTHORIZED,   /* noted; with the reservation there too it is confirmed */
    CANCEL_UNRESERVED, /* cancelled, unless the reservation was heard of, or what follows from it */
    CANCEL,            /* at once: nothing of it can be on its way */
    CANCEL_UNLEFT,     /* the same, unless it left: then shipping's store went back to a backup, and it hears so */
    ASK,               /* shipping, whether it can still be stopped; unless it left */
    ASK_OR_SAY,        /* the same, for the customer: who is told where it left */
    NOTE_LEFT,         /* noted: no cancel from now on */
    CONFIRM_LEFT,      /* what left was reserved and authorised, whether or not that was heard */
    BACK,              /* it left: it goes on as if nobody had asked */
    COMPLETE,
    REFUSE,
};

enum { STATES = CHECKOUT__ORDER_STATE__CANCELLED + 1 };

/* What is not here is STAY: late, twice, or of no meaning in that state. In particular,
 *   - what was authorised was reserved: payment asks for no money before it heard so;
 *   - a reservation that expired under a confirmed order is inventory's to renew or to reject;
 *   - of a parcel only shipping knows where it is: while it is asked, nothing else cancels;
 *   - what shipping stopped will never be delivered, whether or not the question is remembered here.
 * Of a submitted order nothing can have been captured or have left, unless this store is an older one that was
 * restored: then it catches up, and the others decide. */
static const enum action actions[STATES][HAPPENINGS] = {
    [CHECKOUT__ORDER_STATE__SUBMITTED] =
        {
            [HAPPENED_STOCK_RESERVED] = NOTE_RESERVED,
            [HAPPENED_STOCK_REJECTED] = CANCEL,
            [HAPPENED_STOCK_EXPIRED] = CANCEL,
            [HAPPENED_STOCK_TIMED_OUT] = CANCEL_UNRESERVED,
            [HAPPENED_PAYMENT_AUTHORIZED] = NOTE_AUTHORIZED,
            [HAPPENED_PAYMENT_DECLINED] = CANCEL,
            [HAPPENED_AUTHORIZATION_EXPIRED] = ASK,
            [HAPPENED_CAPTURE_REFUSED] = ASK,
            [HAPPENED_UNDONE] = ASK, /* of a cancel that this store, an older one, does not know of */
            [HAPPENED_DISPATCHED] = CONFIRM_LEFT,
            [HAPPENED_DELIVERED] = COMPLETE,
            [HAPPENED_STOPPED] = CANCEL_UNLEFT,
            [HAPPENED_NOT_STOPPED] = CONFIRM_LEFT,
            [HAPPENED_CANCEL_ASKED] = CANCEL,
        },
    [CHECKOUT__ORDER_STATE__CONFIRMED] =
        {
            [HAPPENED_STOCK_REJECTED] = ASK, /* of a restored inventory: shipping may have heard that it was pinned */
            [HAPPENED_AUTHORIZATION_EXPIRED] = ASK,
            [HAPPENED_CAPTURE_REFUSED] = ASK,
            [HAPPENED_UNDONE] = ASK, /* of a cancel that this store, an older one, does not know of */
            [HAPPENED_DISPATCHED] = NOTE_LEFT,
            [HAPPENED_DELIVERED] = COMPLETE,
            [HAPPENED_STOPPED] = CANCEL_UNLEFT,
            [HAPPENED_NOT_STOPPED] = NOTE_LEFT,
            [HAPPENED_CANCEL_ASKED] = ASK_OR_SAY,
        },
    [CHECKOUT__ORDER_STATE__CANCELLING] =
        {
            [HAPPENED_DISPATCHED] = NOTE_LEFT,
            [HAPPENED_DELIVERED] = COMPLETE,
            [HAPPENED_STOPPED] = CANCEL_UNLEFT,
            [HAPPENED_NOT_STOPPED] = BACK,
        },
    [CHECKOUT__ORDER_STATE__COMPLETED] = {[HAPPENED_CANCEL_ASKED] = REFUSE},
};

/* Why, where that is what ends it. A reason that is there already stays. */
static const Checkout__CancelReason reasons[HAPPENINGS] = {
    [HAPPENED_STOCK_REJECTED] = CHECKOUT__CANCEL_REASON__OUT_OF_STOCK,
    [HAPPENED_STOCK_EXPIRED] = CHECKOUT__CANCEL_REASON__PAYMENT_TIME_OUT,
    [HAPPENED_STOCK_TIMED_OUT] = CHECKOUT__CANCEL_REASON__STOCK_TIME_OUT,
    [HAPPENED_PAYMENT_DECLINED] = CHECKOUT__CANCEL_REASON__DECLINED,
    [HAPPENED_AUTHORIZATION_EXPIRED] = CHECKOUT__CANCEL_REASON__AUTHORIZATION_EXPIRED,
    [HAPPENED_CAPTURE_REFUSED] = CHECKOUT__CANCEL_REASON__PAYMENT_FAILED,
    [HAPPENED_STOPPED] = CHECKOUT__CANCEL_REASON__CUSTOMER, /* who asked is forgotten: most often it was they */
    [HAPPENED_UNDONE] = CHECKOUT__CANCEL_REASON__CUSTOMER,  /* so here */
    [HAPPENED_CANCEL_ASKED] = CHECKOUT__CANCEL_REASON__CUSTOMER,
};

const char *machine_happening_name(enum happening what)
{
    static const char *const names[HAPPENINGS] = {
#define X(name) #name,
        MACHINE_HAPPENINGS(X)
#undef X
    };

    return names[what];
}

static enum machine_say leave(struct machine *order, Checkout__OrderState state, enum happening what,
                              enum machine_say say)
{
    order->state = state;
    if (order->reason == CHECKOUT__CANCEL_REASON__CANCEL_REASON_UNSPECIFIED)
        order->reason = reasons[what];
    return say;
}

static enum machine_say confirm_if_both(struct machine *order)
{
    if (!order->reserved || !order->authorized)
        return SAY_NOTHING;
    order->state = CHECKOUT__ORDER_STATE__CONFIRMED;
    return SAY_CONFIRMED;
}

static enum machine_say go_on(struct machine *order, Checkout__OrderState state, enum machine_say say)
{
    order->state = state;
    order->reason = CHECKOUT__CANCEL_REASON__CANCEL_REASON_UNSPECIFIED;
    order->dispatched = true;
    return say;
}

static enum machine_say act(struct machine *order, enum action action, enum happening what)
{
    switch (action) {
    case NOTE_RESERVED:
        order->reserved = true;
        return confirm_if_both(order);
    case NOTE_AUTHORIZED:
        order->authorized = true;
        return confirm_if_both(order);
    case CANCEL:
        return leave(order, CHECKOUT__ORDER_STATE__CANCELLED, what, SAY_CANCELLED);
    case ASK:
        return leave(order, CHECKOUT__ORDER_STATE__CANCELLING, what, SAY_CANCEL_REQUESTED);
    case NOTE_LEFT:
        order->dispatched = true;
        return SAY_NOTHING;
    case CONFIRM_LEFT:
        order->reserved = order->authorized = order->dispatched = true;
        return confirm_if_both(order);
    case BACK:
        return go_on(order, CHECKOUT__ORDER_STATE__CONFIRMED, SAY_NOTHING);
    case COMPLETE:
        return go_on(order, CHECKOUT__ORDER_STATE__COMPLETED, SAY_COMPLETED);
    case REFUSE:
        return SAY_REFUSED;
    default:
        return SAY_NOTHING;
    }
}

/* An action that depends on what was heard before is one that does not. */
static enum action settle(const struct machine *order, enum action action)
{
    switch (action) {
    case CANCEL_UNRESERVED:
        return order->reserved || order->authorized ? STAY : CANCEL;
    case CANCEL_UNLEFT:
        return order->dispatched ? STAY : CANCEL;
    case ASK:
        return order->dispatched ? STAY : ASK;
    case ASK_OR_SAY:
        return order->dispatched ? REFUSE : ASK;
    default:
        return action;
    }
}

enum machine_say machine_step(struct machine *order, enum happening what)
{
    assert(order->state > 0 && (int)order->state < STATES && what < HAPPENINGS);
    return act(order, settle(order, actions[order->state][what]), what);
}
