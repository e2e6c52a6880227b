/* wrapped_arena.c: see wrapped_arena.h. */
#include "wrapped_arena.h"

#include <stddef.h>

#include "maru/arena.h"

static long left; /* until one fails; 0: none does */
static bool failed;

maru_arena *__real_maru_arena_new(size_t budget);
void       *__real_maru_arena_alloc(maru_arena *arena, size_t size);
char       *__real_maru_arena_strdup(maru_arena *arena, const char *text);
void       *__real_maru_arena_memdup(maru_arena *arena, const void *bytes, size_t size);
maru_arena *__wrap_maru_arena_new(size_t budget);
void       *__wrap_maru_arena_alloc(maru_arena *arena, size_t size);
char       *__wrap_maru_arena_strdup(maru_arena *arena, const char *text);
void       *__wrap_maru_arena_memdup(maru_arena *arena, const void *bytes, size_t size);

static bool fails(void)
{
    if (left == 0 || --left > 0)
        return false;
    failed = true;
    return true;
}

maru_arena *__wrap_maru_arena_new(size_t budget)
{
    return fails() ? NULL : __real_maru_arena_new(budget);
}

void *__wrap_maru_arena_alloc(maru_arena *arena, size_t size)
{
    return fails() ? NULL : __real_maru_arena_alloc(arena, size);
}

char *__wrap_maru_arena_strdup(maru_arena *arena, const char *text)
{
    return fails() ? NULL : __real_maru_arena_strdup(arena, text);
}

void *__wrap_maru_arena_memdup(maru_arena *arena, const void *bytes, size_t size)
{
    return fails() ? NULL : __real_maru_arena_memdup(arena, bytes, size);
}

bool wrapped_arena_fail(long n)
{
    bool did = failed;

    left = n;
    failed = false;
    return did;
}
