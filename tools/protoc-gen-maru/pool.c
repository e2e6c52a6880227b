/* pool.c: see pool.h. A list of blocks; each is one malloc. */
#include "pool.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pool_block {
    struct pool_block *older;
    _Alignas(max_align_t) char bytes[];
};

static void *allocate(void *data, size_t size)
{
    return pool_take(data, size);
}

static void release(void *data, void *pointer)
{
    (void)data;
    (void)pointer;
}

void pool_open(struct pool *pool)
{
    *pool = (struct pool){.allocator = {.alloc = allocate, .free = release, .allocator_data = pool}};
}

void *pool_take(struct pool *pool, size_t size)
{
    struct pool_block *block = size < SIZE_MAX - sizeof *block ? calloc(1, sizeof *block + size) : NULL;

    if (block == NULL) {
        fprintf(stderr, "protoc-gen-maru: out of memory (%zu bytes)\n", size);
        exit(1);
    }
    block->older = pool->newest;
    pool->newest = block;
    return block->bytes;
}

char *pool_strndup(struct pool *pool, const char *from, size_t size)
{
    char *copy = pool_take(pool, size + 1);

    memcpy(copy, from, size);
    return copy;
}

char *pool_printf(struct pool *pool, const char *format, ...)
{
    va_list args;
    int     size;
    char   *made;

    va_start(args, format);
    size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    made = pool_take(pool, (size_t)size + 1);
    va_start(args, format);
    vsnprintf(made, (size_t)size + 1, format, args);
    va_end(args);
    return made;
}

void pool_close(struct pool *pool)
{
    while (pool->newest != NULL) {
        struct pool_block *older = pool->newest->older;

        free(pool->newest);
        pool->newest = older;
    }
}
