/* pacer.c: see pacer.h. A timerfd: it can be set anew while the thread waits, and has no slack. */
#include "pacer.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct pacer {
    int         timer;
    pthread_t   thread;
    atomic_bool stopping;
    void (*wake)(void *arg);
    void *arg;
};

static void *keep_time(void *self)
{
    pacer   *p = self;
    uint64_t times;

    for (;;) {
        ssize_t got = read(p->timer, &times, sizeof times);

        if (atomic_load(&p->stopping))
            return NULL;
        if (got == sizeof times)
            p->wake(p->arg);
        else if (errno != EINTR)
            abort(); /* no time would ever come */
    }
}

pacer *pacer_new(void (*wake)(void *arg), void *arg)
{
    pacer *p = malloc(sizeof *p);

    if (p == NULL)
        return NULL;
    p->wake = wake;
    p->arg = arg;
    atomic_init(&p->stopping, false);
    p->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    if (p->timer >= 0 && pthread_create(&p->thread, NULL, keep_time, p) == 0)
        return p;
    if (p->timer >= 0)
        close(p->timer);
    free(p);
    return NULL;
}

void pacer_arm(void *self, int64_t at_ns)
{
    pacer            *p = self;
    int64_t           at = at_ns < 1 ? 1 : at_ns; /* 0 would disarm it */
    struct itimerspec when = {.it_value = {.tv_sec = at / 1000000000, .tv_nsec = at % 1000000000}};

    timerfd_settime(p->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

void pacer_free(pacer *p)
{
    if (p == NULL)
        return;
    atomic_store(&p->stopping, true);
    pacer_arm(p, 1);
    pthread_join(p->thread, NULL);
    close(p->timer);
    free(p);
}
