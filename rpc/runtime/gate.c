/* gate.c: blocks a plain thread until the strand opens a gate; in a simulation, runs that meanwhile. */
#include "runtime/gate.h"

#include "runtime/rt.h"

void gate_init(gate *g, maru_runtime *rt)
{
    g->rt = rt;
    g->open = false;
    pthread_mutex_init(&g->mutex, NULL);
    pthread_cond_init(&g->cond, NULL);
}

static bool is_open(gate *g)
{
    bool open;

    pthread_mutex_lock(&g->mutex);
    open = g->open;
    pthread_mutex_unlock(&g->mutex);
    return open;
}

static void pump_until_open(gate *g)
{
    const maru_executor *executor = rt_seam(g->rt)->executor;

    if (executor->pump == NULL)
        return;
    while (!is_open(g) && executor->pump(rt_strand(g->rt)->executor))
        ;
}

void gate_wait(gate *g)
{
    pump_until_open(g);
    pthread_mutex_lock(&g->mutex);
    while (!g->open)
        pthread_cond_wait(&g->cond, &g->mutex);
    pthread_mutex_unlock(&g->mutex);
    pthread_cond_destroy(&g->cond);
    pthread_mutex_destroy(&g->mutex);
}

void gate_open(gate *g)
{
    pthread_mutex_lock(&g->mutex);
    g->open = true;
    pthread_cond_signal(&g->cond);
    pthread_mutex_unlock(&g->mutex);
}
