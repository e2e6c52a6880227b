/* read.c: a handler's read (contract: maru/store.h). */
#include <errno.h>
#include <inttypes.h>

#include "runtime/call_impl.h"
#include "runtime/rt.h"
#include "store/fault.h"
#include "store/store_impl.h"
#include "store/txn.h"

static maru_status refused(const maru_store *store, maru_call *call, int rc)
{
    if (rc == EBUSY)
        return maru_fail(call, MARU_INTERNAL, "the store of %s: a read within a read", store->service);
    return maru_fail(call, fault_status(rc), "the store of %s: %s", store->service, fault_words(rc));
}

/* A handler's read is on the strand; that of a root call may be on any thread. */
static bool is_handlers(const maru_call *base)
{
    return base->fiber != NULL;
}

static int take(maru_store *store, const maru_call *base, reader **taken)
{
    return is_handlers(base) ? kept_take(&store->reads.kept, store->rt, base, taken)
                             : readers_take(&store->reads, base, taken);
}

static void give(maru_store *store, const maru_call *base, reader *given)
{
    if (is_handlers(base))
        kept_give(&store->reads.kept, given);
    else
        readers_give(&store->reads, given);
}

/* One read. */
typedef struct reading {
    call_inside inside; /* first: found from it */
    maru_call  *base;
    reader     *taken;
    maru_txn    txn;
} reading;

static void leave(call_inside *inside)
{
    reading *r = (reading *)inside;

    r->base->inside = inside->outer;
    txn_end(&r->txn);
    give(r->txn.store, r->base, r->taken);
}

static int64_t now(const maru_store *store, const maru_call *base)
{
    return is_handlers(base) ? rt_glance(store->rt) : rt_now(store->rt);
}

static void note_age(const maru_store *store, const maru_call *base, int64_t began)
{
    int64_t ms = (now(store, base) - began) / MARU_NS_PER_MS;

    if (ms >= store->max_read_ms)
        fault_log(rt_log(store->rt), store->path,
                  "error: a read of %s took %" PRId64 " ms, more than %" PRId64 ": meanwhile the file grows",
                  base->method ? base->method->path : "a program", ms, store->max_read_ms);
}

static maru_status result(maru_call *call, const maru_txn *txn, maru_status status)
{
    maru_call *base = call->base;

    if (status != MARU_OK)
        return txn->words[0] ? maru_fail(call, status, "%s", txn->words) : status;
    if (txn->reply) {
        base->reply = txn->reply;
        base->reply_size = txn->reply_size;
    }
    return MARU_OK;
}

static maru_status run(maru_store *store, reading *r, maru_txn_fn fn, void *arg)
{
    maru_call  *base = r->base;
    int64_t     began = now(store, base);
    maru_status status;

    r->inside = (call_inside){.outer = base->inside, .leave = leave};
    base->inside = &r->inside;
    txn_begin_read(&r->txn, store, r->taken, base->arena, base);
    status = txn_run(&r->txn, fn, arg);
    leave(&r->inside);
    note_age(store, base, began);
    return status;
}

maru_status maru_store_read(maru_store *store, maru_call *call, maru_txn_fn fn, void *arg)
{
    reading     r;
    maru_status status;
    int         rc;

    if (!env_is_mine(&store->env))
        return maru_fail(call, MARU_INTERNAL, "%s: opened before a fork; open it in the child", store->path);
    if (writer_is_me(&store->writes))
        return maru_fail(call, MARU_INTERNAL, "%s: a read within a write; read in its transaction", store->path);
    r.base = call->base;
    if ((rc = take(store, r.base, &r.taken)) != 0)
        return refused(store, call, rc);
    status = run(store, &r, fn, arg);
    return result(call, &r.txn, status);
}
