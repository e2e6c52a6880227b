/* once_impl.h: the replies of exactly-once calls, as the store keeps them. For rpc/store; the server's part is
 * server/once.h.
 *
 * A reply is kept in the transaction that made it, under who asked (the subject where there is one, else the caller)
 * and the request id, and beside it in an index by time. It goes when it is older than once_keep_ms and ONCE_AHEAD_MS,
 * in passing, more than a commit adds but a bounded number: never before an id of that age is refused.
 *
 * Large replies (above ONCE_SMALL: what takes not much more than the note that must stay is no matter) are in a second
 * index by time, with their size, and the sum of those sizes is a record. Where that is more than once_keep_bytes, the
 * oldest lose their bytes, in passing: that the call was made, and for what, stays known, so that it is not made again.
 * All of it is in transactions, so it is right after a crash, and for several processes that share the store.
 *
 * A damaged entry of either index is believed by nobody: it is stepped over, and stays with its reply. Where it counts
 * in the sum, or the sum is what is damaged, that is counted again.
 */
#ifndef MARU_ONCE_IMPL_H
#define MARU_ONCE_IMPL_H

#include "store/txn.h"

enum {
    ONCE_AHEAD_MS = 10 * 60 * 1000, /* how far a caller's clock may be ahead of ours */
    ONCE_SWEEP = 64,                /* stored replies that a commit removes at most, and twice what it adds */
    ONCE_WHO_MAX = 300,             /* bytes of a subject or caller */
    ONCE_SMALL = 256,               /* bytes of a reply that is kept whole as long as anything is known of it */
    ONCE_SHED = 1024,               /* large replies that lose their bytes in a commit, at most */
};

/* Whether this call's write is stored with its reply. */
bool once_applies(const maru_call *base);

/* once_check is OK where the id can be answered for: well formed, and not older than what is kept. Words in words. */
maru_status once_check(const maru_store *store, const maru_call *base, char words[static TXN_WORDS]);

/* once_lookup is OK where the call was answered before: txn->reply is that answer, in the arena. NOT_FOUND where it was
 * not; ALREADY_EXISTS where it asked for something else. */
maru_status once_lookup(maru_txn *txn, const maru_call *base);

/* once_keep packs the call's response, and keeps it: txn->reply is it. RESOURCE_EXHAUSTED where the peer can't be
 * answered with it: the write fails then, so that nobody is told of a failure what was done. */
maru_status once_keep(maru_txn *txn, const maru_call *base);

/* once_sum_key is where the sum of large replies is. */
void once_sum_key(record_key *key);

/* once_sweep removes stored replies that are too old, within txn, the writer's: at most twice as many as the batch may
 * add, and a few. So under any load they are caught up with, and no commit takes long. So it does with the bytes of
 * large ones. What fails is left for later, and logged where it begins. */
void once_sweep(maru_store *store, MDB_txn *txn, size_t added);

#endif
