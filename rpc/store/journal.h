/* journal.h: what is flushed before a batch is answered: one record with all its changes, at the end of one file.
 *
 * LMDB itself runs without flushes then; checkpoint.h says how its file is kept, recovery.h how both are put together
 * after a crash. Only where a store is open alone: those who share one flush by LMDB. All but redo is the writer's.
 */
#ifndef MARU_JOURNAL_H
#define MARU_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "maru/runtime.h"
#include "store/checkpoint.h"
#include "store/env.h"
#include "store/redo.h"
#include "store/segment.h"

enum {
    JOURNAL_SMALL = 64 << 10, /* a file at the start */
    JOURNAL_LARGE = 4 << 20,  /* and at most, but for a record that is larger by itself */
};

typedef struct journal {
    bool           on;
    bool           begun;   /* the first headers are written: at the first batch, not for those who only read */
    bool           pressed; /* LMDB found no room: pages that a checkpoint holds may be it */
    bool           eased;   /* a checkpoint was made for that, before the batch that is under way */
    store_env     *env;
    maru_runtime  *rt;
    segment        segments[2];
    journal_header header; /* of what is being written; on the disk when its checkpoint is complete */
    checkpoint     checkpoint;
    redo           redo;     /* of the batch that is under way */
    uint64_t       large;    /* JOURNAL_LARGE, or less in a test */
    uint64_t       at;       /* where the next record begins */
    uint64_t       sequence; /* of the next record */
    uint64_t       pages;    /* of data.mdb that were changed since the checkpoint, about */
} journal;

/* What the headers that are on the disk say, where no record counts. any: there are some, of this data.mdb, and with
 * both of its headers. Where STORE does not promise a journal they may be of one that was here before, and an earlier
 * version copied one header alone: they are written anew. */
typedef struct journal_past {
    bool     any;
    uint64_t generation; /* of the newest, whatever it is of; 0: none */
    uint64_t txn;        /* LMDB's last, as they say; it is another where data.mdb was written without the journal */
} journal_past;

/* journal_start begins to write after past; LMDB must have flushed all. From then on it flushes no more. */
maru_status journal_start(journal *j, store_env *env, maru_runtime *rt, uint64_t epoch, journal_past past,
                          maru_error *error);

/* journal_stop makes a last checkpoint that needs no records, so that the next open has nothing to do. */
void journal_stop(journal *j);

/* journal_tend is called before a batch: it makes a checkpoint where one is due, and begins the batch's changes. Where
 * little room is left in LMDB's map, the batch gets all that a checkpoint would hold: what is in it has no second try.
 */
int journal_tend(journal *j);

/* journal_ease makes a checkpoint for a batch that found no room, so that LMDB may use the pages that the one before
 * held. Its changes are still there. */
int journal_ease(journal *j);

/* journal_append writes the batch's record, which LMDB's transaction txn shall become; ENOSPC and the like leave all as
 * it was. journal_flush makes it durable: an error there leaves nothing to say. */
int journal_append(journal *j, uint64_t txn);
int journal_flush(journal *j);

/* journal_void makes the last record count for nothing, durably: its transaction did not come about. */
int journal_void(journal *j);

/* journal_done counts what a batch that came about has changed. */
void journal_done(journal *j);

/* journal_clean writes that no record counts, into both segments: past is what the disk said before, and is changed. */
int journal_clean(store_env *env, const segment *segments, uint64_t epoch, journal_past *past);

#endif
