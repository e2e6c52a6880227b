/* readers.h: a store's read transactions, kept and used again, since beginning one anew takes memory and a lock.
 *
 * Reads of several threads may run at once; each takes a reader, and gives it back before it returns, but for those of
 * handlers, which share one (kept.h). The writer enters too, so that the map is changed (env_grow) only where no
 * transaction is active.
 */
#ifndef MARU_READERS_H
#define MARU_READERS_H

#include <lmdb.h>
#include <pthread.h>
#include <stdbool.h>

#include "maru/call.h"
#include "store/env.h"
#include "store/kept.h"

enum { READER_CURSORS = 4 };

typedef struct reader {
    struct reader   *next;
    MDB_txn         *txn;
    const maru_call *call;  /* whose read this is: a call reads once at a time; NULL: of handlers */
    found           *found; /* what is known of its snapshot; NULL: nothing is kept */
    unsigned         cursors;
    MDB_cursor      *cursor[READER_CURSORS]; /* kept for the next walk */
} reader;

typedef struct readers {
    store_env      *env;
    pthread_mutex_t mutex;
    pthread_cond_t  idle;
    reader         *free, *used;
    unsigned        active; /* reads, and the write */
    bool            growing;
    kept            kept; /* of handlers */
} readers;

void readers_init(readers *r, store_env *env);
void readers_free(readers *r); /* no read may be under way */

/* readers_take begins a read. 0; EBUSY where call reads already; or an error number. */
int  readers_take(readers *r, const maru_call *call, reader **taken);
void readers_give(readers *r, reader *given);

/* Whether call is within a read of its own. */
bool readers_within(readers *r, const maru_call *call);

/* The writer enters before it begins, and leaves after it ended. After MDB_MAP_RESIZED it leaves, and grows. */
void readers_enter(readers *r);
void readers_leave(readers *r);
int  readers_grow(readers *r);

#endif
