/* arena.c: blocks that are bumped through and given back all at once (contract: maru/arena.h).
 *
 * The arena and its first block are one allocation of FIRST_BLOCK bytes. Further blocks double up to MAX_BLOCK. What is
 * too big to share a block (above BIG bytes) has one of its own, in a second list, so that it does not end the block
 * that is being bumped through. Both lists are newest first. A block notes what was spent when it was taken: that is
 * how rewind knows which of the big ones are younger than its mark.
 */
#include "base/arena_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mapped.h"

enum {
    FIRST_BLOCK = 4096,
    MAX_BLOCK = 65536,
    BIG = 16384,
    PRINTF_SHORT = 256, /* formatted once, on the stack; longer texts twice */
};

/* So that sums of sizes never overflow. */
#define BUDGET_MAX (SIZE_MAX / 4)

static void *allocator_alloc(void *arena, size_t size)
{
    return maru_arena_alloc(arena, size);
}

static void allocator_free(void *arena, void *memory)
{
    (void)arena;
    (void)memory;
}

static size_t clamp_budget(size_t budget)
{
    return budget < BUDGET_MAX ? budget : BUDGET_MAX;
}

/* Sets end, after the newest block, origin or budget has changed. */
static void set_end(maru_arena *arena)
{
    uintptr_t block_end = (uintptr_t)(arena->newest->bytes + arena->newest->size);
    size_t    left = arena->budget - arena_spent(arena);

    arena->end = left < block_end - arena->at ? arena->at + left : block_end;
}

/* Makes b the block that is bumped through, from bytes[used] on, and spent what was spent before. */
static void bump_through(maru_arena *arena, arena_block *b, size_t used, size_t spent)
{
    arena->newest = b;
    arena->at = (uintptr_t)(b->bytes + used);
    arena->origin = arena->at - spent;
    set_end(arena);
    ARENA_POISON(b->bytes + used, b->size - used);
}

maru_arena *maru_arena_new(size_t budget)
{
    maru_arena *arena = malloc(FIRST_BLOCK);

    if (!arena)
        return NULL;
    *arena = (maru_arena){
        .budget = clamp_budget(budget),
        .allocator = {.alloc = allocator_alloc, .free = allocator_free, .allocator_data = arena},
        .first = {.size = FIRST_BLOCK - offsetof(maru_arena, first) - offsetof(arena_block, bytes)},
    };
    bump_through(arena, &arena->first, 0, 0);
    return arena;
}

static bool share_take(maru_arena *arena, size_t size)
{
    if (memory_share_take(arena->share, size))
        return true;
    arena->crowded = true;
    return false;
}

static void free_block(maru_arena *arena, arena_block *b)
{
    ARENA_UNPOISON(b->bytes, b->size);
    memory_share_give(arena->share, b->size);
    mapped_give(b, offsetof(arena_block, bytes) + b->size);
}

void arena_join(maru_arena *arena, memory_share *share)
{
    arena->share = share;
    arena->crowded = false;
}

char *arena_why_not(const maru_arena *arena, char out[static ARENA_WHY_MAX])
{
    if (arena->crowded)
        snprintf(out, ARENA_WHY_MAX, "limit %zu for all calls together (max_memory_total)", arena->share->limit);
    else
        snprintf(out, ARENA_WHY_MAX, "limit %zu (max_memory)", arena->budget);
    return out;
}

void maru_arena_free(maru_arena *arena)
{
    if (!arena)
        return;
    maru_arena_reset(arena);
    ARENA_UNPOISON(arena->first.bytes, arena->first.size);
    free(arena);
}

void maru_arena_reset(maru_arena *arena)
{
    if (arena->newest == &arena->first && !arena->big) { /* as after most calls: nothing to give back */
        bump_through(arena, &arena->first, 0, 0);
        return;
    }
    maru_arena_rewind(arena, (maru_arena_mark){.block = &arena->first});
}

static arena_block *new_block(maru_arena *arena, size_t size, arena_block *older)
{
    arena_block *b;

    if (!share_take(arena, size))
        return NULL;
    if (!(b = mapped_take(offsetof(arena_block, bytes) + size))) {
        memory_share_give(arena->share, size);
        arena->starved = true;
    } else {
        *b = (arena_block){.older = older, .size = size, .spent = arena_spent(arena)};
    }
    return b;
}

/* Beside the block that is bumped through: spent without going on in it. */
static void *take_big(maru_arena *arena, size_t size, size_t rounded)
{
    arena_block *b = new_block(arena, rounded, arena->big);

    if (!b)
        return NULL;
    arena->big = b;
    arena->origin -= rounded;
    set_end(arena);
    ARENA_POISON(b->bytes + size, b->size - size);
    return b->bytes;
}

static size_t next_block_size(const maru_arena *arena)
{
    size_t whole = 2 * (arena->newest->size + offsetof(arena_block, bytes));

    if (arena->newest == &arena->first)
        whole = 2 * FIRST_BLOCK;
    return (whole < MAX_BLOCK ? whole : MAX_BLOCK) - offsetof(arena_block, bytes);
}

/* There is room for it. */
static void *bump(maru_arena *arena, size_t size, size_t rounded)
{
    void *at = (void *)arena->at;

    arena->at += rounded;
    ARENA_UNPOISON(at, size);
    return at;
}

__attribute__((noinline)) void *arena_take_elsewhere(maru_arena *arena, size_t size)
{
    /* Nothing takes a place too: every address is its own. */
    size_t       rounded = size ? (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1) : ARENA_ALIGN;
    size_t       want = next_block_size(arena);
    arena_block *b;

    arena->crowded = arena->starved = false;
    if (rounded < size || rounded > arena->budget - arena_spent(arena))
        return NULL;
    if (rounded <= arena->end - arena->at)
        return bump(arena, size, rounded);
    if (rounded > BIG || rounded > want)
        return take_big(arena, size, rounded);
    if (!(b = new_block(arena, want, arena->newest)))
        return NULL;
    bump_through(arena, b, 0, arena_spent(arena));
    return bump(arena, size, rounded);
}

void *maru_arena_alloc(maru_arena *arena, size_t size)
{
    return arena_take(arena, size);
}

void *arena_grow(maru_arena *arena, void *old, size_t size, size_t bigger)
{
    size_t room = old ? (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1) : 0;
    size_t more = bigger > room ? (bigger - room + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1) : 0;
    void  *memory;

    if (old && (uintptr_t)old + room == arena->at && more <= arena->end - arena->at) {
        arena->at += more;
        ARENA_UNPOISON(old, bigger);
        return old;
    }
    memory = arena_take(arena, bigger);
    return memory && size ? memcpy(memory, old, size) : memory;
}

void *maru_arena_zalloc(maru_arena *arena, size_t size)
{
    void *memory = maru_arena_alloc(arena, size);

    return memory ? memset(memory, 0, size) : NULL;
}

void *maru_arena_memdup(maru_arena *arena, const void *from, size_t size)
{
    void *memory = maru_arena_alloc(arena, size);

    return memory && size ? memcpy(memory, from, size) : memory;
}

char *maru_arena_strdup(maru_arena *arena, const char *from)
{
    return maru_arena_memdup(arena, from, strlen(from) + 1);
}

char *maru_arena_printf(maru_arena *arena, const char *format, ...)
{
    va_list args;
    char   *text;

    va_start(args, format);
    text = maru_arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

char *maru_arena_vprintf(maru_arena *arena, const char *format, va_list args)
{
    char    brief[PRINTF_SHORT];
    char   *text = NULL;
    va_list again;
    int     size;

    va_copy(again, args);
    size = vsnprintf(brief, sizeof brief, format, args);
    if (size >= 0 && (size_t)size < sizeof brief)
        text = maru_arena_memdup(arena, brief, (size_t)size + 1);
    else if (size >= 0 && (text = maru_arena_alloc(arena, (size_t)size + 1)))
        vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    return text;
}

maru_arena_mark maru_arena_now(const maru_arena *arena)
{
    return arena_now(arena);
}

void maru_arena_rewind(maru_arena *arena, maru_arena_mark mark)
{
    while (arena->big && arena->big->spent >= mark.spent) {
        arena_block *b = arena->big;

        arena->big = b->older;
        free_block(arena, b);
    }
    while (arena->newest != mark.block) {
        arena_block *b = arena->newest;

        arena->newest = b->older;
        free_block(arena, b);
    }
    bump_through(arena, arena->newest, mark.used, mark.spent);
}

size_t maru_arena_spent(const maru_arena *arena)
{
    return arena_spent(arena);
}

size_t maru_arena_budget(const maru_arena *arena)
{
    return arena->budget;
}

/* Never below what is spent, so that budget - spent cannot wrap. */
void maru_arena_set_budget(maru_arena *arena, size_t budget)
{
    size_t spent = arena_spent(arena);

    budget = clamp_budget(budget);
    if (budget == arena->budget)
        return;
    arena->budget = budget > spent ? budget : spent;
    set_end(arena);
}

ProtobufCAllocator *maru_arena_allocator(maru_arena *arena)
{
    return &arena->allocator;
}
