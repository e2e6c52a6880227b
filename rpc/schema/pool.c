/* pool.c: a pool from its first file to link, and its names (contract: maru/schema.h). */
#include "schema/pool.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/unpack.h"

schema_pool *schema_pool_new(maru_arena *arena)
{
    schema_pool *pool = maru_arena_alloc(arena, sizeof *pool);

    if (pool != NULL)
        *pool = (schema_pool){.arena = arena};
    return pool;
}

maru_status pool_fail(schema_pool *pool, const char *format, ...)
{
    char    words[sizeof(pool->error->text)];
    va_list args;

    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    return maru_error_set(pool->error, MARU_INVALID_ARGUMENT, "%s", words);
}

maru_status pool_no_memory(schema_pool *pool)
{
    return maru_error_set(pool->error, MARU_RESOURCE_EXHAUSTED,
                          "schema: no memory left of the %zu bytes that the descriptors may take",
                          maru_arena_budget(pool->arena));
}

void *pool_array(schema_pool *pool, size_t count, size_t size)
{
    return count > SIZE_MAX / 2 / size ? NULL : maru_arena_zalloc(pool->arena, count > 0 ? count * size : 1);
}

static maru_status unpack(schema_pool *pool, added_file *added)
{
    ProtobufCMessage *proto;
    maru_status status = unpack_message(&google__protobuf__file_descriptor_proto__descriptor, added->bytes, added->size,
                                        pool->arena, &proto, pool->error);

    added->proto = (const file_proto *)proto;
    return status;
}

static maru_status add_one(schema_pool *pool, const void *bytes, size_t size)
{
    added_file *added = maru_arena_alloc(pool->arena, sizeof *added);
    void       *copy = maru_arena_alloc(pool->arena, size > 0 ? size : 1);
    maru_status status;

    if (added == NULL || copy == NULL)
        return pool_no_memory(pool);
    if (size > 0)
        memcpy(copy, bytes, size);
    *added = (added_file){.bytes = copy, .size = size, .next = pool->added};
    status = unpack(pool, added);
    if (status != MARU_OK)
        return status;
    if (!name_is_printable(added->proto->name))
        return pool_fail(pool, "schema: a file descriptor of %zu bytes has no file name that can be printed", size);
    pool->added = added;
    pool->added_count++;
    return MARU_OK;
}

maru_status schema_pool_add(schema_pool *pool, const void *bytes, size_t size, maru_error *error)
{
    pool->error = error;
    pool_look(pool, NULL, NULL, NULL);
    if (pool->linked)
        return maru_error_set(error, MARU_FAILED_PRECONDITION, "schema: a file was added after the pool was linked");
    return add_one(pool, bytes, size);
}

/* Imports of generated files are constant data that protoc let through, so they are no circle; the same file is added
 * once, or a diamond of imports would add it once a path. */
maru_status schema_pool_add_file(schema_pool *pool, const maru_file *file, maru_error *error)
{
    if (pool->linked)
        return schema_pool_add(pool, file->bytes, file->size, error);
    for (const added_file *at = pool->added; at != NULL; at = at->next)
        if (strcmp(at->proto->name, file->name) == 0 && at->size == file->size &&
            memcmp(at->bytes, file->bytes, file->size) == 0)
            return MARU_OK;
    for (const maru_file *const *import = file->imports; import != NULL && *import != NULL; import++) {
        maru_status status = schema_pool_add_file(pool, *import, error);

        if (status != MARU_OK)
            return status;
    }
    return schema_pool_add(pool, file->bytes, file->size, error);
}

maru_status pool_list(schema_pool *pool, symbol what)
{
    symbol *listed = maru_arena_alloc(pool->arena, sizeof *listed);

    if (listed == NULL)
        return pool_no_memory(pool);
    *listed = what;
    listed->next = pool->listed;
    pool->listed = listed;
    pool->symbol_count++;
    return MARU_OK;
}

static int by_symbol_name(const void *a, const void *b)
{
    return strcmp((*(const symbol *const *)a)->name, (*(const symbol *const *)b)->name);
}

static maru_status sort_symbols(schema_pool *pool)
{
    size_t at = 0;

    pool->symbols = pool_array(pool, pool->symbol_count, sizeof(symbol *));
    if (pool->symbols == NULL)
        return pool_no_memory(pool);
    for (const symbol *listed = pool->listed; listed != NULL; listed = listed->next)
        pool->symbols[at++] = listed;
    qsort(pool->symbols, at, sizeof(symbol *), by_symbol_name);
    for (size_t i = 1; i < at; i++)
        if (by_symbol_name(&pool->symbols[i - 1], &pool->symbols[i]) == 0) {
            pool_look(pool, pool->symbols[i]->file->name, pool->symbols[i]->name, NULL);
            return pool_fail(pool, "%s is defined twice, in %s and in %s", pool->symbols[i]->name,
                             pool->symbols[i - 1]->file->name, pool->symbols[i]->file->name);
        }
    return MARU_OK;
}

const symbol *pool_symbol(const schema_pool *pool, const char *name, size_t size)
{
    size_t low = 0, high = pool->symbols == NULL ? 0 : pool->symbol_count;

    while (low < high) {
        size_t        middle = low + (high - low) / 2;
        const symbol *found = pool->symbols[middle];
        int           order = slice_order(found->name, name, size);

        if (order == 0)
            return found;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static int by_file_name(const void *a, const void *b)
{
    return strcmp((*(added_file *const *)a)->proto->name, (*(added_file *const *)b)->proto->name);
}

static bool is_repeat(const added_file *a, const added_file *b)
{
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

/* Puts the files in order of name; of a file that came several times, one stays. */
static maru_status sort_files(schema_pool *pool)
{
    size_t       at = 0, kept = 0;
    added_file **sorted = pool_array(pool, pool->added_count, sizeof *sorted);

    pool->files = pool_array(pool, pool->added_count, sizeof *pool->files);
    if (sorted == NULL || pool->files == NULL)
        return pool_no_memory(pool);
    for (added_file *added = pool->added; added != NULL; added = added->next)
        sorted[at++] = added;
    qsort(sorted, at, sizeof *sorted, by_file_name);
    for (size_t i = 0; i < at; i++) {
        if (kept == 0 || by_file_name(&sorted[kept - 1], &sorted[i]) != 0)
            sorted[kept++] = sorted[i];
        else if (!is_repeat(sorted[kept - 1], sorted[i]))
            return pool_fail(pool, "%s was added twice, and the two are not the same", sorted[i]->proto->name);
    }
    pool->by_name = sorted;
    pool->file_count = kept;
    return MARU_OK;
}

static maru_status link_all(schema_pool *pool)
{
    maru_status status = sort_files(pool);

    for (size_t i = 0; status == MARU_OK && i < pool->file_count; i++) {
        status = build_file(pool, pool->by_name[i]);
        pool->files[i] = pool->by_name[i]->file;
    }
    if (status == MARU_OK)
        status = imports_link(pool);
    if (status == MARU_OK)
        status = sort_symbols(pool);
    return status == MARU_OK ? resolve_references(pool) : status;
}

maru_status schema_pool_link(schema_pool *pool, maru_error *error)
{
    maru_status status;

    pool->error = error;
    pool_look(pool, NULL, NULL, NULL);
    if (pool->linked)
        return maru_error_set(error, MARU_FAILED_PRECONDITION, "schema: the pool was linked before");
    status = link_all(pool);
    pool->linked = true;
    pool->error = NULL;
    if (status != MARU_OK) { /* half a pool is none: nothing is found in it */
        pool->symbols = NULL;
        pool->file_count = 0;
    }
    return status;
}
