/* atonce.c: runs one function for many items, each on a thread of its own, and waits for all. */
#include "audit/atonce.h"

#include <pthread.h>
#include <stdbool.h>

#include "transport/nng_transport.h"

typedef struct turn {
    void (*fn)(void *arg, size_t index);
    void     *arg;
    size_t    index;
    pthread_t thread;
    bool      begun;
} turn;

static void *run(void *arg)
{
    const turn *t = arg;

    t->fn(t->arg, t->index);
    return NULL;
}

static void run_some(turn *turns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        turns[i].begun = pthread_create(&turns[i].thread, NULL, run, &turns[i]) == 0;
    for (size_t i = 0; i < count; i++)
        if (turns[i].begun)
            pthread_join(turns[i].thread, NULL);
        else
            run(&turns[i]);
}

void at_once(size_t count, void (*fn)(void *arg, size_t index), void *arg)
{
    turn   turns[ATONCE_MAX];
    size_t most =
        nng_transport_prepare(NULL) == MARU_OK ? ATONCE_MAX : 1; /* each has a runtime of its own, and hears why */

    for (size_t begin = 0; begin < count; begin += most) {
        size_t some = count - begin < most ? count - begin : most;

        for (size_t i = 0; i < some; i++)
            turns[i] = (turn){.fn = fn, .arg = arg, .index = begin + i};
        run_some(turns, some);
    }
}
