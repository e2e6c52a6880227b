/* late_test.c: a service that was off, or stopped, finds its timers due, and news unread: the news come first. A
 * producer that does not answer is not waited for long, nor is one of which reading has no end; tasks that only waited
 * for a place are no sign of a stop. On a simulated clock.
 */
#include "judge.h"

enum {
    TOILS = 65, /* one more than there are places */
    MANY = 600, /* more than a batch */
};

static void test_off(struct scene *s)
{
    test_begin("what was said while a service was off is heard before its late timers run");
    judge_start(s, s->teller.s.url);
    judge_sleep(s, "verdict/one", LATE_BY_MS);
    say_news(s, 1);
    judge_start(s, s->teller.s.url);
    CHECK_INT(judge_wait(s, "verdict/one"), s->said);
    test_begin("also where that is more than is read at once");
    judge_sleep(s, "verdict/long", LATE_BY_MS);
    say_news(s, MANY);
    judge_start(s, s->teller.s.url);
    CHECK_INT(judge_wait(s, "verdict/long"), s->said);
    test_begin("and where they are late by little");
    judge_sleep(s, "verdict/little", LITTLE_MS);
    say_news(s, 1);
    judge_start(s, s->teller.s.url);
    CHECK_INT(judge_wait(s, "verdict/little"), s->said);
}

static void test_prompt(struct scene *s)
{
    int64_t began;

    test_begin("where nothing was said meanwhile, they wait for an answer and no longer");
    judge_sleep(s, "verdict/prompt", LITTLE_MS);
    began = scene_ms(s);
    judge_start(s, s->teller.s.url);
    CHECK_INT(judge_wait(s, "verdict/prompt"), s->said);
    CHECK(scene_ms(s) - began < 100);
}

static void test_away(struct scene *s)
{
    int64_t began;

    test_begin("a producer that is away holds them up for seconds only");
    judge_sleep(s, "verdict/away", LATE_BY_MS);
    began = scene_ms(s);
    judge_start(s, NOBODY);
    CHECK_INT(judge_wait(s, "verdict/away"), s->said);
    CHECK(scene_ms(s) - began >= 3000 && scene_ms(s) - began < 3500);
}

/* An event each two seconds, and more of them than ten minutes have room for. */
static void test_endless(struct scene *s)
{
    enum { MOST_S = 600, MORE = MOST_S / 2 + 50 };
    int before;

    test_begin("reading that goes on holds them up for ten minutes at most");
    judge_sleep(s, "verdict/most", LITTLE_MS);
    say_news(s, MORE);
    before = atomic_load(&s->heard);
    s->faint = true;
    judge_start(s, s->teller.s.url);
    scene_pass(s, (MOST_S - 5) * 1000);
    CHECK(!judge_has(s, "verdict/most"));
    CHECK(atomic_load(&s->heard) > before + MOST_S / 2 - 20);
    scene_pass(s, 10000);
    CHECK(judge_has(s, "verdict/most"));
    CHECK(atomic_load(&s->heard) < s->said);
    s->faint = false;
    scene_pass(s, 10000);
    CHECK_INT(atomic_load(&s->heard), s->said);
}

static maru_status set_task(maru_txn *txn, void *arg)
{
    Tell__Added nothing = TELL__ADDED__INIT;

    return maru_timer_set(txn, "toil", "late", maru_txn_wall_clock(txn) + DUE_MS * MARU_NS_PER_MS, &nothing.base);
}

static void sleep_task(struct scene *s, int64_t late_ms)
{
    judge_write(s, set_task, NULL);
    judge_stop(s);
    scene_pass(s, DUE_MS + late_ms);
    judge_start(s, NOBODY);
}

static void test_tasks(struct scene *s)
{
    test_begin("tasks that are late by little begin at once after a start");
    sleep_task(s, LITTLE_MS);
    scene_pass(s, LITTLE_MS);
    CHECK_INT(atomic_load(&s->begun), 1);
    scene_pass(s, 2 * AWAY_MS);
    test_begin("those that are late by much wait, too, until what was said is heard");
    sleep_task(s, LATE_BY_MS);
    scene_pass(s, 2800);
    CHECK_INT(atomic_load(&s->begun), 1);
    scene_pass(s, 400);
    CHECK_INT(atomic_load(&s->begun), 2);
    scene_pass(s, 2 * AWAY_MS);
    atomic_store(&s->toil, 0);
}

struct stop {
    struct scene *s;
    bool          begun;
};

/* Nothing else of the strand runs meanwhile: so a process is that was stopped. */
static int64_t stand_still(maru_call *call, void *arg)
{
    struct stop *stop = arg;

    if (!stop->begun)
        maru_sim_spend(stop->s->sim, (int64_t)(DUE_MS + LATE_BY_MS) * MARU_NS_PER_MS);
    stop->begun = true;
    return MARU_JOB_IDLE;
}

/* The teller is the first to do something after it. */
static void stop_through(struct scene *s, const char *name)
{
    struct stop stop = {.s = s};
    maru_job   *job;

    judge_set(s, name);
    scene_pass(s, LITTLE_MS); /* until it is planned */
    if (!CHECK_INT(maru_job_start(s->judge.runtime, "stop", stand_still, &stop, &job, &s->judge.error), MARU_OK))
        return;
    while (!stop.begun && maru_sim_step(s->sim))
        ;
    say_news(s, MANY);
    maru_job_stop(job);
}

static void test_stopped(struct scene *s)
{
    test_begin("what was said while a process was stopped is heard, too, before the first of its timers");
    stop_through(s, "verdict/first");
    CHECK_INT(judge_wait(s, "verdict/first"), s->said);
    test_begin("and before others");
    stop_through(s, "verdict/second");
    CHECK_INT(judge_wait(s, "verdict/second"), s->said);
}

static maru_status set_toil(maru_txn *txn, void *arg)
{
    Tell__Added nothing = TELL__ADDED__INIT;
    char        name[16];
    maru_status status = MARU_OK;

    for (int i = 0; i < TOILS && status == MARU_OK; i++) {
        snprintf(name, sizeof name, "n/%d", i);
        status = maru_timer_set(txn, "toil", name, 0, &nothing.base);
    }
    return status;
}

/* On the strand, which what it looks at belongs to. */
static int64_t watch(maru_call *call, void *arg)
{
    struct scene *s = arg;

    if (s->events->late_since != 0)
        atomic_store(&s->was_late, true);
    return 5;
}

static void test_places(struct scene *s)
{
    maru_job *job;

    test_begin("tasks that waited for a place begin without reading anew");
    scene_pass(s, AWAY_MS);
    if (!CHECK_INT(maru_job_start(s->judge.runtime, "watch", watch, s, &job, &s->judge.error), MARU_OK))
        return;
    judge_write(s, set_toil, NULL);
    scene_pass(s, 2 * (LATE_BY_MS + LITTLE_MS) + 1500);
    CHECK_INT(atomic_load(&s->toil), TOILS);
    CHECK(!atomic_load(&s->was_late));
    maru_job_stop(job);
}

int main(void)
{
    struct scene s;

    if (!scene_open(&s, true))
        return 1;
    test_off(&s);
    test_prompt(&s);
    test_away(&s);
    test_tasks(&s);
    judge_stop(&s);
    judge_start(&s, s.teller.s.url);
    test_endless(&s);
    test_stopped(&s);
    test_places(&s);
    scene_close(&s);
    return test_end();
}
