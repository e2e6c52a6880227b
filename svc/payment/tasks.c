/* tasks.c: what payment asks of the provider.
 *
 * The intent is on disk before: the payment's state says what is asked, and the key follows from the order. A task asks
 * first what came of its key, so that one that begins again after a time-out or a kill never charges blindly; only
 * where the provider knows nothing of it, it is done, under that key. What is not answered is not known: the state
 * stays, and the task runs again. The provider's news may come first; then the task is cleared, and cancelled where it
 * waits for an answer (record.c).
 */
#include "payment.h"

#include "maru/log.h"
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

/* For whoever may look at a payment. What the call said itself is for operators: it has addresses of the house, and
 * words of the provider, which may be about a customer. */
static const char *words_for(maru_status status)
{
    switch (status) {
    case MARU_UNAVAILABLE:
        return "it can't be reached, or says that it can't answer now";
    case MARU_DEADLINE_EXCEEDED:
        return "it did not answer in time";
    default:
        return "it refused to answer; payment's log has its words";
    }
}

/* Says so on the payment, for whoever wonders, and keeps the status that makes the task run again. */
static maru_status not_known(struct payment_service *svc, maru_call *call, const struct payment_ask *ask,
                             const char *question, maru_status status)
{
    struct payment_unknown unknown = {.order = ask->order, .ask = ask->ask};
    const char            *words = maru_strdup(call, maru_call_message(call)); /* the next call has its own */

    if (maru_call_check(call) == MARU_CANCELLED) /* it is known by now, or the service stops: there is nothing to say */
        return MARU_CANCELLED;
    unknown.detail = maru_printf(call, "not known: the provider: %s: %s (it was asked %s)", maru_status_name(status),
                                 words_for(status), question);
    maru_store_write(svc->store, call, payment_store_unknown, &unknown); /* where it fails, the next try says it */
    if (unknown.changed)
        maru_log_write(call, MARU_LOG_WARN, "%s: the provider, asked %s: %s: %.200s", ask->order, question,
                       maru_status_name(status), words);
    return maru_fail(call, status, "the provider: %.200s", words);
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
    return status == MARU_OK ? maru_store_write(svc->store, call, payment_store_settle, operation)
                             : not_known(svc, call, ask, "to do it", status);
}

/* Until nothing of its kind is asked any more: an order may have several refunds. */
static maru_status run(struct payment_service *svc, maru_call *call, const char *order, order_ask kind)
{
    struct payment_ask ask = {.order = order, .ask = kind};
    maru_status        status = MARU_OK;

    while (status == MARU_OK) {
        Provider__Operation *operation;

        if ((status = maru_store_read(svc->store, call, payment_store_ask, &ask)) != MARU_OK || !ask.wanted)
            return status;
        status = look_up(svc, call, &ask, &operation);
        if (status == MARU_OK)
            status = maru_store_write(svc->store, call, payment_store_settle, operation);
        else
            status = status == MARU_NOT_FOUND ? do_it(svc, call, &ask)
                                              : not_known(svc, call, &ask, "what came of it", status);
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

/* Time for two questions of 8 s, and for what is written. */
enum { TASK_MS = 2 * PAYMENT_PROVIDER_MS + 4000 };

const maru_task payment_tasks[] = {
    {.kind = "authorize", .payload = &payment__work__descriptor, .timeout_ms = TASK_MS, .fn = run_authorize},
    {.kind = "capture", .payload = &payment__work__descriptor, .timeout_ms = TASK_MS, .fn = run_capture},
    {.kind = "void", .payload = &payment__work__descriptor, .timeout_ms = TASK_MS, .fn = run_void},
    {.kind = "refund", .payload = &payment__work__descriptor, .timeout_ms = TASK_MS, .fn = run_refund},
    {.kind = NULL},
};
