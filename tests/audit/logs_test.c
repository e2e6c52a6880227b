/* logs_test.c: a log that can't be read in its middle is folded up to there, and it is said exactly where that is. */
#include "audit/logs.h"

#include <stdio.h>
#include <string.h>

#include "maru/events.maru.h"
#include "serving.h"
#include "test.h"

enum { EVENTS = 2500, CALL_MS = 10000 };

/* A log of which the event at damaged can't be read; 0: all can. */
struct maru_event_log_service {
    uint64_t damaged;
};

static MaruEvents__Event *event_of(maru_call *call, uint64_t sequence)
{
    MaruEvents__Event *event = maru_alloc(call, sizeof *event);

    *event = (MaruEvents__Event)MARU_EVENTS__EVENT__INIT;
    event->id = maru_printf(call, "checkout-1-%d", (int)sequence);
    event->producer = (char *)"checkout";
    event->aggregate = maru_printf(call, "orders/%d", (int)sequence);
    event->type = (char *)"shop.checkout.v1.OrderConfirmed";
    event->sequence = sequence;
    event->version = 1;
    return event;
}

static maru_status read_log(struct maru_event_log_service *svc, maru_call *call, const MaruEvents__ReadRequest *request,
                            MaruEvents__ReadResponse *response)
{
    response->epoch = 1;
    response->last = EVENTS;
    response->events = maru_alloc(call, ((size_t)request->max + 1) * sizeof *response->events);
    for (uint64_t at = request->after + 1; at <= EVENTS && response->n_events < (size_t)request->max; at++) {
        if (at == svc->damaged)
            return maru_fail(call, MARU_DATA_LOSS, "events: a record is damaged");
        response->events[response->n_events++] = event_of(call, at);
    }
    return MARU_OK;
}

static const maru_event_log_handlers handlers = {.read = read_log};

static void test_log(struct serving *s, struct maru_event_log_service *svc, uint64_t damaged, uint64_t folded,
                     const char *words)
{
    maru_error error = {0};
    book       b;

    svc->damaged = damaged;
    if (!CHECK(book_open(&b)))
        return;
    CHECK_INT(logs_read(s->runtime, s->client, CALL_MS, &b, BOOK_CHECKOUT, &error), MARU_OK);
    CHECK_INT(b.event_count, folded);
    CHECK_INT(b.logs[BOOK_CHECKOUT].broken, words != NULL);
    CHECK_INT(b.finding_count, words != NULL);
    if (words != NULL && CHECK(b.findings != NULL)) {
        CHECK_STR(b.findings->check, "log-dense");
        CHECK_STR(b.findings->where, "checkout");
        CHECK_STR(b.findings->words, words);
    }
    book_close(&b);
}

int main(void)
{
    struct maru_event_log_service svc = {.damaged = 0};
    struct serving                s;

    if (!serving_open(&s, "checkout", NULL, 0) ||
        maru_event_log_serve(s.server, &handlers, &svc, &s.error) != MARU_OK || !serving_listen(&s))
        return 1;
    test_begin("a log is read page by page to its end");
    test_log(&s, &svc, 0, EVENTS, NULL);
    test_begin("one that is damaged in the middle of a page is folded up to there, and it is said where that is");
    test_log(&s, &svc, 1234, 1233, "after sequence 1233: events: a record is damaged");
    test_log(&s, &svc, 1, 0, "after sequence 0: events: a record is damaged");
    serving_close(&s);
    return test_end();
}
