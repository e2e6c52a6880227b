/* txn.h: a transaction as a service's function sees it, and how one is run. For rpc/store.
 *
 * A transaction belongs to the thread that runs its function: the caller's in a read, the writer's in a write (while
 * the call's fiber is suspended, so that its arena has one owner). Where the arena's budget is out, the function is
 * left there and then (a jump); it holds nothing, and no call of LMDB is jumped across.
 */
#ifndef MARU_TXN_H
#define MARU_TXN_H

#include "base/jump.h"
#include "maru/store.h"
#include "store/inside.h"
#include "store/readers.h"
#include "store/record.h"

enum { TXN_WORDS = 512 };

struct maru_txn {
    maru_store     *store;
    MDB_txn        *mdb;
    maru_arena     *arena;
    maru_call      *call;    /* NULL in a migration */
    reader         *reader;  /* NULL: this is a write */
    maru_cursor    *cursors; /* those that are open in LMDB */
    int64_t         wall;    /* 0: a read that did not ask yet */
    unsigned        marks;   /* STORE_MARK_*: what those who listen to commits want to know of it */
    store_cause     cause;   /* of the events that are emitted; all NULL: the call is */
    const void     *emitted; /* the last of them, a maru_event; NULL: none */
    unsigned        changes; /* counts the writes: a walk looks for its place again after one */
    maru_status     broken;  /* OK, or why it can't commit, whatever its function says */
    int             full;    /* 0, or the MDB_ or errno number of a change for which the store has no room */
    const uint8_t  *reply;   /* the stored bytes that shall answer; the call gets them where it ends well */
    size_t          reply_size;
    maru_arena_mark start;   /* of what its function takes */
    bool            escapes; /* escape is set */
    jump            escape;
    char            words[TXN_WORDS];
};

void txn_begin(maru_txn *txn, maru_store *store, MDB_txn *mdb, maru_arena *arena, maru_call *call);
void txn_begin_read(maru_txn *txn, maru_store *store, reader *taken, maru_arena *arena, maru_call *call);

/* txn_run runs fn with the way out of maru_txn_alloc prepared. Its status, RESOURCE_EXHAUSTED where it was left so, or
 * what broke the transaction. */
maru_status txn_run(maru_txn *txn, maru_txn_fn fn, void *arg);

/* txn_end closes what walks left open; before LMDB's transaction ends. */
void txn_end(maru_txn *txn);

/* The bytes of a record, whole and in its place; they are LMDB's, until the next write or the end. NOT_FOUND (no
 * words), DATA_LOSS, INVALID_ARGUMENT. name is the table's, for errors. */
maru_status txn_value(maru_txn *txn, const record_key *key, const char *name, const uint8_t **payload, size_t *size);

/* txn_room puts a record of size bytes at key, whose payload the caller fills, and seals with txn_seal at once. */
maru_status txn_room(maru_txn *txn, const record_key *key, const char *name, size_t size, uint8_t **payload);
void        txn_seal(maru_txn *txn, const record_key *key, uint8_t *payload, size_t size);

maru_status txn_remove(maru_txn *txn, const record_key *key, const char *name);

/* txn_unpack is the end of maru_get and maru_next: DATA_LOSS names the record. */
maru_status txn_unpack(maru_txn *txn, const maru_table *table, const record_key *key, const uint8_t *payload,
                       size_t size, ProtobufCMessage **record);

/* What a value that failed record_fault is, in words; from then on the store is known to hold damage. */
maru_status txn_damaged(maru_txn *txn, const char *name, const record_key *key, const char *fault);

/* The same of a record that lies beside a place: "the record PLACE "KEY" is damaged", without KEY where it is the
 * library's. */
maru_status txn_damaged_beside(maru_txn *txn, const char *name, const char *place, const record_key *key,
                               const char *fault);

/* txn_may_answer is OK where the call's peer can be answered with size bytes, else RESOURCE_EXHAUSTED. */
maru_status txn_may_answer(maru_txn *txn, const maru_call *base, size_t size);

/* txn_table is OK where the store has this table. */
maru_status txn_table(maru_txn *txn, const maru_table *table);

/* Whatever is open in LMDB for a walk is closed, or kept for the next. */
void cursor_close(maru_cursor *cursor);

#endif
