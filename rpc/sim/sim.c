/* sim.c: virtual time: a heap of events, and executors whose strands are given a turn an event. */
#include <stdlib.h>
#include <string.h>

#include "sim/sim_impl.h"

/* The heap: earliest first. */

static bool before(const sim_event *a, const sim_event *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void swap(sim_event *a, sim_event *b)
{
    sim_event t = *a;

    *a = *b;
    *b = t;
}

static void sift_up(sim_event *heap, size_t i)
{
    while (i > 0 && before(&heap[i], &heap[(i - 1) / 2])) {
        swap(&heap[i], &heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
}

static void sift_down(sim_event *heap, size_t count)
{
    for (size_t i = 0;;) {
        size_t least = i, left = 2 * i + 1;

        if (left < count && before(&heap[left], &heap[least]))
            least = left;
        if (left + 1 < count && before(&heap[left + 1], &heap[least]))
            least = left + 1;
        if (least == i)
            return;
        swap(&heap[i], &heap[least]);
        i = least;
    }
}

void maru_sim_at(maru_sim *sim, int64_t at_ns, void (*fn)(void *arg), void *arg)
{
    if (sim->count == sim->room) {
        sim->room = sim->room == 0 ? 64 : 2 * sim->room;
        if ((sim->heap = realloc(sim->heap, sim->room * sizeof *sim->heap)) == NULL)
            abort(); /* a test's own memory */
    }
    sim->heap[sim->count] = (sim_event){.at = at_ns, .order = sim->made++, .fn = fn, .arg = arg};
    sift_up(sim->heap, sim->count++);
}

bool maru_sim_step(maru_sim *sim)
{
    sim_event event;

    if (sim->count == 0)
        return false;
    event = sim->heap[0];
    sim->heap[0] = sim->heap[--sim->count];
    sift_down(sim->heap, sim->count);
    if (event.at > sim->now)
        sim->now = event.at;
    event.fn(event.arg);
    return true;
}

void maru_sim_run(maru_sim *sim, int64_t until_ns)
{
    while (sim->count > 0 && sim->heap[0].at <= until_ns)
        maru_sim_step(sim);
    if (sim->now < until_ns)
        sim->now = until_ns;
}

int64_t maru_sim_now(const maru_sim *sim)
{
    return sim->now;
}

void maru_sim_spend(maru_sim *sim, int64_t ns)
{
    sim->now += ns;
}

/* splitmix64 (Steele, Lea and Flood, OOPSLA 2014). */
uint64_t maru_sim_random(maru_sim *sim)
{
    uint64_t z = sim->random += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

/* The executor of one runtime. */

typedef struct sim_executor {
    maru_sim           *sim;
    maru_executor_calls calls;
    int64_t             at;        /* when tick is wanted; INT64_MAX: not */
    unsigned            under_way; /* events of ours in the heap */
    bool                stopped;
} sim_executor;

static void let_go(sim_executor *e)
{
    if (--e->under_way == 0 && e->stopped)
        free(e);
}

static void run_event(void *arg)
{
    sim_executor *e = arg;

    if (!e->stopped)
        e->calls.run(e->calls.arg);
    let_go(e);
}

static void tick_event(void *arg)
{
    sim_executor *e = arg;

    if (!e->stopped && e->at <= e->sim->now) {
        e->at = INT64_MAX;
        e->calls.tick(e->calls.arg);
    }
    let_go(e);
}

static maru_status sim_start(void *self, const maru_executor_calls *calls, void **handle, maru_error *error)
{
    sim_executor *e = malloc(sizeof *e);

    if (e == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "simulation: out of memory");
    *e = (sim_executor){.sim = self, .calls = *calls, .at = INT64_MAX};
    *handle = e;
    return MARU_OK;
}

static void sim_wake(void *handle)
{
    sim_executor *e = handle;

    e->under_way++;
    maru_sim_at(e->sim, e->sim->now, run_event, e);
}

static void sim_wake_at(void *handle, int64_t at_ns)
{
    sim_executor *e = handle;

    e->at = at_ns;
    e->under_way++;
    maru_sim_at(e->sim, at_ns, tick_event, e);
}

static bool sim_always_yield(void *handle)
{
    (void)handle;
    return true;
}

static void sim_stop(void *handle)
{
    sim_executor *e = handle;

    e->stopped = true;
    e->under_way++;
    let_go(e);
}

static bool sim_pump(void *handle)
{
    return maru_sim_step(((sim_executor *)handle)->sim);
}

static const maru_executor sim_executor_table = {.start = sim_start,
                                                 .wake = sim_wake,
                                                 .wake_at = sim_wake_at,
                                                 .always_yield = sim_always_yield,
                                                 .stop = sim_stop,
                                                 .pump = sim_pump};

/* The seam. */

static int64_t sim_clock(void *self)
{
    return ((maru_sim *)self)->now;
}

static int64_t sim_wall(void *self)
{
    return INT64_C(1700000000000000000) + ((maru_sim *)self)->now;
}

static void sim_fill(void *self, void *into, size_t size)
{
    for (uint8_t *at = into; size > 0; size--)
        *at++ = (uint8_t)maru_sim_random(self);
}

maru_sim *maru_sim_new(const maru_sim_options *options)
{
    maru_sim *sim = malloc(sizeof *sim);

    if (sim == NULL)
        return NULL;
    *sim = (maru_sim){.options = *options, .now = 1000000000, .random = options->seed, .ports = 1024};
    if (sim->options.latency_ns == 0)
        sim->options.latency_ns = 50000;
    if (sim->options.window == 0)
        sim->options.window = 256 * 1024;
    sim->seam = (maru_seam){.self = sim,
                            .now = sim_clock,
                            .wall = sim_wall,
                            .random = sim_fill,
                            .transport = &sim_transport,
                            .executor = &sim_executor_table};
    return sim;
}

void maru_sim_free(maru_sim *sim)
{
    while (maru_sim_step(sim)) /* what is left only gives itself back */
        ;
    free(sim->heap);
    free(sim);
}

const maru_seam *maru_sim_seam(maru_sim *sim)
{
    return &sim->seam;
}
