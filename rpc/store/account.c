/* account.c: gives the meter what a store counted: writes, commits and their times, sizes, the queue. */
#include "store/account.h"

#include <lmdb.h>
#include <pthread.h>
#include <unistd.h>

#include "runtime/rt.h"
#include "store/store_impl.h"

static uint64_t load(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static size_t queue_length(writer *w)
{
    size_t waiting;

    pthread_mutex_lock(&w->mutex);
    waiting = w->waiting;
    pthread_mutex_unlock(&w->mutex);
    return waiting;
}

static void collect_writes(const store_counts *c, exposition *e)
{
    family *f = exposition_family(e, "maru_store_writes", METRIC_COUNTER, NULL, "Writes: by what came of them.");

    exposition_number(e, f, LABELS({"result", "done"}), load(&c->writes));
    exposition_number(e, f, LABELS({"result", "rolled_back"}), load(&c->failed));
    exposition_number(e, f, LABELS({"result", "refused"}), load(&c->refused));
    exposition_numbers(
        e, exposition_family(e, "maru_store_commit_writes", METRIC_HISTOGRAM, NULL, "Writes that shared a commit."),
        NULL, &c->batch);
    exposition_times(e,
                     exposition_family(e, "maru_store_commit_seconds", METRIC_HISTOGRAM, "seconds",
                                       "How long a commit took, with the functions of its writes."),
                     NULL, &c->commit);
    exposition_times(e,
                     exposition_family(e, "maru_store_flush_seconds", METRIC_HISTOGRAM, "seconds",
                                       "How long the disk took to keep a commit's record."),
                     NULL, &c->flush);
}

/* Of the file, what is in use: its pages but the free ones. The file's end is asked for after the snapshot was taken,
 * so that it lies behind all of that. */
static bool used_pages(maru_store *store, const maru_call *call, MDB_envinfo *info, size_t *pages)
{
    reader *r;
    size_t  left;
    bool    known;

    if (readers_take(&store->reads, call, &r) != 0)
        return false;
    known = env_free_pages(r->txn, SIZE_MAX, SIZE_MAX, &left) == 0 && mdb_env_info(store->env.mdb, info) == 0;
    readers_give(&store->reads, r);
    *pages = known ? info->me_last_pgno + 1 - left : 0;
    return known;
}

static void collect(void *arg, maru_call *call, exposition *e)
{
    maru_store *store = arg;
    MDB_envinfo info;
    size_t      pages;

    collect_writes(&store->counts, e);
    exposition_number(e, exposition_family(e, "maru_store_queue_length", METRIC_GAUGE, NULL, "Writes that wait."), NULL,
                      queue_length(&store->writes));
    if (store->shared || !used_pages(store, call, &info, &pages)) /* shared: it may be mapped anew at any moment */
        return;
    exposition_number(e, exposition_family(e, "maru_store_used_bytes", METRIC_GAUGE, "bytes", "Pages that are in use."),
                      NULL, pages * (uint64_t)sysconf(_SC_PAGESIZE));
    exposition_number(e, exposition_family(e, "maru_store_map_bytes", METRIC_GAUGE, "bytes", "What it can grow to."),
                      NULL, info.me_mapsize);
}

void store_account_open(maru_store *store)
{
    store->counts.meter = (meter){.collect = collect, .arg = store};
    meters_add(rt_meters(store->rt), &store->counts.meter);
}

void store_account_close(maru_store *store)
{
    meters_remove(rt_meters(store->rt), &store->counts.meter);
}
