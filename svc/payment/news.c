/* news.c: what the provider says that it did, and which order it is of (news.h). */
#include "news.h"

#include <stdio.h>
#include <string.h>

#include "maru/events.h"
#include "maru/log.h"
#include "operation.h"
#include "payment.h"
#include "refunds.h"
#include "store.h"

/* For whoever looks at a payment of which nothing else is known. What was refused is in no ListOperations. */
#define NOT_HEARD_OF "the provider told of it, and checkout did not: "
static const char DONE_UNHEARD[] = NOT_HEARD_OF "ListOperations of the provider has it";
static const char REFUSED_UNHEARD[] = NOT_HEARD_OF "it refused to authorise it, and holds nothing for it";

/* ---- what it says ---- */

/* Of what is asked to be ended, the provider may say that it was ended before, by whomever: it is captured in full, or
 * not at all, and news of that may come later, or never. */
static bool was_captured(const Provider__Operation *operation)
{
    return !operation->succeeded && strcmp(operation->reason, "already_captured") == 0;
}

/* What cannot be voided because nothing is held any more is as good as voided. */
static flow_event event_of(order_ask ask, const Provider__Operation *operation)
{
    switch (ask) {
    case ORDER_AUTHORIZE:
        return operation->succeeded ? FLOW_AUTHORIZE_OK : FLOW_AUTHORIZE_REFUSED;
    case ORDER_CAPTURE:
        return operation->succeeded || was_captured(operation) ? FLOW_CAPTURE_OK : FLOW_CAPTURE_REFUSED;
    case ORDER_VOID:
        return was_captured(operation) ? FLOW_CAPTURE_OK : FLOW_VOID_OK;
    case ORDER_REFUND:
        break;
    }
    return FLOW_REFUND_OK;
}

/* ---- what is not of the order ---- */

/* The provider's word for what it would say to us under that key, for ever. */
static const char KEY_TAKEN[] = "key_taken";

/* Nothing was authorised for it at the provider, and nothing shall be any more. */
static bool is_over(const Payment__PaymentRecord *record)
{
    return record->payment->cancelled &&
           (record->payment->state == PAYMENT__PAYMENT_STATE__AUTHORIZING ||
            record->payment->state == PAYMENT__PAYMENT_STATE__NOT_NEEDED || operation_asks_nobody(record));
}

/* words NULL: it is not asked for here, and news that is about another's authorisation; that one's must not wait. */
static maru_status wait_for_it(maru_txn *txn, const char *words)
{
    return words != NULL ? maru_txn_fail(txn, MARU_FAILED_PRECONDITION, "%s", words) : MARU_OK;
}

/* An order which is over has nothing to wait for. Before that it waits: the provider may put it right. */
static maru_status not_authorized(maru_txn *txn, Payment__PaymentRecord *record, const char *why, const char *words)
{
    struct record_step step = {.event = FLOW_AUTHORIZE_NEVER, .reason = why};

    return is_over(record) ? record_step(txn, record, &step) : wait_for_it(txn, words);
}

static maru_status not_captured(maru_txn *txn, Payment__PaymentRecord *record, const char *why)
{
    struct record_step step = {.event = FLOW_CAPTURE_REFUSED, .reason = KEY_TAKEN};

    if (record->payment->state != PAYMENT__PAYMENT_STATE__CAPTURING)
        return MARU_OK;
    maru_txn_log(txn, MARU_LOG_WARN, "%s: it can't be captured", why);
    return record_step(txn, record, &step);
}

/* What is held ends by itself: until then it waits, and says so. */
static maru_status not_voided(maru_txn *txn, Payment__PaymentRecord *record, const char *words)
{
    struct record_step step = {.event = FLOW_VOID_OK};

    if (record->payment->state != PAYMENT__PAYMENT_STATE__VOIDING)
        return MARU_OK;
    return record_is_held(txn, record) ? wait_for_it(txn, words) : record_step(txn, record, &step);
}

/* Its key is another's for ever: whatever the order would ask by it, the provider will not do. */
static maru_status not_of_order(maru_txn *txn, Payment__PaymentRecord *record, const operation_of *of,
                                const Provider__Operation *operation)
{
    char  text[OPERATION_WORDS];
    char *why, *words;

    operation_differs(record, of->ask, operation, text);
    why = maru_txn_strdup(txn, text);
    words = of->asked || (of->ask == ORDER_AUTHORIZE && operation_is_ours(of->ask, record->payment->order, operation))
                ? why
                : NULL;

    switch (of->ask) {
    case ORDER_AUTHORIZE:
        return not_authorized(txn, record, why, words);
    case ORDER_CAPTURE:
        return not_captured(txn, record, why);
    case ORDER_VOID:
        return not_voided(txn, record, words);
    case ORDER_REFUND:
        break;
    }
    return refunds_taken(txn, record, of->number, why);
}

/* ---- before checkout's word ---- */

/* That it was cancelled is checkout's word too. One that is further than without it was taken in by an older version.
 */
static bool is_heard_of(const Payment__PaymentRecord *record)
{
    int state = (int)record->payment->state;

    return record->submitted || record->payment->cancelled ||
           (state != PAYMENT__PAYMENT_STATE__PAYMENT_STATE_UNSPECIFIED && state != PAYMENT__PAYMENT_STATE__WAITING);
}

static bool has_news(const Payment__PaymentRecord *record, const char *key)
{
    for (size_t i = 0; i < record->n_news; i++)
        if (strcmp(record->news[i]->key, key) == 0)
            return true;
    return false;
}

/* Its authorisation, and what follows it, whichever is heard of first: one of a key, and there is an end to them. */
static bool is_kept(const Payment__PaymentRecord *record, const operation_of *of, const Provider__Operation *operation)
{
    const char *order = record->payment->order;

    return (operation_follows(order, operation) ||
            (operation_is_ours(of->ask, order, operation) && (of->ask == ORDER_AUTHORIZE || record->n_news > 0))) &&
           record->n_news < PAYMENT_NEWS_MAX && !has_news(record, operation->key);
}

/* Of an order that is heard of: it follows an authorisation whose own news is yet to come. */
static bool is_early(const Payment__PaymentRecord *record, const Provider__Operation *operation)
{
    switch (record->payment->state) {
    case PAYMENT__PAYMENT_STATE__WAITING:
    case PAYMENT__PAYMENT_STATE__AUTHORIZING:
    case PAYMENT__PAYMENT_STATE__NOT_NEEDED:
        return operation_follows(record->payment->order, operation) && !operation_asks_nobody(record);
    default:
        return false;
    }
}

/* A task asks checkout, then, what its log has. */
static maru_status watch(maru_txn *txn, const char *order)
{
    static const Payment__Work    nothing = PAYMENT__WORK__INIT;
    const struct payment_service *svc = maru_txn_settings(txn);
    int64_t                       ms = svc != NULL && svc->unheard_ms > 0 ? svc->unheard_ms : PAYMENT_UNHEARD_MS;

    return maru_timer_set(txn, "unheard", order, maru_txn_wall_clock(txn) + ms * MARU_NS_PER_MS, &nothing.base);
}

/* The order's key has the one answer for ever. NULL: it was not refused, or that was not heard of. */
static const Provider__Operation *find_refused(const Payment__PaymentRecord *record)
{
    for (size_t i = 0; i < record->n_news; i++)
        if (record->news[i]->kind == PROVIDER__OPERATION_KIND__AUTHORIZE && !record->news[i]->succeeded)
            return record->news[i];
    return NULL;
}

static maru_status keep_it(maru_txn *txn, Payment__PaymentRecord *record, const Provider__Operation *operation)
{
    Provider__Operation **all = maru_txn_alloc(txn, (record->n_news + 1) * sizeof *all);
    maru_status           status;

    for (size_t i = 0; i < record->n_news; i++)
        all[i] = record->news[i];
    all[record->n_news++] = (Provider__Operation *)operation;
    record->news = all;
    if (is_heard_of(record))
        return record_put(txn, record, NULL);
    record->payment->detail = (char *)(find_refused(record) != NULL ? REFUSED_UNHEARD : DONE_UNHEARD);
    status = record_put(txn, record, NULL);
    return status == MARU_OK && record->n_news == 1 ? watch(txn, record->payment->order) : status;
}

static maru_status keep(maru_txn *txn, Payment__PaymentRecord *record, const operation_of *of,
                        const Provider__Operation *operation)
{
    return is_kept(record, of, operation) ? keep_it(txn, record, operation) : MARU_OK;
}

static int64_t money_of(const Provider__Operation *operation)
{
    return operation->amount != NULL ? operation->amount->minor : 0;
}

/* What was charged was given up, or all of it given back. A refund whose capture is not heard of yet is no end. */
static bool is_undone(const Payment__PaymentRecord *record)
{
    int64_t taken = 0, returned = 0;

    for (size_t i = 0; i < record->n_news; i++) {
        const Provider__Operation *operation = record->news[i];

        if (!operation->succeeded)
            continue;
        if (operation->kind == PROVIDER__OPERATION_KIND__VOID)
            return true;
        if (operation->kind == PROVIDER__OPERATION_KIND__CAPTURE)
            taken += money_of(operation);
        else if (operation->kind == PROVIDER__OPERATION_KIND__REFUND)
            returned += money_of(operation);
    }
    return taken > 0 && taken == returned;
}

#define SAYS_NOTHING "checkout, whose log was read, says nothing of it: "

/* Only what is held, or was taken, is somebody's to give back. */
static void tell_unheard(maru_txn *txn, const char *order, const Payment__PaymentRecord *record)
{
    const Provider__Operation *refused = find_refused(record), *first = record->news[0];
    bool                       undone = is_undone(record);

    if (refused != NULL) {
        maru_txn_log(txn, MARU_LOG_INFO,
                     "%s: the provider refused to authorise it (%.200s: %.100s), and " SAYS_NOTHING
                     "nothing is held, and nothing has to be given back",
                     order, refused->key, refused->reason);
        return;
    }
    maru_txn_log(txn, undone ? MARU_LOG_INFO : MARU_LOG_WARN,
                 "%s: the provider did %zu operation%s for it, the first %.200s (%lld %.10s), and " SAYS_NOTHING "%s",
                 order, record->n_news, record->n_news == 1 ? "" : "s", first->key, (long long)money_of(first),
                 first->amount != NULL ? first->amount->currency : "",
                 undone ? "nothing is held any more, and nothing has to be given back"
                        : "what to do is in docs/orders.md, \"A charge without an order\"");
}

maru_status payment_unheard(maru_txn *txn, const char *order)
{
    Payment__PaymentRecord *record;
    maru_status             status = record_load(txn, order, &record);

    if (status == MARU_OK && record->n_news > 0 && !is_heard_of(record))
        tell_unheard(txn, order, record);
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

static maru_status take(maru_txn *txn, Payment__PaymentRecord *record, order_ask ask, unsigned number,
                        const Provider__Operation *operation)
{
    struct record_step step = {.reason = operation->reason, .amount = operation->amount, .time = operation->time};
    maru_status        status;

    if (operation_asks_nobody(record)) /* somebody else used its key */
        return MARU_OK;
    if (ask == ORDER_REFUND)
        return refunds_settle(txn, record, number, operation);
    step.event = event_of(ask, operation);
    if (step.event == FLOW_CAPTURE_OK && was_captured(operation))
        step.amount = record->payment->authorized;
    status = record_step(txn, record, &step);
    return status == MARU_OK && record->payment->authorized != NULL ? payment_news_hear(txn, record) : status;
}

/* What somebody else had done about the order's authorisation counts by its kind, whatever his key: there is one
 * capture or void of it, and that was it. *taken: it changed anything, or is counted already. */
static maru_status take_others(maru_txn *txn, Payment__PaymentRecord *record, const Provider__Operation *operation,
                               bool *taken)
{
    struct record_step step = {.amount = operation->amount, .time = operation->time, .others = true};
    int                before = (int)record->payment->state;
    maru_status        status;

    step.event = operation->kind == PROVIDER__OPERATION_KIND__VOID ? FLOW_VOID_OK : FLOW_CAPTURE_OK;
    *taken = false;
    if (!operation_follows(record->payment->order, operation) || !operation_is_authorized(record, operation))
        return MARU_OK;
    if (operation->kind == PROVIDER__OPERATION_KIND__REFUND) {
        *taken = true;
        return refunds_others(txn, record, operation);
    }
    status = record_step(txn, record, &step);
    *taken = (int)record->payment->state != before;
    return status;
}

/* Of an order that is heard of. */
static maru_status count(maru_txn *txn, Payment__PaymentRecord *record, const operation_of *of,
                         const Provider__Operation *operation)
{
    bool        taken;
    maru_status status;

    if (is_early(record, operation))
        return keep(txn, record, of, operation);
    if (!of->others && operation_fits(record, of->ask, operation))
        return take(txn, record, of->ask, of->number, operation);
    status = take_others(txn, record, operation, &taken);
    return status != MARU_OK || taken || of->others ? status : not_of_order(txn, record, of, operation);
}

static maru_status settle_of(maru_txn *txn, const char *order, const operation_of *of,
                             const Provider__Operation *operation)
{
    Payment__PaymentRecord *record;
    maru_status             status = record_open(txn, order, &record);

    if (status != MARU_OK)
        return status;
    return is_heard_of(record) ? count(txn, record, of, operation) : keep(txn, record, of, operation);
}

/* Where its key is one order's and what it followed another's, it is of both: the one can't ask by that key any more,
 * and what was done is the other's. */
static maru_status settle(maru_txn *txn, const Provider__Operation *operation, bool asked)
{
    char         by_key[ORDER_NAME_MAX + 1], order[ORDER_NAME_MAX + 1];
    operation_of key_of = {.asked = asked}, of = {.asked = false};
    bool         has_key = operation_by_key(operation, by_key, &key_of);
    maru_status  status = MARU_OK;

    if (operation_by_authorization(operation, order, &of) && (!has_key || strcmp(order, by_key) != 0))
        status = settle_of(txn, order, &of, operation);
    return status == MARU_OK && has_key ? settle_of(txn, by_key, &key_of, operation) : status;
}

maru_status payment_settle(maru_txn *txn, const Provider__Operation *operation)
{
    return settle(txn, operation, false);
}

maru_status payment_answered(maru_txn *txn, const Provider__Operation *operation)
{
    return settle(txn, operation, true);
}

/* What is not of the order is left to the task that asks for the same key: it says so, for as long as that is so. */
static maru_status count_kept(maru_txn *txn, Payment__PaymentRecord *record, const Provider__Operation *operation)
{
    char         order[ORDER_NAME_MAX + 1];
    operation_of of = {.others = true};
    bool is_by_key = operation_by_key(operation, order, &of) && strcmp(order, record->payment->order) == 0, taken;

    if (is_early(record, operation))
        return keep(txn, record, &of, operation);
    if (is_by_key && operation_fits(record, of.ask, operation))
        return take(txn, record, of.ask, of.number, operation);
    return take_others(txn, record, operation, &taken);
}

/* In the order in which they were done, whatever order they were heard of in. */
maru_status payment_news_hear(maru_txn *txn, Payment__PaymentRecord *record)
{
    Provider__Operation **all = record->news;
    size_t                kept = record->n_news;
    maru_status           status;

    if (kept == 0)
        return MARU_OK;
    record->n_news = 0;
    if (strncmp(record->payment->detail, NOT_HEARD_OF, sizeof NOT_HEARD_OF - 1) == 0)
        record->payment->detail = (char *)"";
    if ((status = maru_timer_clear(txn, "unheard", record->payment->order)) == MARU_OK)
        status = record_put(txn, record, record->payment->update_time);
    for (int kind = PROVIDER__OPERATION_KIND__AUTHORIZE; kind <= PROVIDER__OPERATION_KIND__REFUND; kind++)
        for (size_t i = 0; i < kept && status == MARU_OK; i++)
            if ((int)all[i]->kind == kind)
                status = count_kept(txn, record, all[i]);
    return status;
}
