/* stored_test.c: what a store and the events of a service say of themselves: over real calls, as an operator asks. */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

#include "events/kit.h"
#include "maru/metrics.maru.h"
#include "test.h"
#include "watch/openmetrics.h"

enum { EVENTS = 5, WAIT_MS = 2, WAITS = 10000 };

#define SUMS "sums/a"

/* A sample of now; -1: there is none. */
static double value(struct serving *s, const char *sample)
{
    MaruMetrics__ReadRequest   request = MARU_METRICS__READ_REQUEST__INIT;
    MaruMetrics__ReadResponse *response;
    maru_call                 *call = serving_call(s);
    double                     got = -1;

    if (CHECK_INT(maru_metrics_read(s->client, call, &request, &response), MARU_OK))
        got = openmetrics_value(response->text, sample);
    else
        fprintf(stderr, "%s\n", maru_call_message(call));
    maru_call_end(call);
    return got;
}

/* Asks until it is at least that, for 20 s. */
static bool reaches(struct serving *s, const char *sample, double least)
{
    maru_call *call = serving_call(s);
    double     got = -1;

    for (int i = 0; i < WAITS && (got = value(s, sample)) < least && maru_sleep(call, WAIT_MS) == MARU_OK; i++)
        ;
    maru_call_end(call);
    if (got < least)
        fprintf(stderr, "%s: got %g, want at least %g\n", sample, got, least);
    return got >= least;
}

static void check_from(struct serving *s, const char *sample, double least)
{
    double got = value(s, sample);

    if (!CHECK(got >= least))
        fprintf(stderr, "%s: got %g, want at least %g\n", sample, got, least);
}

/* More than nothing: a time that was measured. */
static void check_some(struct serving *s, const char *sample)
{
    double got = value(s, sample);

    if (!CHECK(got > 0))
        fprintf(stderr, "%s: got %g, want more than 0\n", sample, got);
}

static void check_value(struct serving *s, const char *sample, double want)
{
    double got = value(s, sample);

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

/* ---- writes that wait ---- */

struct gate {
    struct teller *teller;
    sem_t          entered, open;
    pthread_t      first, second;
};

static maru_status wait_inside(maru_txn *txn, void *arg)
{
    struct gate *gate = arg;

    (void)txn;
    sem_post(&gate->entered);
    while (sem_wait(&gate->open) != 0)
        ;
    return MARU_OK;
}

static void *write_first(void *arg)
{
    struct gate *gate = arg;
    maru_call   *call = serving_call(&gate->teller->s);

    CHECK_INT(maru_store_write(gate->teller->s.store, call, wait_inside, gate), MARU_OK);
    maru_call_end(call);
    return NULL;
}

static void *write_second(void *arg)
{
    struct gate *gate = arg;

    CHECK_INT(teller_add(gate->teller, SUMS, 1), MARU_OK);
    return NULL;
}

static void test_queue(void)
{
    struct teller t;
    struct gate   gate = {.teller = &t};

    test_begin("a write that waits for another shows, and no more when it is done");
    if (!CHECK(teller_open(&t)))
        return;
    sem_init(&gate.entered, 0, 0);
    sem_init(&gate.open, 0, 0);
    pthread_create(&gate.first, NULL, write_first, &gate);
    while (sem_wait(&gate.entered) != 0)
        ;
    pthread_create(&gate.second, NULL, write_second, &gate);
    CHECK(reaches(&t.s, "maru_store_queue_length", 1));
    check_value(&t.s, "maru_store_queue_length", 1);
    sem_post(&gate.open);
    pthread_join(gate.first, NULL);
    pthread_join(gate.second, NULL);
    check_value(&t.s, "maru_store_queue_length", 0);
    check_from(&t.s, "maru_store_writes_total{result=\"done\"}", 2);
    sem_destroy(&gate.entered);
    sem_destroy(&gate.open);
    teller_close(&t);
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
    maru_call *call = serving_call(s);

    if (!CHECK_INT(maru_store_write(s->store, call, fill, &(struct fill){.put = put}), MARU_OK))
        fprintf(stderr, "%s\n", maru_call_message(call));
    maru_call_end(call);
}

static void test_used(void)
{
    struct teller t;
    double        empty, full;

    test_begin("what is used of a store grows with its records, and shrinks with them, though its file does not");
    if (!CHECK(teller_open(&t)))
        return;
    empty = value(&t.s, "maru_store_used_bytes");
    CHECK(empty > 0);
    do_fill(&t.s, true);
    full = value(&t.s, "maru_store_used_bytes");
    CHECK(full >= empty + RECORDS * RECORD_BYTES);
    do_fill(&t.s, false);
    CHECK(value(&t.s, "maru_store_used_bytes") < full - RECORDS * RECORD_BYTES / 2.0);
    check_from(&t.s, "maru_store_map_bytes", full);
    teller_close(&t);
}

int main(void)
{
    test_lag();
    test_used();
    test_queue();
    return test_end();
}
