/* checkpoint.h: the state of data.mdb that a recovery goes back to.
 *
 * LMDB runs without flushes of its own, so that after a loss of power only one state of data.mdb is sure: that of the
 * last checkpoint. A read transaction is held open at it, so that LMDB uses none of its pages again, and LMDB's header
 * of that transaction is in the journal's. The next one is begun by the writer, between two commits, and made by a
 * thread of its own: data.mdb is flushed, then the journal's new header, and only then the old reader is let go. The
 * writer goes on meanwhile, in the other file. In a simulation there is no thread: it is made at once.
 */
#ifndef MARU_CHECKPOINT_H
#define MARU_CHECKPOINT_H

#include <lmdb.h>
#include <pthread.h>
#include <stdbool.h>

#include "maru/runtime.h"
#include "store/env.h"
#include "store/segment.h"

typedef struct checkpoint {
    store_env      *env;
    maru_runtime   *rt;
    const segment  *segments;
    MDB_txn        *held;   /* at the checkpoint that the newest header on disk is of */
    MDB_txn        *spare;  /* reset; or at the one that is being made */
    journal_header  header; /* of the one that is being made */
    pthread_t       thread;
    pthread_mutex_t mutex;
    pthread_cond_t  changed;
    bool            threaded, busy, ending;
} checkpoint;

/* checkpoint_start holds the state that LMDB is in, which must have been flushed: header gets its transaction and
 * LMDB's header, and is to be written before the next commit. 0 or an error number, and then there is nothing to stop.
 */
int checkpoint_start(checkpoint *c, store_env *env, maru_runtime *rt, const segment *segments, journal_header *header,
                     bool threaded);

/* The writer's, between two commits. checkpoint_begin waits for the one before, holds the state of now, notes it in
 * header, and has it made: 0, or an error number where no reader could be had. */
int  checkpoint_begin(checkpoint *c, journal_header *header);
bool checkpoint_busy(checkpoint *c);
void checkpoint_wait(checkpoint *c);

/* checkpoint_stop waits, joins, and lets the reader go. */
void checkpoint_stop(checkpoint *c);

/* checkpoint_meta copies LMDB's header of a transaction out of data.mdb; EIO where it is not there. */
int checkpoint_meta(store_env *env, size_t txn, uint8_t meta[static DATAFILE_HEADER]);

/* checkpoint_other copies the header beside it, whatever it says. */
int checkpoint_other(store_env *env, size_t txn, uint8_t other[static DATAFILE_HEADER]);

#endif
