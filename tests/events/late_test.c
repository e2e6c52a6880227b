/* late_test.c: a service that was off finds its timers due, and news unread: the news come first. A producer that does
 * not answer is not waited for long.
 */
#include <time.h>

#include "kit.h"
#include "test.h"

enum {
    LATE_BY_MS = 2200, /* beyond what is taken for ordinary lateness (rpc/events/later.c) */
    WORK_MS = 8,
    MANY = 600, /* 500 of them, which are one batch, take 4 s: longer than a producer is waited for */
};

struct judge {
    struct serving s;
    maru_client   *teller;
    maru_events   *events;
    atomic_bool    slow; /* an event takes its time */
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

static bool start(struct judge *j, const char *url)
{
    maru_events_options options = {.runtime = j->s.runtime,
                                   .server = j->s.server,
                                   .store = j->s.store,
                                   .service = "judge",
                                   .consumers = consumers,
                                   .timers = timers,
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

    return maru_timer_set(txn, "judge", arg, maru_txn_wall_clock(txn) + 300 * MARU_NS_PER_MS, &nothing.base);
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
static void let_time_pass(struct teller *t)
{
    maru_call *call = serving_call(&t->s);

    maru_sleep(call, LATE_BY_MS + 300);
    maru_call_end(call);
}

int main(void)
{
    struct teller t;
    struct judge  j = {.events = NULL};

    if (!teller_open(&t) || !serving_open(&j.s, "judge", kit_tables, 1) || !start(&j, t.s.url))
        return 1;
    test_begin("what was said while a service was off is heard before its late timers run");
    set_timer(&j, "verdict/one");
    stop(&j);
    CHECK_INT(teller_add(&t, "sums/news", 1), MARU_OK);
    let_time_pass(&t);
    CHECK(serving_start(&j.s) && start(&j, t.s.url));
    CHECK_INT(wait_verdict(&j, "verdict/one"), 1);
    test_begin("also where that takes long");
    set_timer(&j, "verdict/long");
    stop(&j);
    CHECK_INT(teller_write(&t, (struct kit_add){.aggregate = "sums/news", .times = MANY}), MARU_OK);
    let_time_pass(&t);
    j.slow = true;
    CHECK(serving_start(&j.s) && start(&j, t.s.url));
    CHECK_INT(wait_verdict(&j, "verdict/long"), MANY + 1);
    j.slow = false;
    test_begin("a producer that is away holds them up for seconds only");
    set_timer(&j, "verdict/two");
    stop(&j);
    let_time_pass(&t);
    CHECK(serving_start(&j.s) && start(&j, "ipc:///tmp/maru-nobody-listens-here"));
    CHECK_INT(wait_verdict(&j, "verdict/two"), MANY + 1);
    stop(&j);
    serving_close(&j.s);
    teller_close(&t);
    return test_end();
}
