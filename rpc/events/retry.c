/* retry.c: events whose effect failed are tried again when their time comes. Only the first of an aggregate is; once it
 * is through, those behind it follow at once, in order.
 */
#include <stdio.h>
#include <string.h>

#include "events/apply.h"
#include "events/retry.h"
#include "runtime/call_impl.h"
#include "runtime/rt.h"

enum { HEADS_A_RUN = 256, RETRY_AGAIN_MS = 1000, RETRY_MOST_MS = 60000 };

/* The first pending event of each aggregate that is due. */
typedef struct due_heads {
    int64_t   now_ms;
    int64_t   next_ms; /* when the first of the others is */
    size_t    count;
    event_key keys[HEADS_A_RUN];
} due_heads;

static bool same_aggregate(maru_key a, maru_key b)
{
    return a.size == b.size && a.size > 8 && memcmp(a.data, b.data, a.size - 8) == 0;
}

static void note_head(due_heads *heads, maru_key key, const MaruEvents__Pending *head)
{
    if (head->parked)
        return;
    if (head->due_ms > heads->now_ms) {
        heads->next_ms = head->due_ms < heads->next_ms ? head->due_ms : heads->next_ms;
        return;
    }
    if (heads->count == HEADS_A_RUN) {
        heads->next_ms = heads->now_ms;
        return;
    }
    memcpy(heads->keys[heads->count].bytes, key.data, key.size);
    heads->keys[heads->count++].size = key.size;
}

static maru_status find_heads(maru_txn *txn, void *arg)
{
    due_heads           *heads = arg;
    maru_cursor         *cursor = maru_walk(txn, &events_pending, maru_key_text(""), maru_key_text(""));
    maru_key             key, before = {0};
    MaruEvents__Pending *pending;
    maru_status          status;

    while ((status = maru_next(cursor, &key, (ProtobufCMessage **)&pending)) == MARU_OK) {
        if (!same_aggregate(key, before))
            note_head(heads, key, pending);
        before = key;
    }
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

static maru_status failed_again(maru_txn *txn, retry_try *t, MaruEvents__Pending *pending, maru_status why)
{
    snprintf(t->words, sizeof t->words, "%s: %s", maru_status_name(why), txn_words(txn));
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
    snprintf(t->words, sizeof t->words, "%s: %s", maru_status_name(why), txn_words(txn));
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

static int64_t until(const due_heads *heads, maru_call *call)
{
    int64_t ms;

    if (heads->next_ms == INT64_MAX)
        return MARU_JOB_IDLE;
    ms = heads->next_ms - maru_call_wall_clock(call) / MARU_NS_PER_MS;
    return ms < 1 ? 1 : ms < RETRY_MOST_MS ? ms : RETRY_MOST_MS; /* wall clocks may be set */
}

int64_t retry_run(maru_call *call, void *arg)
{
    maru_events *events = arg;
    due_heads   *heads = maru_alloc(call, sizeof *heads);

    *heads = (due_heads){.now_ms = maru_call_wall_clock(call) / MARU_NS_PER_MS, .next_ms = INT64_MAX};
    if (maru_store_read(events->options.store, call, find_heads, heads) != MARU_OK)
        return RETRY_AGAIN_MS;
    for (size_t i = 0; i < heads->count; i++)
        if (!try_aggregate(events, call, &heads->keys[i]))
            return RETRY_AGAIN_MS;
    return heads->count > 0 ? 0 : until(heads, call);
}
