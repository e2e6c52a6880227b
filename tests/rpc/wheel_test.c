/* wheel_test.c: the timer wheel against a plain list: what fires, when, and in which order, over random additions,
 * removals and leaps of time.
 */
#include "test.h"

#include <stdlib.h>

#include "random.h"
#include "runtime/wheel.h"

enum { TIMERS = 100, STEPS = 200000 };

#define TICK (INT64_C(1) << WHEEL_TICK_SHIFT)

typedef struct model model;

/* A timer, and the tick at which it is to fire: 0 where it is not added. */
typedef struct watched {
    wheel_timer timer; /* first: found from it */
    model      *of;
    uint64_t    due;
} watched;

struct model {
    wheel    wheel;
    rng      random;
    int64_t  now;
    uint64_t last; /* tick that fired, in this advance */
    long     fired;
    watched  timers[TIMERS];
};

static void expect(model *m, bool held, const char *what)
{
    if (!CHECK(held))
        fprintf(stderr, "%s, at %lld ns, after %ld have fired\n", what, (long long)m->now, m->fired);
}

/* From nothing to 13 days, every scale as likely as the others; now and then up to 30 years. */
static int64_t some_delay(model *m)
{
    int least = rng_below(&m->random, 1000) == 0 ? 4 : 14;

    return (int64_t)(rng_next(&m->random) >> (least + (int)rng_below(&m->random, 50)));
}

static void add(model *m, watched *w)
{
    int64_t at = m->now + some_delay(m);

    if (rng_below(&m->random, 10) == 0)
        at = m->now - some_delay(m) % m->now; /* in the past */
    wheel_add(&m->wheel, &w->timer, at);
    w->due = ((uint64_t)at + TICK - 1) >> WHEEL_TICK_SHIFT;
    if (w->due <= m->wheel.now)
        w->due = m->wheel.now + 1;
}

static void take_out(model *m, watched *w)
{
    wheel_remove(&m->wheel, &w->timer);
    w->due = 0;
}

static watched *any(model *m)
{
    return &m->timers[rng_below(&m->random, TIMERS)];
}

static void on_fire(wheel_timer *timer)
{
    watched *w = (watched *)timer;
    model   *m = w->of;

    expect(m, w->due != 0, "fired, but was not added");
    expect(m, w->due == m->wheel.now, "fired at another tick than its own");
    expect(m, m->wheel.now >= m->last, "fired out of order");
    expect(m, !wheel_holds(timer), "is held while it fires");
    m->last = m->wheel.now;
    w->due = 0;
    m->fired++;
    if (rng_below(&m->random, 4) == 0)
        add(m, any(m));
    if (rng_below(&m->random, 4) == 0)
        take_out(m, any(m));
}

/* The earliest of all that are added; UINT64_MAX where there is none. */
static uint64_t earliest(const model *m)
{
    uint64_t least = UINT64_MAX;

    for (int i = 0; i < TIMERS; i++)
        if (m->timers[i].due != 0 && m->timers[i].due < least)
            least = m->timers[i].due;
    return least;
}

static void advance(model *m, int64_t now)
{
    m->now = now;
    m->last = 0;
    wheel_advance(&m->wheel, now);
    expect(m, earliest(m) > (uint64_t)now >> WHEEL_TICK_SHIFT, "one that was due has not fired");
}

static void check_next(model *m)
{
    uint64_t least = earliest(m);
    int64_t  next = wheel_next(&m->wheel);

    if (least == UINT64_MAX)
        return;
    expect(m, next != INT64_MAX, "wheel_next says that there is none");
    expect(m, (uint64_t)next >> WHEEL_TICK_SHIFT <= least, "wheel_next is later than the first");
    expect(m, next > m->now - TICK, "wheel_next is in the past");
}

static void step(model *m)
{
    watched *w = any(m);

    switch (rng_below(&m->random, 8)) {
    case 0:
        take_out(m, w);
        break;
    case 1:
        advance(m, m->now + some_delay(m));
        break;
    case 2: /* as the runtime does */
        if (wheel_next(&m->wheel) != INT64_MAX && wheel_next(&m->wheel) > m->now)
            advance(m, wheel_next(&m->wheel));
        break;
    default:
        add(m, w);
    }
    expect(m, wheel_holds(&w->timer) == (w->due != 0), "held and added are not the same");
    check_next(m);
}

static void model_init(model *m, uint64_t seed)
{
    *m = (model){.random = {seed}, .now = 1000000000};
    wheel_init(&m->wheel, m->now);
    for (int i = 0; i < TIMERS; i++)
        m->timers[i] = (watched){.timer = {.fire = on_fire}, .of = m};
}

static void test_random(uint64_t seed)
{
    model *m = malloc(sizeof *m);
    long   all = 0;

    test_begin("over random adds, removes and leaps, each timer fires at its tick, in order, and once");
    for (int steps = 0; steps < STEPS; all += m->fired) {
        model_init(m, seed + (uint64_t)steps);
        for (; steps < STEPS && m->now < INT64_MAX / 4; steps++) /* or time runs out */
            step(m);
    }
    printf("# %ld fired\n", all);
    CHECK(all > STEPS / 20);
    free(m);
}

/* Only looked at when wheel_next says so: how often, and how late at most. */
static void test_sparse(uint64_t seed)
{
    model *m = malloc(sizeof *m);
    long   looks = 0;

    test_begin("a wheel that is looked at only when it says so fires all in time, and says so seldom");
    model_init(m, seed);
    for (int i = 0; i < TIMERS; i++)
        add(m, &m->timers[i]);
    while (earliest(m) != UINT64_MAX && looks < 1000000) {
        advance(m, wheel_next(&m->wheel));
        looks++;
    }
    printf("# %ld looks for %ld timers\n", looks, m->fired);
    CHECK(looks < (m->fired + 1) * WHEEL_LEVELS);
    free(m);
}

int main(void)
{
    rng r = rng_seeded("wheel");

    test_random(rng_next(&r));
    test_sparse(rng_next(&r));
    return test_end();
}
