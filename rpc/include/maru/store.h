/* maru/store.h: a service's own data: one LMDB environment, of checksummed protobuf records.
 *
 * A service declares its tables once and gets at them only inside a transaction: a function that gets a transaction and
 * its own argument, and no call, so that no RPC can happen inside. Reads see one snapshot. Writes of many handlers
 * share one commit and one flush, each with a rollback of its own; a write returns after it is on disk. The function of
 * a write runs on the writer's thread, beside the handlers: it touches only its transaction and its argument, never the
 * service's memory; what the handler read before may have changed: check again inside.
 *
 * Keys are at most 480 bytes; the library prefixes them with the table. Memory from a transaction is the call's arena.
 */
#ifndef MARU_STORE_H
#define MARU_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "maru/call.h"
#include "maru/decls.h"
#include "maru/limits.h"
#include "maru/runtime.h"
#include "maru/status.h"

MARU_BEGIN_DECLS

typedef struct maru_store  maru_store;
typedef struct maru_txn    maru_txn;
typedef struct maru_cursor maru_cursor;

enum { MARU_KEY_MAX = 480 };

typedef struct maru_key {
    const void *data;
    size_t      size;
} maru_key;

/* maru_key_text is the bytes of a string without its NUL. */
maru_key maru_key_text(const char *text);

/* A table: a number that never changes and is never used again, a name for people, the type of its records. */
typedef struct maru_table {
    uint8_t                           number; /* 1..200; the rest is the library's */
    const char                       *name;
    const ProtobufCMessageDescriptor *record;
} maru_table;

/* Brings the records of version-1 to version, in one write transaction, before anyone else sees the store. */
typedef maru_status (*maru_migrate)(maru_txn *txn, void *arg);

typedef struct maru_store_options {
    const char              *path;      /* a folder; made where it is missing, 0700 */
    const char              *service;   /* whose store it is; another's is refused */
    uint32_t                 version;   /* of the format: opens version and version-1 */
    maru_migrate             migrate;   /* from version-1; NULL where the format only grew */
    const maru_table *const *tables;    /* NULL-terminated */
    bool                     shared;    /* other processes of this service and version may have it open */
    MARU_STORE_LIMITS(MARU_LIMIT_FIELD) /* maru/limits.h */
} maru_store_options;

/* maru_store_open blocks. Errors say what and where, and name who has it open:
 * FAILED_PRECONDITION another service's, a newer or too old version, or open elsewhere; DATA_LOSS damaged;
 * PERMISSION_DENIED, NOT_FOUND, RESOURCE_EXHAUSTED as the file system says. */
maru_status maru_store_open(maru_runtime *runtime, const maru_store_options *options, maru_store **store,
                            maru_error *error);
void        maru_store_close(maru_store *store); /* waits for the writes that are queued; blocks */

typedef maru_status (*maru_txn_fn)(maru_txn *txn, void *arg);

/* maru_store_read runs fn at once, on this thread, with a snapshot. Does not suspend. */
maru_status maru_store_read(maru_store *store, maru_call *call, maru_txn_fn fn, void *arg);

/* maru_store_write queues fn, suspends the handler (blocks the thread of a root call), and returns when it is on
 * disk (OK) or rolled back (what fn returned; or DEADLINE_EXCEEDED, where it had not begun by then; RESOURCE_EXHAUSTED
 * where the disk or the queue is full; INTERNAL where waiting would block the strand: with a root call inside a
 * handler, and in a callback). fn may run in any order with the writes of others, but alone. In a method marked
 * exactly_once, which makes exactly one, the handler's response must be filled by fn: it is stored with it. One that is
 * larger than max_message can't be sent: RESOURCE_EXHAUSTED, and nothing was written. */
maru_status maru_store_write(maru_store *store, maru_call *call, maru_txn_fn fn, void *arg);

/* maru_txn_fail is maru_fail inside a transaction. */
maru_status maru_txn_fail(maru_txn *txn, maru_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
maru_arena *maru_txn_arena(maru_txn *txn);
void       *maru_txn_alloc(maru_txn *txn, size_t size); /* as maru_alloc */
char       *maru_txn_strdup(maru_txn *txn, const char *text);
int64_t     maru_txn_wall_clock(const maru_txn *txn); /* ns since 1970; the same all through a transaction */

/* maru_get unpacks the record at key into the arena. NOT_FOUND where there is none (no words: the caller knows
 * better what was looked for), DATA_LOSS where its checksum or shape is wrong. */
maru_status maru_get(maru_txn *txn, const maru_table *table, maru_key key, ProtobufCMessage **record);
/* maru_put writes it, whether there was one or not. Only in a write, like maru_delete (NOT_FOUND where none was). */
maru_status maru_put(maru_txn *txn, const maru_table *table, maru_key key, const ProtobufCMessage *record);
maru_status maru_delete(maru_txn *txn, const maru_table *table, maru_key key);
/* maru_has is as maru_get, and unpacks nothing. */
maru_status maru_has(maru_txn *txn, const maru_table *table, maru_key key);

/* maru_reply_with answers the call with the stored bytes of the record as they are (a method marked stored_reply, whose
 * response type is the record's): copied inside the read, checked by their checksum, not unpacked. RESOURCE_EXHAUSTED
 * where the record is larger than max_message: it can be unpacked, and a part of it be the answer. */
maru_status maru_reply_with(maru_txn *txn, const maru_table *table, maru_key key);

/* A walk in order of key, from the first key >= from to the last that begins with prefix. The cursor lives in the arena
 * and ends with the transaction. next is OK, NOT_FOUND past the last, or DATA_LOSS: a record is damaged, and whoever
 * wants all of the others calls next again. record NULL: only the key is wanted. Writing while walking is allowed. */
maru_cursor *maru_walk(maru_txn *txn, const maru_table *table, maru_key prefix, maru_key from);
maru_status  maru_next(maru_cursor *cursor, maru_key *key, ProtobufCMessage **record);

MARU_END_DECLS

#endif
