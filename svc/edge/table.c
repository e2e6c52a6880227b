/* table.c: the routes of all services, made anew when one of them says that it serves something else. Requests that are
 * under way keep the table that they were found in. */
#include "edge.h"

#include <stdlib.h>

enum { TABLE_MEMORY = 128 << 20 };

void edge_table_unref(edge_table *t)
{
    if (--t->refs > 0)
        return;
    maru_arena_free(t->arena);
    free(t);
}

static void trouble(void *arg, const char *words)
{
    const edge_peer *p = arg;

    maru_runtime_log(p->edge->runtime, MARU_LOG_WARN, "%s: no route: %s", p->name, words);
}

/* Its own pool: two services may be of two versions of one file. */
static schema_pool *pool_of(const edge_contract *c, maru_arena *arena, maru_error *error)
{
    schema_pool *pool = schema_pool_new(arena);

    for (size_t i = 0; pool != NULL && i < c->file_count; i++)
        if (schema_pool_add(pool, c->files[i].data, c->files[i].len, error) != MARU_OK)
            return NULL;
    if (pool == NULL)
        maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    return pool != NULL && schema_pool_link(pool, error) == MARU_OK ? pool : NULL;
}

static void add_peer(edge_table *t, edge_peer *p)
{
    maru_error   error = {0};
    schema_pool *pool = pool_of(p->contract, t->arena, &error);

    for (size_t i = 0; pool != NULL && i < p->contract->service_count; i++) {
        const schema_service *service = schema_find_service(pool, p->contract->services[i]);

        if (service != NULL && transcode_add(t->routes, service, p, trouble, p, &error) != MARU_OK)
            break;
    }
    if (error.code != MARU_OK)
        maru_runtime_log(p->edge->runtime, MARU_LOG_WARN, "%s: its descriptors cannot be used: %s", p->name,
                         error.text);
}

void edge_route(edge *e)
{
    edge_table *t = calloc(1, sizeof *t), *before = e->table;

    if (t != NULL && (t->arena = maru_arena_new(TABLE_MEMORY)) != NULL)
        t->routes = transcode_new(t->arena);
    if (t == NULL || t->routes == NULL) {
        maru_runtime_log(e->runtime, MARU_LOG_ERROR, "out of memory for routes; those of before stay");
        if (t != NULL && t->arena != NULL)
            maru_arena_free(t->arena);
        free(t);
        return;
    }
    t->refs = 1;
    for (size_t i = 0; i < e->peer_count; i++)
        if (e->peers[i].contract != NULL)
            add_peer(t, &e->peers[i]);
    e->table = t;
    if (before != NULL)
        edge_table_unref(before);
}
