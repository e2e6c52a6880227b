/* fibers.h: handlers without a server: functions that run on fibers of a runtime, each with a call of its own. */
#ifndef STORE_FIBERS_H
#define STORE_FIBERS_H

#include "kit.h"
#include "runtime/fiber.h"
#include "runtime/gate.h"
#include "runtime/rt.h"

typedef struct fibers fibers;

typedef struct fiber_job {
    fibers   *all;
    maru_call call;
    int       number;
    bool      unwound;
} fiber_job;

struct fibers {
    strand_event  event;
    maru_runtime *rt;
    void (*fn)(fiber_job *job, void *arg);
    void      *arg;
    fiber_job *jobs;
    int        count, left;
    gate       done;
};

static inline void fibers_ended(fiber_job *job)
{
    rt_arena_give(job->all->rt, job->call.arena);
    if (--job->all->left == 0)
        gate_open(&job->all->done);
}

static inline void fibers_run_one(void *arg)
{
    fiber_job *job = arg;

    job->call.fiber = rt_fiber(job->all->rt);
    job->all->fn(job, job->all->arg);
    fibers_ended(job);
}

static inline void fibers_unwound(void *arg)
{
    fiber_job *job = arg;

    job->unwound = true;
    fibers_ended(job);
}

static inline void fibers_begin(strand_event *event)
{
    fibers    *all = (fibers *)event;
    fiber_job *jobs = all->jobs;

    /* With the end of the last job, all is gone. */
    for (int i = 0, count = all->count; i < count; i++) {
        fiber_job *job = &jobs[i];

        *job = (fiber_job){.all = all, .number = i};
        call_init(&job->call, all->rt, rt_arena_take(all->rt, 64 << 20), MARU_NO_DEADLINE);
        if (fiber_start(rt_fibers(all->rt), fibers_run_one, fibers_unwound, job) != 0) {
            fprintf(stderr, "no fiber\n");
            exit(1);
        }
    }
}

/* Runs fn on count fibers at once, and waits for all. */
static inline void fibers_run(maru_runtime *rt, int count, void (*fn)(fiber_job *job, void *arg), void *arg)
{
    fibers all = {.event.run = fibers_begin, .rt = rt, .fn = fn, .arg = arg, .count = count, .left = count};

    all.jobs = calloc((size_t)count, sizeof *all.jobs);
    gate_init(&all.done, rt);
    strand_post(rt_strand(rt), &all.event);
    gate_wait(&all.done);
    free(all.jobs);
}

#endif
