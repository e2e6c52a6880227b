/* log_service.c: the EventLog of a service: others read what it committed, and wait for more. */
#include <string.h>

#include "events/events_impl.h"
#include "events/log_read.h"
#include "maru/events.maru.h"
#include "runtime/call_impl.h"

enum {
    WAIT_MOST_MS = 60000,
    WAIT_SHARED_MS = 5, /* another process may commit: nobody rings the bell for that */
};

struct maru_event_log_service; /* a maru_events */

/* What was read answers as it is. */
static maru_status reply(maru_call *call, const log_read *r)
{
    call->base->reply = r->bytes;
    call->base->reply_size = r->size;
    return MARU_OK;
}

static maru_status check_max(maru_call *call, uint32_t max, log_read *r)
{
    if (max > LOG_REPLY_EVENTS)
        return maru_fail(call, MARU_INVALID_ARGUMENT, "max: want 0..%d, got %u", LOG_REPLY_EVENTS, max);
    r->max = max == 0 ? LOG_REPLY_DEFAULT : max;
    return MARU_OK;
}

/* Until when this read may wait. An empty answer is better than none: a tenth of the caller's time is left for the way
 * back. */
static int64_t wait_until(const maru_call *call, uint32_t wait_ms)
{
    int64_t now = maru_call_now(call), until = now + (int64_t)wait_ms * MARU_NS_PER_MS;
    int64_t deadline = maru_call_deadline(call);
    int64_t latest = deadline == MARU_NO_DEADLINE ? until : now + (deadline - now) / 10 * 9;

    return until < latest ? until : latest;
}

static maru_status wait_for_more(maru_events *events, maru_call *call, int64_t ms)
{
    if (store_is_shared(events->options.store) && ms > WAIT_SHARED_MS)
        ms = WAIT_SHARED_MS;
    return bell_wait(&events->emitted, call, ms);
}

static maru_status read_log(struct maru_event_log_service *svc, maru_call *call, const MaruEvents__ReadRequest *request,
                            MaruEvents__ReadResponse *response)
{
    maru_events *events = (maru_events *)svc;
    uint64_t     epoch = store_epoch(events->options.store);
    log_read     r = {.after = request->after, .epoch = request->epoch};
    bool         parted = request->epoch != 0 && request->epoch != epoch; /* it must hear of that at once */
    int64_t      until = wait_until(call, request->wait_ms);
    maru_status  status = check_max(call, request->max, &r);

    if (status == MARU_OK && request->wait_ms > WAIT_MOST_MS)
        status = maru_fail(call, MARU_INVALID_ARGUMENT, "wait_ms: want 0..%d, got %u", WAIT_MOST_MS, request->wait_ms);
    while (status == MARU_OK) {
        maru_arena_mark before = maru_arena_now(maru_call_arena(call));
        int64_t         ms;

        if ((status = maru_store_read(events->options.store, call, log_read_run, &r)) != MARU_OK)
            return status;
        if (r.count > 0 || parted || events->resting || (ms = (until - maru_call_now(call)) / MARU_NS_PER_MS) <= 0)
            return reply(call, &r);
        maru_arena_rewind(maru_call_arena(call), before);
        status = wait_for_more(events, call, ms);
    }
    return status;
}

static maru_status read_aggregate(struct maru_event_log_service *svc, maru_call *call,
                                  const MaruEvents__ReadAggregateRequest *request,
                                  MaruEvents__ReadAggregateResponse      *response)
{
    maru_events *events = (maru_events *)svc;
    log_read     r = {.after = request->after, .aggregate = request->aggregate};
    size_t       size = strlen(request->aggregate);
    maru_status  status = check_max(call, request->max, &r);

    if (status == MARU_OK && (size < 1 || size > MARU_AGGREGATE_MAX))
        status =
            maru_fail(call, MARU_INVALID_ARGUMENT, "aggregate: want 1..%d bytes, got %zu", MARU_AGGREGATE_MAX, size);
    if (status == MARU_OK && (status = maru_store_read(events->options.store, call, log_read_run, &r)) == MARU_OK)
        return reply(call, &r);
    return status;
}

static const maru_event_log_handlers handlers = {.read = read_log, .read_aggregate = read_aggregate};

maru_status log_service_add(maru_events *events, maru_error *error)
{
    return maru_event_log_serve(events->options.server, &handlers, (struct maru_event_log_service *)events, error);
}
