/* meter.c: keeps the list of parts that can be measured, and collects the figures of each. */
#include "runtime/meter.h"

void meters_init(meters *m)
{
    *m = (meters){.first = NULL};
    m->last = &m->first;
    pthread_mutex_init(&m->mutex, NULL);
}

void meters_free(meters *m)
{
    pthread_mutex_destroy(&m->mutex);
}

void meters_add(meters *m, meter *part)
{
    part->next = NULL;
    pthread_mutex_lock(&m->mutex);
    *m->last = part;
    m->last = &part->next;
    pthread_mutex_unlock(&m->mutex);
}

void meters_remove(meters *m, meter *part)
{
    pthread_mutex_lock(&m->mutex);
    for (meter **at = &m->first; *at != NULL; at = &(*at)->next)
        if (*at == part) {
            *at = part->next;
            if (m->last == &part->next)
                m->last = at;
            break;
        }
    pthread_mutex_unlock(&m->mutex);
}

maru_status meters_collect(meters *m, maru_call *call, const char **text, size_t *size)
{
    exposition *e = exposition_new(maru_call_arena(call));

    pthread_mutex_lock(&m->mutex);
    for (const meter *part = m->first; part != NULL && e != NULL; part = part->next)
        part->collect(part->arg, call, e);
    pthread_mutex_unlock(&m->mutex);
    *text = exposition_end(e, size);
    return *text != NULL ? MARU_OK
                         : maru_fail(call, MARU_RESOURCE_EXHAUSTED, "out of memory for metrics: limit max_memory");
}
