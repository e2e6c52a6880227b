/* stored_test.c: what a store and the events of a service say of themselves: over real calls, as an operator asks. */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

#include "events/kit.h"
#include "test.h"
#include "watch/asked.h"

enum { EVENTS = 5, WAIT_MS = 2, WAITS = 10000 };

#define SUMS "sums/a"

/* Asks until it is at least that, for 20 s. */
static bool reaches(struct serving *s, const char *sample, double least)
{
    maru_call *call = serving_call(s);
    double     got = -1;

    for (int i = 0; i < WAITS && (got = asked_value(s, sample)) < least && maru_sleep(call, WAIT_MS) == MARU_OK; i++)
        ;
    maru_call_end(call);
    if (got < least)
        fprintf(stderr, "%s: got %g, want at least %g\n", sample, got, least);
    return got >= least;
}

static void check_from(struct serving *s, const char *sample, double least)
{
    double got = asked_value(s, sample);

    if (!CHECK(got >= least))
        fprintf(stderr, "%s: got %g, want at least %g\n", sample, got, least);
}

/* More than nothing: a time that was measured. */
static void check_some(struct serving *s, const char *sample)
{
    double got = asked_value(s, sample);

    if (!CHECK(got > 0))
        fprintf(stderr, "%s: got %g, want more than 0\n", sample, got);
}

static void check_value(struct serving *s, const char *sample, double want)
{
    double got = asked_value(s, sample);

    if (!CHECK(got == want))
        fprintf(stderr, "%s: got %g, want %g\n", sample, got, want);
}

/* ---- how far a consumer is ---- */

static void test_lag(void)
{
    struct teller t;
    struct summer s;
    maru_call    *call;

    test_begin("a consumer that does not get on lags behind, by as many as there are");
    if (!CHECK(teller_open(&t)) || !CHECK(summer_open(&s, t.s.url)))
        return;
    atomic_store(&s.outage, 1000000);
    CHECK_INT(teller_write(&t, (struct kit_add){.aggregate = SUMS, .number = 1, .times = EVENTS}), MARU_OK);
    CHECK(reaches(&s.s, "maru_events_lag{producer=\"teller\"}", 1));
    CHECK(reaches(&s.s, "maru_events_trouble{producer=\"teller\"}", 1));
    check_value(&s.s, "maru_events_lag{producer=\"teller\"}", EVENTS);
    check_value(&s.s, "maru_events_taken{producer=\"teller\"}", 0);
    check_value(&t.s, "maru_events_log_last", EVENTS);
    test_begin("and no more when it got on");
    atomic_store(&s.outage, 0);
    call = serving_call(&s.s);
    CHECK(summer_wait(&s, call, SUMS, EVENTS) != NULL);
    maru_call_end(call);
    CHECK(reaches(&s.s, "maru_events_taken{producer=\"teller\"}", EVENTS));
    check_value(&s.s, "maru_events_lag{producer=\"teller\"}", 0);
    test_begin("commits, flushes and calls took some time");
    check_some(&t.s, "maru_store_commit_seconds_sum");
    check_some(&t.s, "maru_store_flush_seconds_sum");
    check_some(&t.s, "maru_call_seconds_sum{method=\"/maru.metrics.v1.Metrics/Read\"}");
    check_from(&t.s, "maru_store_commit_writes_sum", 1);
    summer_close(&s);
    teller_close(&t);
}

/* ---- writes that wait, that are refused, that are rolled back ---- */

struct gate {
    struct serving *s;
    sem_t           entered, open;
    pthread_t       first, second;
};

static maru_status put_sum(maru_txn *txn, void *arg)
{
    Tell__Sum sum = TELL__SUM__INIT;

    (void)arg;
    return maru_put(txn, &kit_sums, maru_key_text(SUMS), &sum.base);
}

static maru_status wait_inside(maru_txn *txn, void *arg)
{
    struct gate *gate = arg;

    sem_post(&gate->entered);
    while (sem_wait(&gate->open) != 0)
        ;
    return put_sum(txn, NULL);
}

static maru_status do_write(struct serving *s, maru_txn_fn fn, void *arg)
{
    maru_call  *call = serving_call(s);
    maru_status status = maru_store_write(s->store, call, fn, arg);

    maru_call_end(call);
    return status;
}

static void *write_first(void *arg)
{
    struct gate *gate = arg;

    CHECK_INT(do_write(gate->s, wait_inside, gate), MARU_OK);
    return NULL;
}

static void *write_second(void *arg)
{
    struct gate *gate = arg;

    CHECK_INT(do_write(gate->s, put_sum, NULL), MARU_OK);
    return NULL;
}

/* One write is under way, and one waits. */
static void gate_close(struct gate *gate)
{
    sem_init(&gate->entered, 0, 0);
    sem_init(&gate->open, 0, 0);
    pthread_create(&gate->first, NULL, write_first, gate);
    while (sem_wait(&gate->entered) != 0)
        ;
    pthread_create(&gate->second, NULL, write_second, gate);
    CHECK(reaches(gate->s, "maru_store_queue_length", 1));
    check_value(gate->s, "maru_store_queue_length", 1);
}

static void gate_open(struct gate *gate)
{
    sem_post(&gate->open);
    pthread_join(gate->first, NULL);
    pthread_join(gate->second, NULL);
    sem_destroy(&gate->entered);
    sem_destroy(&gate->open);
}

/* A service whose store lets one write wait. */
static bool open_narrow(struct serving *s)
{
    maru_store_options options = {.service = "teller", .version = 1, .tables = kit_tables, .max_queue = 1};

    if (!serving_open(s, "teller", kit_tables, 1))
        return false;
    options.path = s->path;
    maru_store_close(s->store);
    if (maru_store_open(s->runtime, &options, &s->store, &s->error) != MARU_OK)
        return serving_fail(s, "store");
    maru_server_keep_replies(s->server, s->store);
    return serving_listen(s);
}

static maru_status put_in_vain(maru_txn *txn, void *arg)
{
    maru_status status = put_sum(txn, arg);

    return status == MARU_OK ? maru_txn_fail(txn, MARU_ABORTED, "as the test wants it") : status;
}

static void test_writes(void)
{
    struct serving s;
    struct gate    gate = {.s = &s};

    test_begin("a write that waits for another shows, and no more when it is done");
    if (!CHECK(open_narrow(&s)))
        return;
    gate_close(&gate);
    test_begin("one that is refused counts as that");
    check_value(&s, "maru_store_writes_total{result=\"refused\"}", 0);
    CHECK_INT(do_write(&s, put_sum, NULL), MARU_RESOURCE_EXHAUSTED);
    check_value(&s, "maru_store_writes_total{result=\"refused\"}", 1);
    gate_open(&gate);
    check_value(&s, "maru_store_queue_length", 0);
    check_value(&s, "maru_store_writes_total{result=\"done\"}", 2);
    test_begin("and those that are rolled back as those");
    check_value(&s, "maru_store_writes_total{result=\"rolled_back\"}", 0);
    for (int i = 0; i < 3; i++)
        CHECK_INT(do_write(&s, put_in_vain, NULL), MARU_ABORTED);
    check_value(&s, "maru_store_writes_total{result=\"rolled_back\"}", 3);
    check_value(&s, "maru_store_writes_total{result=\"refused\"}", 1);
    check_value(&s, "maru_store_writes_total{result=\"done\"}", 2);
    serving_close(&s);
}

/* ---- what is used of a store's file ---- */

enum { RECORDS = 100, RECORD_BYTES = 40000 };

struct fill {
    bool put; /* else delete */
};

static maru_status fill(maru_txn *txn, void *arg)
{
    const struct fill *f = arg;
    Tell__Sum          sum = TELL__SUM__INIT;
    char               name[24];
    maru_status        status = MARU_OK;

    sum.seen = maru_txn_alloc(txn, RECORD_BYTES + 1);
    memset(sum.seen, 'x', RECORD_BYTES);
    sum.seen[RECORD_BYTES] = '\0';
    for (int i = 0; i < RECORDS && status == MARU_OK; i++) {
        snprintf(name, sizeof name, "sums/%d", i);
        status = f->put ? maru_put(txn, &kit_sums, maru_key_text(name), &sum.base)
                        : maru_delete(txn, &kit_sums, maru_key_text(name));
    }
    return status;
}

static void do_fill(struct serving *s, bool put)
{
    CHECK_INT(do_write(s, fill, &(struct fill){.put = put}), MARU_OK);
}

static void test_used(void)
{
    struct teller t;
    double        empty, full;

    test_begin("what is used of a store grows with its records, and shrinks with them, though its file does not");
    if (!CHECK(teller_open(&t)))
        return;
    empty = asked_value(&t.s, "maru_store_used_bytes");
    CHECK(empty > 0);
    do_fill(&t.s, true);
    full = asked_value(&t.s, "maru_store_used_bytes");
    CHECK(full >= empty + RECORDS * RECORD_BYTES);
    do_fill(&t.s, false);
    CHECK(asked_value(&t.s, "maru_store_used_bytes") < full - RECORDS * RECORD_BYTES / 2.0);
    check_from(&t.s, "maru_store_map_bytes", full);
    teller_close(&t);
}

int main(void)
{
    test_lag();
    test_used();
    test_writes();
    return test_end();
}
