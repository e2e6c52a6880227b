/* record.c: the record of an order's payment (record.h). */
#include "record.h"

#include <string.h>

#include "maru/events.h"
#include "payment.h"

enum { NS_PER_S = 1000000000 };

const maru_table payment_records = {.number = 1, .name = "payments", .record = &payment__payment_record__descriptor};

maru_status record_load(maru_txn *txn, const char *order, Payment__PaymentRecord **record)
{
    return maru_get(txn, &payment_records, maru_key_text(order), (ProtobufCMessage **)record);
}

maru_status record_open(maru_txn *txn, const char *order, Payment__PaymentRecord **record)
{
    maru_status status = record_load(txn, order, record);

    if (status != MARU_NOT_FOUND)
        return status;
    *record = maru_txn_alloc(txn, sizeof **record);
    **record = (Payment__PaymentRecord)PAYMENT__PAYMENT_RECORD__INIT;
    (*record)->payment = maru_txn_alloc(txn, sizeof *(*record)->payment);
    *(*record)->payment = (Payment__Payment)PAYMENT__PAYMENT__INIT;
    (*record)->payment->order = maru_txn_strdup(txn, order);
    return MARU_OK;
}

static Google__Protobuf__Timestamp *time_at(maru_txn *txn, int64_t ns)
{
    Google__Protobuf__Timestamp *time = maru_txn_alloc(txn, sizeof *time);

    *time = (Google__Protobuf__Timestamp)GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    time->seconds = ns / NS_PER_S;
    time->nanos = (int32_t)(ns % NS_PER_S);
    return time;
}

static int64_t ns_of(const Google__Protobuf__Timestamp *time)
{
    return time->seconds * NS_PER_S + time->nanos;
}

maru_status record_put(maru_txn *txn, Payment__PaymentRecord *record, Google__Protobuf__Timestamp *time)
{
    record->payment->update_time = time != NULL ? time : time_at(txn, maru_txn_wall_clock(txn));
    return maru_put(txn, &payment_records, maru_key_text(record->payment->order), &record->base);
}

Shop__Money *record_money(maru_txn *txn, const char *currency, int64_t minor)
{
    Shop__Money *money = maru_txn_alloc(txn, sizeof *money);

    *money = (Shop__Money)SHOP__MONEY__INIT;
    money->currency = (char *)currency;
    money->minor = minor;
    return money;
}

bool record_is_held(maru_txn *txn, const Payment__PaymentRecord *record)
{
    const Google__Protobuf__Timestamp *end = record->payment->expire_time;

    return end == NULL || maru_txn_wall_clock(txn) < ns_of(end);
}

/* ---- record and flow ---- */

static int64_t minor_of(const Shop__Money *money)
{
    return money != NULL ? money->minor : 0;
}

flow record_flow(const Payment__PaymentRecord *record)
{
    const Payment__Payment *payment = record->payment;
    flow                    f = {.state = payment->state,
                                 .submitted = record->submitted,
                                 .reserved = record->reserved,
                                 .packed = record->packed,
                                 .cancelled = payment->cancelled,
                                 .expired = record->expired,
                                 .capture_refused = record->capture_refused || payment->state == PAYMENT__PAYMENT_STATE__CAPTURE_REFUSED,
                                 .settled = payment->settle_time != NULL,
                                 .amount = minor_of(payment->amount),
                                 .authorized = minor_of(payment->authorized),
                                 .captured = minor_of(payment->captured),
                                 .refunded = minor_of(payment->refunded)};

    for (size_t i = 0; i < record->n_refunds; i++)
        f.pending += record->refunds[i]->settled ? 0 : minor_of(record->refunds[i]->amount);
    return f;
}

/* Of the order, else of what the provider tells. */
static const char *currency_of(const Payment__PaymentRecord *record, const struct record_step *step)
{
    const Payment__Payment *payment = record->payment;

    if (payment->amount != NULL)
        return payment->amount->currency;
    if (payment->authorized != NULL)
        return payment->authorized->currency;
    return step->amount != NULL ? step->amount->currency : "";
}

static Shop__Money *some(maru_txn *txn, const char *currency, int64_t minor)
{
    return minor != 0 ? record_money(txn, currency, minor) : NULL;
}

static void set_flow(maru_txn *txn, Payment__PaymentRecord *record, const flow *f, const struct record_step *step)
{
    Payment__Payment *payment = record->payment;
    const char       *currency = currency_of(record, step);

    payment->state = (Payment__PaymentState)f->state;
    payment->cancelled = f->cancelled;
    record->submitted = f->submitted;
    record->reserved = f->reserved;
    record->packed = f->packed;
    record->expired = f->expired;
    record->capture_refused = f->capture_refused;
    if (f->submitted)
        payment->amount = record_money(txn, currency, f->amount);
    payment->authorized = some(txn, currency, f->authorized);
    payment->captured = some(txn, currency, f->captured);
    payment->refunded = some(txn, currency, f->refunded);
}

/* Of what was paid elsewhere, it was given back there. */
static Payment__Refund *add_refund(maru_txn *txn, Payment__PaymentRecord *record, int64_t minor, const char *reason)
{
    Payment__Refund **all = maru_txn_alloc(txn, (record->n_refunds + 1) * sizeof *all);
    Payment__Refund  *refund = maru_txn_alloc(txn, sizeof *refund);

    *refund = (Payment__Refund)PAYMENT__REFUND__INIT;
    refund->amount = record_money(txn, record->payment->captured->currency, minor);
    refund->reason = (char *)reason;
    refund->settled = record->payment->settle_time != NULL;
    for (size_t i = 0; i < record->n_refunds; i++)
        all[i] = record->refunds[i];
    all[record->n_refunds++] = refund;
    record->refunds = all;
    return refund;
}

/* ---- what follows ---- */

/* In an event there is always an amount: of an order that costs nothing it is 0. */
static Shop__Money *told(maru_txn *txn, const Payment__PaymentRecord *record, Shop__Money *amount)
{
    const Shop__Money *ours = record->payment->amount;

    return amount != NULL ? amount : record_money(txn, ours != NULL ? ours->currency : "", 0);
}

static maru_status say_authorized(maru_txn *txn, const Payment__PaymentRecord *record, const struct record_step *step)
{
    Payment__PaymentAuthorized event = PAYMENT__PAYMENT_AUTHORIZED__INIT;

    event.order = record->payment->order;
    event.amount = told(txn, record, record->payment->authorized);
    event.expire_time = record->payment->expire_time;
    return maru_emit(txn, event.order, &event.base);
}

static maru_status say_declined(maru_txn *txn, const Payment__PaymentRecord *record, const struct record_step *step)
{
    Payment__PaymentDeclined event = PAYMENT__PAYMENT_DECLINED__INIT;

    event.order = record->payment->order;
    event.reason = record->payment->detail;
    return maru_emit(txn, event.order, &event.base);
}

static maru_status say_captured(maru_txn *txn, const Payment__PaymentRecord *record, const struct record_step *step)
{
    Payment__PaymentCaptured event = PAYMENT__PAYMENT_CAPTURED__INIT;

    event.order = record->payment->order;
    event.amount = told(txn, record, record->payment->captured);
    return maru_emit(txn, event.order, &event.base);
}

static maru_status say_capture_refused(maru_txn *txn, const Payment__PaymentRecord *record,
                                       const struct record_step *step)
{
    Payment__PaymentCaptureRefused event = PAYMENT__PAYMENT_CAPTURE_REFUSED__INIT;

    event.order = record->payment->order;
    event.reason = record->payment->detail;
    return maru_emit(txn, event.order, &event.base);
}

static maru_status say_voided(maru_txn *txn, const Payment__PaymentRecord *record, const struct record_step *step)
{
    Payment__PaymentVoided event = PAYMENT__PAYMENT_VOIDED__INIT;

    event.order = record->payment->order;
    event.expired = record->expired;
    event.by_others = step->others && !record->expired && !record->payment->cancelled;
    return maru_emit(txn, event.order, &event.base);
}

static maru_status say_refunded(maru_txn *txn, const Payment__PaymentRecord *record, const struct record_step *step)
{
    Payment__RefundSucceeded event = PAYMENT__REFUND_SUCCEEDED__INIT;

    event.order = record->payment->order;
    event.amount = told(txn, record, (Shop__Money *)step->amount);
    event.refunded = told(txn, record, record->payment->refunded);
    return maru_emit(txn, event.order, &event.base);
}

static const struct {
    unsigned act;
    maru_status (*say)(maru_txn *txn, const Payment__PaymentRecord *record, const struct record_step *step);
} says[] = {
    /* One step may say two: in this order. */
    {FLOW_SAY_AUTHORIZED, say_authorized}, {FLOW_SAY_DECLINED, say_declined},
    {FLOW_SAY_CAPTURED, say_captured},     {FLOW_SAY_CAPTURE_REFUSED, say_capture_refused},
    {FLOW_SAY_VOIDED, say_voided},         {FLOW_SAY_REFUNDED, say_refunded},
};

static const struct {
    unsigned    act;
    const char *task;
    int         state; /* in which it is needed */
} tasks[] = {
    {FLOW_DO_AUTHORIZE, "authorize", PAYMENT__PAYMENT_STATE__AUTHORIZING},
    {FLOW_DO_CAPTURE, "capture", PAYMENT__PAYMENT_STATE__CAPTURING},
    {FLOW_DO_VOID, "void", PAYMENT__PAYMENT_STATE__VOIDING},
    {FLOW_DO_REFUND, "refund", PAYMENT__PAYMENT_STATE__REFUNDING},
};

static const char EXPIRE[] = "expire-authorization";

static maru_status watch(maru_txn *txn, const Payment__PaymentRecord *record)
{
    Payment__Work nothing = PAYMENT__WORK__INIT;

    return maru_timer_set(txn, EXPIRE, record->payment->order, ns_of(record->payment->expire_time), &nothing.base);
}

/* What is known needs no answer any more: a task that still waited for one would keep its place from others. */
static maru_status end_task(maru_txn *txn, const Payment__PaymentRecord *record, int before)
{
    maru_status status = MARU_OK;

    for (size_t i = 0; i < sizeof tasks / sizeof *tasks && status == MARU_OK; i++)
        if (tasks[i].state == before && (int)record->payment->state != before)
            status = maru_timer_clear(txn, tasks[i].task, record->payment->order);
    return status;
}

static maru_status follow(maru_txn *txn, const Payment__PaymentRecord *record, const struct record_step *step,
                          unsigned acts)
{
    Payment__Work nothing = PAYMENT__WORK__INIT;
    int64_t       now = maru_txn_wall_clock(txn);
    const char   *order = record->payment->order;
    maru_status   status = MARU_OK;

    for (size_t i = 0; i < sizeof says / sizeof *says && status == MARU_OK; i++)
        if (acts & says[i].act)
            status = says[i].say(txn, record, step);
    for (size_t i = 0; i < sizeof tasks / sizeof *tasks && status == MARU_OK; i++)
        if (acts & tasks[i].act)
            status = maru_timer_set(txn, tasks[i].task, order, now, &nothing.base);
    if (status == MARU_OK && acts & FLOW_WATCH)
        status = watch(txn, record);
    if (status == MARU_OK && acts & FLOW_UNWATCH)
        status = maru_timer_clear(txn, EXPIRE, order);
    return status;
}

/* ---- a step ---- */

/* By the provider's own time, so that both have the same end of it in mind. Nothing, authorised, has no end, nor has
 * what was paid elsewhere. */
static void note_authorized(maru_txn *txn, Payment__Payment *payment, const struct record_step *step)
{
    const struct payment_service *svc = maru_txn_settings(txn);
    int64_t                       at = maru_txn_wall_clock(txn);
    int64_t                       holds_ms = PAYMENT_AUTHORIZATION_MS;

    if (step->time != NULL)
        at = ns_of(step->time);
    if (svc != NULL && svc->authorization_ms > 0)
        holds_ms = svc->authorization_ms;
    payment->authorize_time = payment->settle_time != NULL ? payment->settle_time : time_at(txn, at);
    if (payment->authorized != NULL && payment->settle_time == NULL)
        payment->expire_time = time_at(txn, at + holds_ms * MARU_NS_PER_MS);
}

/* Of an order that is over a part may still be kept when another was given back, for what was refused before; "": the
 * order goes on, or nothing is kept. */
static const char *kept_for(const Payment__PaymentRecord *record)
{
    if (record->payment->cancelled && record->payment->state == PAYMENT__PAYMENT_STATE__CAPTURED)
        for (size_t i = record->n_refunds; i > 0; i--)
            if (*record->refunds[i - 1]->refusal != '\0')
                return record->refunds[i - 1]->refusal;
    return "";
}

/* What a person should know. What was unknown is known by then. */
static const char *detail_after(const Payment__PaymentRecord *record, const struct record_step *step, unsigned acts)
{
    if (acts & FLOW_SAY_DECLINED && step->reason == NULL)
        return "amount_below_zero";
    if (step->event == FLOW_REFUND_REFUSED && record->payment->state == PAYMENT__PAYMENT_STATE__REFUNDED)
        return ""; /* others gave all of it back */
    if (acts & (FLOW_SAY_DECLINED | FLOW_SAY_CAPTURE_REFUSED) || step->event == FLOW_REFUND_REFUSED)
        return step->reason;
    if (acts & FLOW_SAY_VOIDED && record->expired)
        return "authorization_expired";
    if (step->event == FLOW_AUTHORIZE_NEVER && step->reason != NULL)
        return step->reason;
    if (acts & FLOW_SAY_REFUNDED)
        return kept_for(record);
    if (acts & (FLOW_SAY_AUTHORIZED | FLOW_SAY_CAPTURED | FLOW_SAY_VOIDED) || step->event == FLOW_AUTHORIZE_NEVER)
        return "";
    return record->payment->detail;
}

/* What happens to an order of the past happened then. */
static Google__Protobuf__Timestamp *time_of(const Payment__PaymentRecord *record, const struct record_step *step)
{
    if (record->payment->settle_time == NULL)
        return NULL;
    return step->time != NULL ? (Google__Protobuf__Timestamp *)step->time : record->payment->settle_time;
}

/* It was voided because its time was over: then it was done after that, and what was cancelled was cancelled after
 * that. A timer says so too, but a store that went back to a backup may hear of these first. */
static bool is_overdue(const Payment__PaymentRecord *record, const struct record_step *step)
{
    const Google__Protobuf__Timestamp *end = record->payment->expire_time;
    const Google__Protobuf__Timestamp *begun = record->payment->cancelled ? record->cancel_time : step->time;

    return step->event == FLOW_VOID_OK && end != NULL && begun != NULL && ns_of(begun) >= ns_of(end);
}

/* f is what the record was, before the refund of this step was marked as settled. */
static maru_status move_on(maru_txn *txn, Payment__PaymentRecord *record, flow f, const struct record_step *step)
{
    struct record_step told = *step;
    int64_t            refund;
    int                before = f.state;
    unsigned           acts;
    maru_status        status;

    if (is_overdue(record, step))
        flow_overdue(&f);
    if ((acts = flow_apply(&f, step->event, minor_of(step->amount), &refund)) == 0)
        return MARU_OK;
    set_flow(txn, record, &f, step);
    record->payment->detail = (char *)detail_after(record, step, acts);
    if (acts & FLOW_SAY_AUTHORIZED)
        note_authorized(txn, record->payment, step);
    if (refund > 0)
        add_refund(txn, record, refund, step->event == FLOW_REFUND_ASKED ? step->reason : "the order was cancelled");
    if (refund > 0 && record->payment->settle_time != NULL) /* given back at once: it is what is told */
        told.amount = record->refunds[record->n_refunds - 1]->amount;
    if ((status = record_put(txn, record, time_of(record, step))) != MARU_OK ||
        (status = end_task(txn, record, before)) != MARU_OK)
        return status;
    return follow(txn, record, &told, acts);
}

maru_status record_step(maru_txn *txn, Payment__PaymentRecord *record, const struct record_step *step)
{
    return move_on(txn, record, record_flow(record), step);
}

maru_status record_settle(maru_txn *txn, Payment__PaymentRecord *record, Payment__Refund *refund,
                          const struct record_step *step)
{
    flow before = record_flow(record);

    refund->settled = 1;
    refund->refused = step->event == FLOW_REFUND_REFUSED;
    return move_on(txn, record, before, step);
}

maru_status record_find(maru_txn *txn, Payment__PaymentRecord *record, const struct record_step *step)
{
    flow             before = record_flow(record);
    Payment__Refund *refund =
        add_refund(txn, record, step->amount->minor, "it was asked for before the store was lost");

    refund->settled = 1;
    refund->refused = step->event == FLOW_REFUND_REFUSED;
    if (refund->refused) /* nothing came of it, but its number is taken */
        return record_put(txn, record, NULL);
    return move_on(txn, record, before, step);
}

bool record_has_others(const Payment__PaymentRecord *record, const char *key)
{
    for (size_t i = 0; i < record->n_others; i++)
        if (strcmp(record->others[i], key) == 0)
            return true;
    return false;
}

/* One that does not fit, as more than is left, is not counted, and may come again. */
maru_status record_count_others(maru_txn *txn, Payment__PaymentRecord *record, const char *key,
                                const struct record_step *step)
{
    flow        before = record_flow(record);
    char      **all = maru_txn_alloc(txn, (record->n_others + 1) * sizeof *all);
    maru_status status;

    for (size_t i = 0; i < record->n_others; i++)
        all[i] = record->others[i];
    all[record->n_others++] = (char *)key;
    record->others = all;
    status = move_on(txn, record, before, step);
    if (minor_of(record->payment->refunded) == before.refunded)
        record->n_others--;
    return status;
}

maru_status record_ask_again(maru_txn *txn, const Payment__PaymentRecord *record)
{
    Payment__Work nothing = PAYMENT__WORK__INIT;
    maru_status   status = MARU_OK;

    if (record->payment->detail[0] == '\0') /* it is asked for the first time */
        return MARU_OK;
    for (size_t i = 0; i < sizeof tasks / sizeof *tasks && status == MARU_OK; i++)
        if (tasks[i].state == (int)record->payment->state)
            status =
                maru_timer_set(txn, tasks[i].task, record->payment->order, maru_txn_wall_clock(txn), &nothing.base);
    return status;
}
