/* counters.h: what the tests of crashes let die: threads that each count up one record by exactly-once calls, whose ids
 * are the numbers.
 *
 * After each OK a letter of its thread goes to standard output ('a' and on; 'A' and on where the write was refused for
 * want of room, and the thread ends; nothing where the life before had done it); '!' is a complaint. The next life
 * begins with the number after the last that was answered: if that was done already, it must be replayed.
 */
#ifndef STORE_COUNTERS_H
#define STORE_COUNTERS_H

#include <pthread.h>

#include "kit.h"
#include "server/once.h"
#include "store/inside.h"

enum { THREADS = 4, RING = 32 };

static const maru_method count_method = {
    .name = "Count",
    .path = "/test.Test/Count",
    .id = 1,
    .flags = MARU_METHOD_EXACTLY_ONCE,
    .request = &store_test__item__descriptor,
    .response = &store_test__item__descriptor,
};

typedef struct counter {
    maru_runtime   *rt;
    maru_store     *store;
    int             number;
    int64_t         done;   /* the last that was answered OK */
    int64_t         there;  /* what the store said at the start: one more, where an answer was lost with its life */
    bool            failed; /* the one after it was answered with an error: it must not be there */
    StoreTest__Item response;
    pthread_t       thread;
} counter;

static inline char *ring_key(const counter *c, int64_t count, char into[static 32])
{
    snprintf(into, 32, "%d/%d", c->number, (int)(count % RING));
    return into;
}

/* Puts something, and fails: nothing of it may be left. */
static inline maru_status spoil_in(maru_txn *txn, void *arg)
{
    kit_item item = {.key = "never", .count = 1};

    (void)arg;
    kit_put_in(txn, &item);
    return maru_txn_fail(txn, MARU_ABORTED, "not this one");
}

/* Two records at once, which must agree for ever. */
static inline maru_status count_in(maru_txn *txn, void *arg)
{
    counter    *c = arg;
    char        name[32], ring[32];
    kit_item    total = {.key = name}, entry = {.key = ring};
    maru_status status;

    snprintf(name, sizeof name, "%d", c->number);
    status = kit_get_in(txn, &total);
    if (status != MARU_OK && status != MARU_NOT_FOUND)
        return status;
    total.count++;
    entry.count = total.count;
    ring_key(c, total.count, ring);
    c->response.count = total.count;
    status = kit_put_in(txn, &total);
    if (status == MARU_OK && (status = txn_nested(txn, spoil_in, NULL)) == MARU_ABORTED)
        status = kit_put_in(txn, &entry);
    return status;
}

static inline int64_t answered(const maru_call *call)
{
    StoreTest__Item *got = store_test__item__unpack(NULL, call->reply_size, call->reply);
    int64_t          count = got ? got->count : -1;

    if (got)
        store_test__item__free_unpacked(got, NULL);
    return count;
}

static inline void say(char byte)
{
    if (write(1, &byte, 1) != 1)
        _exit(3);
}

/* False where the write failed, which it may for want of room. */
static inline bool count_once(counter *c)
{
    maru_call  *call = maru_call_begin(c->rt, 0);
    maru_status status;
    char        id[32];

    snprintf(id, sizeof id, "%d-%" PRId64, c->number, c->done + 1);
    store_test__item__init(&c->response);
    call->method = &count_method;
    call->caller = "uid:0";
    call->request_id = id;
    call->response = &c->response.base;
    status = maru_store_write(c->store, call, count_in, c);
    if (status == MARU_OK ? answered(call) != c->done + 1 : status != MARU_RESOURCE_EXHAUSTED) {
        fprintf(stderr, "thread %d: want %" PRId64 ", got %" PRId64 ": %s\n", c->number, c->done + 1,
                call->reply ? answered(call) : -1, maru_call_message(call));
        say('!');
    }
    c->done += status == MARU_OK;
    if (status == MARU_OK || c->done >= c->there)
        say((char)((status == MARU_OK ? 'a' : 'A') + c->number));
    maru_call_end(call);
    return status == MARU_OK;
}

static inline void *count_on(void *arg)
{
    while (count_once(arg))
        ;
    return NULL;
}

/* What was answered OK is there, at most one more (none where that was refused), and the ring agrees with the total. */
static inline void verify(counter *c)
{
    maru_call *call = maru_call_begin(c->rt, 0);
    char       key[32];
    int64_t    total, oldest;

    snprintf(key, sizeof key, "%d", c->number);
    total = kit_get(c->store, call, key);
    if (total == -MARU_NOT_FOUND)
        total = 0;
    if (total < c->done || total > c->done + (c->failed ? 0 : 1)) {
        fprintf(stderr, "thread %d: %" PRId64 " were answered, %" PRId64 " are there\n", c->number, c->done, total);
        say('!');
    }
    c->there = total;
    oldest = total > RING ? total - RING + 1 : 1;
    for (int64_t count = oldest; count <= total; count++)
        if (kit_get(c->store, call, ring_key(c, count, key)) != count)
            say('!');
    maru_call_end(call);
}

static inline maru_status walk_in(maru_txn *txn, void *arg)
{
    maru_cursor      *cursor = maru_walk(txn, &items, maru_key_text(""), maru_key_text(""));
    ProtobufCMessage *record;
    maru_status       status;

    (void)arg;
    while ((status = maru_next(cursor, NULL, &record)) == MARU_OK)
        ;
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

/* One more thread, whose writes all fail after they have put something, beside those that are kept. */
typedef struct spoiler {
    maru_runtime *rt;
    maru_store   *store;
    atomic_bool   ends;
    pthread_t     thread;
} spoiler;

static inline void *spoil_on(void *arg)
{
    spoiler *s = arg;

    while (!atomic_load(&s->ends)) {
        maru_call *call = maru_call_begin(s->rt, 0);

        if (maru_store_write(s->store, call, spoil_in, NULL) == MARU_OK)
            say('!');
        maru_call_end(call);
    }
    return NULL;
}

/* Verifies what the life before has left, says 'o', and counts until it is ended, or all threads were refused. */
static inline void counters_run(counter counters[static THREADS], maru_store *store)
{
    maru_call *call = maru_call_begin(counters[0].rt, 0);
    spoiler    spoils = {.rt = counters[0].rt, .store = store};

    if (kit_get(store, call, "never") != -MARU_NOT_FOUND)
        say('!');
    if (maru_store_read(store, call, walk_in, NULL) != MARU_OK) {
        fprintf(stderr, "%s\n", maru_call_message(call));
        say('!');
    }
    maru_call_end(call);
    for (int i = 0; i < THREADS; i++) {
        counters[i].store = store;
        verify(&counters[i]);
    }
    say('o');
    for (int i = 0; i < THREADS; i++)
        pthread_create(&counters[i].thread, NULL, count_on, &counters[i]);
    pthread_create(&spoils.thread, NULL, spoil_on, &spoils);
    for (int i = 0; i < THREADS; i++)
        pthread_join(counters[i].thread, NULL);
    atomic_store(&spoils.ends, true);
    pthread_join(spoils.thread, NULL);
}

static inline uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

#endif
