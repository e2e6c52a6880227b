/* refunds.c: what the provider says of refunds (refunds.h). */
#include "refunds.h"

#include <stdio.h>

#include "maru/log.h"
#include "operation.h"
#include "store.h"

/* The refund of its number, which must wait for its end. */
static Payment__Refund *open_refund(const Payment__PaymentRecord *record, unsigned number)
{
    if (number < 1 || number > record->n_refunds || record->refunds[number - 1]->settled)
        return NULL;
    return record->refunds[number - 1];
}

/* What was given back was captured, in full, though the news of that may be yet to come. */
static maru_status capture_first(maru_txn *txn, Payment__PaymentRecord *record, const Provider__Operation *operation)
{
    struct record_step step = {.event = FLOW_CAPTURE_OK, .amount = record->payment->authorized};

    return operation->succeeded && operation_is_authorized(record, operation) ? record_step(txn, record, &step)
                                                                              : MARU_OK;
}

static maru_status count_others(maru_txn *txn, Payment__PaymentRecord *record, const Provider__Operation *operation)
{
    const struct record_step step = {.event = FLOW_REFUND_FOUND, .amount = operation->amount};

    if (record_has_others(record, operation->key))
        return MARU_OK;
    if (record->n_others < PAYMENT_REFUNDS_MAX)
        return record_count_others(txn, record, operation->key, &step);
    maru_txn_log(txn, MARU_LOG_WARN,
                 "%s: the provider gave back %lld by %.200s, which somebody else asked for: it is not "
                 "counted, as %d of them are",
                 record->payment->order, (long long)operation->amount->minor, operation->key, PAYMENT_REFUNDS_MAX);
    return MARU_OK;
}

maru_status refunds_others(maru_txn *txn, Payment__PaymentRecord *record, const Provider__Operation *operation)
{
    maru_status status = capture_first(txn, record, operation);

    return status == MARU_OK ? count_others(txn, record, operation) : status;
}

/* One that is not known here was asked for before this store went back to a backup. What the provider did counts, and
 * the next that is asked for has another number. Of a number that is not its turn yet it is as good as somebody else's.
 */
static maru_status find_refund(maru_txn *txn, Payment__PaymentRecord *record, unsigned number,
                               const Provider__Operation *operation)
{
    struct record_step step = {.event = operation->succeeded ? FLOW_REFUND_FOUND : FLOW_REFUND_REFUSED,
                               .amount = operation->amount,
                               .reason = operation->reason};
    bool               next = number == record->n_refunds + 1 && number <= PAYMENT_ASKED_MAX + 1;

    if (record->payment->captured == NULL || operation->amount == NULL || record_has_others(record, operation->key))
        return MARU_OK;
    if (next)
        return record_find(txn, record, &step);
    return operation->succeeded && (number == 0 || number > record->n_refunds) ? count_others(txn, record, operation)
                                                                               : MARU_OK;
}

/* Of a number that was used before the store went back to a backup, for another amount: what was asked for now was not
 * done, and is asked for under the next, as far as something is left. */
static maru_status ask_again(maru_txn *txn, Payment__PaymentRecord *record, int64_t minor, const char *reason)
{
    flow               f = record_flow(record);
    int64_t            left = flow_left(&f);
    struct record_step step = {.event = FLOW_REFUND_ASKED, .reason = reason};

    step.amount = record_money(txn, record->payment->captured->currency, minor < left ? minor : left);
    return record->n_refunds <= PAYMENT_ASKED_MAX ? record_step(txn, record, &step) : MARU_OK;
}

/* It is asked for again under the next number, which may be free. */
maru_status refunds_taken(maru_txn *txn, Payment__PaymentRecord *record, unsigned number, const char *why)
{
    Payment__Refund   *refund = open_refund(record, number);
    struct record_step step = {.event = FLOW_REFUND_REFUSED, .reason = "key_taken"};
    maru_status        status;

    if (refund == NULL)
        return MARU_OK;
    maru_txn_log(txn, MARU_LOG_WARN, "%s: it is given back under the next number", why);
    step.amount = refund->amount;
    status = record_settle(txn, record, refund, &step);
    return status == MARU_OK ? ask_again(txn, record, refund->amount->minor, refund->reason) : status;
}

/* It came of the refund that waits for it. */
static maru_status settle(maru_txn *txn, Payment__PaymentRecord *record, Payment__Refund *refund,
                          const Provider__Operation *operation)
{
    struct record_step step = {.event = operation->succeeded ? FLOW_REFUND_OK : FLOW_REFUND_REFUSED,
                               .reason = operation->reason};
    int64_t            asked = refund->amount->minor;
    maru_status        status;

    if (operation->amount != NULL)
        refund->amount = operation->amount;
    if (!operation->succeeded)
        refund->refusal = operation->reason;
    step.amount = refund->amount;
    status = record_settle(txn, record, refund, &step);
    return status != MARU_OK || refund->amount->minor == asked ? status : ask_again(txn, record, asked, refund->reason);
}

static maru_status counted_before(maru_txn *txn, Payment__PaymentRecord *record, unsigned number,
                                  const Provider__Operation *operation)
{
    char why[OPERATION_WORDS];

    snprintf(why, sizeof why, "%s: %.200s was heard of before it was asked for", record->payment->order,
             operation->key);
    return refunds_taken(txn, record, number, why);
}

maru_status refunds_settle(maru_txn *txn, Payment__PaymentRecord *record, unsigned number,
                           const Provider__Operation *operation)
{
    maru_status      status = capture_first(txn, record, operation);
    Payment__Refund *refund = open_refund(record, number);

    if (status != MARU_OK)
        return status;
    if (refund == NULL)
        return find_refund(txn, record, number, operation);
    return record_has_others(record, operation->key) ? counted_before(txn, record, number, operation)
                                                     : settle(txn, record, refund, operation);
}
