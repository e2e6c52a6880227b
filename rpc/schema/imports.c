/* imports.c: which file of a pool imports which, and that no circle is among them (contract: pool.h). */
#include "schema/pool.h"

#include <stdio.h>
#include <string.h>

/* The place of a file among those sorted by name; file_count where there is none. */
static size_t file_index(const schema_pool *pool, const char *name)
{
    size_t low = 0, high = pool->file_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int    order = strcmp(pool->by_name[middle]->proto->name, name);

        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return pool->file_count;
}

static added_file *find_file(const schema_pool *pool, const char *name)
{
    size_t at = file_index(pool, name);

    return at < pool->file_count ? pool->by_name[at] : NULL;
}

static maru_status link_imports(schema_pool *pool, added_file *added)
{
    const file_proto   *proto = added->proto;
    const schema_file **imports = pool_array(pool, proto->n_dependency, sizeof *imports);

    pool_look(pool, proto->name, NULL, NULL);
    if (imports == NULL)
        return pool_no_memory(pool);
    for (size_t i = 0; i < proto->n_dependency; i++) {
        const added_file *import = find_file(pool, proto->dependency[i]);

        if (import == NULL)
            return pool_fail(pool, "%s imports %s, which was not added", proto->name, proto->dependency[i]);
        imports[i] = import->file;
    }
    added->file->imports = imports;
    added->file->import_count = proto->n_dependency;
    return MARU_OK;
}

/* A circle is among the files that still wait after all that could be put in order was. Each of them imports another
 * of them, so following those must come by one a second time. */
static maru_status name_circle(schema_pool *pool, size_t done)
{
    const added_file *at = pool->by_name[0];
    char              path[256] = "";

    for (size_t i = 0; at->waits_for == 0; i++)
        at = pool->by_name[i];
    for (size_t step = 0; step < pool->file_count - done; step++) {
        size_t used = strlen(path);

        snprintf(path + used, sizeof path - used, "%s%s", used > 0 ? ", which imports " : "", at->proto->name);
        for (size_t i = 0; i < at->proto->n_dependency; i++) {
            const added_file *import = find_file(pool, at->proto->dependency[i]);

            if (import->waits_for > 0) {
                at = import;
                break;
            }
        }
    }
    return pool_fail(pool, "files import each other in a circle: %s, which imports %s", path, at->proto->name);
}

/* One round of taking away the files whose imports are all taken away costs every import; a chain of n files in the
 * wrong order would cost n rounds. So each file is followed by those that wait for it: lists by imported file. */
typedef struct waiter {
    added_file    *file;
    struct waiter *next;
} waiter;

static maru_status list_waiters(schema_pool *pool, waiter **waiters)
{
    for (size_t i = 0; i < pool->file_count; i++) {
        added_file *file = pool->by_name[i];

        file->waits_for = file->proto->n_dependency;
        for (size_t k = 0; k < file->proto->n_dependency; k++) {
            waiter *entry = maru_arena_alloc(pool->arena, sizeof *entry);
            size_t  at = file_index(pool, file->proto->dependency[k]);

            if (entry == NULL)
                return pool_no_memory(pool);
            *entry = (waiter){.file = file, .next = waiters[at]};
            waiters[at] = entry;
        }
    }
    return MARU_OK;
}

static maru_status refuse_circles(schema_pool *pool)
{
    waiter    **waiters = pool_array(pool, pool->file_count, sizeof *waiters);
    size_t     *queue = pool_array(pool, pool->file_count, sizeof *queue);
    size_t      done = 0, queued = 0;
    maru_status status;

    if (waiters == NULL || queue == NULL)
        return pool_no_memory(pool);
    status = list_waiters(pool, waiters);
    if (status != MARU_OK)
        return status;
    for (size_t i = 0; i < pool->file_count; i++)
        if (pool->by_name[i]->waits_for == 0)
            queue[queued++] = i;
    for (; done < queued; done++)
        for (waiter *w = waiters[queue[done]]; w != NULL; w = w->next)
            if (--w->file->waits_for == 0)
                queue[queued++] = file_index(pool, w->file->proto->name);
    return done == pool->file_count ? MARU_OK : name_circle(pool, done);
}

maru_status imports_link(schema_pool *pool)
{
    for (size_t i = 0; i < pool->file_count; i++) {
        maru_status status = link_imports(pool, pool->by_name[i]);

        if (status != MARU_OK)
            return status;
    }
    return refuse_circles(pool);
}
