/* inbox_service.c: the EventInbox of a service: how far it is with the events of others, and what it could not take. */
#include <stdio.h>
#include <string.h>

#include "events/apply.h"
#include "events/hold.h"
#include "events/retry.h"
#include "maru/events.maru.h"
#include "runtime/call_impl.h"
#include "runtime/rt.h"
#include "store/record.h"

enum { PAGE_DEFAULT = 50, PAGE_MOST = 1000, PAGE_BYTES = 1 << 20 };

struct maru_event_inbox_service; /* a maru_events */

/* ---- consumers ---- */

typedef struct counted {
    const char        *producer;
    MaruEvents__Inbox *inbox; /* NULL: nothing was read */
    uint64_t           waiting, parked;
} counted;

/* Only the first of an aggregate can be. */
static maru_status count_parked(maru_txn *txn, maru_key key, counted *c)
{
    MaruEvents__Pending *head;
    maru_status          status = maru_get(txn, &events_pending, key, (ProtobufCMessage **)&head);

    c->parked += status == MARU_OK && head->parked;
    return status;
}

static maru_status count_pending(maru_txn *txn, void *arg)
{
    counted        *c = arg;
    event_key       prefix = {0}, before = {0};
    maru_cursor    *cursor;
    maru_arena_mark mark;
    maru_key        key;
    maru_status     status;

    status = maru_get(txn, &events_inbox, maru_key_text(c->producer), (ProtobufCMessage **)&c->inbox);
    if (status != MARU_OK && status != MARU_NOT_FOUND)
        return status;
    key_text(&prefix, c->producer);
    key_nul(&prefix);
    cursor = maru_walk(txn, &events_pending, key_of(&prefix), key_of(&prefix));
    mark = maru_arena_now(maru_txn_arena(txn));
    while ((status = maru_next(cursor, &key, NULL)) == MARU_OK) {
        c->waiting++;
        if (!key_same_aggregate(key, key_of(&before)) && (status = count_parked(txn, key, c)) != MARU_OK)
            return status;
        key_copy(&before, key);
        maru_arena_rewind(maru_txn_arena(txn), mark);
    }
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

static void add_types(const maru_events *events, maru_call *call, MaruEvents__Consumer *consumer)
{
    size_t rows = 0;

    for (const maru_consumer *row = events->options.consumers; row->producer != NULL; row++)
        rows++;
    consumer->types = maru_alloc(call, rows * sizeof *consumer->types);
    for (size_t i = 0; i < rows; i++)
        if (strcmp(events->options.consumers[i].producer, consumer->producer) == 0)
            consumer->types[consumer->n_types++] = (char *)events->options.consumers[i].type->name;
}

static maru_status describe(maru_events *events, maru_call *call, const consuming_state *state,
                            MaruEvents__Consumer *consumer)
{
    counted     c = {.producer = state->producer};
    maru_status status = maru_store_read(events->options.store, call, count_pending, &c);

    maru_events__consumer__init(consumer);
    consumer->producer = (char *)state->producer;
    consumer->trouble = maru_strdup(call, state->trouble);
    consumer->epoch = c.inbox != NULL ? c.inbox->epoch : 0;
    consumer->sequence = c.inbox != NULL ? c.inbox->sequence : 0;
    consumer->last = state->last > consumer->sequence ? state->last : consumer->sequence;
    consumer->lag = consumer->last - consumer->sequence;
    consumer->ahead = c.inbox != NULL ? c.inbox->ahead : 0;
    consumer->waiting = c.waiting;
    consumer->parked = c.parked;
    consumer->restored = state->restored;
    consumer->waits_for = hold_waits_for(events, state);
    add_types(events, call, consumer);
    return status;
}

static maru_status list_consumers(struct maru_event_inbox_service *svc, maru_call *call,
                                  const MaruEvents__ListConsumersRequest *request,
                                  MaruEvents__ListConsumersResponse      *response)
{
    maru_events *events = (maru_events *)svc;
    maru_status  status = MARU_OK;

    (void)request;
    response->consumers = maru_alloc(call, (events->consuming_count + 1) * sizeof *response->consumers);
    for (size_t i = 0; i < events->consuming_count && status == MARU_OK; i++) {
        consuming_state state = consuming_look(events->consuming[i]);

        response->consumers[i] = maru_alloc(call, sizeof **response->consumers);
        status = describe(events, call, &state, response->consumers[i]);
        response->n_consumers++;
    }
    return status;
}

/* ---- dead letters ---- */

/* NULL where ms is 0: it is not known. */
static Google__Protobuf__Timestamp *make_time(maru_txn *txn, int64_t ms)
{
    Google__Protobuf__Timestamp *time;

    if (ms <= 0)
        return NULL;
    time = maru_txn_alloc(txn, sizeof *time);
    google__protobuf__timestamp__init(time);
    time->seconds = ms / 1000;
    time->nanos = (int32_t)(ms % 1000) * 1000000;
    return time;
}

static MaruEvents__DeadLetter *make_letter(maru_txn *txn, const MaruEvents__Pending *pending)
{
    MaruEvents__DeadLetter *letter = maru_txn_alloc(txn, sizeof *letter);

    maru_events__dead_letter__init(letter);
    letter->event = pending->event;
    letter->tries = pending->tries;
    letter->parked = pending->parked;
    letter->error = pending->error;
    letter->next_try = pending->parked ? NULL : make_time(txn, pending->due_ms);
    letter->since = make_time(txn, pending->since_ms);
    return letter;
}

typedef struct listing {
    const MaruEvents__ListDeadLettersRequest *request;
    MaruEvents__ListDeadLettersResponse      *response;
    size_t                                    max;
    event_key                                 prefix, from;
} listing;

static const char hex[] = "0123456789abcdef";

/* A page goes on at a key: the token is that key in hex. */
static char *make_token(maru_txn *txn, maru_key key)
{
    const uint8_t *bytes = key.data;
    char          *token = maru_txn_alloc(txn, 2 * key.size + 1);

    for (size_t i = 0; i < key.size; i++) {
        token[2 * i] = hex[bytes[i] >> 4];
        token[2 * i + 1] = hex[bytes[i] & 15];
    }
    token[2 * key.size] = '\0';
    return token;
}

static bool read_token(const char *token, event_key *key)
{
    size_t size = strlen(token);

    if (size % 2 != 0 || size / 2 > sizeof key->bytes || strspn(token, hex) != size)
        return false;
    for (key->size = 0; key->size < size / 2; key->size++)
        key->bytes[key->size] =
            (uint8_t)((strchr(hex, token[2 * key->size]) - hex) << 4 | (strchr(hex, token[2 * key->size + 1]) - hex));
    return true;
}

static maru_status list_pending(maru_txn *txn, void *arg)
{
    listing                             *l = arg;
    MaruEvents__ListDeadLettersResponse *response = l->response;
    maru_cursor                         *cursor = maru_walk(txn, &events_pending, key_of(&l->prefix), key_of(&l->from));
    maru_arena                          *arena = maru_txn_arena(txn);
    size_t                               start = maru_arena_spent(arena);
    maru_key                             key;
    MaruEvents__Pending                 *pending;
    maru_status                          status;

    response->dead_letters = maru_txn_alloc(txn, l->max * sizeof *response->dead_letters);
    for (;;) {
        maru_arena_mark before = maru_arena_now(arena);

        if ((status = maru_next(cursor, &key, (ProtobufCMessage **)&pending)) != MARU_OK)
            break;
        if (l->request->parked_only && !pending->parked) {
            maru_arena_rewind(arena, before);
            continue;
        }
        if (response->n_dead_letters == l->max || maru_arena_spent(arena) - start > PAGE_BYTES) {
            response->next_page_token = make_token(txn, key);
            return MARU_OK;
        }
        response->dead_letters[response->n_dead_letters++] = make_letter(txn, pending);
    }
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

static maru_status check_listing(maru_call *call, listing *l)
{
    const MaruEvents__ListDeadLettersRequest *r = l->request;

    if (r->page_size > PAGE_MOST)
        return maru_fail(call, MARU_INVALID_ARGUMENT, "page_size: want 0..%d, got %u", PAGE_MOST, r->page_size);
    if (r->aggregate[0] != '\0' && r->producer[0] == '\0')
        return maru_fail(call, MARU_INVALID_ARGUMENT, "producer: want the one whose aggregate this is, got \"\"");
    l->max = r->page_size == 0 ? PAGE_DEFAULT : r->page_size;
    if (r->producer[0] != '\0') {
        key_text(&l->prefix, r->producer);
        key_nul(&l->prefix);
    }
    if (r->aggregate[0] != '\0') {
        key_text(&l->prefix, r->aggregate);
        key_nul(&l->prefix);
    }
    l->from = l->prefix;
    if (r->page_token[0] != '\0' && !read_token(r->page_token, &l->from))
        return maru_fail(call, MARU_INVALID_ARGUMENT, "page_token: want one of a page before, got \"%.40s\"",
                         r->page_token);
    return MARU_OK;
}

static maru_status list_dead_letters(struct maru_event_inbox_service *svc, maru_call *call,
                                     const MaruEvents__ListDeadLettersRequest *request,
                                     MaruEvents__ListDeadLettersResponse      *response)
{
    listing     l = {.request = request, .response = response};
    maru_status status = check_listing(call, &l);

    return status == MARU_OK ? maru_store_read(((maru_events *)svc)->options.store, call, list_pending, &l) : status;
}

/* ---- mending ---- */

typedef struct mending {
    maru_events            *events;
    const char             *producer, *aggregate;
    uint64_t                version; /* 0: whichever is first */
    bool                    skip;
    MaruEvents__DeadLetter *response;
} mending;

static maru_status find_head(maru_txn *txn, const mending *m, maru_key *key, MaruEvents__Pending **head)
{
    event_key    prefix;
    maru_cursor *cursor;
    maru_status  status;

    key_inbox_aggregate(&prefix, m->producer, m->aggregate);
    key_nul(&prefix);
    cursor = maru_walk(txn, &events_pending, key_of(&prefix), key_of(&prefix));
    status = maru_next(cursor, key, (ProtobufCMessage **)head);
    if (status == MARU_NOT_FOUND)
        return maru_txn_fail(txn, status, "no event of %s about %s waits here", m->producer, m->aggregate);
    return status;
}

/* It is tried in another transaction, by the job, which the mark wakes. */
static maru_status mend(maru_txn *txn, void *arg)
{
    mending             *m = arg;
    maru_key             key;
    MaruEvents__Pending *head;
    maru_status          status = find_head(txn, m, &key, &head);

    if (status != MARU_OK)
        return status;
    if (m->version != 0 && head->event->version != m->version)
        return maru_txn_fail(txn, MARU_ABORTED, "version: want the first that waits, %llu, got %llu",
                             (unsigned long long)head->event->version, (unsigned long long)m->version);
    *m->response = *make_letter(txn, head);
    head->parked = false;
    head->tries = 0;
    head->due_ms = 0;
    txn_mark(txn, STORE_MARK_PENDING);
    return m->skip ? maru_delete(txn, &events_pending, key) : maru_put(txn, &events_pending, key, &head->base);
}

static maru_status check_mending(maru_call *call, const mending *m)
{
    if (m->producer[0] == '\0' || m->aggregate[0] == '\0' || strlen(m->aggregate) > MARU_AGGREGATE_MAX ||
        strlen(m->producer) > STORE_SERVICE_MAX)
        return maru_fail(call, MARU_INVALID_ARGUMENT, "producer, aggregate: want both, as ListDeadLetters says them");
    if (m->skip && m->version == 0)
        return maru_fail(call, MARU_INVALID_ARGUMENT, "version: want that of the event to give up, got 0");
    return MARU_OK;
}

static maru_status retry_letter(struct maru_event_inbox_service *svc, maru_call *call,
                                const MaruEvents__RetryDeadLetterRequest *request, MaruEvents__DeadLetter *response)
{
    mending     m = {.events = (maru_events *)svc,
                     .producer = request->producer,
                     .aggregate = request->aggregate,
                     .response = response};
    maru_status status = check_mending(call, &m);

    return status == MARU_OK ? maru_store_write(m.events->options.store, call, mend, &m) : status;
}

static maru_status skip_letter(struct maru_event_inbox_service *svc, maru_call *call,
                               const MaruEvents__SkipDeadLetterRequest *request, MaruEvents__DeadLetter *response)
{
    mending     m = {.events = (maru_events *)svc,
                     .producer = request->producer,
                     .aggregate = request->aggregate,
                     .version = request->version,
                     .skip = true,
                     .response = response};
    maru_status status = check_mending(call, &m);

    if (status == MARU_OK && (status = maru_store_write(m.events->options.store, call, mend, &m)) == MARU_OK)
        log_write(rt_log(m.events->options.runtime), LOG_EVENTS, MARU_LOG_WARN, LOG_FIELDS({"producer", m.producer, 0}),
                  "version %llu of %s about %s was given up by %s", (unsigned long long)m.version, m.producer,
                  m.aggregate, maru_call_caller(call));
    return status;
}

static const maru_event_inbox_handlers handlers = {.list_consumers = list_consumers,
                                                   .list_dead_letters = list_dead_letters,
                                                   .retry_dead_letter = retry_letter,
                                                   .skip_dead_letter = skip_letter};

maru_status inbox_service_add(maru_events *events, maru_error *error)
{
    return maru_event_inbox_serve(events->options.server, &handlers, (struct maru_event_inbox_service *)events, error);
}
