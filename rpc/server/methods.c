/* methods.c: finds a server's methods by id in an open-addressed hash table. */
#include "server/methods.h"

#include <stdlib.h>

static served_method *slot_of(const method_table *t, uint64_t id)
{
    size_t at = id & (t->size - 1);

    while (t->slots[at].method != NULL && t->slots[at].method->id != id)
        at = (at + 1) & (t->size - 1);
    return &t->slots[at];
}

const served_method *method_table_find(const method_table *t, uint64_t id)
{
    const served_method *slot = t->size == 0 ? NULL : slot_of(t, id);

    return slot == NULL || slot->method == NULL ? NULL : slot;
}

/* At most half full. */
static bool grow(method_table *t, size_t more)
{
    method_table old = *t;
    size_t       size = t->size == 0 ? 64 : t->size;

    while (size < 2 * (t->count + more))
        size *= 2;
    if (size == t->size)
        return true;
    if ((t->slots = calloc(size, sizeof *t->slots)) == NULL) {
        *t = old;
        return false;
    }
    t->size = size;
    for (size_t i = 0; i < old.size; i++)
        if (old.slots[i].method != NULL)
            *slot_of(t, old.slots[i].method->id) = old.slots[i];
    free(old.slots);
    return true;
}

static maru_status add_service(method_table *t, const maru_service *service, maru_error *error)
{
    const maru_service **services = realloc(t->services, (t->service_count + 1) * sizeof *services);

    if (services == NULL || !grow(t, service->count)) {
        if (services != NULL)
            t->services = services;
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: out of memory", service->name);
    }
    t->services = services;
    t->services[t->service_count++] = service;
    return MARU_OK;
}

static const maru_method *taken(const method_table *t, const maru_service *service)
{
    for (size_t i = 0; i < service->count; i++)
        if (method_table_find(t, service->methods[i].id) != NULL)
            return &service->methods[i];
    return NULL;
}

maru_status method_table_add(method_table *t, const maru_service *service, const maru_dispatch *dispatch,
                             const void *handlers, void *svc, maru_error *error)
{
    const maru_method *twice = taken(t, service);
    maru_status        status;

    if (twice != NULL)
        return maru_error_set(error, MARU_ALREADY_EXISTS, "%s: its id is that of %s, which is served already",
                              twice->path, method_table_find(t, twice->id)->method->path);
    if ((status = add_service(t, service, error)) != MARU_OK)
        return status;
    for (size_t i = 0; i < service->count; i++) {
        method_counts *counts = calloc(1, sizeof *counts);

        if (counts == NULL)
            return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: out of memory", service->name);
        *slot_of(t, service->methods[i].id) = (served_method){.method = &service->methods[i],
                                                              .service = service,
                                                              .dispatch = dispatch[i],
                                                              .handlers = handlers,
                                                              .svc = svc,
                                                              .counts = counts};
        t->count++;
    }
    return MARU_OK;
}

void method_table_free(method_table *t)
{
    for (size_t i = 0; i < t->size; i++)
        free(t->slots[i].counts);
    free(t->slots);
    free(t->services);
    *t = (method_table){0};
}
