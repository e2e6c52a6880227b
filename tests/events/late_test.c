/* late_test.c: a service that was off, or stopped, finds its timers due, and news unread: the news come first. A
 * producer that does not answer is not waited for long, unless the store went back to a backup; tasks that only waited
 * for a place are no sign of a stop.
 */
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "events/events_impl.h"
#include "kit.h"
#include "maru/job.h"
#include "store/care.h"
#include "test.h"

enum {
    LATE_BY_MS = 2200, /* beyond what is taken for ordinary lateness (rpc/events/later.c) */
    DUE_MS = 300,      /* after it was set */
    LITTLE_MS = 50,
    AWAY_MS = 4000, /* longer than a producer is waited for */
    WORK_MS = 8,
    TOILS = 65, /* one more than there are places */
    MANY = 600, /* 500 of them, which are one batch, take 4 s: longer than a producer is waited for */
};

struct judge {
    struct serving s;
    maru_client   *teller;
    maru_events   *events;
    atomic_bool    slow; /* an event takes its time */
    atomic_int     toil; /* tasks that ended */
    atomic_bool    held; /* meanwhile all was read anew */
};

/* What the timer found: how much was heard by then; -1: nothing. */
static maru_status judge(maru_txn *txn, const char *name, const ProtobufCMessage *payload)
{
    Tell__Sum  *heard, verdict = TELL__SUM__INIT;
    maru_status status = maru_get(txn, &kit_sums, maru_key_text("sums/news"), (ProtobufCMessage **)&heard);

    verdict.count = 1;
    verdict.total = status == MARU_OK ? heard->count : -1;
    return maru_put(txn, &kit_sums, maru_key_text(name), &verdict.base);
}

static maru_status toil(void *svc, maru_call *call, const char *name, const ProtobufCMessage *payload)
{
    struct judge *j = svc;
    maru_status   status = maru_sleep(call, LATE_BY_MS + LITTLE_MS);

    atomic_fetch_add(&j->toil, status == MARU_OK);
    return status;
}

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void work(void)
{
    int64_t until = now_ns() + WORK_MS * MARU_NS_PER_MS;

    while (now_ns() < until)
        ;
}

static maru_status hear(maru_txn *txn, const maru_event *event)
{
    const struct judge *j = maru_txn_settings(txn);
    Tell__Sum           heard = TELL__SUM__INIT;

    if (j->slow)
        work();
    heard.count = (int64_t)event->version;
    return maru_put(txn, &kit_sums, maru_key_text(event->aggregate), &heard.base);
}

static const maru_consumer consumers[] = {{"teller", &tell__added__descriptor, hear}, {NULL, NULL, NULL}};
static const maru_timer    timers[] = {{"judge", &tell__added__descriptor, judge}, {NULL, NULL, NULL}};
static const maru_task     tasks[] = {{"toil", &tell__added__descriptor, AWAY_MS, 0, toil}, {NULL, NULL, 0, 0, NULL}};

static bool start(struct judge *j, const char *url)
{
    maru_events_options options = {.runtime = j->s.runtime,
                                   .server = j->s.server,
                                   .store = j->s.store,
                                   .service = "judge",
                                   .consumers = consumers,
                                   .timers = timers,
                                   .tasks = tasks,
                                   .svc = j,
                                   .settings = j,
                                   .producer = kit_producer};

    if (maru_client_new(j->s.runtime, url, NULL, &j->teller, &j->s.error) != MARU_OK)
        return false;
    options.arg = j->teller;
    return maru_events_open(&options, &j->events, &j->s.error) == MARU_OK && serving_listen(&j->s);
}

static void stop(struct judge *j)
{
    maru_events_rest(j->events);
    maru_client_free(j->s.client);
    maru_server_free(j->s.server);
    j->s.client = NULL;
    j->s.server = NULL;
    maru_events_free(j->events);
    maru_client_free(j->teller);
    serving_stop(&j->s);
}

static maru_status set_judge(maru_txn *txn, void *arg)
{
    Tell__Added nothing = TELL__ADDED__INIT;

    return maru_timer_set(txn, "judge", arg, maru_txn_wall_clock(txn) + DUE_MS * MARU_NS_PER_MS, &nothing.base);
}

static void set_timer(struct judge *j, const char *name)
{
    maru_call *call = serving_call(&j->s);

    CHECK_INT(maru_store_write(j->s.store, call, set_judge, (void *)name), MARU_OK);
    maru_call_end(call);
}

static int64_t wait_verdict(struct judge *j, const char *name)
{
    maru_call      *call = serving_call(&j->s);
    struct kit_look look = {.aggregate = name};
    int64_t         total = INT64_MIN;

    while (maru_store_read(j->s.store, call, kit_read_sum, &look) == MARU_OK && look.sum == NULL &&
           maru_sleep(call, 5) == MARU_OK)
        ;
    if (look.sum != NULL)
        total = look.sum->total;
    maru_call_end(call);
    return total;
}

/* The clock is the wall's, since the process is off meanwhile. */
static void let_time_pass(struct teller *t, int64_t ms)
{
    maru_call *call = serving_call(&t->s);

    maru_sleep(call, ms);
    maru_call_end(call);
}

/* Off from before a timer is due until it is late by so much. */
static void sleep_through(struct judge *j, struct teller *t, const char *name, int64_t late_ms)
{
    set_timer(j, name);
    stop(j);
    let_time_pass(t, DUE_MS + late_ms);
}

static bool has_verdict(struct judge *j, const char *name)
{
    maru_call      *call = serving_call(&j->s);
    struct kit_look look = {.aggregate = name};
    bool            found = maru_store_read(j->s.store, call, kit_read_sum, &look) == MARU_OK && look.sum != NULL;

    maru_call_end(call);
    return found;
}

/* The store as it is now, in a new epoch. Nobody has it open. */
static void go_back(struct judge *j)
{
    char       backup[128], away[128];
    care      *c;
    maru_error error;

    snprintf(backup, sizeof backup, "%s/backup", j->s.folder);
    snprintf(away, sizeof away, "%s/away", j->s.folder);
    if (!CHECK_INT(care_open(j->s.path, true, &c, &error), MARU_OK))
        return;
    CHECK_INT(care_backup(c, backup, &error), MARU_OK);
    care_close(c);
    CHECK_INT(rename(j->s.path, away), 0);
    CHECK_INT(care_restore(backup, j->s.path, "judge", &error), MARU_OK);
}

/* What is on stderr of what run does. */
static void read_log(void (*run)(struct judge *j), struct judge *j, char *text, size_t size)
{
    int     was = dup(STDERR_FILENO), into = memfd_create("stderr", 0);
    ssize_t got;

    dup2(into, STDERR_FILENO);
    run(j);
    dup2(was, STDERR_FILENO);
    got = pread(into, text, size - 1, 0);
    text[got > 0 ? got : 0] = '\0';
    close(was);
    close(into);
}

static const MaruEvents__Consumer *look(struct judge *j, maru_call *call)
{
    MaruEvents__ListConsumersRequest   request = MARU_EVENTS__LIST_CONSUMERS_REQUEST__INIT;
    MaruEvents__ListConsumersResponse *response;

    return CHECK_INT(maru_event_inbox_list_consumers(j->s.client, call, &request, &response), MARU_OK)
               ? response->consumers[0]
               : NULL;
}

static void check_consumer(struct judge *j, bool restored, bool waits_for)
{
    maru_call                  *call = serving_call(&j->s);
    const MaruEvents__Consumer *c = look(j, call);

    if (c != NULL) {
        CHECK_INT(c->restored, restored);
        CHECK_INT(c->waits_for, waits_for);
    }
    maru_call_end(call);
}

#define NOBODY "ipc:///tmp/maru-nobody-listens-here"

static void wait_away(struct judge *j)
{
    maru_call *call = serving_call(&j->s);

    maru_sleep(call, AWAY_MS);
    maru_call_end(call);
}

/* Until the job has found that nothing is due any more. */
static void wait_held_no_more(struct judge *j)
{
    maru_call                  *call = serving_call(&j->s);
    const MaruEvents__Consumer *c;

    while ((c = look(j, call)) != NULL && (c->restored || c->waits_for) && maru_sleep(call, 5) == MARU_OK)
        ;
    maru_call_end(call);
}

static const char WAITS[] = "timers wait for news of teller: its log is read to its end first, since this store went "
                            "back to a backup";

static void test_told(struct judge *j)
{
    char  text[16384];
    char *told;

    test_begin("the log says for whom, once, and ListConsumers does");
    read_log(wait_away, j, text, sizeof text);
    CHECK(!has_verdict(j, "verdict/back"));
    check_consumer(j, true, true);
    if (CHECK((told = strstr(text, WAITS)) != NULL))
        CHECK(strstr(told + 1, WAITS) == NULL);
    CHECK(strstr(text, "timers wait for no news any more") == NULL);
}

static void let_fire(struct judge *j)
{
    wait_verdict(j, "verdict/back");
    wait_held_no_more(j);
}

/* At its address something answers again. */
static void test_told_over(struct judge *j, struct teller *t)
{
    char text[16384];

    test_begin("and when they wait no more");
    teller_stop(t);
    stop(j);
    CHECK(serving_start(&j->s) && start(j, t->s.url));
    wait_away(j);
    CHECK(!has_verdict(j, "verdict/back"));
    CHECK(serving_start(&t->s) && teller_start(t));
    read_log(let_fire, j, text, sizeof text);
    CHECK_CONTAINS(text, "timers wait for no news any more");
    check_consumer(j, false, false);
}

static void test_restored(struct judge *j, struct teller *t)
{
    test_begin("a store that went back to a backup: its timers wait for as long as a producer is away");
    sleep_through(j, t, "verdict/back", LITTLE_MS);
    go_back(j);
    CHECK_INT(teller_add(t, "sums/news", 1), MARU_OK);
    CHECK(serving_start(&j->s) && start(j, NOBODY));
    test_told(j);
    test_begin("also after a start, until all was read once");
    test_told_over(j, t);
    CHECK_INT(wait_verdict(j, "verdict/back"), MANY + 3);
    test_begin("and then no more");
    sleep_through(j, t, "verdict/after", LITTLE_MS);
    CHECK(serving_start(&j->s) && start(j, NOBODY));
    CHECK_INT(wait_verdict(j, "verdict/after"), MANY + 3);
}

struct stop {
    atomic_bool begun;
    int64_t     ms;
};

/* Nothing else of the strand runs: so a process is that was stopped, but that others can be told when. */
static int64_t stand_still(maru_call *call, void *arg)
{
    struct stop *s = arg;
    int64_t      until;

    if (atomic_exchange(&s->begun, true))
        return MARU_JOB_IDLE;
    until = now_ns() + s->ms * MARU_NS_PER_MS;
    while (now_ns() < until)
        ;
    return MARU_JOB_IDLE;
}

static void stop_through(struct judge *j, struct teller *t, const char *name)
{
    struct stop s = {.ms = DUE_MS + LATE_BY_MS};
    maru_job   *job;

    let_time_pass(t, LITTLE_MS);
    set_timer(j, name);
    let_time_pass(t, LITTLE_MS); /* until it is planned */
    if (!CHECK_INT(maru_job_start(j->s.runtime, "stop", stand_still, &s, &job, &j->s.error), MARU_OK))
        return;
    while (!atomic_load(&s.begun))
        let_time_pass(t, 1);
    CHECK_INT(teller_write(t, (struct kit_add){.aggregate = "sums/news", .times = MANY}), MARU_OK);
    maru_job_stop(job);
}

static void test_stopped(struct judge *j, struct teller *t)
{
    test_begin("what was said while a process was stopped is heard, too, before the first of its timers");
    CHECK(serving_start(&j->s) && start(j, t->s.url));
    stop_through(j, t, "verdict/first");
    CHECK_INT(wait_verdict(j, "verdict/first"), 2 * MANY + 3);
    test_begin("and before others");
    stop_through(j, t, "verdict/second");
    CHECK_INT(wait_verdict(j, "verdict/second"), 3 * MANY + 3);
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
    struct judge *j = arg;

    if (j->events->late_since != 0)
        atomic_store(&j->held, true);
    return 5;
}

static void test_places(struct judge *j)
{
    maru_call *call = serving_call(&j->s);
    maru_job  *job;

    test_begin("tasks that waited for a place begin without reading anew");
    if (!CHECK_INT(maru_job_start(j->s.runtime, "watch", watch, j, &job, &j->s.error), MARU_OK))
        return;
    CHECK_INT(maru_store_write(j->s.store, call, set_toil, NULL), MARU_OK);
    while (atomic_load(&j->toil) < TOILS && maru_sleep(call, 5) == MARU_OK)
        ;
    CHECK_INT(atomic_load(&j->toil), TOILS);
    CHECK(!atomic_load(&j->held));
    maru_job_stop(job);
    maru_call_end(call);
}

int main(void)
{
    struct teller t;
    struct judge  j = {.events = NULL};

    if (!teller_open(&t) || !serving_open(&j.s, "judge", kit_tables, 1) || !start(&j, t.s.url))
        return 1;
    test_begin("what was said while a service was off is heard before its late timers run");
    sleep_through(&j, &t, "verdict/one", LATE_BY_MS);
    CHECK_INT(teller_add(&t, "sums/news", 1), MARU_OK);
    CHECK(serving_start(&j.s) && start(&j, t.s.url));
    CHECK_INT(wait_verdict(&j, "verdict/one"), 1);
    test_begin("also where that takes long");
    sleep_through(&j, &t, "verdict/long", LATE_BY_MS);
    CHECK_INT(teller_write(&t, (struct kit_add){.aggregate = "sums/news", .times = MANY}), MARU_OK);
    j.slow = true;
    CHECK(serving_start(&j.s) && start(&j, t.s.url));
    CHECK_INT(wait_verdict(&j, "verdict/long"), MANY + 1);
    j.slow = false;
    test_begin("and where they are late by little");
    sleep_through(&j, &t, "verdict/little", LITTLE_MS);
    CHECK_INT(teller_add(&t, "sums/news", 1), MARU_OK);
    CHECK(serving_start(&j.s) && start(&j, t.s.url));
    CHECK_INT(wait_verdict(&j, "verdict/little"), MANY + 2);
    test_begin("a producer that is away holds them up for seconds only");
    sleep_through(&j, &t, "verdict/two", LATE_BY_MS);
    CHECK(serving_start(&j.s) && start(&j, NOBODY));
    CHECK_INT(wait_verdict(&j, "verdict/two"), MANY + 2);
    stop(&j);
    CHECK(serving_start(&j.s) && start(&j, t.s.url));
    test_restored(&j, &t);
    stop(&j);
    test_stopped(&j, &t);
    test_places(&j);
    stop(&j);
    serving_close(&j.s);
    teller_close(&t);
    return test_end();
}
