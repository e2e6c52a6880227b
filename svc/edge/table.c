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

/* What of it cannot be used is left out, and told; but where memory is out nothing of it is known to be wrong. */
static maru_status add_peer(edge_table *t, edge_peer *p, maru_error *error)
{
    schema_pool *pool;

    *error = (maru_error){0};
    pool = pool_of(p->contract, t->arena, error);
    for (size_t i = 0; pool != NULL && i < p->contract->service_count; i++) {
        const schema_service *service = schema_find_service(pool, p->contract->services[i]);

        if (service != NULL && transcode_add(t->routes, service, p, trouble, p, error) != MARU_OK)
            break;
    }
    if (error->code == MARU_OK || error->code == MARU_RESOURCE_EXHAUSTED)
        return error->code;
    maru_runtime_log(p->edge->runtime, MARU_LOG_WARN, "%s: its descriptors cannot be used: %s", p->name, error->text);
    return MARU_OK;
}

static edge_table *table_new(void)
{
    edge_table *t = calloc(1, sizeof *t);

    if (t == NULL)
        return NULL;
    t->refs = 1;
    if ((t->arena = maru_arena_new(TABLE_MEMORY)) != NULL && (t->routes = transcode_new(t->arena)) != NULL)
        return t;
    if (t->arena != NULL)
        maru_arena_free(t->arena);
    free(t);
    return NULL;
}

maru_status edge_route(edge *e, maru_error *error)
{
    edge_table *t = table_new(), *before = e->table;
    maru_status status = MARU_OK;

    if (t == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    for (size_t i = 0; i < e->peer_count && status == MARU_OK; i++)
        if (e->peers[i].contract != NULL)
            status = add_peer(t, &e->peers[i], error);
    e->table = status == MARU_OK ? t : before;
    if (status != MARU_OK)
        before = t;
    if (before != NULL)
        edge_table_unref(before);
    return status;
}
