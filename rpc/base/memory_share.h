/* memory_share.h: what many owners of memory may hold together (arenas of calls, buffers of connections). From any
 * thread. What an owner may hold without asking is its own rule. */
#ifndef MARU_MEMORY_SHARE_H
#define MARU_MEMORY_SHARE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct memory_share {
    atomic_size_t held; /* bytes */
    size_t        limit;
} memory_share;

/* False where it would be more than limit: then nothing is taken. share may be NULL: no limit. */
static inline bool memory_share_take(memory_share *share, size_t bytes)
{
    if (share == NULL || atomic_fetch_add(&share->held, bytes) + bytes <= share->limit)
        return true;
    atomic_fetch_sub(&share->held, bytes);
    return false;
}

static inline void memory_share_give(memory_share *share, size_t bytes)
{
    if (share != NULL)
        atomic_fetch_sub(&share->held, bytes);
}

#endif
