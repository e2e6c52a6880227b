/* retry.c: events whose effect failed are tried again when their time comes. Only the first of an aggregate is; once it
 * is through, those behind it follow at once, in order.
 */
#include <stdio.h>
#include <string.h>

#include "events/apply.h"
#include "events/retry.h"
#include "runtime/call_impl.h"
#include "runtime/rt.h"

enum { RETRY_AGAIN_MS = 1000, RETRY_MOST_MS = 60000, HEADS_SEEN = 4096 };

/* ---- which are due ---- */

static void note_head(retry_heads *heads, const event_key *key, const MaruEvents__Pending *head)
{
    if (head->parked)
        return;
    if (head->due_ms > heads->now_ms)
        heads->next_ms = head->due_ms < heads->next_ms ? head->due_ms : heads->next_ms;
    else
        heads->keys[heads->count++] = *key;
}

/* The last key that an aggregate can have. */
static void go_behind(event_key *key)
{
    key->size -= key->size < 8 ? key->size : 8;
    key_number(key, UINT64_MAX);
}

/* Those behind a head are passed over, not walked over. One that is damaged is left to who looks after the store. */
maru_status retry_find(maru_txn *txn, void *arg)
{
    retry_heads         *heads = arg;
    maru_arena          *arena = maru_txn_arena(txn);
    maru_cursor         *cursor = maru_walk(txn, &events_pending, maru_key_text(""), key_of(&heads->from));
    maru_arena_mark      mark = maru_arena_now(arena);
    maru_status          status = MARU_OK;
    MaruEvents__Pending *pending;

    for (heads->seen = 0; heads->count < RETRY_HEADS && heads->seen < HEADS_SEEN; heads->seen++) {
        maru_key key = {.size = 0};

        status = maru_next(cursor, &key, (ProtobufCMessage **)&pending);
        if (status != MARU_OK && (status != MARU_DATA_LOSS || key.size == 0)) /* the walk itself ended */
            break;
        key_copy(&heads->from, key);
        if (status == MARU_OK)
            note_head(heads, &heads->from, pending);
        go_behind(&heads->from);
        txn_seek(cursor, key_of(&heads->from));
        maru_arena_rewind(arena, mark);
        status = MARU_OK;
    }
    heads->more = status == MARU_OK;
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

/* ---- one try ---- */

static maru_status failed_again(maru_txn *txn, retry_try *t, MaruEvents__Pending *pending, maru_status why)
{
    snprintf(t->words, sizeof t->words, "%s: %s", maru_status_name(why), maru_status_words(why, txn_words(txn)));
    pending->error = t->words;
    pending->tries++;
    pending->parked = pending->tries >= MARU_EVENT_TRIES;
    t->parked = pending->parked;
    pending->due_ms = maru_txn_wall_clock(txn) / MARU_NS_PER_MS +
                      apply_wait_ms(pending->tries, (uint32_t)(pending->event->sequence * 2654435761u));
    return maru_put(txn, &events_pending, key_of(&t->key), &pending->base);
}

/* No failure of the event, and no try: it waits for a moment, so that all others have their turn meanwhile. */
static maru_status put_off(maru_txn *txn, retry_try *t, MaruEvents__Pending *pending, maru_status why)
{
    snprintf(t->words, sizeof t->words, "%s: %s", maru_status_name(why), maru_status_words(why, txn_words(txn)));
    pending->error = t->words;
    pending->due_ms = maru_txn_wall_clock(txn) / MARU_NS_PER_MS + RETRY_AGAIN_MS;
    return maru_put(txn, &events_pending, key_of(&t->key), &pending->base);
}

maru_status retry_one(maru_txn *txn, void *arg)
{
    retry_try           *t = arg;
    maru_key             key = key_of(&t->key);
    MaruEvents__Pending *pending;
    maru_status          status = maru_get(txn, &events_pending, key, (ProtobufCMessage **)&pending);

    t->went = false;
    t->parked = false;
    if (status != MARU_OK || pending->parked)
        return status == MARU_NOT_FOUND ? MARU_OK : status; /* another process did it */
    status = apply_event(txn, t->events, pending->event);
    if (apply_is_transient(status))
        return put_off(txn, t, pending, status);
    if ((t->went = status == MARU_OK))
        return maru_delete(txn, &events_pending, key);
    return failed_again(txn, t, pending, status);
}

/* The key of the next version of the same aggregate. */
static void step(event_key *key)
{
    uint64_t version = key_last_number(key_of(key));

    key->size -= 8;
    key_number(key, version + 1);
}

static void say_parked(const maru_events *events, const retry_try *t)
{
    const char *producer = (const char *)t->key.bytes;

    log_write(rt_log(events->options.runtime), LOG_EVENTS, MARU_LOG_WARN, LOG_FIELDS({"producer", producer, 0}),
              "an event of %s about %s is a dead letter after %d tries (%s); later ones about it wait: see maru events",
              producer, producer + strlen(producer) + 1, MARU_EVENT_TRIES, t->words);
}

/* One aggregate: as many as go through. False where the store or the disk has trouble. */
static bool try_aggregate(maru_events *events, maru_call *call, const event_key *head)
{
    retry_try t = {.events = events, .key = *head};

    do {
        if (maru_store_write(events->options.store, call, retry_one, &t) != MARU_OK)
            return false;
        if (t.parked)
            say_parked(events, &t);
        step(&t.key);
    } while (t.went && maru_call_check(call) == MARU_OK);
    return true;
}

static int64_t until(const retry_heads *heads, maru_call *call)
{
    int64_t ms;

    if (heads->next_ms == INT64_MAX)
        return MARU_JOB_IDLE;
    ms = heads->next_ms - maru_call_wall_clock(call) / MARU_NS_PER_MS;
    return ms < 1 ? 1 : ms < RETRY_MOST_MS ? ms : RETRY_MOST_MS; /* wall clocks may be set */
}

/* One that can't be tried now keeps no other from it. */
static bool try_all(maru_events *events, maru_call *call, const retry_heads *heads)
{
    bool all = true;

    for (size_t i = 0; i < heads->count && maru_call_check(call) == MARU_OK; i++)
        all = try_aggregate(events, call, &heads->keys[i]) && all;
    return all;
}

/* A run looks at so many aggregates; the next goes on behind them. */
int64_t retry_run(maru_call *call, void *arg)
{
    maru_events *events = arg;
    retry_heads *heads = maru_alloc(call, sizeof *heads);
    bool         all;

    *heads = (retry_heads){.now_ms = maru_call_wall_clock(call) / MARU_NS_PER_MS,
                           .next_ms = events->retry_next,
                           .from = events->retry_from};
    if (maru_store_read(events->options.store, call, retry_find, heads) != MARU_OK)
        return RETRY_AGAIN_MS;
    all = try_all(events, call, heads);
    if (!all && heads->next_ms > heads->now_ms + RETRY_AGAIN_MS)
        heads->next_ms = heads->now_ms + RETRY_AGAIN_MS;
    events->retry_from = heads->more ? heads->from : (event_key){.size = 0};
    events->retry_next = heads->more ? heads->next_ms : INT64_MAX;
    return heads->more || (all && heads->count > 0) ? 0 : until(heads, call);
}
