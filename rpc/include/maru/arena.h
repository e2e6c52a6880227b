/* maru/arena.h: memory that is given back all at once.
 *
 * An arena is a chain of blocks with a budget. Nothing taken from it is freed alone; reset gives all
 * of it back and keeps the first block, so that a pooled arena allocates nothing in steady state.
 * Not thread-safe: one owner at a time. Under AddressSanitizer memory that was given back is poisoned.
 */
#ifndef MARU_ARENA_H
#define MARU_ARENA_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "maru/decls.h"

MARU_BEGIN_DECLS

typedef struct maru_arena maru_arena;

/* A place in an arena, to go back to. */
typedef struct maru_arena_mark {
    void  *block;
    size_t used;
    size_t spent;
} maru_arena_mark;

/* maru_arena_new makes an arena that hands out at most budget bytes. NULL where memory is out. */
maru_arena *maru_arena_new(size_t budget);
void        maru_arena_free(maru_arena *arena);
void        maru_arena_reset(maru_arena *arena);

/* maru_arena_alloc returns size bytes aligned to 16, not zeroed. NULL where the budget or memory is out. */
void *maru_arena_alloc(maru_arena *arena, size_t size);
void *maru_arena_zalloc(maru_arena *arena, size_t size);
void *maru_arena_memdup(maru_arena *arena, const void *from, size_t size);
char *maru_arena_strdup(maru_arena *arena, const char *from);
char *maru_arena_printf(maru_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *maru_arena_vprintf(maru_arena *arena, const char *format, va_list args);

/* mark and rewind are a scratch scope: rewind gives back all that was taken since mark. */
maru_arena_mark maru_arena_now(const maru_arena *arena);
void            maru_arena_rewind(maru_arena *arena, maru_arena_mark mark);

/* Bytes handed out since the last reset, and the most that may be. */
size_t maru_arena_spent(const maru_arena *arena);
size_t maru_arena_budget(const maru_arena *arena);
void   maru_arena_set_budget(maru_arena *arena, size_t budget);

/* The arena as protobuf-c's allocator: free does nothing. Lives as long as the arena. */
ProtobufCAllocator *maru_arena_allocator(maru_arena *arena);

MARU_END_DECLS

#endif
