/* apply.c: takes a batch of read events in: checks versions, runs their consumers, puts aside those that fail. */
#include "events/apply.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "runtime/call_impl.h"
#include "runtime/call_log.h"
#include "wire/unpack.h"

enum { FIRST_WAIT_MS = 100 };

int64_t apply_wait_ms(uint32_t tries, uint32_t random)
{
    int64_t ms = FIRST_WAIT_MS;

    for (uint32_t i = 1; i < tries && i < 16; i++)
        ms *= 2;
    return ms + ms / 5 * (int64_t)(random % 1000) / 1000;
}

bool apply_is_transient(maru_status status)
{
    return status == MARU_UNAVAILABLE || status == MARU_RESOURCE_EXHAUSTED || status == MARU_DEADLINE_EXCEEDED ||
           status == MARU_CANCELLED;
}

/* ---- one event ---- */

typedef struct effect {
    const MaruEvents__Event *event;
    const maru_consumer     *consumer;
} effect;

static int64_t time_of(const MaruEvents__Event *event)
{
    return event->time == NULL ? 0 : event->time->seconds * 1000000000 + event->time->nanos;
}

static maru_status have_effect(maru_txn *txn, void *arg)
{
    const effect            *e = arg;
    const MaruEvents__Event *event = e->event;
    ProtobufCMessage        *payload;
    maru_error               error;
    maru_event               seen = {.id = event->id,
                                     .producer = event->producer,
                                     .epoch = event->epoch,
                                     .sequence = event->sequence,
                                     .aggregate = event->aggregate,
                                     .version = event->version,
                                     .type = event->type,
                                     .time_ns = time_of(event),
                                     .causation_id = event->causation_id,
                                     .correlation_id = event->correlation_id};
    maru_status status = unpack_message(e->consumer->type, event->payload.data, event->payload.len, maru_txn_arena(txn),
                                        &payload, &error);

    if (status != MARU_OK)
        return maru_txn_fail(txn, MARU_INTERNAL, "payload: %s", error.text);
    seen.payload = payload;
    txn_set_emitted(txn, NULL); /* what an event before it in the batch emitted is gone from the arena */
    txn_set_cause(txn, (store_cause){.causation = event->id,
                                     .correlation = event->correlation_id,
                                     .trace = call_traceparent_fits(event->traceparent) ? event->traceparent : ""});
    status = e->consumer->apply(txn, &seen);
    txn_set_cause(txn, (store_cause){.causation = NULL});
    return status;
}

static void tell(maru_log *log, const MaruEvents__Event *event, maru_status status)
{
    log_field fields[3 + CALL_LOG_IDS + 1] = {{"event", event->id, 0}, {"status", maru_status_name(status), 0}};
    call_ids  ids;

    call_log_trace(event->traceparent, &ids, fields + 2);
    log_write(log, LOG_EVENTS, MARU_LOG_DEBUG, fields, "%s", event->type);
}

maru_status apply_event(maru_txn *txn, const maru_events *events, const MaruEvents__Event *event)
{
    effect      e = {.event = event, .consumer = find_consumer(events, event->producer, event->type)};
    maru_status status = e.consumer == NULL ? MARU_OK : txn_nested(txn, have_effect, &e);

    if (e.consumer != NULL && log_wants(txn_log(txn), LOG_EVENTS, MARU_LOG_DEBUG))
        tell(txn_log(txn), event, status);
    return status;
}

/* ---- putting aside ---- */

static maru_status put_aside(maru_txn *txn, const MaruEvents__Event *event, maru_status failed, uint32_t random)
{
    MaruEvents__Pending pending = MARU_EVENTS__PENDING__INIT;
    int64_t             now_ms = maru_txn_wall_clock(txn) / MARU_NS_PER_MS;
    char                words[EVENT_WORDS + 32];
    event_key           key;

    snprintf(words, sizeof words, "%s: %s", maru_status_name(failed), maru_status_words(failed, txn_words(txn)));
    pending.event = (MaruEvents__Event *)event;
    pending.since_ms = now_ms;
    if (failed != MARU_OK) {
        pending.tries = 1;
        pending.due_ms = now_ms + apply_wait_ms(1, random);
        pending.error = words;
    }
    key_pending(&key, event->producer, event->aggregate, event->version);
    txn_mark(txn, STORE_MARK_PENDING);
    return maru_put(txn, &events_pending, key_of(&key), &pending.base);
}

/* Whether an event of this aggregate is pending already, so that later ones must wait behind it. */
static maru_status is_blocked(maru_txn *txn, const MaruEvents__Event *event, bool *blocked)
{
    event_key   prefix;
    maru_key    last;
    maru_status status;

    key_inbox_aggregate(&prefix, event->producer, event->aggregate);
    key_nul(&prefix);
    status = txn_last(txn, &events_pending, key_of(&prefix), &last);
    *blocked = status == MARU_OK;
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

/* ---- versions ---- */

enum { WORDS_MOST = 16 };

/* A sum of what an event says, by which it is known where it is said again. */
static uint32_t words_of(const MaruEvents__Event *event)
{
    uint32_t sum = 2166136261u;

    for (const char *at = event->type; *at != '\0'; at++)
        sum = (sum ^ (uint8_t)*at) * 16777619u;
    for (size_t i = 0; i < event->payload.len; i++)
        sum = (sum ^ event->payload.data[i]) * 16777619u;
    return sum;
}

/* What is known of an event's aggregate. */
typedef struct versions {
    uint64_t newest; /* that was taken in */
    uint32_t words[WORDS_MOST];
    size_t   count; /* of words: of the newest ones, in order */
} versions;

static maru_status get_versions(maru_txn *txn, const MaruEvents__Event *event, versions *v)
{
    event_key            key;
    MaruEvents__Applied *applied;
    maru_status          status;

    *v = (versions){.newest = 0};
    key_inbox_aggregate(&key, event->producer, event->aggregate);
    if ((status = maru_get(txn, &events_applied, key_of(&key), (ProtobufCMessage **)&applied)) != MARU_OK)
        return status == MARU_NOT_FOUND ? MARU_OK : status;
    v->newest = applied->version;
    v->count = applied->n_words < WORDS_MOST ? applied->n_words : WORDS_MOST;
    if (v->count > v->newest)
        v->count = (size_t)v->newest;
    for (size_t i = 0; i < v->count; i++)
        v->words[i] = applied->words[applied->n_words - v->count + i];
    return MARU_OK;
}

/* Where the words of a version that was taken in are; NULL: they are not known any more. */
static uint32_t *words_at(versions *v, uint64_t version)
{
    uint64_t back = v->newest - version;

    return back < v->count ? &v->words[v->count - 1 - (size_t)back] : NULL;
}

static void note_version(versions *v, const MaruEvents__Event *event)
{
    if (event->version <= v->newest) {
        uint32_t *words = words_at(v, event->version);

        if (words != NULL)
            *words = words_of(event);
        return;
    }
    if (v->count == WORDS_MOST)
        memmove(v->words, v->words + 1, --v->count * sizeof *v->words);
    v->words[v->count++] = words_of(event);
    v->newest = event->version;
}

static maru_status put_versions(maru_txn *txn, const MaruEvents__Event *event, versions *v)
{
    MaruEvents__Applied applied = MARU_EVENTS__APPLIED__INIT;
    event_key           key;

    applied.version = v->newest;
    applied.words = v->words;
    applied.n_words = v->count;
    key_inbox_aggregate(&key, event->producer, event->aggregate);
    return maru_put(txn, &events_applied, key_of(&key), &applied.base);
}

/* ---- a batch ---- */

static maru_status gap(maru_txn *txn, const MaruEvents__Event *event, uint64_t version)
{
    return maru_txn_fail(txn, MARU_UNAVAILABLE,
                         "%s: event %s is version %" PRIu64 " of %s, and %" PRIu64
                         " was the last: those between are missing; it is read again",
                         event->producer, event->id, event->version, event->aggregate, version);
}

/* An event of a version that was taken in is said again, by a producer whose store went back to a backup. In the same
 * words it had its effect; in others, its log is right: what it says has its effect, in place of what it had said.
 */
static bool had_effect(versions *v, const MaruEvents__Event *event)
{
    const uint32_t *words = words_at(v, event->version);

    return words == NULL || *words == words_of(event);
}

/* With effect, or put aside. */
static maru_status have_it(maru_txn *txn, const maru_events *events, const MaruEvents__Event *event, versions *v)
{
    bool        blocked;
    maru_status done, status = is_blocked(txn, event, &blocked);

    if (status != MARU_OK)
        return status;
    done = blocked ? MARU_OK : apply_event(txn, events, event);
    if (apply_is_transient(done))
        return done;
    if (blocked || done != MARU_OK)
        status = put_aside(txn, event, done, (uint32_t)(event->sequence * 2654435761u));
    note_version(v, event);
    return status == MARU_OK ? put_versions(txn, event, v) : status;
}

/* OK: it is taken in. Else it is not, and the batch ends before it. */
static maru_status take_event(maru_txn *txn, apply_batch *batch, const MaruEvents__Event *event)
{
    versions    v;
    bool        again;
    maru_status status = get_versions(txn, event, &v);

    if (status != MARU_OK)
        return status;
    again = event->version <= v.newest;
    if (event->version > v.newest + 1)
        return gap(txn, event, v.newest);
    if (!again || !had_effect(&v, event))
        status = have_it(txn, batch->events, event, &v);
    if (status == MARU_OK && again && batch->ahead > 0)
        batch->ahead--; /* the log has it, too, now */
    return status;
}

static maru_status strange(maru_txn *txn, const apply_batch *batch, uint64_t after, const char *id)
{
    return maru_txn_fail(txn, MARU_UNAVAILABLE,
                         "%s: the event after sequence %" PRIu64
                         " is not what it should be: \"%.100s\"; it is read again",
                         batch->producer, after, id);
}

/* Its epoch may be older than its log's: what a restored store says of the time before has the epoch that it had. */
static maru_status well_formed(maru_txn *txn, const apply_batch *batch, const MaruEvents__Event *event, uint64_t after)
{
    size_t size = strlen(event->aggregate);

    if (event->sequence == after + 1 && event->epoch != 0 && size >= 1 && size <= MARU_AGGREGATE_MAX &&
        strcmp(event->producer, batch->producer) == 0 && event->version > 0)
        return MARU_OK;
    return strange(txn, batch, after, event->id);
}

/* Where the batch goes on. In another epoch than the last that is where the two logs part: of what was taken in, that
 * which comes after is not in this log, until it is said again. Only of a log that is the producer's: as its first
 * event says. */
static maru_status read_inbox(maru_txn *txn, apply_batch *batch, uint64_t *sequence, bool *moved)
{
    MaruEvents__Inbox *inbox;
    maru_status        status;

    status = maru_get(txn, &events_inbox, maru_key_text(batch->producer), (ProtobufCMessage **)&inbox);
    *sequence = status == MARU_OK ? inbox->sequence : 0;
    batch->ahead = status == MARU_OK ? inbox->ahead : 0;
    batch->own_epoch = status == MARU_OK ? inbox->own_epoch : store_epoch(txn_store(txn)); /* not read: not restored */
    batch->parted = 0;
    *moved = status == MARU_NOT_FOUND || (status == MARU_OK && inbox->epoch != batch->epoch);
    if (status != MARU_OK && status != MARU_NOT_FOUND)
        return status;
    if (!*moved)
        return MARU_OK;
    if (batch->after > *sequence)
        return strange(txn, batch, *sequence, "a log that parts from what was read behind its end");
    if (batch->count > 0 && (status = well_formed(txn, batch, batch->list[0], batch->after)) != MARU_OK)
        return status;
    batch->parted = *sequence - batch->after;
    batch->ahead += batch->parted;
    *sequence = batch->after;
    return MARU_OK;
}

static maru_status put_inbox(maru_txn *txn, const apply_batch *batch, uint64_t sequence)
{
    MaruEvents__Inbox inbox = MARU_EVENTS__INBOX__INIT;

    inbox.epoch = batch->epoch;
    inbox.sequence = sequence;
    inbox.ahead = batch->ahead;
    inbox.own_epoch = batch->own_epoch;
    return maru_put(txn, &events_inbox, maru_key_text(batch->producer), &inbox.base);
}

/* All of the log was read, in the epoch that this store has now. True where that was not so before. */
static bool note_whole(maru_txn *txn, apply_batch *batch)
{
    uint64_t epoch = store_epoch(txn_store(txn));

    if (!batch->whole || batch->own_epoch == epoch)
        return false;
    batch->own_epoch = epoch;
    return true;
}

/* Another process of this service may have taken some of them meanwhile: the cursor in the store counts. What one event
 * took of the arena is given back before the next. */
maru_status apply_batch_run(maru_txn *txn, void *arg)
{
    apply_batch    *batch = arg;
    maru_arena     *arena = maru_txn_arena(txn);
    uint64_t        start, sequence;
    bool            moved;
    maru_status     status;
    maru_arena_mark mark;

    batch->taken = 0;
    batch->why[0] = '\0';
    status = read_inbox(txn, batch, &start, &moved);
    if (status != MARU_OK) {
        snprintf(batch->why, sizeof batch->why, "%s", maru_status_words(status, txn_words(txn)));
        return apply_is_transient(status) ? MARU_OK : status;
    }
    sequence = start;
    mark = maru_arena_now(arena);
    for (; batch->taken < batch->count; batch->taken++) {
        const MaruEvents__Event *event = batch->list[batch->taken];

        if (event->sequence <= start)
            continue;
        if ((status = well_formed(txn, batch, event, sequence)) != MARU_OK ||
            (status = take_event(txn, batch, event)) != MARU_OK)
            break;
        sequence = event->sequence;
        maru_arena_rewind(arena, mark);
    }
    if (status != MARU_OK)
        snprintf(batch->why, sizeof batch->why, "%s", maru_status_words(status, txn_words(txn)));
    if (status != MARU_OK && !apply_is_transient(status))
        return status; /* the store's own trouble */
    if (status == MARU_OK)
        moved |= note_whole(txn, batch);
    return sequence == start && !moved ? MARU_OK : put_inbox(txn, batch, sequence);
}
