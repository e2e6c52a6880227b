/* tests/events/kit.h: a producer that adds numbers, and a consumer that sums them up, each with a store, a runtime and
 * a server of its own on an ipc socket; for the tests of events. Header only.
 *
 *   struct teller t;  teller_open(&t)      emits Added{number} about an aggregate: teller_add(&t, "sums/a", 5, false)
 *   struct summer s;  summer_open(&s, url) consumes "teller" at url; summer_wait(&s, "sums/a", count, &sum)
 */
#ifndef MARU_TEST_EVENTS_KIT_H
#define MARU_TEST_EVENTS_KIT_H

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "events_test.pb-c.h"
#include "maru/events.h"
#include "maru/events.maru.h"
#include "serving.h"

static const maru_table        kit_sums = {.number = 1, .name = "sums", .record = &tell__sum__descriptor};
static const maru_table *const kit_tables[] = {&kit_sums, NULL};

struct teller {
    struct serving s;
    maru_events   *events;
};

static inline maru_client *kit_producer(void *arg, const char *name)
{
    (void)name;
    return arg;
}

static inline bool teller_start(struct teller *t)
{
    maru_events_options options = {
        .runtime = t->s.runtime, .server = t->s.server, .store = t->s.store, .service = "teller"};

    return maru_events_open(&options, &t->events, &t->s.error) == MARU_OK && serving_listen(&t->s);
}

static inline bool teller_open(struct teller *t)
{
    return serving_open(&t->s, "teller", kit_tables, 1) && (teller_start(t) || serving_fail(&t->s, "events"));
}

static inline void teller_stop(struct teller *t)
{
    maru_events_rest(t->events);
    if (t->s.client != NULL)
        maru_client_free(t->s.client);
    if (t->s.server != NULL)
        maru_server_free(t->s.server);
    t->s.client = NULL;
    t->s.server = NULL;
    maru_events_free(t->events);
    t->events = NULL;
    serving_stop(&t->s);
}

static inline void teller_close(struct teller *t)
{
    teller_stop(t);
    serving_close(&t->s);
}

enum { KIT_SILENT = 4711 }; /* where it is poison, it fails without words */

struct kit_add {
    const char *aggregate;
    int64_t     number;
    bool        poison;
    int         times;
    bool        fail; /* after it emitted: nothing of it may be left */
};

static inline maru_status kit_emit(maru_txn *txn, void *arg)
{
    const struct kit_add *add = arg;
    Tell__Added           added = TELL__ADDED__INIT;

    added.number = add->number;
    added.poison = add->poison;
    for (int i = 0; i < add->times; i++) {
        maru_status status = maru_emit(txn, add->aggregate, &added.base);

        if (status != MARU_OK)
            return status;
    }
    return add->fail ? maru_txn_fail(txn, MARU_ABORTED, "as the test wants it") : MARU_OK;
}

static inline maru_status teller_write(struct teller *t, struct kit_add add)
{
    maru_call  *call = serving_call(&t->s);
    maru_status status = maru_store_write(t->s.store, call, kit_emit, &add);

    if (status != MARU_OK && !add.fail)
        fprintf(stderr, "teller: %s\n", maru_call_message(call));
    maru_call_end(call);
    return status;
}

static inline maru_status teller_add(struct teller *t, const char *aggregate, int64_t number)
{
    return teller_write(t, (struct kit_add){.aggregate = aggregate, .number = number, .times = 1});
}

/* ---- the consumer ---- */

struct summer {
    struct serving s;
    maru_runtime  *rt; /* of the client: the same as s.runtime */
    maru_client   *teller;
    maru_events   *events;
    atomic_bool    heal;   /* poison does no harm any more */
    atomic_int     runs;   /* of the consumer's function */
    atomic_int     outage; /* UNAVAILABLE so many times */
    atomic_int     ill;    /* events of this number are UNAVAILABLE; 0: none is */
    atomic_bool    passes; /* it emits what it has heard */
};

static inline maru_status kit_take(maru_txn *txn, const maru_event *event)
{
    struct summer     *s = (struct summer *)(uintptr_t)maru_txn_settings(txn); /* atomics: tests may look */
    const Tell__Added *added = (const Tell__Added *)event->payload;
    Tell__Sum         *sum, fresh = TELL__SUM__INIT;
    maru_status        status = maru_get(txn, &kit_sums, maru_key_text(event->aggregate), (ProtobufCMessage **)&sum);
    size_t             size;
    char              *seen;

    atomic_fetch_add(&s->runs, 1);
    if (status == MARU_NOT_FOUND)
        sum = &fresh;
    else if (status != MARU_OK)
        return status;
    size = strlen(sum->seen) + 24;
    seen = maru_txn_alloc(txn, size);
    snprintf(seen, size, "%s%lld ", sum->seen, (long long)added->number);
    sum->total += added->number;
    sum->count++;
    sum->seen = seen;
    if ((status = maru_put(txn, &kit_sums, maru_key_text(event->aggregate), &sum->base)) != MARU_OK)
        return status;
    if (atomic_load(&s->outage) > 0) {
        atomic_fetch_sub(&s->outage, 1);
        return maru_txn_fail(txn, MARU_UNAVAILABLE, "an outage, as the test wants it");
    }
    if (added->number != 0 && added->number == atomic_load(&s->ill))
        return maru_txn_fail(txn, MARU_UNAVAILABLE, "this one is ill, as the test wants it");
    if (added->poison && added->number == KIT_SILENT && !atomic_load(&s->heal))
        return MARU_INTERNAL;
    if (added->poison && !atomic_load(&s->heal)) /* after the write, which must be undone */
        return maru_txn_fail(txn, MARU_FAILED_PRECONDITION, "poison, as the test wants it");
    return atomic_load(&s->passes) ? maru_emit(txn, event->aggregate, &added->base) : MARU_OK;
}

static const maru_consumer kit_consumers[] = {{"teller", &tell__added__descriptor, kit_take}, {NULL, NULL, NULL}};

static inline bool summer_start(struct summer *s, const char *url)
{
    maru_client_options client = {.backoff_first_ms = 5, .backoff_max_ms = 50};
    maru_events_options options = {.runtime = s->s.runtime,
                                   .server = s->s.server,
                                   .store = s->s.store,
                                   .service = "summer",
                                   .consumers = kit_consumers,
                                   .settings = s,
                                   .producer = kit_producer};

    if (maru_client_new(s->s.runtime, url, &client, &s->teller, &s->s.error) != MARU_OK)
        return false;
    options.arg = s->teller;
    return maru_events_open(&options, &s->events, &s->s.error) == MARU_OK && serving_listen(&s->s);
}

static inline bool summer_open(struct summer *s, const char *url)
{
    *s = (struct summer){.s = {.name = NULL}};
    return serving_open(&s->s, "summer", kit_tables, 1) && (summer_start(s, url) || serving_fail(&s->s, "events"));
}

static inline void summer_stop(struct summer *s)
{
    maru_events_rest(s->events);
    if (s->s.client != NULL)
        maru_client_free(s->s.client);
    if (s->s.server != NULL)
        maru_server_free(s->s.server);
    s->s.client = NULL;
    s->s.server = NULL;
    maru_events_free(s->events);
    s->events = NULL;
    if (s->teller != NULL)
        maru_client_free(s->teller);
    s->teller = NULL;
    serving_stop(&s->s);
}

static inline bool summer_restart(struct summer *s, const char *url)
{
    summer_stop(s);
    return serving_start(&s->s) && summer_start(s, url);
}

static inline void summer_close(struct summer *s)
{
    summer_stop(s);
    serving_close(&s->s);
}

struct kit_look {
    const char *aggregate;
    Tell__Sum  *sum; /* NULL: there is none */
};

static inline maru_status kit_read_sum(maru_txn *txn, void *arg)
{
    struct kit_look *look = arg;
    maru_status      status = maru_get(txn, &kit_sums, maru_key_text(look->aggregate), (ProtobufCMessage **)&look->sum);

    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

/* The sum as it is. Lives as long as call. */
static inline Tell__Sum *summer_look(struct summer *s, maru_call *call, const char *aggregate)
{
    struct kit_look look = {.aggregate = aggregate};

    return maru_store_read(s->s.store, call, kit_read_sum, &look) == MARU_OK ? look.sum : NULL;
}

/* Looks until so many were taken in, for 20 s. NULL where they were not. */
static inline Tell__Sum *summer_wait(struct summer *s, maru_call *call, const char *aggregate, int64_t count)
{
    Tell__Sum *sum;

    while ((sum = summer_look(s, call, aggregate)) == NULL || sum->count < count)
        if (maru_sleep(call, 2) != MARU_OK)
            return NULL;
    return sum;
}

/* The one consumer of the summer, as ListConsumers says it. */
static inline MaruEvents__Consumer *summer_state(struct summer *s, maru_call *call)
{
    MaruEvents__ListConsumersRequest   request = MARU_EVENTS__LIST_CONSUMERS_REQUEST__INIT;
    MaruEvents__ListConsumersResponse *response;

    if (maru_event_inbox_list_consumers(s->s.client, call, &request, &response) != MARU_OK ||
        response->n_consumers != 1) {
        fprintf(stderr, "summer: %s\n", maru_call_message(call));
        return NULL;
    }
    return response->consumers[0];
}

#endif
