/* later_test.c: timers and tasks: they run at their time, once in effect, and survive the process. The clock is
 * simulated where days pass. */
#include "kit.h"
#include "maru/sim.h"
#include "test.h"

struct clockwork {
    struct serving s;
    maru_events   *events;
    atomic_int     failures; /* of the timer and the task: so many more */
    atomic_int     task_runs;
    atomic_int     at_once; /* tasks that run now */
    atomic_int     most_at_once;
    atomic_bool    stuck; /* tasks do not end */
};

/* Counts in the sum of its own name. */
static maru_status count(maru_txn *txn, const char *name, const ProtobufCMessage *payload)
{
    struct clockwork *c = (struct clockwork *)(uintptr_t)maru_txn_settings(txn);
    Tell__Sum        *sum, fresh = TELL__SUM__INIT;
    maru_status       status = maru_get(txn, &kit_sums, maru_key_text(name), (ProtobufCMessage **)&sum);

    if (status == MARU_NOT_FOUND)
        sum = &fresh;
    sum->count++;
    sum->total += ((const Tell__Added *)payload)->number;
    if ((status = maru_put(txn, &kit_sums, maru_key_text(name), &sum->base)) != MARU_OK)
        return status;
    if (atomic_load(&c->failures) > 0) {
        atomic_fetch_sub(&c->failures, 1);
        return maru_txn_fail(txn, MARU_INTERNAL, "as the test wants it");
    }
    return maru_emit(txn, name, payload);
}

struct counting {
    const char             *name;
    const ProtobufCMessage *payload;
};

static maru_status count_it(maru_txn *txn, void *arg)
{
    const struct counting *c = arg;

    return count(txn, c->name, c->payload);
}

static maru_status work(void *svc, maru_call *call, const char *name, const ProtobufCMessage *payload)
{
    struct clockwork *c = svc;
    struct counting   counting = {.name = name, .payload = payload};
    int               now = atomic_fetch_add(&c->at_once, 1) + 1;
    maru_status       status;

    for (int most = atomic_load(&c->most_at_once); now > most;)
        if (atomic_compare_exchange_weak(&c->most_at_once, &most, now))
            break;
    atomic_fetch_add(&c->task_runs, 1);
    while ((status = maru_sleep(call, 1)) == MARU_OK && c->stuck)
        ;
    if (status == MARU_OK)
        status = maru_store_write(c->s.store, call, count_it, &counting);
    atomic_fetch_sub(&c->at_once, 1);
    return status;
}

static const maru_timer timers[] = {{"count", &tell__added__descriptor, count}, {NULL, NULL, NULL}};
/* Those that shall end are given the time that a busy machine may take. */
static const maru_task tasks[] = {{"work", &tell__added__descriptor, 0, 30000, work},
                                  {"stick", &tell__added__descriptor, 0, 300, work},
                                  {NULL, NULL, 0, 0, NULL}};

static bool start(struct clockwork *c)
{
    maru_events_options options = {.runtime = c->s.runtime,
                                   .server = c->s.server,
                                   .store = c->s.store,
                                   .service = "clockwork",
                                   .timers = timers,
                                   .tasks = tasks,
                                   .svc = c,
                                   .settings = c};

    return maru_events_open(&options, &c->events, &c->s.error) == MARU_OK && serving_listen(&c->s);
}

static void stop(struct clockwork *c)
{
    maru_events_rest(c->events);
    if (c->s.client != NULL)
        maru_client_free(c->s.client);
    maru_server_free(c->s.server);
    c->s.client = NULL;
    c->s.server = NULL;
    maru_events_free(c->events);
    serving_stop(&c->s);
}

struct setting {
    const char *kind, *name;
    int64_t     in_ms; /* -1: it is cleared */
    int64_t     number;
};

static maru_status set_in_txn(maru_txn *txn, void *arg)
{
    const struct setting *set = arg;
    Tell__Added           added = TELL__ADDED__INIT;

    added.number = set->number;
    if (set->in_ms < 0)
        return maru_timer_clear(txn, set->kind, set->name);
    return maru_timer_set(txn, set->kind, set->name, maru_txn_wall_clock(txn) + set->in_ms * MARU_NS_PER_MS,
                          &added.base);
}

static maru_status set_timer(struct clockwork *c, struct setting set)
{
    maru_call  *call = serving_call(&c->s);
    maru_status status = maru_store_write(c->s.store, call, set_in_txn, &set);

    maru_call_end(call);
    return status;
}

/* STEM/0 and on, all in one transaction: a slow disk may take half a second for each. */
struct settings {
    const char *kind, *stem;
    int         count;
};

static maru_status set_many_in_txn(maru_txn *txn, void *arg)
{
    const struct settings *many = arg;
    maru_status            status = MARU_OK;

    for (int i = 0; i < many->count && status == MARU_OK; i++) {
        char name[32];

        snprintf(name, sizeof name, "%s/%d", many->stem, i);
        status = set_in_txn(txn, &(struct setting){many->kind, name, 0, 1});
    }
    return status;
}

static maru_status set_many(struct clockwork *c, struct settings many)
{
    maru_call  *call = serving_call(&c->s);
    maru_status status = maru_store_write(c->s.store, call, set_many_in_txn, &many);

    maru_call_end(call);
    return status;
}

static Tell__Sum *look(struct clockwork *c, maru_call *call, const char *name)
{
    struct kit_look at = {.aggregate = name};

    return maru_store_read(c->s.store, call, kit_read_sum, &at) == MARU_OK ? at.sum : NULL;
}

static int64_t counted(struct clockwork *c, const char *name)
{
    maru_call *call = serving_call(&c->s);
    Tell__Sum *sum = look(c, call, name);
    int64_t    count_now = sum == NULL ? 0 : sum->count;

    maru_call_end(call);
    return count_now;
}

static bool wait_for(struct clockwork *c, const char *name, int64_t want)
{
    maru_call *call = serving_call(&c->s);
    bool       there;

    while (!(there = counted(c, name) >= want) && maru_sleep(call, 2) == MARU_OK)
        ;
    maru_call_end(call);
    return there;
}

static int64_t total_of(struct clockwork *c, const char *name)
{
    maru_call *call = serving_call(&c->s);
    Tell__Sum *sum = look(c, call, name);
    int64_t    total = sum == NULL ? 0 : sum->total;

    maru_call_end(call);
    return total;
}

/* By the clock that timers go by. */
static int64_t now_ms(struct clockwork *c)
{
    maru_call *call = serving_call(&c->s);
    int64_t    ms = maru_call_wall_clock(call) / MARU_NS_PER_MS;

    maru_call_end(call);
    return ms;
}

/* Sets a timer, and in its time something else about it. On a busy machine that time may be over before: then it does
 * so with another one, of a name that stem begins. */
static void set_twice(struct clockwork *c, const char *stem, struct setting second, char name[static 32])
{
    enum { TRIES = 20, FIRST_MS = 400 };
    int64_t began, ended;

    second.name = name;
    for (int i = 0; i < TRIES; i++) {
        snprintf(name, 32, "timer/%s%d", stem, i);
        began = now_ms(c);
        CHECK_INT(set_timer(c, (struct setting){"count", name, FIRST_MS, 1}), MARU_OK);
        CHECK_INT(set_timer(c, second), MARU_OK);
        ended = now_ms(c);
        if (ended - began < FIRST_MS)
            return;
    }
    CHECK(ended - began < FIRST_MS);
}

static void test_timers(struct clockwork *c)
{
    char    two[32], three[32];
    int64_t began;

    test_begin("a timer runs at its time, in a transaction of its own, once");
    began = now_ms(c);
    CHECK_INT(set_timer(c, (struct setting){"count", "timer/one", 40, 5}), MARU_OK);
    CHECK(counted(c, "timer/one") == 0 || now_ms(c) - began >= 40);
    CHECK(wait_for(c, "timer/one", 1));
    test_begin("one that was set again runs at the later time only, with the later payload");
    set_twice(c, "two", (struct setting){.kind = "count", .in_ms = 600, .number = 7}, two);
    CHECK(wait_for(c, two, 1));
    test_begin("one that was cleared does not run; clearing what is not set is no error");
    set_twice(c, "three", (struct setting){.kind = "count", .in_ms = -1}, three);
    CHECK_INT(set_timer(c, (struct setting){"count", "timer/none", -1, 0}), MARU_OK);
    CHECK_INT(set_timer(c, (struct setting){"count", "timer/four", 600, 1}), MARU_OK);
    CHECK(wait_for(c, "timer/four", 1));
    CHECK_INT(counted(c, three), 0);
    CHECK_INT(counted(c, two), 1);
    CHECK_INT(total_of(c, two), 7);
    CHECK_INT(counted(c, "timer/one"), 1);
    test_begin("one whose function fails leaves nothing, and is tried again");
    c->failures = 2;
    CHECK_INT(set_timer(c, (struct setting){"count", "timer/five", 0, 1}), MARU_OK);
    CHECK(wait_for(c, "timer/five", 1));
    CHECK_INT(counted(c, "timer/five"), 1);
    CHECK_INT(c->failures, 0);
}

static bool wait_for_all_places(struct clockwork *c)
{
    maru_call *call = serving_call(&c->s);

    while (atomic_load(&c->at_once) < 64 && maru_sleep(call, 2) == MARU_OK)
        ;
    maru_call_end(call);
    return atomic_load(&c->at_once) >= 64;
}

static void test_tasks(struct clockwork *c)
{
    char name[32];

    test_begin("a task runs until it says OK");
    c->failures = 2;
    CHECK_INT(set_timer(c, (struct setting){"work", "task/one", 0, 1}), MARU_OK);
    CHECK(wait_for(c, "task/one", 1));
    CHECK_INT(c->task_runs, 3);
    test_begin("64 run at once, and no more");
    c->stuck = true;
    CHECK_INT(set_many(c, (struct settings){"work", "many", 100}), MARU_OK);
    CHECK(wait_for_all_places(c));
    c->stuck = false;
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "many/%d", i);
        CHECK(wait_for(c, name, 1));
    }
    CHECK_INT(c->most_at_once, 64);
    CHECK_INT(c->task_runs, 103);
}

static MaruEvents__Event *last_event(struct clockwork *c, maru_call *call, const char *aggregate)
{
    MaruEvents__ReadAggregateRequest   request = MARU_EVENTS__READ_AGGREGATE_REQUEST__INIT;
    MaruEvents__ReadAggregateResponse *response;

    request.aggregate = (char *)aggregate;
    if (maru_event_log_read_aggregate(c->s.client, call, &request, &response) != MARU_OK || response->n_events == 0)
        return NULL;
    return response->events[response->n_events - 1];
}

static void test_starved(struct clockwork *c)
{
    enum { MANY = 300 }; /* more than run at once, and than a look takes */

    test_begin("tasks that do not end, and those that wait for their places, keep no timer");
    c->stuck = true;
    CHECK_INT(set_many(c, (struct settings){"stick", "stuck", MANY}), MARU_OK);
    CHECK_INT(set_timer(c, (struct setting){"count", "on/time", 1, 1}), MARU_OK);
    CHECK(wait_for(c, "on/time", 1));
    c->stuck = false;
    test_begin("and all of them have their turn in the end");
    for (int i = 0; i < MANY; i++) {
        char name[32];

        snprintf(name, sizeof name, "stuck/%d", i);
        CHECK(wait_for(c, name, 1));
    }
}

static void test_causes(struct clockwork *c)
{
    maru_call         *call = serving_call(&c->s);
    MaruEvents__Event *event;

    test_begin("an event that a timer or a task emits says so");
    if (CHECK((event = last_event(c, call, "timer/one")) != NULL))
        CHECK_STR(event->causation_id, "timer count/timer/one");
    if (CHECK((event = last_event(c, call, "task/one")) != NULL))
        CHECK_STR(event->causation_id, "task work/task/one");
    maru_call_end(call);
}

static void test_restart(struct clockwork *c)
{
    test_begin("both survive the process");
    CHECK_INT(set_timer(c, (struct setting){"count", "timer/kept", 100, 1}), MARU_OK);
    CHECK_INT(set_timer(c, (struct setting){"work", "task/kept", 100, 1}), MARU_OK);
    stop(c);
    CHECK(serving_start(&c->s) && start(c));
    CHECK(wait_for(c, "timer/kept", 1));
    CHECK(wait_for(c, "task/kept", 1));
    CHECK_INT(counted(c, "timer/one"), 1);
}

int main(void)
{
    struct clockwork c = {.task_runs = 0};

    if (!serving_open(&c.s, "clockwork", kit_tables, 1) || !start(&c))
        return 1;
    test_timers(&c);
    test_tasks(&c);
    test_starved(&c);
    test_causes(&c);
    test_restart(&c);
    stop(&c);
    serving_close(&c.s);
    return test_end();
}
