/* strand_test.c: events from many threads run once each and one at a time; who brought the first does not stay for all;
 * work that is no event gets its turns.
 */
#include "test.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>

#include "maru/seam.h"
#include "runtime/strand.h"

typedef struct rig rig;

/* A strand with the real executor. */
struct rig {
    strand strand;
    bool   inside; /* plain: ThreadSanitizer would see two at once, too */
    long   ran;
    long   turns_wanted, turns, flushes;
    int    out_of_turn;

    strand_event *late; /* comes when the strand is about to be left; NULL: nothing does */
};

static void no_timers(void *arg, int64_t now)
{
    (void)arg;
    (void)now;
}

static bool take_turn(void *arg)
{
    rig *r = arg;

    if (r->turns_wanted == 0)
        return false;
    r->turns++;
    return --r->turns_wanted > 0;
}

static void count_flush(void *arg)
{
    ((rig *)arg)->flushes++;
}

static void post_late(void *arg)
{
    rig          *r = arg;
    strand_event *late = r->late;

    r->late = NULL;
    if (late != NULL)
        strand_post(&r->strand, late);
}

static void keep(void *arg)
{
    strand_keep(&((rig *)arg)->strand);
}

static void tick(void *arg)
{
    (void)arg;
}

static void rig_start(rig *r)
{
    const maru_seam *seam = maru_seam_real();
    strand_work      work = {.timers = no_timers, .turn = take_turn, .flush = count_flush, .idle = post_late, .arg = r};
    maru_executor_calls calls = {.run = keep, .tick = tick, .arg = r};

    *r = (rig){0};
    strand_init(&r->strand, seam, &work);
    if (!CHECK_INT(seam->executor->start(seam->self, &calls, &r->strand.executor, NULL), MARU_OK))
        exit(1);
}

static void rig_stop(rig *r)
{
    strand_rest(&r->strand);
    r->strand.seam->executor->stop(r->strand.executor);
}

static void enter(rig *r)
{
    CHECK(!r->inside);
    CHECK(strand_is_here(&r->strand));
    r->inside = true;
}

static void leave(rig *r)
{
    r->inside = false;
}

/* Many threads. */

enum { THREADS = 8, EVENTS = 5000 };

typedef struct noted {
    strand_event event; /* first: found from it */
    rig         *of;
    int          times, thread, number;
    int         *last; /* number of the thread's event before */
} noted;

static void run_noted(strand_event *event)
{
    noted *n = (noted *)event;

    enter(n->of);
    n->times++;
    n->of->ran++;
    n->of->out_of_turn += n->number != *n->last + 1;
    *n->last = n->number;
    leave(n->of);
}

typedef struct poster {
    pthread_t thread;
    rig      *of;
    noted    *events;
    bool      hands;
    int       still_here; /* times that it was taken for who runs the strand, when it was back */
} poster;

static void *post_all(void *arg)
{
    poster *p = arg;

    for (int i = 0; i < EVENTS; i++) {
        if (p->hands)
            strand_hand(&p->of->strand, &p->events[i].event);
        else
            strand_post(&p->of->strand, &p->events[i].event);
        p->still_here += strand_is_here(&p->of->strand);
    }
    return NULL;
}

static void test_many(void)
{
    rig    r;
    poster posters[THREADS];
    noted *events = calloc(THREADS * EVENTS, sizeof *events);
    int    last[THREADS], wrong = 0, still_here = 0;

    test_begin("40,000 events of 8 threads, half of which only hand over, run once each, never two at once");
    rig_start(&r);
    for (int t = 0; t < THREADS; t++) {
        last[t] = -1;
        posters[t] = (poster){.of = &r, .events = events + t * EVENTS, .hands = t % 2 == 1};
        for (int i = 0; i < EVENTS; i++)
            posters[t].events[i] = (noted){.event = {.run = run_noted}, .of = &r, .number = i, .last = &last[t]};
    }
    for (int t = 0; t < THREADS; t++)
        pthread_create(&posters[t].thread, NULL, post_all, &posters[t]);
    for (int t = 0; t < THREADS; t++) {
        pthread_join(posters[t].thread, NULL);
        still_here += posters[t].still_here;
    }
    rig_stop(&r);
    for (int i = 0; i < THREADS * EVENTS; i++)
        wrong += events[i].times != 1;
    CHECK_INT(wrong, 0);
    CHECK_INT(r.ran, THREADS * EVENTS);
    test_begin("on a thread that runs the strand then, and only then");
    CHECK_INT(still_here, 0);
    test_begin("and those of one thread in the order in which it posted them");
    CHECK_INT(r.out_of_turn, 0);
    free(events);
}

/* A chain: each event posts the next, and takes 50 us. */

enum { CHAIN = 2000 };

typedef struct chain {
    strand_event event; /* first: found from it */
    rig         *of;
    sem_t        over;
    pthread_t    visitor;
    int          by_visitor, by_other;
} chain;

static int64_t now_ns(const rig *r)
{
    return r->strand.seam->now(r->strand.seam->self);
}

static void burn(rig *r, int64_t ns)
{
    int64_t until = now_ns(r) + ns;

    while (now_ns(r) < until)
        ;
}

static void run_chain(strand_event *event)
{
    chain *c = (chain *)event;

    enter(c->of);
    burn(c->of, 50000);
    if (pthread_equal(pthread_self(), c->visitor))
        c->by_visitor++;
    else
        c->by_other++;
    leave(c->of);
    if (c->by_visitor + c->by_other == CHAIN)
        sem_post(&c->over);
    else
        strand_post(&c->of->strand, &c->event);
}

static void test_hand_over(void)
{
    rig   r;
    chain c = {.event = {.run = run_chain}, .of = &r, .visitor = pthread_self()};

    test_begin("the thread that brought an event leaves after a while, and the executor's goes on");
    rig_start(&r);
    sem_init(&c.over, 0, 0);
    strand_post(&r.strand, &c.event);
    CHECK(!strand_is_here(&r.strand));
    CHECK(c.by_visitor < CHAIN); /* it is back, and not all is done; what follows is the executor's */
    sem_wait(&c.over);
    printf("# %d of %d by the visitor\n", c.by_visitor, CHAIN);
    CHECK_INT(c.by_visitor + c.by_other, CHAIN);
    CHECK(c.by_visitor >= 1 && c.by_visitor <= 2 * STRAND_EVENTS);
    CHECK(c.by_other > 0);
    rig_stop(&r);
}

/* strand_hand never runs anything here. */

typedef struct handed {
    strand_event event; /* first: found from it */
    pthread_t    by;
    sem_t        ran;
} handed;

static void run_handed(strand_event *event)
{
    handed *h = (handed *)event;

    h->by = pthread_self();
    sem_post(&h->ran);
}

static void test_hand(void)
{
    rig    r;
    handed h = {.event = {.run = run_handed}};

    test_begin("an event that is handed over runs on the executor's thread");
    rig_start(&r);
    sem_init(&h.ran, 0, 0);
    for (int i = 0; i < 1000; i++) {
        strand_hand(&r.strand, &h.event);
        sem_wait(&h.ran);
        CHECK(!pthread_equal(h.by, pthread_self()));
    }
    rig_stop(&r);
}

/* Turns come between events, and a flush after each. */

typedef struct asker {
    strand_event event; /* first: found from it */
    rig         *of;
} asker;

static void want_turns(strand_event *event)
{
    ((asker *)event)->of->turns_wanted = 100;
}

static void test_turns(void)
{
    rig   r;
    asker a = {.event = {.run = want_turns}, .of = &r};

    test_begin("turns go on until there is no more to do, each with a flush after it");
    rig_start(&r);
    strand_post(&r.strand, &a.event);
    rig_stop(&r);
    CHECK_INT(r.turns, 100);
    CHECK(r.flushes >= 100);
}

/* What comes when the strand is nearly left. */

static void test_late(void)
{
    rig   r;
    int   last = -1;
    noted first = {.event = {.run = run_noted}, .of = &r, .last = &last},
          late = {.event = {.run = run_noted}, .of = &r, .number = 1, .last = &last};

    test_begin("an event that comes when the strand is about to be left runs before it is");
    rig_start(&r);
    r.late = &late.event;
    strand_post(&r.strand, &first.event);
    rig_stop(&r);
    CHECK_INT(first.times, 1);
    CHECK_INT(late.times, 1);
    CHECK_INT(r.out_of_turn, 0);
}

int main(void)
{
    test_many();
    test_hand_over();
    test_hand();
    test_turns();
    test_late();
    return test_end();
}
