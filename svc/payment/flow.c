/* flow.c: how a payment goes on (flow.h). */
#include "flow.h"

/* Shorter names for what this file is all about. */
enum {
    NONE = PAYMENT__PAYMENT_STATE__PAYMENT_STATE_UNSPECIFIED,
    WAITING = PAYMENT__PAYMENT_STATE__WAITING,
    AUTHORIZING = PAYMENT__PAYMENT_STATE__AUTHORIZING,
    AUTHORIZED = PAYMENT__PAYMENT_STATE__AUTHORIZED,
    DECLINED = PAYMENT__PAYMENT_STATE__DECLINED,
    CAPTURING = PAYMENT__PAYMENT_STATE__CAPTURING,
    CAPTURED = PAYMENT__PAYMENT_STATE__CAPTURED,
    VOIDING = PAYMENT__PAYMENT_STATE__VOIDING,
    VOIDED = PAYMENT__PAYMENT_STATE__VOIDED,
    REFUNDING = PAYMENT__PAYMENT_STATE__REFUNDING,
    REFUNDED = PAYMENT__PAYMENT_STATE__REFUNDED,
    NOT_NEEDED = PAYMENT__PAYMENT_STATE__NOT_NEEDED,
    CAPTURE_REFUSED = PAYMENT__PAYMENT_STATE__CAPTURE_REFUSED,
};

int64_t flow_left(const flow *f)
{
    int64_t left = f->captured - f->refunded - f->pending;

    return left > 0 ? left : 0;
}

void flow_overdue(flow *f)
{
    if ((f->state == AUTHORIZED || f->state == VOIDING) && !f->capture_refused)
        f->expired = true;
}

static unsigned to(flow *f, int state, unsigned acts)
{
    f->state = state;
    return acts | FLOW_CHANGED;
}

/* ---- what others tell ---- */

/* An authorisation of nothing: nobody was asked, nothing is held, so there is nothing to wait for either. */
static bool is_free(const flow *f)
{
    return f->state == AUTHORIZED && f->authorized == 0;
}

static unsigned begin_free(flow *f)
{
    if (f->packed)
        return to(f, CAPTURED, FLOW_SAY_AUTHORIZED | FLOW_SAY_CAPTURED);
    return to(f, AUTHORIZED, FLOW_SAY_AUTHORIZED);
}

/* Both the order and its stock are there: ask. Of an order that costs nothing the provider hears nothing; one that
 * costs less than that is nobody's to pay. */
static unsigned begin(flow *f)
{
    if (f->state == NONE)
        f->state = WAITING;
    if (f->state != WAITING || !f->submitted || !f->reserved)
        return FLOW_CHANGED;
    if (f->amount == 0)
        return begin_free(f);
    return f->amount > 0 ? to(f, AUTHORIZING, FLOW_DO_AUTHORIZE) : to(f, DECLINED, FLOW_SAY_DECLINED);
}

static unsigned submitted(flow *f, int64_t minor)
{
    if (f->submitted)
        return 0;
    f->submitted = true;
    f->amount = minor;
    return begin(f);
}

static unsigned reserved(flow *f)
{
    if (f->reserved)
        return 0;
    f->reserved = true;
    return begin(f);
}

static unsigned packed(flow *f)
{
    if (f->packed)
        return 0;
    f->packed = true;
    if (is_free(f))
        return to(f, CAPTURED, FLOW_SAY_CAPTURED);
    return f->state == AUTHORIZED ? to(f, CAPTURING, FLOW_DO_CAPTURE) : begin(f);
}

static unsigned give_up(flow *f)
{
    return to(f, VOIDING, FLOW_DO_VOID | FLOW_UNWATCH);
}

/* All of nothing is given back with the word: those who follow the order hear what they hear of any. */
static unsigned give_back(flow *f, int64_t minor, int64_t *refund)
{
    if (f->captured == 0)
        return to(f, REFUNDED, FLOW_SAY_REFUNDED);
    if (minor <= 0 || minor > flow_left(f))
        return FLOW_CHANGED; /* nothing is left, as where all of it is on its way back */
    *refund = minor;
    f->pending += minor;
    return to(f, REFUNDING, FLOW_DO_REFUND);
}

/* What is not known yet, and what is under way, goes on as it is, and is undone once it is known. */
static unsigned cancelled(flow *f, int64_t *refund)
{
    if (f->cancelled)
        return 0;
    f->cancelled = true;
    if (is_free(f))
        return to(f, VOIDED, FLOW_SAY_VOIDED);
    switch (f->state) {
    case NONE:
    case WAITING:
        return to(f, NOT_NEEDED, 0);
    case AUTHORIZED:
    case CAPTURE_REFUSED:
        return give_up(f);
    case CAPTURED:
    case REFUNDING:
        return give_back(f, flow_left(f), refund);
    default:
        return FLOW_CHANGED;
    }
}

/* A capture that is under way decides by itself: the provider does not do it after that time. */
static unsigned expired(flow *f)
{
    if ((f->state != AUTHORIZED && f->state != CAPTURE_REFUSED) || is_free(f))
        return 0;
    f->expired = true;
    return give_up(f);
}

/* ---- what the provider tells ---- */

/* NOT_NEEDED: it knew nothing of it when it was asked, and did it all the same, since the request was still on its way.
 * Before it is known here that anything was asked: the store was brought back from a backup, and asked before that. */
static bool takes_authorize(const flow *f)
{
    return f->state == NONE || f->state == WAITING || f->state == AUTHORIZING || f->state == NOT_NEEDED;
}

static unsigned authorize_ok(flow *f, int64_t minor)
{
    if (!takes_authorize(f))
        return 0;
    f->authorized = minor;
    if (f->cancelled)
        return give_up(f) | FLOW_SAY_AUTHORIZED;
    if (f->packed)
        return to(f, CAPTURING, FLOW_DO_CAPTURE | FLOW_SAY_AUTHORIZED | FLOW_WATCH);
    return to(f, AUTHORIZED, FLOW_SAY_AUTHORIZED | FLOW_WATCH);
}

static unsigned authorize_refused(flow *f)
{
    return takes_authorize(f) ? to(f, DECLINED, FLOW_SAY_DECLINED) : 0;
}

static unsigned authorize_never(flow *f)
{
    return f->state == AUTHORIZING && f->cancelled ? to(f, NOT_NEEDED, 0) : 0;
}

/* Not only while it is asked: a store that was brought back from a backup may learn late what it did. */
static unsigned capture_ok(flow *f, int64_t minor, int64_t *refund)
{
    if (f->state != AUTHORIZED && f->state != CAPTURING && f->state != VOIDING && f->state != CAPTURE_REFUSED)
        return 0;
    f->captured = minor;
    to(f, CAPTURED, 0);
    return (f->cancelled ? give_back(f, flow_left(f), refund) : FLOW_CHANGED) | FLOW_SAY_CAPTURED | FLOW_UNWATCH;
}

/* As capture_ok; once, since one that is VOIDING may have been refused before. */
static unsigned capture_refused(flow *f)
{
    if (f->capture_refused || (f->state != CAPTURING && f->state != AUTHORIZED && f->state != VOIDING))
        return 0;
    f->capture_refused = true;
    if (f->state == VOIDING)
        return FLOW_CHANGED | FLOW_SAY_CAPTURE_REFUSED;
    return (f->cancelled ? give_up(f) : to(f, CAPTURE_REFUSED, 0)) | FLOW_SAY_CAPTURE_REFUSED;
}

static unsigned void_ok(flow *f)
{
    if (f->state != VOIDING && f->state != AUTHORIZED && f->state != CAPTURE_REFUSED)
        return 0;
    return to(f, VOIDED, FLOW_SAY_VOIDED | FLOW_UNWATCH);
}

static unsigned refund_asked(flow *f, int64_t minor, int64_t *refund)
{
    if ((f->state != CAPTURED && f->state != REFUNDING) || minor <= 0 || minor > flow_left(f))
        return 0;
    return give_back(f, minor, refund);
}

static unsigned refunded(flow *f, unsigned acts)
{
    if (f->pending == 0)
        to(f, f->refunded == f->captured ? REFUNDED : CAPTURED, 0);
    return FLOW_CHANGED | acts;
}

/* Of an order that is over, more was asked for than is left by now, and refused for that: others gave back part of it.
 */
static bool was_too_much(const flow *f, int64_t minor)
{
    return f->cancelled && flow_left(f) > 0 && minor > flow_left(f);
}

/* Where more are asked, the task may still wait for the answer to this one: it begins anew, with the next. */
static unsigned refund_settled(flow *f, int64_t minor, bool done, int64_t *refund)
{
    if (f->state != REFUNDING || minor <= 0 || minor > f->pending)
        return 0;
    f->pending -= minor;
    if (done)
        f->refunded += minor;
    else if (was_too_much(f, minor))
        return give_back(f, flow_left(f), refund);
    return refunded(f, (done ? FLOW_SAY_REFUNDED : 0) | (f->pending > 0 ? FLOW_DO_REFUND : 0));
}

/* It may be of what is asked for here, and not done yet: that will be refused, then. Of an order that is over, what is
 * left and not asked for was asked for before, in one with that, and refused. */
static unsigned refund_found(flow *f, int64_t minor, int64_t *refund)
{
    unsigned acts;

    if ((f->state != CAPTURED && f->state != REFUNDING) || minor <= 0 || minor > f->captured - f->refunded)
        return 0;
    f->refunded += minor;
    acts = refunded(f, FLOW_SAY_REFUNDED);
    return f->cancelled ? acts | give_back(f, flow_left(f), refund) : acts;
}

static unsigned happens(flow *f, flow_event event, int64_t minor, int64_t *refund)
{
    switch (event) {
    case FLOW_SUBMITTED:
        return submitted(f, minor);
    case FLOW_RESERVED:
        return reserved(f);
    case FLOW_PACKED:
        return packed(f);
    case FLOW_CANCELLED:
        return cancelled(f, refund);
    case FLOW_EXPIRED:
        return expired(f);
    case FLOW_AUTHORIZE_OK:
        return authorize_ok(f, minor);
    case FLOW_AUTHORIZE_REFUSED:
        return authorize_refused(f);
    case FLOW_AUTHORIZE_NEVER:
        return authorize_never(f);
    case FLOW_CAPTURE_OK:
        return capture_ok(f, minor, refund);
    case FLOW_CAPTURE_REFUSED:
        return capture_refused(f);
    case FLOW_VOID_OK:
        return void_ok(f);
    case FLOW_REFUND_ASKED:
        return refund_asked(f, minor, refund);
    case FLOW_REFUND_OK:
        return refund_settled(f, minor, true, refund);
    case FLOW_REFUND_REFUSED:
        return refund_settled(f, minor, false, refund);
    case FLOW_REFUND_FOUND:
        return refund_found(f, minor, refund);
    case FLOW_EVENTS:
        break;
    }
    return 0;
}

enum { DO_ANY = FLOW_DO_AUTHORIZE | FLOW_DO_CAPTURE | FLOW_DO_VOID | FLOW_DO_REFUND };

/* What is to be asked was done elsewhere, in full: it is as if the provider had said so. */
static unsigned done_elsewhere(flow *f, unsigned ask, int64_t *refund)
{
    int64_t none;

    if (ask & FLOW_DO_AUTHORIZE)
        return authorize_ok(f, f->amount);
    if (ask & FLOW_DO_CAPTURE)
        return capture_ok(f, f->authorized, refund);
    return ask & FLOW_DO_VOID ? void_ok(f) : refund_settled(f, *refund, true, &none);
}

unsigned flow_apply(flow *f, flow_event event, int64_t minor, int64_t *refund)
{
    unsigned acts;

    *refund = 0;
    acts = happens(f, event, minor, refund);
    if (!f->settled)
        return acts;
    while (acts & DO_ANY)
        acts = (acts & ~(unsigned)DO_ANY) | done_elsewhere(f, acts & DO_ANY, refund);
    return acts & ~(unsigned)(FLOW_WATCH | FLOW_UNWATCH);
}
