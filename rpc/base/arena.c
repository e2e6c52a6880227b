/* arena.c: blocks that are bumped through and given back all at once (contract: maru/arena.h).
 *
 * The arena and its first block are one allocation of FIRST_BLOCK bytes. Further blocks double up to MAX_BLOCK. What is
 * too big to share a block (above BIG bytes) has one of its own, in a second list, so that it does not end the block
 * that is being bumped through. Both lists are newest first. A block notes what was spent when it was taken: that is
 * how rewind knows which of the big ones are younger than its mark.
 */
#include "maru/arena.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(at, size)   ASAN_POISON_MEMORY_REGION(at, size)
#define UNPOISON(at, size) ASAN_UNPOISON_MEMORY_REGION(at, size)
#else
#define POISON(at, size)   ((void)(at), (void)(size))
#define UNPOISON(at, size) ((void)(at), (void)(size))
#endif

enum {
    ALIGN = 16,
    FIRST_BLOCK = 4096,
    MAX_BLOCK = 65536,
    BIG = 16384,
    PRINTF_SHORT = 256, /* formatted once, on the stack; longer texts twice */
};

/* So that sums of sizes never overflow. */
#define BUDGET_MAX (SIZE_MAX / 4)

typedef struct block {
    alignas(ALIGN) struct block *older;
    size_t size;  /* of bytes */
    size_t spent; /* by the arena, before this block was taken */
    alignas(ALIGN) uint8_t bytes[];
} block;

struct maru_arena {
    uint8_t           *at, *end; /* what is left of the newest block */
    size_t             spent, budget;
    block             *newest; /* never NULL; the oldest is the first */
    block             *big;
    ProtobufCAllocator allocator;
    alignas(ALIGN) block first;
};

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

/* Makes b the block that is bumped through, from bytes[used] on. */
static void bump_through(maru_arena *arena, block *b, size_t used)
{
    arena->newest = b;
    arena->at = b->bytes + used;
    arena->end = b->bytes + b->size;
    POISON(arena->at, (size_t)(arena->end - arena->at));
}

maru_arena *maru_arena_new(size_t budget)
{
    maru_arena *arena = malloc(FIRST_BLOCK);

    if (!arena)
        return NULL;
    *arena = (maru_arena){
        .budget = clamp_budget(budget),
        .allocator = {.alloc = allocator_alloc, .free = allocator_free, .allocator_data = arena},
        .first = {.size = FIRST_BLOCK - offsetof(maru_arena, first) - offsetof(block, bytes)},
    };
    bump_through(arena, &arena->first, 0);
    return arena;
}

static void free_block(block *b)
{
    UNPOISON(b->bytes, b->size);
    free(b);
}

void maru_arena_free(maru_arena *arena)
{
    if (!arena)
        return;
    maru_arena_reset(arena);
    UNPOISON(arena->first.bytes, arena->first.size);
    free(arena);
}

void maru_arena_reset(maru_arena *arena)
{
    maru_arena_rewind(arena, (maru_arena_mark){.block = &arena->first});
}

static block *new_block(const maru_arena *arena, size_t size, block *older)
{
    block *b = malloc(offsetof(block, bytes) + size);

    if (b)
        *b = (block){.older = older, .size = size, .spent = arena->spent};
    return b;
}

static void *hand_out(maru_arena *arena, uint8_t *at, size_t size, size_t rounded)
{
    arena->spent += rounded;
    UNPOISON(at, size);
    return at;
}

static void *take_big(maru_arena *arena, size_t size, size_t rounded)
{
    block *b = new_block(arena, rounded, arena->big);

    if (!b)
        return NULL;
    arena->big = b;
    POISON(b->bytes, b->size);
    return hand_out(arena, b->bytes, size, rounded);
}

static size_t next_block_size(const maru_arena *arena)
{
    size_t whole = 2 * (arena->newest->size + offsetof(block, bytes));

    if (arena->newest == &arena->first)
        whole = 2 * FIRST_BLOCK;
    return (whole < MAX_BLOCK ? whole : MAX_BLOCK) - offsetof(block, bytes);
}

static __attribute__((noinline)) void *take_elsewhere(maru_arena *arena, size_t size, size_t rounded)
{
    size_t want = next_block_size(arena);
    block *b;

    if (rounded > BIG || rounded > want)
        return take_big(arena, size, rounded);
    if (!(b = new_block(arena, want, arena->newest)))
        return NULL;
    bump_through(arena, b, rounded);
    return hand_out(arena, b->bytes, size, rounded);
}

void *maru_arena_alloc(maru_arena *arena, size_t size)
{
    /* Nothing takes a place too: every address is its own. */
    size_t   rounded = size ? (size + ALIGN - 1) & ~(size_t)(ALIGN - 1) : ALIGN;
    uint8_t *at = arena->at;

    if (rounded > arena->budget - arena->spent || rounded < size)
        return NULL;
    if (rounded > (size_t)(arena->end - at))
        return take_elsewhere(arena, size, rounded);
    arena->at = at + rounded;
    return hand_out(arena, at, size, rounded);
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
    return (maru_arena_mark){
        .block = arena->newest,
        .used = (size_t)(arena->at - arena->newest->bytes),
        .spent = arena->spent,
    };
}

void maru_arena_rewind(maru_arena *arena, maru_arena_mark mark)
{
    while (arena->big && arena->big->spent >= mark.spent) {
        block *b = arena->big;

        arena->big = b->older;
        free_block(b);
    }
    while (arena->newest != mark.block) {
        block *b = arena->newest;

        arena->newest = b->older;
        free_block(b);
    }
    bump_through(arena, arena->newest, mark.used);
    arena->spent = mark.spent;
}

size_t maru_arena_spent(const maru_arena *arena)
{
    return arena->spent;
}

size_t maru_arena_budget(const maru_arena *arena)
{
    return arena->budget;
}

/* Never below what is spent, so that budget - spent cannot wrap. */
void maru_arena_set_budget(maru_arena *arena, size_t budget)
{
    budget = clamp_budget(budget);
    arena->budget = budget > arena->spent ? budget : arena->spent;
}

ProtobufCAllocator *maru_arena_allocator(maru_arena *arena)
{
    return &arena->allocator;
}
