/* executor.c: runs a strand on one real thread: waits on a condition for work, and for the next timer. */
#include "runtime/executor.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/thread.h"

typedef struct keeper {
    maru_executor_calls calls;
    pthread_t           thread;
    pthread_mutex_t     mutex;
    pthread_cond_t      cond;
    bool                awake, stopping;
    int64_t             at; /* INT64_MAX: no timer */
} keeper;

static int64_t monotonic(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* Waits for work; true where the strand is to be kept, false where its timer is due. The lock is held. */
static bool wait_for_work(keeper *k)
{
    while (!k->awake && !k->stopping) {
        struct timespec until = {.tv_sec = k->at / 1000000000, .tv_nsec = k->at % 1000000000};

        if (k->at <= monotonic())
            return false;
        if (k->at == INT64_MAX)
            pthread_cond_wait(&k->cond, &k->mutex);
        else
            pthread_cond_timedwait(&k->cond, &k->mutex, &until);
    }
    return true;
}

static void *keep(void *arg)
{
    keeper *k = arg;

    pthread_mutex_lock(&k->mutex);
    while (!k->stopping || k->awake) {
        void (*go)(void *) = k->calls.run;

        if (!wait_for_work(k)) {
            k->at = INT64_MAX;
            go = k->calls.tick;
        } else if (k->awake) {
            k->awake = false;
        } else {
            break;
        }
        pthread_mutex_unlock(&k->mutex);
        go(k->calls.arg);
        pthread_mutex_lock(&k->mutex);
    }
    pthread_mutex_unlock(&k->mutex);
    return NULL;
}

static void init_locks(keeper *k)
{
    pthread_condattr_t attributes;

    pthread_mutex_init(&k->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&k->cond, &attributes);
    pthread_condattr_destroy(&attributes);
}

static maru_status executor_start(void *self, const maru_executor_calls *calls, void **handle, maru_error *error)
{
    keeper *k = malloc(sizeof *k);

    (void)self;
    if (k == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "runtime: out of memory");
    *k = (keeper){.calls = *calls, .at = INT64_MAX};
    init_locks(k);
    *handle = k; /* the thread's first call needs it in place */
    if (thread_start(&k->thread, keep, k) != 0) {
        free(k);
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "runtime: cannot start a thread");
    }
    return MARU_OK;
}

static void executor_wake(void *handle)
{
    keeper *k = handle;

    pthread_mutex_lock(&k->mutex);
    k->awake = true;
    pthread_cond_signal(&k->cond);
    pthread_mutex_unlock(&k->mutex);
}

static void executor_wake_at(void *handle, int64_t at_ns)
{
    keeper *k = handle;

    pthread_mutex_lock(&k->mutex);
    k->at = at_ns;
    pthread_cond_signal(&k->cond);
    pthread_mutex_unlock(&k->mutex);
}

static bool executor_always_yield(void *handle)
{
    (void)handle;
    return false;
}

static void executor_stop(void *handle)
{
    keeper *k = handle;

    pthread_mutex_lock(&k->mutex);
    k->stopping = true;
    pthread_cond_signal(&k->cond);
    pthread_mutex_unlock(&k->mutex);
    pthread_join(k->thread, NULL);
    pthread_cond_destroy(&k->cond);
    pthread_mutex_destroy(&k->mutex);
    free(k);
}

const maru_executor executor_thread = {
    .start = executor_start,
    .wake = executor_wake,
    .wake_at = executor_wake_at,
    .always_yield = executor_always_yield,
    .stop = executor_stop,
};
