/* runtime.c: see maru/runtime.h and rt.h. Wires strand, fibers, wheel and seam together. */
#include "runtime/rt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena_impl.h"
#include "runtime/fiber.h"
#include "runtime/meter.h"
#include "runtime/supply.h"
#include "runtime/wait.h"

enum {
    TURN_CALLS = 128,
    TURN_CALLS_LEAST = 16, /* a write and a read take the time of some five calls */
    TURN_NS = 200000,
    ARENAS_KEPT = 1024,
    DEFAULT_STACK = 256 * 1024,
    DEFAULT_FIBERS = 10000,
};

struct maru_runtime {
    const maru_seam *seam;
    maru_log         log;
    meters           meters;
    strand           strand;
    wheel            wheel;
    int64_t          seen;       /* the clock, when the strand looked last */
    uint64_t         seen_ticks; /* the counter, then */
    bool             glanced;    /* since the call began that runs now */
    int64_t          armed_for;  /* what the executor was last told; INT64_MAX: nothing */
    strand_event     tick;
    atomic_bool      ticking;  /* the tick is posted */
    atomic_bool      prepared; /* the transport */
    fiber_pool      *fibers;
    wait            *ready, **ready_end;
    rt_source       *sources, **sources_end;
    size_t           waiting; /* calls in them, of those that count */
    rt_output       *outputs;
    maru_arena      *arenas[ARENAS_KEPT];
    size_t           arena_count;
    supply           ids;
};

const maru_seam *rt_seam(const maru_runtime *rt)
{
    return rt->seam;
}

strand *rt_strand(maru_runtime *rt)
{
    return &rt->strand;
}

int64_t rt_now(const maru_runtime *rt)
{
    return rt->seam->now(rt->seam->self);
}

static uint64_t ticks(const maru_runtime *rt)
{
    return rt->seam->ticks == NULL ? 0 : rt->seam->ticks(rt->seam->self);
}

int64_t rt_look(maru_runtime *rt)
{
    rt->seen_ticks = ticks(rt);
    return rt->seen = rt_now(rt);
}

int64_t rt_glance(maru_runtime *rt)
{
    rt->glanced = true;
    if (rt->seam->ticks == NULL || ticks(rt) - rt->seen_ticks > MARU_TICKS_FEW)
        return rt_look(rt);
    return rt->seen;
}

int64_t rt_seen(const maru_runtime *rt)
{
    return rt->seen;
}

int64_t rt_wall(const maru_runtime *rt)
{
    return rt->seam->wall(rt->seam->self);
}

maru_log *rt_log(maru_runtime *rt)
{
    return &rt->log;
}

meters *rt_meters(maru_runtime *rt)
{
    return &rt->meters;
}

void rt_random(maru_runtime *rt, void *into, size_t size)
{
    rt->seam->random(rt->seam->self, into, size);
}

void rt_random_id(maru_runtime *rt, void *into, size_t size)
{
    supply_take(&rt->ids, rt->seam, into, size);
}

int rt_disk_fault(maru_runtime *rt, const char *step)
{
    return rt->seam->disk_fault == NULL ? 0 : rt->seam->disk_fault(rt->seam->self, step);
}

maru_status rt_prepare_transport(maru_runtime *rt, maru_error *error)
{
    const maru_transport *transport = rt->seam->transport;
    maru_status           status;

    if (transport->prepare == NULL || atomic_load(&rt->prepared))
        return MARU_OK;
    if ((status = transport->prepare(error)) == MARU_OK)
        atomic_store(&rt->prepared, true);
    return status;
}

fiber_pool *rt_fibers(maru_runtime *rt)
{
    return rt->fibers;
}

fiber *rt_fiber(maru_runtime *rt)
{
    return fiber_current(rt->fibers);
}

/* Timers. The executor is told only of an earlier time than it knows: a later one is found out when it wakes. */

void rt_timer_set(maru_runtime *rt, wheel_timer *timer, int64_t at_ns)
{
    wheel_add(&rt->wheel, timer, at_ns);
}

void rt_timer_clear(maru_runtime *rt, wheel_timer *timer)
{
    wheel_remove(&rt->wheel, timer);
}

static void run_timers(void *arg, int64_t now)
{
    maru_runtime *rt = arg;

    wheel_advance(&rt->wheel, now);
}

static void arm(void *arg)
{
    maru_runtime *rt = arg;
    int64_t       next = wheel_next(&rt->wheel);

    if (next < rt->armed_for) {
        rt->armed_for = next;
        rt->seam->executor->wake_at(rt->strand.executor, next);
    }
}

static void on_tick(strand_event *event)
{
    maru_runtime *rt = (maru_runtime *)((char *)event - offsetof(maru_runtime, tick));

    atomic_store(&rt->ticking, false);
    rt->armed_for = INT64_MAX;
    wheel_advance(&rt->wheel, rt_now(rt));
}

static void executor_tick(void *arg)
{
    maru_runtime *rt = arg;

    if (!atomic_exchange(&rt->ticking, true))
        strand_post(&rt->strand, &rt->tick);
}

static void executor_run(void *arg)
{
    maru_runtime *rt = arg;

    strand_keep(&rt->strand);
}

/* Answers: waits that ended, in order. */

void rt_ready(maru_runtime *rt, wait *w)
{
    w->next = NULL;
    *rt->ready_end = w;
    rt->ready_end = &w->next;
}

static void resume_ready(maru_runtime *rt)
{
    while (rt->ready != NULL) {
        wait *w = rt->ready;

        if ((rt->ready = w->next) == NULL)
            rt->ready_end = &rt->ready;
        fiber_resume(w->fiber);
    }
}

/* Turns: calls of all connections round-robin, at most TURN_CALLS or TURN_NS. */

void rt_waiting(maru_runtime *rt, int more)
{
    rt->waiting += (size_t)more;
}

/* Half of what waits: its answers are sent, and their caller makes calls of them, while the other half is run. All at
 * once would have each side wait for the other. */
static size_t turn_calls(const maru_runtime *rt)
{
    size_t half = rt->waiting / 2;

    if (rt->waiting == 0 || half > TURN_CALLS)
        return TURN_CALLS;
    return half < TURN_CALLS_LEAST ? TURN_CALLS_LEAST : half;
}

void rt_source_wake(maru_runtime *rt, rt_source *source)
{
    if (source->awake)
        return;
    source->awake = true;
    source->next = NULL;
    *rt->sources_end = source;
    rt->sources_end = &source->next;
}

void rt_source_sleep(maru_runtime *rt, rt_source *source)
{
    if (!source->awake)
        return;
    for (rt_source **at = &rt->sources; *at != NULL; at = &(*at)->next)
        if (*at == source) {
            *at = source->next;
            if (rt->sources_end == &source->next)
                rt->sources_end = at;
            break;
        }
    source->awake = false;
}

static void run_source(maru_runtime *rt)
{
    rt_source *source = rt->sources;

    if ((rt->sources = source->next) == NULL)
        rt->sources_end = &rt->sources;
    source->awake = false;
    if (source->run_one(source))
        rt_source_wake(rt, source);
}

/* A call that ended glanced at the clock; one that was suspended did not. */
static int64_t after_call(maru_runtime *rt)
{
    return rt->glanced ? rt->seen : rt_glance(rt);
}

static bool turn(void *arg)
{
    maru_runtime *rt = arg;
    int64_t       at, until;

    resume_ready(rt);
    if (rt->sources == NULL)
        return false;
    at = rt_look(rt);
    until = at + TURN_NS;
    for (size_t left = turn_calls(rt); left > 0 && rt->sources != NULL && at < until; left--) {
        rt->glanced = false;
        run_source(rt);
        resume_ready(rt);
        at = after_call(rt);
    }
    return rt->sources != NULL;
}

/* Output. */

void rt_output_want(maru_runtime *rt, rt_output *output)
{
    if (output->queued)
        return;
    output->queued = true;
    output->next = rt->outputs;
    rt->outputs = output;
}

void rt_output_forget(maru_runtime *rt, rt_output *output)
{
    for (rt_output **at = &rt->outputs; *at != NULL; at = &(*at)->next)
        if (*at == output) {
            *at = output->next;
            break;
        }
    output->queued = false;
}

static void flush(void *arg)
{
    maru_runtime *rt = arg;

    while (rt->outputs != NULL) {
        rt_output *output = rt->outputs;

        rt->outputs = output->next;
        output->queued = false;
        output->flush(output);
    }
}

/* Arenas. */

maru_arena *rt_arena_take(maru_runtime *rt, size_t budget)
{
    maru_arena *arena = rt->arena_count == 0 ? maru_arena_new(budget) : rt->arenas[--rt->arena_count];

    if (arena != NULL)
        maru_arena_set_budget(arena, budget);
    return arena;
}

void rt_arena_give(maru_runtime *rt, maru_arena *arena)
{
    if (arena == NULL)
        return;
    maru_arena_reset(arena);
    arena_join(arena, NULL);
    if (rt->arena_count < ARENAS_KEPT)
        rt->arenas[rt->arena_count++] = arena;
    else
        maru_arena_free(arena);
}

/* A plain thread's way onto the strand. */

typedef struct errand {
    strand_event event;
    void (*fn)(void *arg);
    void *arg;
    gate  done;
} errand;

static void run_errand(strand_event *event)
{
    errand *e = (errand *)event;

    e->fn(e->arg);
    gate_open(&e->done);
}

void rt_on_strand(maru_runtime *rt, void (*fn)(void *arg), void *arg)
{
    errand e = {.event = {.run = run_errand}, .fn = fn, .arg = arg};

    gate_init(&e.done, rt);
    strand_post(&rt->strand, &e.event);
    gate_wait(&e.done);
}

/* Life and death. */

static void runtime_give_back(maru_runtime *rt)
{
    meters_free(&rt->meters);
    supply_end(&rt->ids);
    for (size_t i = 0; i < rt->arena_count; i++)
        maru_arena_free(rt->arenas[i]);
    if (rt->fibers != NULL)
        fiber_pool_free(rt->fibers);
    free(rt);
}

static int64_t log_wall(void *arg)
{
    return rt_wall(arg);
}

static maru_status open_log(maru_runtime *rt, const maru_runtime_options *o, maru_error *error)
{
    char       words[LOG_LEVELS_TEXT];
    log_levels levels;

    log_open(&rt->log, STDERR_FILENO, MARU_LOG_INFO, log_wall, rt);
    rt->log.json = o->log_json;
    snprintf(rt->log.service, sizeof rt->log.service, "%s", o->service != NULL ? o->service : "");
    if (o->log == NULL)
        return MARU_OK;
    if (!log_levels_parse(o->log, &levels, words))
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "log: %s", words);
    log_levels_set(&rt->log, &levels);
    return MARU_OK;
}

maru_status maru_runtime_new(const maru_runtime_options *options, maru_runtime **out, maru_error *error)
{
    maru_runtime_options o = options == NULL ? (maru_runtime_options){0} : *options;
    maru_runtime        *rt = malloc(sizeof *rt);
    strand_work          work = {.timers = run_timers, .turn = turn, .flush = flush, .idle = arm, .arg = rt};
    maru_executor_calls  calls = {.run = executor_run, .tick = executor_tick, .arg = rt};
    maru_status          status;

    if (rt == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "runtime: out of memory");
    *rt = (maru_runtime){.seam = o.seam == NULL ? maru_seam_real() : o.seam, .armed_for = INT64_MAX};
    meters_init(&rt->meters);
    supply_init(&rt->ids);
    if ((status = open_log(rt, &o, error)) != MARU_OK) {
        runtime_give_back(rt);
        return status;
    }
    rt_look(rt);
    rt->tick.run = on_tick;
    rt->ready_end = &rt->ready;
    rt->sources_end = &rt->sources;
    rt->fibers = fiber_pool_new(o.stack_bytes == 0 ? DEFAULT_STACK : o.stack_bytes,
                                o.max_fibers == 0 ? DEFAULT_FIBERS : o.max_fibers);
    if (rt->fibers == NULL) {
        runtime_give_back(rt);
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "runtime: out of memory");
    }
    wheel_init(&rt->wheel, rt_now(rt));
    strand_init(&rt->strand, rt->seam, &work);
    if ((status = rt->seam->executor->start(rt->seam->self, &calls, &rt->strand.executor, error)) != MARU_OK) {
        runtime_give_back(rt);
        return status;
    }
    *out = rt;
    return MARU_OK;
}

void maru_runtime_free(maru_runtime *rt)
{
    if (rt == NULL)
        return;
    strand_rest(&rt->strand); /* whoever answered last may still be on its way out */
    rt->seam->executor->stop(rt->strand.executor);
    runtime_give_back(rt);
}
