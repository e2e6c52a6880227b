/* checkpoint.c: making checkpoints (contract: checkpoint.h). */
#include "store/checkpoint.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "runtime/rt.h"
#include "store/fault.h"

static int read_meta(store_env *env, size_t page, uint8_t meta[static DATAFILE_HEADER])
{
    MDB_stat stat;
    int      fd, rc;

    if ((rc = mdb_env_get_fd(env->mdb, &fd)) != 0 || (rc = mdb_env_stat(env->mdb, &stat)) != 0)
        return rc;
    return pread(fd, meta, DATAFILE_HEADER, (off_t)page * stat.ms_psize) == DATAFILE_HEADER ? 0 : EIO;
}

int checkpoint_meta(store_env *env, size_t txn, uint8_t meta[static DATAFILE_HEADER])
{
    datafile_header header;
    int             rc = read_meta(env, txn & 1, meta);

    if (rc)
        return rc;
    return datafile_parse(meta, &header) == NULL && header.txn == txn ? 0 : EIO;
}

int checkpoint_other(store_env *env, size_t txn, uint8_t other[static DATAFILE_HEADER])
{
    return read_meta(env, 1 - (txn & 1), other);
}

/* Flushes the data, then the header that says so. Failing there, it can't say what is on the disk. */
static void make(const checkpoint *c)
{
    int rc = rt_disk_fault(c->rt, "checkpoint");

    if (!rc)
        rc = mdb_env_sync(c->env->mdb, 1);
    if (!rc)
        rc = segment_write_header(&c->segments[c->header.generation & 1], &c->header);
    if (rc)
        fault_die(c->env->log, c->env->path, "checkpoint", fault_words(rc));
}

/* The reader of the one before is let go. */
static void turn_over(checkpoint *c)
{
    MDB_txn *old = c->held;

    mdb_txn_reset(old);
    c->held = c->spare;
    c->spare = old;
}

static void *run(void *arg)
{
    checkpoint *c = arg;

    pthread_mutex_lock(&c->mutex);
    for (;;) {
        while (!c->busy && !c->ending)
            pthread_cond_wait(&c->changed, &c->mutex);
        if (!c->busy)
            break;
        pthread_mutex_unlock(&c->mutex);
        make(c);
        turn_over(c);
        pthread_mutex_lock(&c->mutex);
        c->busy = false;
        pthread_cond_broadcast(&c->changed);
    }
    pthread_mutex_unlock(&c->mutex);
    return NULL;
}

static int note_state(checkpoint *c, MDB_txn *reader, journal_header *header)
{
    header->txn = mdb_txn_id(reader);
    return checkpoint_meta(c->env, header->txn, header->meta);
}

static int begin_readers(checkpoint *c)
{
    int rc = mdb_txn_begin(c->env->mdb, NULL, MDB_RDONLY, &c->held);

    if (rc)
        return rc;
    if ((rc = mdb_txn_begin(c->env->mdb, NULL, MDB_RDONLY, &c->spare)) != 0)
        mdb_txn_abort(c->held);
    else
        mdb_txn_reset(c->spare);
    return rc;
}

static void end_readers(checkpoint *c)
{
    mdb_txn_abort(c->held);
    mdb_txn_abort(c->spare);
}

int checkpoint_start(checkpoint *c, store_env *env, maru_runtime *rt, const segment *segments, journal_header *header,
                     bool threaded)
{
    int rc;

    *c = (checkpoint){.env = env, .rt = rt, .segments = segments, .threaded = threaded};
    if ((rc = begin_readers(c)) != 0)
        return rc;
    pthread_mutex_init(&c->mutex, NULL);
    pthread_cond_init(&c->changed, NULL);
    if ((rc = note_state(c, c->held, header)) == 0 && threaded)
        rc = pthread_create(&c->thread, NULL, run, c);
    if (!rc)
        return 0;
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->mutex);
    end_readers(c);
    return rc;
}

int checkpoint_begin(checkpoint *c, journal_header *header)
{
    int rc;

    checkpoint_wait(c);
    if ((rc = mdb_txn_renew(c->spare)) != 0)
        return rc;
    if ((rc = note_state(c, c->spare, header)) != 0) {
        mdb_txn_reset(c->spare);
        return rc;
    }
    c->header = *header;
    if (!c->threaded) {
        make(c);
        turn_over(c);
        return 0;
    }
    pthread_mutex_lock(&c->mutex);
    c->busy = true;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->mutex);
    return 0;
}

bool checkpoint_busy(checkpoint *c)
{
    bool busy;

    pthread_mutex_lock(&c->mutex);
    busy = c->busy;
    pthread_mutex_unlock(&c->mutex);
    return busy;
}

void checkpoint_wait(checkpoint *c)
{
    pthread_mutex_lock(&c->mutex);
    while (c->busy)
        pthread_cond_wait(&c->changed, &c->mutex);
    pthread_mutex_unlock(&c->mutex);
}

void checkpoint_stop(checkpoint *c)
{
    checkpoint_wait(c);
    if (c->threaded) {
        pthread_mutex_lock(&c->mutex);
        c->ending = true;
        pthread_cond_broadcast(&c->changed);
        pthread_mutex_unlock(&c->mutex);
        pthread_join(c->thread, NULL);
    }
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->mutex);
    end_readers(c);
}
