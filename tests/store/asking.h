/* asking.h: exactly-once calls of one method, made at a time that the test moves. Header only. */
#ifndef STORE_ASKING_H
#define STORE_ASKING_H

#include <lmdb.h>

#include "kit.h"
#include "server/once.h"
#include "store/once_impl.h"
#include "store/store_impl.h"

static const maru_method asking_method = {.name = "Add",
                                          .path = "/test.Test/Add",
                                          .id = 17,
                                          .flags = MARU_METHOD_EXACTLY_ONCE,
                                          .request = &store_test__item__descriptor,
                                          .response = &store_test__item__descriptor};

typedef struct asking {
    maru_seam     seam;
    int64_t       ahead_ms; /* of the wall */
    maru_runtime *rt;
    maru_store   *store;
    size_t        reply_most; /* that calls can be answered with; 0: anything */
} asking;

static inline int64_t moved_wall(void *self)
{
    return maru_seam_real()->wall(maru_seam_real()->self) + ((asking *)self)->ahead_ms * 1000000;
}

static inline int64_t real_now(void *self)
{
    (void)self;
    return maru_seam_real()->now(maru_seam_real()->self);
}

static inline void real_random(void *self, void *into, size_t size)
{
    (void)self;
    maru_seam_real()->random(maru_seam_real()->self, into, size);
}

/* What a call came to. */
typedef struct outcome {
    maru_status     status;
    int             runs;
    size_t          bytes; /* of the reply */
    char            words[256];
    size_t          filler;
    bool            fails;
    StoreTest__Item response;
} outcome;

static inline maru_status answer_in(maru_txn *txn, void *arg)
{
    outcome *o = arg;

    o->runs++;
    o->response.filler.data = maru_txn_alloc(txn, o->filler + 1);
    o->response.filler.len = o->filler;
    memset(o->response.filler.data, 'r', o->filler);
    return o->fails ? maru_txn_fail(txn, MARU_ABORTED, "not this time") : MARU_OK;
}

static inline outcome ask(asking *c, const char *id, const char *body, size_t filler, bool fails)
{
    outcome    o = {.filler = filler, .fails = fails};
    maru_call *call = maru_call_begin(c->rt, 0);

    c->ahead_ms++; /* within a millisecond the order is that of ids */
    store_test__item__init(&o.response);
    call->method = &asking_method;
    call->caller = "uid:0";
    call->request_id = id;
    call->request = (const uint8_t *)body;
    call->request_size = strlen(body);
    call->response = &o.response.base;
    call->reply_most = c->reply_most;
    o.status = maru_store_write(c->store, call, answer_in, &o);
    o.bytes = call->reply ? call->reply_size : 0;
    snprintf(o.words, sizeof o.words, "%s", maru_call_message(call));
    maru_call_end(call);
    return o;
}

static inline size_t records(asking *c)
{
    MDB_stat stat;

    mdb_env_stat(c->store->env.mdb, &stat);
    return stat.ms_entries;
}

static inline void ask_begin(asking *c)
{
    *c = (asking){.seam = *maru_seam_real()};
    c->seam.self = c;
    c->seam.wall = moved_wall;
    c->seam.now = real_now;
    c->seam.random = real_random;
    c->rt = kit_runtime(&c->seam);
}

#endif
