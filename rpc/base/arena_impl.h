/* arena_impl.h: what an arena is, for those who take much of it in small pieces (arena.c, wire/decode.c); all others
 * use maru/arena.h.
 *
 * What is spent is not counted but measured: at - origin. end is where the newest block ends, or the budget if that
 * comes before, so that taking memory is one comparison.
 */
#ifndef MARU_ARENA_IMPL_H
#define MARU_ARENA_IMPL_H

#include <stdalign.h>
#include <stdbool.h>

#include "base/memory_share.h"
#include "maru/arena.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define ARENA_POISON(at, size)   ASAN_POISON_MEMORY_REGION(at, size)
#define ARENA_UNPOISON(at, size) ASAN_UNPOISON_MEMORY_REGION(at, size)
#else
#define ARENA_POISON(at, size)   ((void)(at), (void)(size))
#define ARENA_UNPOISON(at, size) ((void)(at), (void)(size))
#endif

enum { ARENA_ALIGN = 16 };

typedef struct arena_block {
    alignas(ARENA_ALIGN) struct arena_block *older;
    size_t size;  /* of bytes */
    size_t spent; /* by the arena, before this block was taken */
    alignas(ARENA_ALIGN) uint8_t bytes[];
} arena_block;

struct maru_arena {
    uintptr_t          at, end; /* what may be taken of the newest block */
    uintptr_t          origin;  /* may lie below 0, and wrap: only at - origin counts */
    size_t             budget;
    arena_block       *newest; /* never NULL; the oldest is the first */
    arena_block       *big;
    memory_share      *share;   /* of all blocks but the first; NULL: none */
    bool               crowded; /* the share, not the budget, said no to the last that was asked for */
    bool               starved; /* neither did: the system has no memory */
    ProtobufCAllocator allocator;
    alignas(ARENA_ALIGN) arena_block first;
};

static inline size_t arena_spent(const maru_arena *arena)
{
    return arena->at - arena->origin;
}

/* maru_arena_now, inline. */
static inline maru_arena_mark arena_now(const maru_arena *arena)
{
    return (maru_arena_mark){
        .block = arena->newest,
        .used = (size_t)(arena->at - (uintptr_t)arena->newest->bytes),
        .spent = arena_spent(arena),
    };
}

/* arena_join makes an arena that holds nothing yet take its memory from a share; NULL: from none. arena_why_not says
 * what refused the last memory, for the words of an error: "limit 67108864 (max_memory)". Returns out. */
enum { ARENA_WHY_MAX = 96 };
void  arena_join(maru_arena *arena, memory_share *share);
char *arena_why_not(const maru_arena *arena, char out[static ARENA_WHY_MAX]);

/* For what arena_take cannot serve: nothing, too much, or the next block. */
void *arena_take_elsewhere(maru_arena *arena, size_t size);

/* maru_arena_alloc, inline. */
static inline void *arena_take(maru_arena *arena, size_t size)
{
    /* 0 where size is 0 or the sum wraps: one below is then more than there ever is. */
    size_t    rounded = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    uintptr_t at = arena->at;

    if (__builtin_expect(rounded - 1 >= arena->end - at, 0))
        return arena_take_elsewhere(arena, size);
    arena->at = at + rounded;
    ARENA_UNPOISON((void *)at, size);
    return (void *)at;
}

/* arena_grow makes the size bytes at old, which came from this arena, bigger; where they were the last that was taken
 * it takes only what is added. old may be NULL with size 0. NULL where the budget or memory is out; old is good then.
 */
void *arena_grow(maru_arena *arena, void *old, size_t size, size_t bigger);

#endif
