/* inside.h: what the library's other rooms (events) do with a store that a service can't: tables of their own, a
 * transaction within a transaction, the last record of a table, and news of commits.
 */
#ifndef MARU_STORE_INSIDE_H
#define MARU_STORE_INSIDE_H

#include "base/log.h"
#include "maru/store.h"

/* What a transaction did that others wait for. */
enum {
    STORE_MARK_EMITTED = 1 << 0, /* events are in the log */
    STORE_MARK_LATER = 1 << 1,   /* a timer or a task was set */
    STORE_MARK_PENDING = 1 << 2, /* an event waits to be tried again */
    STORE_MARK_OVER = 1 << 3,    /* a timer or a task that was set was cleared, or set again */
};

/* Why something happens: what goes into the events that it emits. */
typedef struct store_cause {
    const char *causation, *correlation; /* NULL: unknown */
    const char *trace;                   /* W3C traceparent; NULL or "": none */
} store_cause;

/* store_add_table makes a library's table (above TABLE_USER_MAX) usable. It lives as long as the store. Before the
 * first transaction on it. */
void store_add_table(maru_store *store, const maru_table *table);

const char *store_service(const maru_store *store);
uint64_t    store_epoch(const maru_store *store);
bool        store_is_shared(const maru_store *store);
uint64_t    store_random(const maru_store *store); /* of the runtime's randomness */
void        store_set_settings(maru_store *store, const void *settings);

/* store_on_commit: fn runs on the strand after each batch that set marks was committed, before its writers
 * are woken. One listener; NULL takes it away (from the strand, or while nothing is written). */
typedef void (*store_committed)(void *arg, unsigned marks);
void store_on_commit(maru_store *store, store_committed fn, void *arg);

void txn_mark(maru_txn *txn, unsigned marks);
void txn_set_cause(maru_txn *txn, store_cause cause);
/* The cause that was set; else the call's. What is unknown is NULL. Lives as long as the transaction. */
store_cause txn_cause(maru_txn *txn);

/* What was noted of the last event of this transaction: events/emit.c's, NULL where there is none. */
void        txn_set_emitted(maru_txn *txn, const void *event);
const void *txn_emitted(const maru_txn *txn);

maru_store *txn_store(const maru_txn *txn);
maru_log   *txn_log(const maru_txn *txn);   /* of its runtime */
const char *txn_words(const maru_txn *txn); /* of the last failure; "" */

/* txn_nested runs fn in a transaction within txn, which must be a write: where fn does not say OK, nothing of it is
 * left. What it took of the arena is given back either way, but the words of its failure stay. It must not open walks
 * that outlive it. */
maru_status txn_nested(maru_txn *txn, maru_txn_fn fn, void *arg);

/* txn_seek lets a walk go on at the first key that is not below key, which is within the walk's prefix. */
void txn_seek(maru_cursor *cursor, maru_key key);

/* txn_last finds the last key that begins with prefix, and copies it into the arena. NOT_FOUND where there is none. */
maru_status txn_last(maru_txn *txn, const maru_table *table, maru_key prefix, maru_key *key);

/* txn_bytes is the payload of a record, checked: LMDB's memory, until the next write or the end. NOT_FOUND, DATA_LOSS.
 */
maru_status txn_bytes(maru_txn *txn, const maru_table *table, maru_key key, const uint8_t **bytes, size_t *size);

#endif
