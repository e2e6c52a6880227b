/* store_impl.h: what a store is made of. For rpc/store. */
#ifndef MARU_STORE_IMPL_H
#define MARU_STORE_IMPL_H

#include <stdatomic.h>

#include "maru/store.h"
#include "store/account.h"
#include "store/env.h"
#include "store/holder.h"
#include "store/inside.h"
#include "store/journal.h"
#include "store/readers.h"
#include "store/record.h"
#include "store/writer.h"

struct maru_store {
    maru_runtime     *rt;
    char             *path;
    bool              shared;
    int64_t           once_keep_ms;
    uint64_t          once_keep_bytes;
    int64_t           max_read_ms;
    uint64_t          epoch;
    const maru_table *tables[TABLE_COUNT];
    char              service[STORE_SERVICE_MAX + 1];
    const void       *settings;  /* for maru_txn_settings */
    store_committed   committed; /* NULL: nobody wants to know */
    void             *committed_arg;
    holder            held;
    store_env         env;
    readers           reads;
    journal           journal; /* on: in a store that is not shared, once it is open */
    writer            writes;
    atomic_bool       damaged; /* a damaged record was seen: scrub.h */
    store_counts      counts;
    int64_t           once_due_ms;  /* when a stored reply may next be too old; the writer's own, like: */
    int64_t           once_next_ms; /* the same, once the batch that is under way is committed */
    int               once_trouble; /* what the last sweep failed with; 0: nothing */
};

#endif
