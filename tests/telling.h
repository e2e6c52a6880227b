/* tests/telling.h: services in one process that tell each other events: real stores, real logs, real calls. Header
 * only; used where what a service does about others' events is tested.
 *
 *   struct teller checkout, inventory;
 *   teller_open(&checkout, NULL, "checkout")                says what the test wants:
 *   teller_say(&checkout, "orders/1", &event.base)
 *   teller_begin(&inventory, NULL, "inventory", tables, 1)  the service under test: its own methods are then put on
 *                                                           inventory.s.server, and
 *   teller_hear(&inventory, &hearing)                       it listens, and consumes
 *   teller_settle(&inventory)                               until it took in all that was said
 *   teller_story(&inventory, "orders/1")                    "StockReserved StockCommitted": what it says about that
 *   teller_close(&inventory)
 *
 * Every teller has a runtime of its own; with a simulation's seam they are one world, and its clock moves only while a
 * call waits or the test moves it.
 */
#ifndef MARU_TEST_TELLING_H
#define MARU_TEST_TELLING_H

#include <string.h>

#include "maru/events.h"
#include "maru/events.maru.h"
#include "serving.h"
#include "test.h"

enum { TELLERS_HEARD = 4 };

struct teller {
    struct serving s;
    maru_events   *events;
    struct teller *heard[TELLERS_HEARD]; /* whose events it consumes */
    maru_client   *clients[TELLERS_HEARD];
    maru_call     *call; /* of the running case: all memory that is returned here */
};

/* What a service does about events. */
struct hearing {
    struct teller       *heard[TELLERS_HEARD];
    const maru_consumer *consumers;
    const maru_timer    *timers;
    const void          *settings;
};

static inline void teller_case(struct teller *t, const char *sentence)
{
    if (t->call != NULL)
        maru_call_end(t->call);
    t->call = serving_call(&t->s);
    test_begin(sentence);
}

static inline bool teller_begin(struct teller *t, const maru_seam *seam, const char *name,
                                const maru_table *const *tables, uint32_t version)
{
    *t = (struct teller){.events = NULL};
    if (!serving_open_in(&t->s, seam, name, tables, version))
        return false;
    t->call = serving_call(&t->s);
    return t->call != NULL;
}

static inline maru_client *teller_client(void *arg, const char *name)
{
    struct teller *t = arg;

    for (size_t i = 0; i < TELLERS_HEARD && t->heard[i] != NULL; i++)
        if (strcmp(t->heard[i]->s.name, name) == 0)
            return t->clients[i];
    return NULL;
}

static inline bool teller_dial(struct teller *t)
{
    static const maru_client_options quick = {.backoff_first_ms = 20, .backoff_max_ms = 200};

    for (size_t i = 0; i < TELLERS_HEARD && t->heard[i] != NULL; i++)
        if (maru_client_new(t->s.runtime, t->heard[i]->s.url, &quick, &t->clients[i], &t->s.error) != MARU_OK)
            return serving_fail(&t->s, "client");
    return true;
}

static inline bool teller_hear(struct teller *t, const struct hearing *hearing)
{
    maru_events_options options = {.runtime = t->s.runtime,
                                   .server = t->s.server,
                                   .store = t->s.store,
                                   .service = t->s.name,
                                   .consumers = hearing->consumers,
                                   .timers = hearing->timers,
                                   .settings = hearing->settings,
                                   .producer = teller_client,
                                   .arg = t};

    memcpy(t->heard, hearing->heard, sizeof t->heard);
    if (!teller_dial(t))
        return false;
    if (maru_events_open(&options, &t->events, &t->s.error) != MARU_OK)
        return serving_fail(&t->s, "events");
    return serving_listen(&t->s);
}

static inline bool teller_open(struct teller *t, const maru_seam *seam, const char *name)
{
    static const maru_table *const none[] = {NULL};
    static const struct hearing    deaf = {.consumers = NULL};

    return teller_begin(t, seam, name, none, 1) && teller_hear(t, &deaf);
}

/* What it keeps stays: teller_again opens it, then its methods are served and it hears anew. */
static inline void teller_stop(struct teller *t)
{
    if (t->call != NULL)
        maru_call_end(t->call);
    if (t->events != NULL)
        maru_events_rest(t->events);
    if (t->s.client != NULL)
        maru_client_free(t->s.client);
    if (t->s.server != NULL)
        maru_server_free(t->s.server);
    if (t->events != NULL)
        maru_events_free(t->events);
    for (size_t i = 0; i < TELLERS_HEARD; i++)
        if (t->clients[i] != NULL)
            maru_client_free(t->clients[i]);
    memset(t->clients, 0, sizeof t->clients);
    t->s.client = NULL;
    t->s.server = NULL;
    t->events = NULL;
    t->call = NULL;
    serving_stop(&t->s);
}

static inline bool teller_again(struct teller *t)
{
    teller_stop(t);
    if (!serving_start(&t->s))
        return false;
    t->call = serving_call(&t->s);
    return t->call != NULL;
}

static inline void teller_close(struct teller *t)
{
    teller_stop(t);
    serving_close(&t->s);
}

struct teller_saying {
    const char             *aggregate;
    const ProtobufCMessage *payload;
};

static inline maru_status teller_emit(maru_txn *txn, void *arg)
{
    const struct teller_saying *saying = arg;

    return maru_emit(txn, saying->aggregate, saying->payload);
}

static inline bool teller_say(struct teller *t, const char *aggregate, const ProtobufCMessage *payload)
{
    struct teller_saying saying = {.aggregate = aggregate, .payload = payload};
    maru_call           *call = serving_call(&t->s);
    maru_status          status = maru_store_write(t->s.store, call, teller_emit, &saying);

    if (status != MARU_OK)
        fprintf(stderr, "%s: %s\n", t->s.name, maru_call_message(call));
    maru_call_end(call);
    return CHECK_INT(status, MARU_OK);
}

/* The newest sequence of its log. */
static inline uint64_t teller_last(struct teller *t)
{
    maru_call                *call = serving_call(&t->s);
    MaruEvents__ReadRequest   request = MARU_EVENTS__READ_REQUEST__INIT;
    MaruEvents__ReadResponse *response;
    uint64_t                  last = 0;

    request.after = UINT64_MAX;
    if (CHECK_INT(maru_event_log_read(t->s.client, call, &request, &response), MARU_OK))
        last = response->last;
    maru_call_end(call);
    return last;
}

static inline const MaruEvents__Consumer *teller_inbox(const MaruEvents__ListConsumersResponse *response,
                                                       const char                              *producer)
{
    for (size_t i = 0; i < response->n_consumers; i++)
        if (strcmp(response->consumers[i]->producer, producer) == 0)
            return response->consumers[i];
    return NULL;
}

/* Whether all that was said until now has had its effect; parked says how many aggregates may be parked. */
static inline bool teller_settled(struct teller *t, maru_call *call, const uint64_t *lasts, uint64_t parked)
{
    MaruEvents__ListConsumersRequest   request = MARU_EVENTS__LIST_CONSUMERS_REQUEST__INIT;
    MaruEvents__ListConsumersResponse *response;

    if (maru_event_inbox_list_consumers(t->s.client, call, &request, &response) != MARU_OK)
        return false;
    for (size_t i = 0; i < TELLERS_HEARD && t->heard[i] != NULL; i++) {
        const MaruEvents__Consumer *inbox = teller_inbox(response, t->heard[i]->s.name);

        if (inbox == NULL || inbox->sequence < lasts[i] || inbox->waiting > inbox->parked || inbox->parked > parked)
            return false;
    }
    return true;
}

static inline bool teller_settle(struct teller *t)
{
    uint64_t   lasts[TELLERS_HEARD];
    maru_call *call;
    bool       settled = false;

    for (size_t i = 0; i < TELLERS_HEARD && t->heard[i] != NULL; i++)
        lasts[i] = teller_last(t->heard[i]);
    call = serving_call(&t->s);
    while (!(settled = teller_settled(t, call, lasts, 0)) && maru_call_check(call) == MARU_OK)
        ;
    maru_call_end(call);
    return test_check(settled, "all that was said was taken in", __FILE__, __LINE__);
}

/* All that it ever said about an aggregate. */
static inline MaruEvents__ReadAggregateResponse *teller_about(struct teller *t, const char *aggregate)
{
    MaruEvents__ReadAggregateRequest   request = MARU_EVENTS__READ_AGGREGATE_REQUEST__INIT;
    MaruEvents__ReadAggregateResponse *response;

    request.aggregate = (char *)aggregate;
    if (CHECK_INT(maru_event_log_read_aggregate(t->s.client, t->call, &request, &response), MARU_OK))
        return response;
    fprintf(stderr, "%s: %s\n", t->s.name, maru_call_message(t->call));
    return NULL;
}

/* The types of it, without their packages, with a blank between. */
static inline const char *teller_story(struct teller *t, const char *aggregate)
{
    const MaruEvents__ReadAggregateResponse *about = teller_about(t, aggregate);
    const char                              *story = "", *dot;

    for (size_t i = 0; about != NULL && i < about->n_events; i++) {
        dot = strrchr(about->events[i]->type, '.');
        story = maru_printf(t->call, "%s%s%s", story, i == 0 ? "" : " ", dot == NULL ? "?" : dot + 1);
    }
    return story;
}

/* Waits until it said as much about an aggregate. */
static inline const char *teller_wait(struct teller *t, const char *aggregate, const char *story)
{
    const char *now;

    while (strcmp(now = teller_story(t, aggregate), story) != 0 && maru_call_check(t->call) == MARU_OK)
        ;
    return now;
}

/* The payload of the index-th event that it said about an aggregate; NULL where there is none of that type. */
static inline ProtobufCMessage *teller_said(struct teller *t, const char *aggregate, size_t index,
                                            const ProtobufCMessageDescriptor *type)
{
    const MaruEvents__ReadAggregateResponse *about = teller_about(t, aggregate);

    if (about == NULL || !CHECK(index < about->n_events) || !CHECK_STR(about->events[index]->type, type->name))
        return NULL;
    return protobuf_c_message_unpack(type, maru_arena_allocator(maru_call_arena(t->call)),
                                     about->events[index]->payload.len, about->events[index]->payload.data);
}

#endif
