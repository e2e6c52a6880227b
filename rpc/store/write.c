/* write.c: a handler's write, from its side (contract: maru/store.h). */
#include "runtime/call_impl.h"
#include "store/once_impl.h"
#include "store/store_impl.h"

/* What would be a dead lock, or a second effect, is an error. */
static maru_status may_write(maru_store *store, maru_call *call)
{
    maru_call  *base = call->base;
    char        words[TXN_WORDS];
    maru_status status;

    if (!env_is_mine(&store->env))
        return maru_fail(call, MARU_INTERNAL, "%s: opened before a fork; open it in the child", store->path);
    if (writer_is_me(&store->writes) || readers_within(&store->reads, base))
        return maru_fail(call, MARU_INTERNAL, "the store of %s: a write within a transaction", store->service);
    if (!wait_may_block(call))
        return maru_fail(call, MARU_INTERNAL, "the store of %s: a write: %s", store->service, WAIT_MAY_NOT);
    if (!once_applies(base))
        return MARU_OK;
    if (base->once_done)
        return maru_fail(call, MARU_INTERNAL, "%s is marked exactly_once and makes a second write", base->method->path);
    if ((status = once_check(store, base, words)) != MARU_OK)
        return maru_fail(call, status, "%s", words);
    return MARU_OK;
}

static maru_status admit(maru_store *store, maru_call *call)
{
    maru_status status = writer_admit(&store->writes);

    if (status == MARU_UNAVAILABLE)
        return maru_fail(call, status, "the store of %s is closing", store->service);
    if (status != MARU_OK)
        return maru_fail(call, status, "the store of %s: %zu writes are waiting, and no more are taken", store->service,
                         store->writes.max);
    return MARU_OK;
}

static maru_status result(maru_call *call, const write_job *job)
{
    maru_call *base = job->base;

    if (job->status != MARU_OK)
        return job->txn.words[0] ? maru_fail(call, job->status, "%s", job->txn.words) : job->status;
    base->once_done = base->once_done || job->once;
    if (job->txn.reply) {
        base->reply = job->txn.reply;
        base->reply_size = job->txn.reply_size;
    }
    return MARU_OK;
}

maru_status maru_store_write(maru_store *store, maru_call *call, maru_txn_fn fn, void *arg)
{
    maru_status status = may_write(store, call);
    write_job   job;

    if (status != MARU_OK || (status = admit(store, call)) != MARU_OK)
        return status;
    job.base = call->base;
    job.deadline = call->deadline;
    job.fn = fn;
    job.arg = arg;
    job.once = once_applies(call->base);
    job.status = MARU_UNKNOWN;
    wait_begin(&job.waiting, call);
    writer_push(&store->writes, &job);
    wait_block(&job.waiting);
    return result(call, &job);
}
