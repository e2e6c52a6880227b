/* job.c: see maru/job.h. A job is a timer and an event on the strand; each run is a fiber of its own. */
#include "maru/job.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/call_impl.h"
#include "runtime/fiber.h"
#include "runtime/gate.h"
#include "runtime/rt.h"

enum { JOB_MEMORY = 64 << 20, JOB_RETRY_MS = 1000, JOB_NAME_MAX = 64 };

struct maru_job {
    maru_runtime *rt;
    char          name[JOB_NAME_MAX];
    maru_job_fn   fn;
    void         *arg;
    strand_event  wake;
    atomic_bool   waking; /* the event is posted */
    wheel_timer   timer;
    maru_call     call; /* of the run */
    bool          running;
    bool          again; /* it was woken while it ran */
    gate         *stopping;
};

/* Nothing of the job is touched after: whoever stops it frees it. */
static void settle(maru_job *job)
{
    gate *stopping = job->stopping;

    if (stopping == NULL || job->running || atomic_load(&job->waking))
        return;
    job->stopping = NULL;
    gate_open(stopping);
}

static void run_in(maru_job *job, int64_t ms)
{
    if (ms <= 0)
        maru_job_wake(job);
    else if (ms != MARU_JOB_IDLE)
        rt_timer_set(job->rt, &job->timer, call_later(rt_now(job->rt), ms));
}

static void finish(maru_job *job, int64_t next_ms)
{
    rt_arena_give(job->rt, job->call.arena);
    job->running = false;
    if (job->stopping != NULL)
        settle(job);
    else
        run_in(job, next_ms);
}

static void run(void *arg)
{
    maru_job *job = arg;

    int64_t next_ms;

    job->call.fiber = rt_fiber(job->rt);
    next_ms = job->fn(&job->call, job->arg);
    finish(job, job->again ? 0 : next_ms);
}

static void ran_out(void *arg)
{
    maru_job *job = arg;

    log_write(rt_log(job->rt), LOG_EVENTS, MARU_LOG_WARN, NULL, "%s: %s", job->name, job->call.message);
    finish(job, JOB_RETRY_MS);
}

static void begin(maru_job *job)
{
    maru_arena *arena = rt_arena_take(job->rt, JOB_MEMORY);

    rt_timer_clear(job->rt, &job->timer);
    if (arena == NULL) {
        run_in(job, JOB_RETRY_MS);
        return;
    }
    call_init(&job->call, job->rt, arena, MARU_NO_DEADLINE);
    job->running = true;
    job->again = false;
    if (fiber_start(rt_fibers(job->rt), run, ran_out, job) != 0)
        finish(job, JOB_RETRY_MS);
}

/* On the strand: woken, or its time has come. */
static void due(maru_job *job)
{
    if (job->stopping != NULL)
        settle(job);
    else if (job->running)
        job->again = true;
    else
        begin(job);
}

static void woken(strand_event *event)
{
    maru_job *job = (maru_job *)((char *)event - offsetof(maru_job, wake));

    atomic_store(&job->waking, false);
    due(job);
}

static void fired(wheel_timer *timer)
{
    due((maru_job *)((char *)timer - offsetof(maru_job, timer)));
}

void maru_job_wake(maru_job *job)
{
    if (!atomic_exchange(&job->waking, true))
        strand_hand(rt_strand(job->rt), &job->wake);
}

maru_status maru_job_start(maru_runtime *runtime, const char *name, maru_job_fn fn, void *arg, maru_job **out,
                           maru_error *error)
{
    maru_job *job = malloc(sizeof *job);

    *out = job;
    if (job == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: out of memory", name);
    *job = (maru_job){.rt = runtime, .fn = fn, .arg = arg, .wake = {.run = woken}, .timer = {.fire = fired}};
    snprintf(job->name, sizeof job->name, "%s", name);
    atomic_init(&job->waking, false);
    maru_job_wake(job);
    return MARU_OK;
}

typedef struct stopper {
    maru_job *job;
    gate      gate;
} stopper;

static void stop(void *arg)
{
    stopper  *s = arg;
    maru_job *job = s->job;

    job->stopping = &s->gate;
    rt_timer_clear(job->rt, &job->timer);
    if (job->running)
        call_cancel(&job->call, "it is being stopped");
    settle(job);
}

void maru_job_stop(maru_job *job)
{
    stopper s = {.job = job};

    if (job == NULL)
        return;
    gate_init(&s.gate, job->rt);
    rt_on_strand(job->rt, stop, &s);
    gate_wait(&s.gate);
    free(job);
}
