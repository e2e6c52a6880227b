/* writer.c: group commit (contract: writer.h). */
#include "store/writer.h"

#include <errno.h>
#include <lmdb.h>
#include <string.h>

#include "runtime/call_impl.h"
#include "runtime/rt.h"
#include "store/fault.h"
#include "store/once_impl.h"
#include "store/repeat.h"
#include "store/store_impl.h"

enum { READER_CHECK_COMMITS = 256 };

/* ---- one job ---- */

static maru_status run_once(maru_txn *txn, write_job *job)
{
    maru_status status = once_lookup(txn, job->base);

    if (status != MARU_NOT_FOUND)
        return status; /* OK: it was done before; txn->reply is what was said */
    txn->reply = NULL;
    status = job->fn(txn, job->arg);
    return status == MARU_OK ? once_keep(txn, job->base) : status;
}

static maru_status run_body(maru_txn *txn, void *arg)
{
    write_job *job = arg;

    return job->once ? run_once(txn, job) : job->fn(txn, job->arg);
}

static maru_status fail_rc(write_job *job, const char *step, int rc)
{
    maru_txn_fail(&job->txn, fault_status(rc), "the store of %s: %s: %s", job->txn.store->service, step,
                  fault_words(rc));
    return job->status = fault_status(rc);
}

/* LMDB takes 3 MiB for each nested transaction. Who is alone needs none: if he fails, all of the batch does. */
static int part_begin(write_job *job, MDB_txn *batch, bool alone)
{
    return alone ? 0 : mdb_txn_begin(job->txn.store->env.mdb, batch, 0, &job->txn.mdb);
}

static int part_commit(const write_job *job, bool alone)
{
    return alone ? 0 : mdb_txn_commit(job->txn.mdb);
}

static void part_abort(const write_job *job, bool alone)
{
    if (!alone)
        mdb_txn_abort(job->txn.mdb);
}

static void run_job(write_job *job, maru_store *store, MDB_txn *batch, bool alone)
{
    redo_mark mark = redo_now(&store->journal.redo);
    int       rc;

    txn_begin(&job->txn, store, batch, job->base->arena, job->base);
    if (rt_now(store->rt) >= job->deadline) {
        job->status = maru_txn_fail(&job->txn, MARU_DEADLINE_EXCEEDED,
                                    "the deadline passed while the write waited for its turn; nothing was written");
        return;
    }
    if ((rc = part_begin(job, batch, alone)) != 0) {
        fail_rc(job, "begin", rc);
        return;
    }
    job->status = txn_run(&job->txn, run_body, job);
    txn_end(&job->txn);
    if (job->status != MARU_OK)
        part_abort(job, alone);
    else if ((rc = part_commit(job, alone)) != 0)
        fail_rc(job, "write", rc);
    if (job->status != MARU_OK)
        redo_rewind(&store->journal.redo, mark);
}

/* ---- a batch ---- */

static void tell_of(const write_job *jobs)
{
    maru_store *store = jobs->txn.store;
    unsigned    marks = 0;

    for (const write_job *job = jobs; job; job = job->next)
        marks |= job->status == MARU_OK ? job->txn.marks : 0;
    if (marks && store->committed)
        store->committed(store->committed_arg, marks);
}

/* On the strand. A job is gone as soon as its waiter was woken: the next is read before. With the last of them the
 * store may go, so those who listen are told first. */
static void complete(strand_event *event)
{
    write_job *job = (write_job *)((char *)event - offsetof(write_job, event));

    tell_of(job);
    while (job) {
        write_job *next = job->next;

        wait_wake(&job->waiting);
        job = next;
    }
}

/* All get it, also those whose function said no: it may have said so because of a neighbour's write, which is not. */
static void fail_all(write_job *jobs, maru_store *store, const char *step, int rc)
{
    for (write_job *job = jobs; job; job = job->next) {
        txn_begin(&job->txn, store, NULL, job->base->arena, job->base);
        fail_rc(job, step, rc);
    }
}

static int begin(maru_store *store, MDB_txn **txn)
{
    int rc = rt_disk_fault(store->rt, "begin");

    if (rc)
        return rc;
    while ((rc = mdb_txn_begin(store->env.mdb, NULL, 0, txn)) == MDB_MAP_RESIZED) {
        readers_leave(&store->reads);
        rc = readers_grow(&store->reads);
        readers_enter(&store->reads);
        if (rc)
            return rc;
    }
    return rc;
}

static int commit_lmdb(maru_store *store, MDB_txn *txn)
{
    int rc = env_commit(store->env.mdb, txn);

    return rc && env_panicked(&store->env) ? MDB_PANIC : rc;
}

/* Flushed by LMDB. */
static int commit(maru_store *store, MDB_txn *txn)
{
    int rc = rt_disk_fault(store->rt, "commit");

    if (!rc && (rc = rt_disk_fault(store->rt, "flush")) != 0)
        fault_die(rt_log(store->rt), store->path, "flush", fault_words(rc));
    if (!rc)
        return commit_lmdb(store, txn);
    mdb_txn_abort(txn);
    return rc;
}

/* The record is on the disk, and its transaction did not come about: without its end, a recovery would make it. */
static int take_back(maru_store *store, int why)
{
    int rc = journal_void(&store->journal);

    if (rc)
        fault_die(rt_log(store->rt), store->path, "void", fault_words(rc));
    return why;
}

/* The clock is read twice a commit: that is nothing beside a flush. */
static int flush(maru_store *store)
{
    int64_t began = rt_now(store->rt);
    int     rc = journal_flush(&store->journal);

    histogram_time(&store->counts.flush, rt_now(store->rt) - began);
    return rc;
}

/* Flushed by the journal, before LMDB lets anyone see it. Where nothing was changed, there is nothing to keep. */
static int commit_once(maru_store *store, MDB_txn *txn, const char **step)
{
    journal *j = &store->journal;
    int      rc = 0;

    if (j->redo.entries == 0 || (*step = "append", rc = journal_append(j, mdb_txn_id(txn))) != 0) {
        mdb_txn_abort(txn);
        return rc;
    }
    rc = flush(store);
    if (rc != 0)
        fault_die(rt_log(store->rt), store->path, "flush", fault_words(rc));
    *step = "commit";
    if ((rc = rt_disk_fault(store->rt, "commit")) != 0)
        mdb_txn_abort(txn);
    else if ((rc = commit_lmdb(store, txn)) == 0)
        journal_done(j);
    else
        j->pressed = fault_is_full(rc);
    return rc && !fault_is_fatal(rc) ? take_back(store, rc) : rc;
}

/* The batch's changes, as they are in the journal's record: nobody's function runs again. */
static int make_again(maru_store *store, MDB_txn **txn)
{
    const redo *changes = &store->journal.redo;
    int         rc = begin(store, txn);

    if (rc)
        return rc;
    rc = repeat(*txn, store->env.dbi, changes->bytes + JOURNAL_RECORD, changes->size - JOURNAL_RECORD);
    if (rc)
        mdb_txn_abort(*txn);
    return rc;
}

/* Where the disk is full, what LMDB needs may be in pages that the last checkpoint holds: another is made, and the
 * batch is tried once more. On the disk that is a record that was made void, and one of another batch. */
static int commit_journaled(maru_store *store, MDB_txn *txn, const char **step)
{
    journal    *j = &store->journal;
    const char *at = *step;
    int         rc = commit_once(store, txn, step), again;

    if (rc == 0 || !j->pressed || j->eased || journal_ease(j) != 0 || make_again(store, &txn) != 0)
        return rc;
    if ((again = commit_once(store, txn, &at)) == 0 || fault_is_fatal(again)) {
        *step = at;
        return again;
    }
    return rc; /* what was wrong first */
}

static bool any_ok(const write_job *jobs)
{
    for (; jobs; jobs = jobs->next)
        if (jobs->status == MARU_OK)
            return true;
    return false;
}

static size_t count_once(const write_job *jobs)
{
    size_t count = 0;

    for (; jobs; jobs = jobs->next)
        count += jobs->once;
    return count;
}

static int write_batch(maru_store *store, write_job *jobs, const char **step)
{
    MDB_txn *txn;
    int      rc;

    *step = "begin";
    if ((store->journal.on && (rc = journal_tend(&store->journal)) != 0) || (rc = begin(store, &txn)) != 0)
        return rc;
    once_sweep(store, txn, count_once(jobs));
    for (write_job *job = jobs; job; job = job->next)
        run_job(job, store, txn, jobs->next == NULL);
    *step = "commit";
    if (!any_ok(jobs)) {
        mdb_txn_abort(txn);
        return 0;
    }
    rc = store->journal.on ? commit_journaled(store, txn, step) : commit(store, txn);
    if (rc == 0)
        store->once_due_ms = store->once_next_ms;
    return rc;
}

static int write_in_turn(maru_store *store, write_job *jobs, const char **step)
{
    int rc = store->shared ? holder_turn_take(&store->held) : 0;

    *step = "turn";
    if (rc)
        return rc;
    readers_enter(&store->reads);
    rc = write_batch(store, jobs, step);
    readers_leave(&store->reads);
    if (store->shared)
        holder_turn_give(&store->held);
    return rc;
}

static void account(maru_store *store, const write_job *jobs, int64_t began)
{
    store_counts *c = &store->counts;
    uint64_t      done = 0, failed = 0;

    for (; jobs; jobs = jobs->next) {
        done += jobs->status == MARU_OK;
        failed += jobs->status != MARU_OK;
    }
    count_up(&c->writes, done);
    count_up(&c->failed, failed);
    if (done == 0)
        return;
    histogram_number(&c->batch, done);
    histogram_time(&c->commit, rt_now(store->rt) - began);
}

/* Why the store had no room for one of them, though the rest was committed; or 0. */
static int refused(const write_job *jobs)
{
    while (jobs && !jobs->txn.full)
        jobs = jobs->next;
    return jobs ? jobs->txn.full : 0;
}

static void run_batch(writer *w, write_job *jobs)
{
    maru_store *store = w->store;
    int64_t     began = rt_now(store->rt);
    const char *step;
    int         rc = write_in_turn(store, jobs, &step);

    if (fault_is_fatal(rc))
        fault_die(rt_log(store->rt), store->path, step, fault_words(rc));
    if (rc)
        fail_all(jobs, store, step, rc);
    account(store, jobs, began);
    trouble_note(&w->trouble, store, step, rc ? rc : refused(jobs));
    if (!rc)
        rt_disk_fault(store->rt, "done"); /* it is on the disk, and nobody was told */
    jobs->event = (strand_event){.run = complete};
    strand_hand(rt_strand(store->rt), &jobs->event);
    w->commits++;
    if (w->commits % READER_CHECK_COMMITS == 0) /* others of this service, and maru store */
        env_check_readers(&store->env);
}

/* ---- the queue ---- */

/* With the mutex held, as what follows. */
static write_job *cut(writer *w)
{
    write_job  *jobs = w->first;
    write_job **at = &jobs;
    size_t      count = 0;

    for (; *at && count < WRITER_BATCH; at = &(*at)->next)
        count++;
    w->first = *at;
    if (!w->first)
        w->last = &w->first;
    *at = NULL;
    w->waiting -= count;
    return jobs;
}

/* The next batch, or NULL where the store closes and none is left. */
static write_job *take(writer *w)
{
    write_job *jobs;

    pthread_mutex_lock(&w->mutex);
    while (!w->first && !(w->closing && w->waiting == 0)) {
        w->sleeping = true;
        pthread_cond_wait(&w->work, &w->mutex);
    }
    w->sleeping = false;
    jobs = cut(w);
    pthread_mutex_unlock(&w->mutex);
    return jobs;
}

/* Simulated: one batch, and another event where more is queued. */
static void run_turn(strand_event *event)
{
    writer    *w = (writer *)((char *)event - offsetof(writer, turn));
    write_job *jobs;

    pthread_mutex_lock(&w->mutex);
    jobs = cut(w);
    pthread_mutex_unlock(&w->mutex);
    w->writing = true;
    if (jobs)
        run_batch(w, jobs);
    w->writing = false;
    if (w->first)
        strand_hand(rt_strand(w->store->rt), &w->turn);
    else
        w->sleeping = true;
}

static void *run(void *arg)
{
    writer    *w = arg;
    write_job *jobs;

    while ((jobs = take(w)) != NULL)
        run_batch(w, jobs);
    return NULL;
}

int writer_start(writer *w, maru_store *store, size_t max_queue)
{
    int failed;

    *w = (writer){.store = store, .max = max_queue};
    w->last = &w->first;
    pthread_mutex_init(&w->mutex, NULL);
    pthread_cond_init(&w->work, NULL);
    w->simulated = rt_seam(store->rt)->executor->pump != NULL;
    w->turn = (strand_event){.run = run_turn};
    w->sleeping = w->simulated;
    if (w->simulated)
        return 0;
    failed = pthread_create(&w->thread, NULL, run, w);
    if (failed) {
        pthread_cond_destroy(&w->work);
        pthread_mutex_destroy(&w->mutex);
    }
    return failed;
}

maru_status writer_admit(writer *w)
{
    maru_status status = MARU_OK;

    pthread_mutex_lock(&w->mutex);
    if (w->closing)
        status = MARU_UNAVAILABLE;
    else if (w->waiting >= w->max)
        status = MARU_RESOURCE_EXHAUSTED;
    else
        w->waiting++;
    if (status != MARU_OK)
        count_up(&w->store->counts.refused, 1); /* with the mutex held */
    pthread_mutex_unlock(&w->mutex);
    return status;
}

void writer_push(writer *w, write_job *job)
{
    bool wake;

    job->next = NULL;
    pthread_mutex_lock(&w->mutex);
    *w->last = job;
    w->last = &job->next;
    wake = w->sleeping;
    w->sleeping = false;
    if (wake && !w->simulated)
        pthread_cond_signal(&w->work); /* with the mutex held: once it is free, the store may close */
    pthread_mutex_unlock(&w->mutex);
    if (wake && w->simulated)
        strand_hand(rt_strand(w->store->rt), &w->turn);
}

bool writer_is_me(const writer *w)
{
    return w->simulated ? w->writing : pthread_equal(pthread_self(), w->thread) != 0;
}

/* Until the turn that is posted has run, and all that it leaves. */
static void run_world(writer *w)
{
    maru_runtime        *rt = w->store->rt;
    const maru_executor *executor = rt_seam(rt)->executor;

    while (!w->sleeping && executor->pump(rt_strand(rt)->executor))
        ;
}

void writer_stop(writer *w)
{
    pthread_mutex_lock(&w->mutex);
    w->closing = true;
    pthread_mutex_unlock(&w->mutex);
    if (w->simulated) {
        run_world(w);
    } else {
        pthread_cond_signal(&w->work);
        pthread_join(w->thread, NULL);
    }
    pthread_cond_destroy(&w->work);
    pthread_mutex_destroy(&w->mutex);
}
