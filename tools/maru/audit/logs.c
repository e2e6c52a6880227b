/* logs.c: see logs.h. Each page of a log has a call of its own: what it says is folded, and forgotten. */
#include "audit/logs.h"

#include <inttypes.h>

#include "audit/fold.h"
#include "maru/events.maru.h"

enum { PAGE = 1000 };

typedef struct reading {
    maru_client *client;
    book        *b;
    book_service service;
    uint64_t     after;
    int32_t      page; /* how many are asked for */
    bool         more;
} reading;

/* A page that holds what can't be read fails as a whole: one by one they are read up to that. */
static void take_damage(reading *r, const char *words)
{
    if (r->page > 1) {
        r->page = 1;
        return;
    }
    book_find(r->b, "log-dense", book_service_name(r->service), "after sequence %" PRIu64 ": %s", r->after, words);
    r->b->logs[r->service].broken = true;
    r->more = false;
}

static void take_events(reading *r, const MaruEvents__ReadResponse *response)
{
    r->b->logs[r->service].epoch = response->epoch;
    for (size_t i = 0; i < response->n_events; i++) {
        fold_event(r->b, r->service, r->after, response->events[i]);
        r->after = response->events[i]->sequence;
    }
    r->more = response->n_events > 0;
}

static maru_status read_page(reading *r, maru_call *call, maru_error *error)
{
    MaruEvents__ReadRequest   request = MARU_EVENTS__READ_REQUEST__INIT;
    MaruEvents__ReadResponse *response;
    maru_status               status;

    request.after = r->after;
    request.epoch = r->b->logs[r->service].epoch;
    request.max = r->page;
    status = maru_event_log_read(r->client, call, &request, &response);
    if (status == MARU_OK)
        take_events(r, response);
    else if (status == MARU_DATA_LOSS)
        take_damage(r, maru_call_message(call));
    else
        maru_error_set(error, status, "%s: %s", book_service_name(r->service),
                       maru_status_words(status, maru_call_message(call)));
    return status == MARU_DATA_LOSS ? MARU_OK : status;
}

maru_status logs_read(maru_runtime *runtime, maru_client *client, int64_t timeout_ms, book *b, book_service service,
                      maru_error *error)
{
    reading     r = {.client = client, .b = b, .service = service, .page = PAGE, .more = true};
    maru_status status = MARU_OK;

    while (r.more && status == MARU_OK) {
        maru_call *call = maru_call_begin(runtime, timeout_ms);

        status = call != NULL ? read_page(&r, call, error)
                              : maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "the audit: out of memory");
        if (call != NULL)
            maru_call_end(call);
    }
    return status;
}
