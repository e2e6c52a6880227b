/* consume.c: the reading of one producer's log: a job that asks for what comes next, and applies it.
 *
 * It reads where the inbox in the store says, so that what happened to an earlier process, or happens in another one
 * that shares the store, is no matter. A producer that is away is waited for by the client itself, so that reading goes
 * on as soon as it is back.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "events/apply.h"
#include "maru/events.maru.h"
#include "runtime/rt.h"

enum {
    READ_WAIT_MS = 20000,
    READ_LATE_MS = 5000, /* beyond that: for the way, and for a connection */
    READ_EVENTS = 500,
    HURRIED_MS = 50,
    TROUBLE_FIRST_MS = 50,
    TROUBLE_MOST_MS = 2000,
};

struct consuming {
    maru_events *events;
    const char  *producer;
    maru_client *client;
    maru_job    *job;
    uint64_t     last;
    int64_t      read_at;    /* all that it had then is taken in; the runtime's clock; -1: never */
    uint64_t     takes;      /* how often events were taken in */
    uint64_t     own_epoch;  /* as in Inbox */
    bool         taking;     /* some are being taken in */
    int64_t      trouble_ms; /* the next wait; 0: there is no trouble */
    char         trouble[EVENT_WORDS];
};

typedef struct place {
    const char *producer;
    uint64_t    epoch, sequence, own_epoch;
} place;

static maru_status read_place(maru_txn *txn, void *arg)
{
    place             *p = arg;
    MaruEvents__Inbox *inbox;
    maru_status        status = maru_get(txn, &events_inbox, maru_key_text(p->producer), (ProtobufCMessage **)&inbox);

    p->own_epoch = store_epoch(txn_store(txn)); /* of what was never read nothing can be lost */
    if (status == MARU_NOT_FOUND)
        return MARU_OK;
    if (status == MARU_OK) {
        p->epoch = inbox->epoch;
        p->sequence = inbox->sequence;
        p->own_epoch = inbox->own_epoch;
    }
    return status;
}

/* Said once a trouble, and when it is over. */
static int64_t in_trouble(consuming *c, const char *words)
{
    if (c->trouble_ms == 0)
        log_write(rt_log(c->events->options.runtime), LOG_EVENTS, MARU_LOG_WARN,
                  LOG_FIELDS({"producer", c->producer, 0}), "no events of %s are taken in: %s", c->producer, words);
    snprintf(c->trouble, sizeof c->trouble, "%s", words);
    c->trouble_ms = c->trouble_ms == 0 ? TROUBLE_FIRST_MS : 2 * c->trouble_ms;
    if (c->trouble_ms > TROUBLE_MOST_MS)
        c->trouble_ms = TROUBLE_MOST_MS;
    return c->trouble_ms;
}

static void out_of_trouble(consuming *c)
{
    if (c->trouble_ms != 0)
        log_write(rt_log(c->events->options.runtime), LOG_EVENTS, MARU_LOG_WARN,
                  LOG_FIELDS({"producer", c->producer, 0}), "events of %s are taken in again", c->producer);
    c->trouble_ms = 0;
    c->trouble[0] = '\0';
}

static maru_status ask(const consuming *c, maru_call *call, const place *at, MaruEvents__ReadResponse **response)
{
    MaruEvents__ReadRequest request = MARU_EVENTS__READ_REQUEST__INIT;

    request.after = at->sequence;
    request.epoch = at->epoch;
    request.max = READ_EVENTS;
    /* Where there is trouble, it is over when an answer comes, not when an event does; and timers that wait until all
     * was read wait for one. */
    request.wait_ms = c->trouble_ms == 0 && consuming_look(c).read ? READ_WAIT_MS : 0;
    return maru_event_log_read(c->client, maru_within(call, READ_WAIT_MS + READ_LATE_MS), &request, response);
}

static bool is_whole(const MaruEvents__ReadResponse *response)
{
    return response->n_events == 0 || response->events[response->n_events - 1]->sequence == response->last;
}

/* All that the producer had at asked is taken in. */
static void note_read(consuming *c, const MaruEvents__ReadResponse *response, int64_t asked)
{
    if (is_whole(response))
        c->read_at = asked;
}

/* Once: the next answers are of the log that the cursor is of now. */
static void say_parted(const consuming *c, const apply_batch *batch)
{
    if (batch->parted > 0)
        log_write(
            rt_log(c->events->options.runtime), LOG_EVENTS, MARU_LOG_WARN, LOG_FIELDS({"producer", c->producer, 0}),
            "the store of %s is one that was restored: reading goes on behind sequence %" PRIu64
            ", where its log parts from that which was read up to %" PRIu64 " (maru events lag says what is lost)",
            c->producer, batch->after, batch->after + batch->parted);
}

static int64_t apply(consuming *c, maru_call *call, MaruEvents__ReadResponse *response, int64_t asked)
{
    apply_batch batch = {.events = c->events,
                         .producer = c->producer,
                         .epoch = response->epoch,
                         .after = response->after,
                         .list = response->events,
                         .count = response->n_events,
                         .whole = is_whole(response)};
    maru_status status;

    c->taking = true;
    status = maru_store_write(c->events->options.store, call, apply_batch_run, &batch);
    c->taking = false;
    if (status != MARU_OK)
        return in_trouble(c, maru_status_words(status, maru_call_message(call)));
    say_parted(c, &batch);
    c->takes += batch.taken > 0;
    c->own_epoch = batch.own_epoch;
    if (batch.why[0] != '\0')
        return in_trouble(c, batch.why);
    note_read(c, response, asked);
    out_of_trouble(c);
    return 0;
}

/* Of the same epoch a log only grows. */
static int64_t log_is_short(consuming *c, const place *at, uint64_t last)
{
    char words[EVENT_WORDS];

    snprintf(words, sizeof words,
             "%s: its log ends at sequence %" PRIu64 ", and was read up to %" PRIu64
             ": its store was copied back under its old epoch (maru store restore makes a new one)",
             c->producer, last, at->sequence);
    return in_trouble(c, words);
}

/* An address that is another service's: nothing of that log is kept, and the cursor stays with the right one's. */
static bool is_wrong_log(const consuming *c, const MaruEvents__ReadResponse *response)
{
    return response->producer[0] != '\0' && strcmp(response->producer, c->producer) != 0;
}

static int64_t log_is_wrong(consuming *c, const MaruEvents__ReadResponse *response)
{
    char words[EVENT_WORDS];

    snprintf(words, sizeof words, "%s: at its address is the log of %.60s: want its own (--peer %s=URL)", c->producer,
             response->producer, c->producer);
    return in_trouble(c, words);
}

static int64_t no_answer(consuming *c, maru_call *call, maru_status status)
{
    return maru_call_check(call) == MARU_CANCELLED ? 0
                                                   : in_trouble(c, maru_status_words(status, maru_call_message(call)));
}

static int64_t consume(maru_call *call, void *arg)
{
    consuming                *c = arg;
    place                     at = {.producer = c->producer};
    MaruEvents__ReadResponse *response;
    int64_t                   asked = maru_call_now(call);
    maru_status               status;

    c->taking = false; /* a fiber that was out of memory ended where it stood */
    if ((status = maru_store_read(c->events->options.store, call, read_place, &at)) != MARU_OK)
        return no_answer(c, call, status);
    c->own_epoch = at.own_epoch;
    if ((status = ask(c, call, &at, &response)) != MARU_OK)
        return no_answer(c, call, status);
    if (is_wrong_log(c, response))
        return log_is_wrong(c, response);
    c->last = response->last;
    if (response->epoch == at.epoch && response->last < at.sequence)
        return log_is_short(c, &at, response->last);
    if (response->n_events > 0 || response->epoch != at.epoch || at.own_epoch != store_epoch(c->events->options.store))
        return apply(c, call, response, asked);
    note_read(c, response, asked);
    out_of_trouble(c);
    /* A producer that is about to stop does not let anyone wait. */
    return maru_call_now(call) - asked < HURRIED_MS * MARU_NS_PER_MS ? HURRIED_MS : 0;
}

maru_status consuming_start(maru_events *events, const char *producer, consuming **made, maru_error *error)
{
    const maru_events_options *o = &events->options;
    consuming                 *c = calloc(1, sizeof *c);
    char                       name[128];

    *made = c;
    if (c == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "events of %s: out of memory", producer);
    *c = (consuming){.events = events,
                     .producer = producer,
                     .client = o->producer(o->arg, producer),
                     .read_at = -1,
                     .own_epoch = store_epoch(o->store)};
    snprintf(name, sizeof name, "%s: events of %s", o->service, producer);
    return maru_job_start(o->runtime, name, consume, c, &c->job, error);
}

void consuming_stop(consuming *c)
{
    maru_job_stop(c->job);
    c->job = NULL;
}

void consuming_free(consuming *c)
{
    free(c);
}

consuming_state consuming_look(const consuming *c)
{
    return (consuming_state){.producer = c->producer,
                             .last = c->last,
                             .read = c->read_at >= 0 && c->read_at >= c->events->late_since,
                             .restored = c->own_epoch != store_epoch(c->events->options.store),
                             .takes = c->takes,
                             .taking = c->taking,
                             .trouble = c->trouble};
}
