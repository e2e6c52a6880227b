/* tasks.c: what payment asks of the provider.
 *
 * The intent is on disk before: the payment's state says what is asked, and the key follows from the order. A task asks
 * first what came of its key, so that one that begins again after a time-out or a kill never charges blindly; only
 * where the provider knows nothing of it, it is done, under that key. What is not answered is not known: the state
 * stays, and the task runs again. The provider's news may come first; then the task is cleared, and cancelled where it
 * waits for an answer (record.c).
 */
#include "payment.h"

#include <stdio.h>
#include <string.h>

#include "maru/events.maru.h"
#include "shop/provider.maru.h"
#include "store.h"

static int64_t patience(const struct payment_service *svc)
{
    return svc->provider_ms > 0 ? svc->provider_ms : PAYMENT_PROVIDER_MS;
}

static maru_status look_up(struct payment_service *svc, maru_call *call, const struct payment_ask *ask,
                           Provider__Operation **operation)
{
    Provider__GetOperationRequest request = PROVIDER__GET_OPERATION_REQUEST__INIT;

    request.key = (char *)ask->key;
    return provider_get_operation(svc->provider, maru_within(call, patience(svc)), &request, operation);
}

static maru_status authorize(struct payment_service *svc, maru_call *call, const struct payment_ask *ask,
                             Provider__Operation **operation)
{
    Provider__AuthorizeRequest request = PROVIDER__AUTHORIZE_REQUEST__INIT;

    request.key = (char *)ask->key;
    request.token = (char *)ask->token;
    request.amount = ask->amount;
    request.reference = (char *)ask->order;
    return provider_authorize(svc->provider, call, &request, operation);
}

static maru_status follow_up(struct payment_service *svc, maru_call *call, const struct payment_ask *ask,
                             Provider__Operation **operation)
{
    Provider__FollowUpRequest request = PROVIDER__FOLLOW_UP_REQUEST__INIT;

    request.key = (char *)ask->key;
    request.authorization = (char *)ask->authorization;
    request.amount = ask->amount;
    if (ask->ask == ORDER_CAPTURE)
        return provider_capture(svc->provider, call, &request, operation);
    if (ask->ask == ORDER_VOID)
        return provider_void(svc->provider, call, &request, operation);
    return provider_refund(svc->provider, call, &request, operation);
}

/* What a store says that can't be written (docs/store.md, "When it says"): of no secret, and a person must help. */
static const struct {
    maru_status status;
    const char *words;
} unwritable[] = {
    {MARU_RESOURCE_EXHAUSTED, "the file system is full"},
    {MARU_RESOURCE_EXHAUSTED, "the disk quota is used up"},
    {MARU_RESOURCE_EXHAUSTED, "the file has reached the largest size allowed"},
    {MARU_RESOURCE_EXHAUSTED, "the store has reached its largest size (map_bytes)"},
    {MARU_PERMISSION_DENIED, "the file system is read-only"},
};

/* For whoever may look at a payment. What the call said itself is for operators: it has addresses of the house, and
 * words of the provider, which may be about a customer. */
static const char *words_for(maru_call *call, maru_status status)
{
    if (status == MARU_UNAVAILABLE)
        return "it can't be reached, or says that it can't answer now";
    if (status == MARU_DEADLINE_EXCEEDED)
        return "it did not answer in time";
    for (size_t i = 0; i < sizeof unwritable / sizeof *unwritable; i++)
        if (status == unwritable[i].status && strstr(maru_call_message(call), unwritable[i].words) != NULL)
            return maru_printf(call, "it can't write: %s", unwritable[i].words);
    return "it refused to answer; payment's log has its words";
}

/* Says so on the payment, for whoever wonders, and keeps the status that makes the task run again. */
static maru_status not_known(struct payment_service *svc, maru_call *call, const struct payment_ask *ask,
                             const char *why, maru_status status)
{
    struct payment_unknown unknown = {.order = ask->order, .ask = ask->ask};
    const char            *words = maru_strdup(call, maru_call_message(call)); /* the next call has its own */

    if (maru_call_check(call) == MARU_CANCELLED) /* it is known by now, or the service stops: there is nothing to say */
        return MARU_CANCELLED;
    unknown.detail = maru_printf(call, "not known: %s", why);
    maru_store_write(svc->store, call, payment_store_unknown, &unknown); /* where it fails, the next try says it */
    return maru_fail(call, status, "%s", words);
}

static maru_status no_answer(struct payment_service *svc, maru_call *call, const struct payment_ask *ask,
                             const char *question, maru_status status)
{
    const char *words = words_for(call, status);

    maru_fail(call, status, "the provider, asked %s: %.200s", question,
              maru_status_words(status, maru_call_message(call)));
    return not_known(
        svc, call, ask,
        maru_printf(call, "the provider: %s: %s (it was asked %s)", maru_status_name(status), words, question), status);
}

/* What does not fit the order does so by words of payment's own; else it is the store that could not be written. */
static maru_status settle(struct payment_service *svc, maru_call *call, const struct payment_ask *ask,
                          Provider__Operation *operation)
{
    maru_status status = maru_store_write(svc->store, call, payment_store_settle, operation);

    if (status != MARU_FAILED_PRECONDITION)
        return status;
    return not_known(svc, call, ask,
                     maru_printf(call, "the provider's answer can't be taken in: %s",
                                 maru_status_words(status, maru_call_message(call))),
                     status);
}

/* It was answered, and the payment still waits: for news, or somebody used the key for something else. To ask at once
 * again would change nothing. */
static maru_status not_settled(struct payment_service *svc, maru_call *call, const struct payment_ask *ask)
{
    maru_status status =
        maru_fail(call, MARU_FAILED_PRECONDITION, "what the provider says of %s changes nothing", ask->key);

    return not_known(svc, call, ask, maru_call_message(call), status);
}

/* An order that is over, of which the provider knows nothing, needs nothing more. Should a request still be on its way
 * to it, its news will come, and what it authorised is voided then. */
static maru_status do_it(struct payment_service *svc, maru_call *call, const struct payment_ask *ask)
{
    maru_call           *within = maru_within(call, patience(svc));
    Provider__Operation *operation;
    maru_status          status;

    if (ask->ask == ORDER_AUTHORIZE && ask->cancelled)
        return maru_store_write(svc->store, call, payment_store_never, (void *)ask->order);
    status =
        ask->ask == ORDER_AUTHORIZE ? authorize(svc, within, ask, &operation) : follow_up(svc, within, ask, &operation);
    return status == MARU_OK ? settle(svc, call, ask, operation) : no_answer(svc, call, ask, "to do it", status);
}

static maru_status ask_once(struct payment_service *svc, maru_call *call, const struct payment_ask *ask)
{
    Provider__Operation *operation;
    maru_status          status = look_up(svc, call, ask, &operation);

    if (status == MARU_OK)
        return settle(svc, call, ask, operation);
    return status == MARU_NOT_FOUND ? do_it(svc, call, ask) : no_answer(svc, call, ask, "what came of it", status);
}

/* Until nothing of its kind is asked any more: an order may have several refunds. */
static maru_status run(struct payment_service *svc, maru_call *call, const char *order, order_ask kind)
{
    struct payment_ask ask = {.order = order, .ask = kind};
    char               asked[sizeof ask.key] = "";
    maru_status        status = MARU_OK;

    while (status == MARU_OK) {
        if ((status = maru_store_read(svc->store, call, payment_store_ask, &ask)) != MARU_OK || !ask.wanted)
            return status;
        if (strcmp(ask.key, asked) == 0)
            return not_settled(svc, call, &ask);
        snprintf(asked, sizeof asked, "%s", ask.key);
        status = ask_once(svc, call, &ask);
    }
    return status;
}

static maru_status run_authorize(void *svc, maru_call *call, const char *order, const ProtobufCMessage *nothing)
{
    return run(svc, call, order, ORDER_AUTHORIZE);
}

static maru_status run_capture(void *svc, maru_call *call, const char *order, const ProtobufCMessage *nothing)
{
    return run(svc, call, order, ORDER_CAPTURE);
}

static maru_status run_void(void *svc, maru_call *call, const char *order, const ProtobufCMessage *nothing)
{
    return run(svc, call, order, ORDER_VOID);
}

static maru_status run_refund(void *svc, maru_call *call, const char *order, const ProtobufCMessage *nothing)
{
    return run(svc, call, order, ORDER_REFUND);
}

/* ---- an order that the provider told of, and checkout did not ---- */

/* Checkout is asked itself: it may be away, or hang, or payment may not have read all of its log. What that has of the
 * order will be heard of, and ends this task. */
static maru_status run_unheard(void *arg, maru_call *call, const char *order, const ProtobufCMessage *nothing)
{
    struct payment_service            *svc = arg;
    MaruEvents__ReadAggregateRequest   request = MARU_EVENTS__READ_AGGREGATE_REQUEST__INIT;
    MaruEvents__ReadAggregateResponse *response;
    maru_status                        status;

    request.aggregate = (char *)order;
    request.max = 1;
    status = maru_event_log_read_aggregate(svc->checkout, call, &request, &response);
    if (status != MARU_OK || response->last > 0)
        return status;
    return maru_store_read(svc->store, call, payment_store_unheard, (void *)order);
}

/* Time for two questions of 8 s, and for what is written. */
enum { TASK_MS = 2 * PAYMENT_PROVIDER_MS + 4000 };

const maru_task payment_tasks[] = {
    {.kind = "authorize", .payload = &payment__work__descriptor, .timeout_ms = TASK_MS, .fn = run_authorize},
    {.kind = "capture", .payload = &payment__work__descriptor, .timeout_ms = TASK_MS, .fn = run_capture},
    {.kind = "void", .payload = &payment__work__descriptor, .timeout_ms = TASK_MS, .fn = run_void},
    {.kind = "refund", .payload = &payment__work__descriptor, .timeout_ms = TASK_MS, .fn = run_refund},
    {.kind = "unheard", .payload = &payment__work__descriptor, .fn = run_unheard},
    {.kind = NULL},
};
