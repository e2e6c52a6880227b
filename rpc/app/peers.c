/* peers.c: see peers.h. The tables are a handful of rows, looked at when a service starts. */
#include "app/peers.h"

#include <string.h>

static bool is_named(const maru_app *app, const char *name)
{
    for (const char *const *peer = app->peers; peer != NULL && *peer != NULL; peer++)
        if (strcmp(*peer, name) == 0)
            return true;
    return false;
}

static bool stands_before(const maru_app *app, const maru_consumer *row)
{
    for (const maru_consumer *before = app->consumers; before != row; before++)
        if (strcmp(before->producer, row->producer) == 0)
            return true;
    return false;
}

const char *peers_at(const maru_app *app, size_t index)
{
    for (const char *const *peer = app->peers; peer != NULL && *peer != NULL; peer++)
        if (index-- == 0)
            return *peer;
    for (const maru_consumer *row = app->consumers; row != NULL && row->producer != NULL; row++)
        if (!is_named(app, row->producer) && !stands_before(app, row) && index-- == 0)
            return row->producer;
    return NULL;
}
