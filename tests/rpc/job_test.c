/* job_test.c: jobs (maru/job.h) and bells (runtime/bell.h): when they run, what wakes and what stops them; on virtual
 * time, and over real threads.
 */
#include <pthread.h>
#include <stdlib.h>

#include "maru/job.h"
#include "maru/sim.h"
#include "runtime/bell.h"
#include "runtime/rt.h"
#include "test.h"

enum { RUNS_MOST = 64 };

#define MS INT64_C(1000000)

/* A world with one runtime, and a job in it that does as it is told, and notes when it ran. */
typedef struct world {
    maru_sim     *sim;
    maru_runtime *rt;
    maru_job     *job;
    int64_t       began[RUNS_MOST], ended[RUNS_MOST];
    int           runs;
    int64_t       sleeps[RUNS_MOST]; /* ms that run i sleeps */
    int64_t       next[RUNS_MOST];   /* what it returns */
    maru_status   slept[RUNS_MOST];
    char          words[128]; /* of the last sleep that failed */
    bool          greedy;     /* uses up its memory */
} world;

static int64_t run(maru_call *call, void *arg)
{
    world *w = arg;
    int    i = w->runs++;

    if (i >= RUNS_MOST)
        return MARU_JOB_IDLE;
    w->began[i] = maru_sim_now(w->sim);
    if (w->sleeps[i] > 0 && (w->slept[i] = maru_sleep(call, w->sleeps[i])) != MARU_OK)
        snprintf(w->words, sizeof w->words, "%s", maru_call_message(call));
    while (w->greedy)
        maru_alloc(call, 1 << 20);
    w->ended[i] = maru_sim_now(w->sim);
    return w->next[i];
}

static bool open_world(world *w)
{
    maru_sim_options     options = {.seed = 1};
    maru_runtime_options runtime = {.seam = NULL};
    maru_error           error;

    *w = (world){.sim = maru_sim_new(&options)};
    for (int i = 0; i < RUNS_MOST; i++)
        w->next[i] = MARU_JOB_IDLE;
    runtime.seam = maru_sim_seam(w->sim);
    return CHECK_INT(maru_runtime_new(&runtime, &w->rt, &error), MARU_OK);
}

static bool start(world *w)
{
    maru_error error;

    return CHECK_INT(maru_job_start(w->rt, "a job", run, w, &w->job, &error), MARU_OK);
}

static void close_world(world *w)
{
    maru_job_stop(w->job);
    maru_runtime_free(w->rt);
    maru_sim_free(w->sim);
}

/* ms after the world began. */
static void run_until(world *w, int64_t ms)
{
    maru_sim_run(w->sim, 1000 * MS + ms * MS);
}

static void wake(void *arg)
{
    maru_job_wake(((world *)arg)->job);
}

static void wake_at(world *w, int64_t ms)
{
    maru_sim_at(w->sim, 1000 * MS + ms * MS, wake, w);
}

/* The wheel's ticks are a little more than a millisecond: a timer may be late by two. */
static bool is_at(int64_t at, int64_t ms)
{
    bool held = at >= 1000 * MS + ms * MS && at <= 1000 * MS + (ms + 3) * MS;

    if (!held)
        fprintf(stderr, "at %.3f ms, want %lld\n", (double)(at - 1000 * MS) / 1e6, (long long)ms);
    return held;
}

/* ---- when it runs ---- */

static void test_times(void)
{
    world w;

    test_begin("the first run begins at once, the next when the last one said");
    if (!open_world(&w))
        return;
    w.next[0] = 50;
    w.next[1] = 0;
    w.next[2] = 1000;
    start(&w);
    run_until(&w, 40);
    CHECK_INT(w.runs, 1);
    CHECK(is_at(w.began[0], 0));
    run_until(&w, 900);
    CHECK_INT(w.runs, 3);
    CHECK(is_at(w.began[1], 50));
    CHECK(is_at(w.began[2], 50));
    run_until(&w, 86400000);
    CHECK_INT(w.runs, 4);
    CHECK(is_at(w.began[3], 1050));
    close_world(&w);
}

static void test_wake(void)
{
    world w;

    test_begin("an idle job runs when it is woken, once for many wakes");
    if (!open_world(&w))
        return;
    start(&w);
    for (int i = 0; i < 5; i++)
        wake_at(&w, 100);
    run_until(&w, 200);
    CHECK_INT(w.runs, 2);
    CHECK(is_at(w.began[1], 100));
    test_begin("a wake makes the next run sooner, and takes the place of its time");
    w.next[2] = 1000;
    wake_at(&w, 300);
    wake_at(&w, 500);
    run_until(&w, 5000);
    CHECK_INT(w.runs, 4);
    CHECK(is_at(w.began[2], 300));
    CHECK(is_at(w.began[3], 500));
    close_world(&w);
}

static void test_wake_while_running(void)
{
    world w;

    test_begin("one that is woken while it runs runs again right after, whatever it says, and never twice at once");
    if (!open_world(&w))
        return;
    w.sleeps[0] = 100;
    start(&w);
    wake_at(&w, 20);
    wake_at(&w, 40);
    run_until(&w, 1000);
    CHECK_INT(w.runs, 2);
    CHECK(is_at(w.ended[0], 100));
    CHECK(w.began[1] >= w.ended[0] && is_at(w.began[1], 100));
    test_begin("one that wakes itself runs on");
    w.next[2] = 500; /* not awaited: it is woken before */
    w.sleeps[2] = 10;
    wake_at(&w, 2000);
    wake_at(&w, 2005);
    run_until(&w, 2400);
    CHECK_INT(w.runs, 4);
    CHECK(is_at(w.began[3], 2010));
    close_world(&w);
}

/* ---- stopping ---- */

static void test_stop(void)
{
    world w;
    int   runs;

    test_begin("stopping cancels the run that is under way, and waits for its end");
    if (!open_world(&w))
        return;
    w.sleeps[0] = 1000000;
    w.next[0] = 0;
    start(&w);
    run_until(&w, 10);
    CHECK_INT(w.runs, 1);
    CHECK_INT(w.ended[0], 0);
    maru_job_stop(w.job);
    w.job = NULL;
    CHECK(w.ended[0] > 0);
    CHECK_INT(w.slept[0], MARU_CANCELLED);
    CHECK_CONTAINS(w.words, "it is being stopped");
    run_until(&w, 10000);
    CHECK_INT(w.runs, 1);
    close_world(&w);

    test_begin("one that waits for its time, one that was just woken, and one that never ran are stopped too");
    if (!open_world(&w))
        return;
    w.next[0] = 100;
    start(&w);
    run_until(&w, 10);
    maru_job_stop(w.job);
    w.job = NULL;
    run_until(&w, 1000);
    CHECK_INT(w.runs, 1);
    start(&w);
    run_until(&w, 1100);
    maru_job_wake(w.job);
    maru_job_stop(w.job);
    start(&w);
    maru_job_stop(w.job);
    w.job = NULL;
    runs = w.runs; /* one that had begun was waited for */
    CHECK(w.ended[runs - 1] > 0);
    run_until(&w, 2000);
    CHECK_INT(w.runs, runs);
    maru_job_stop(NULL); /* harmless */
    close_world(&w);
}

/* ---- memory ---- */

static void test_memory(void)
{
    world w;

    test_begin("a run that uses up its memory is ended, and the next begins a second later");
    if (!open_world(&w))
        return;
    w.greedy = true;
    start(&w);
    run_until(&w, 500);
    CHECK_INT(w.runs, 1);
    CHECK_INT(w.ended[0], 0);
    w.greedy = false;
    run_until(&w, 2000);
    CHECK_INT(w.runs, 2);
    CHECK(is_at(w.began[1], 1000));
    CHECK(w.ended[1] > 0);
    test_begin("and sooner where it is woken");
    w.greedy = true;
    wake_at(&w, 3000);
    run_until(&w, 3100);
    w.greedy = false;
    wake_at(&w, 3200);
    run_until(&w, 9000);
    CHECK_INT(w.runs, 4);
    CHECK(is_at(w.began[3], 3200));
    close_world(&w);
}

/* ---- bells ---- */

typedef struct hall hall;

typedef struct waiter {
    hall       *of;
    maru_job   *job;
    int64_t     ms;
    int64_t     within; /* of its call; 0: no limit */
    maru_status status;
    int64_t     until; /* when it went on; 0: it waits */
    int         rounds;
} waiter;

struct hall {
    maru_sim     *sim;
    maru_runtime *rt;
    bell          bell;
    waiter        waiters[5];
};

static int64_t wait_once(maru_call *call, void *arg)
{
    waiter *w = arg;

    w->until = 0;
    w->status = bell_wait(&w->of->bell, w->within > 0 ? maru_within(call, w->within) : call, w->ms);
    w->until = maru_sim_now(w->of->sim);
    w->rounds++;
    return MARU_JOB_IDLE;
}

static void ring(void *arg)
{
    bell_ring(&((hall *)arg)->bell);
}

/* On the strand, at that time. */
static void ring_at(hall *h, int64_t ms)
{
    maru_sim_run(h->sim, 1000 * MS + ms * MS);
    rt_on_strand(h->rt, ring, h);
}

static void test_bell(void)
{
    maru_sim_options     options = {.seed = 1};
    maru_runtime_options runtime = {.seam = NULL};
    hall                 h = {.sim = maru_sim_new(&options)};
    maru_error           error;

    test_begin("a bell lets all go on that wait when it is rung; others when their time is over");
    runtime.seam = maru_sim_seam(h.sim);
    CHECK_INT(maru_runtime_new(&runtime, &h.rt, &error), MARU_OK);
    for (int i = 0; i < 5; i++)
        h.waiters[i] = (waiter){.of = &h, .ms = i < 3 ? 1000 : 20};
    h.waiters[4].ms = 0;
    rt_on_strand(h.rt, ring, &h); /* nobody is there yet */
    for (int i = 0; i < 5; i++)
        CHECK_INT(maru_job_start(h.rt, "waiter", wait_once, &h.waiters[i], &h.waiters[i].job, &error), MARU_OK);
    maru_sim_run(h.sim, 1050 * MS);
    CHECK_INT(h.waiters[0].until, 0);
    CHECK(is_at(h.waiters[3].until, 20));
    CHECK(is_at(h.waiters[4].until, 0));
    ring_at(&h, 100);
    maru_sim_run(h.sim, 1500 * MS);
    for (int i = 0; i < 5; i++) {
        CHECK_INT(h.waiters[i].status, MARU_OK);
        CHECK_INT(h.waiters[i].rounds, 1);
    }
    for (int i = 0; i < 3; i++)
        CHECK(is_at(h.waiters[i].until, 100));

    test_begin("a waiter whose call is late goes on with that, one that is stopped is cancelled, the rest waits on");
    h.waiters[1].within = 30;
    h.waiters[2].ms = 5000; /* the time of its first wait, at 1000, is of no meaning any more */
    for (int i = 0; i < 3; i++)
        maru_job_wake(h.waiters[i].job);
    maru_sim_run(h.sim, 1600 * MS);
    CHECK_INT(h.waiters[1].status, MARU_DEADLINE_EXCEEDED);
    CHECK(is_at(h.waiters[1].until, 530));
    CHECK_INT(h.waiters[0].until, 0);
    maru_job_stop(h.waiters[0].job);
    h.waiters[0].job = NULL;
    CHECK_INT(h.waiters[0].status, MARU_CANCELLED);
    CHECK_INT(h.waiters[2].until, 0);
    ring_at(&h, 1200);
    maru_sim_run(h.sim, 2300 * MS);
    CHECK(is_at(h.waiters[2].until, 1200));
    CHECK_INT(h.waiters[2].status, MARU_OK);
    for (int i = 0; i < 5; i++)
        maru_job_stop(h.waiters[i].job);
    maru_runtime_free(h.rt);
    maru_sim_free(h.sim);
}

/* ---- threads ---- */

enum { WAKERS = 3, WAKES = 2000, JOBS = 200 };

typedef struct counter {
    maru_job  *job;
    atomic_int wakes, seen;  /* how many there were when the last run began */
    atomic_int inside, runs; /* begun */
    bool       overlapped;
} counter;

static int64_t count(maru_call *call, void *arg)
{
    counter *c = arg;

    c->overlapped = c->overlapped || atomic_fetch_add(&c->inside, 1) != 0;
    atomic_fetch_add(&c->runs, 1);
    atomic_store(&c->seen, atomic_load(&c->wakes));
    maru_sleep(call, 1);
    atomic_fetch_sub(&c->inside, 1);
    return MARU_JOB_IDLE;
}

static void *wake_often(void *arg)
{
    counter *c = arg;

    for (int i = 0; i < WAKES; i++) {
        atomic_fetch_add(&c->wakes, 1);
        maru_job_wake(c->job);
    }
    return NULL;
}

static void test_threads(void)
{
    maru_runtime *rt;
    counter       c = {.job = NULL};
    pthread_t     threads[WAKERS];
    maru_call    *call;
    maru_error    error;

    test_begin("no wake of any thread is lost, and runs do not overlap");
    CHECK_INT(maru_runtime_new(NULL, &rt, &error), MARU_OK);
    CHECK_INT(maru_job_start(rt, "counter", count, &c, &c.job, &error), MARU_OK);
    for (int i = 0; i < WAKERS; i++)
        pthread_create(&threads[i], NULL, wake_often, &c);
    for (int i = 0; i < WAKERS; i++)
        pthread_join(threads[i], NULL);
    call = maru_call_begin(rt, 10000);
    while (atomic_load(&c.seen) < WAKERS * WAKES && maru_sleep(call, 1) == MARU_OK)
        ;
    maru_call_end(call);
    CHECK_INT(c.seen, WAKERS * WAKES);
    maru_job_stop(c.job);
    CHECK(!c.overlapped);
    CHECK_INT(c.inside, 0);

    test_begin("jobs are stopped at any moment of their life");
    for (int i = 0; i < JOBS; i++) {
        int before = atomic_load(&c.runs);

        CHECK_INT(maru_job_start(rt, "short", count, &c, &c.job, &error), MARU_OK);
        if (i % 3 > 0)
            maru_job_wake(c.job);
        if (i % 3 > 1)
            while (atomic_load(&c.runs) == before) /* most likely it is under way then */
                ;
        maru_job_stop(c.job);
        CHECK_INT(c.inside, 0);
    }
    maru_runtime_free(rt);
}

int main(void)
{
    test_times();
    test_wake();
    test_wake_while_running();
    test_stop();
    test_memory();
    test_bell();
    test_threads();
    return test_end();
}
