/* wrapped.c: see wrapped.h. */
#include "rpc/wrapped.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

static atomic_long count, first_to_fail, fails, failed;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static bool fail_this_one(void)
{
    long number = ++count;

    if (first_to_fail == 0 || number < first_to_fail || number >= first_to_fail + fails)
        return false;
    failed++;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fail_this_one() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fail_this_one() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return fail_this_one() ? NULL : __real_realloc(memory, size);
}

long wrapped_count(void)
{
    return count;
}

long wrapped_failed(void)
{
    return failed;
}

void wrapped_reset(long first, long how_many)
{
    first_to_fail = 0;
    count = 0;
    failed = 0;
    fails = how_many;
    first_to_fail = first;
}
