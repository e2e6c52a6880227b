/* snapshot.h: one committed state of a data.mdb, held by LMDB and read without it.
 *
 * A read transaction holds it: while the service that writes has it in its table of readers, no page of it is used
 * again. A service that was killed and starts again knows nothing of that reader, and uses its pages. LMDB reads them
 * where they are mapped, believes them, and may end this process; here each is copied by pread and looked at (page.h),
 * so that the worst that such a page does is to be wrong, which is said. What is read may then be of another state: it
 * is the caller's to ask whether the same service still has the store (care_impl.h).
 */
#ifndef MARU_STORE_SNAPSHOT_H
#define MARU_STORE_SNAPSHOT_H

#include <lmdb.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/env.h"
#include "store/page.h"

typedef struct snapshot {
    MDB_txn        *held;
    datafile_header header;
    uint8_t         bytes[DATAFILE_HEADER]; /* of the header */
    page_file       file;                   /* points to header: a snapshot is not copied */
} snapshot;

/* snapshot_begin holds the newest state. 0, or LMDB's error, and then there is nothing to end: MDB_CORRUPTED where its
 * header makes no sense. */
int  snapshot_begin(snapshot *s, store_env *env);
void snapshot_end(snapshot *s);

typedef enum snapshot_tree { SNAPSHOT_FREE, SNAPSHOT_RECORDS } snapshot_tree;

/* A place in a tree. */
typedef struct snapshot_cursor {
    const snapshot *of;
    const char     *wrong; /* what ended it before the end; NULL: nothing */
    int             depth; /* how many pages of levels are at hand; -1: it did not begin yet */
    struct {
        uint8_t *page;
        size_t   at; /* the next of its nodes */
    } levels[PAGE_DEPTH_MAX];
    uint8_t      *big; /* the value at hand, where it has pages of its own */
    snapshot_tree tree;
} snapshot_cursor;

void snapshot_cursor_begin(snapshot_cursor *c, const snapshot *of, snapshot_tree tree);
void snapshot_cursor_end(snapshot_cursor *c);

/* snapshot_next is the next record, until the call after it; false at the end, and where something is wrong. A key of a
 * damaged page may be of any size. */
bool snapshot_next(snapshot_cursor *c, MDB_val *key, MDB_val *value);

/* snapshot_find has the record of exactly this key, until the cursor is used again; false where there is none, and
 * where something is wrong. Where snapshot_next goes on after it is not said. */
bool snapshot_find(snapshot_cursor *c, const void *key, size_t size, MDB_val *value);

#endif
