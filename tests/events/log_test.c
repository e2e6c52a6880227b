/* log_test.c: what a service emits, and how others read it. */
#include <pthread.h>

#include "kit.h"
#include "test.h"

static MaruEvents__ReadResponse *read_after(struct teller *t, maru_call *call, uint64_t after, uint64_t epoch,
                                            uint32_t max, uint32_t wait_ms)
{
    MaruEvents__ReadRequest   request = MARU_EVENTS__READ_REQUEST__INIT;
    MaruEvents__ReadResponse *response = NULL;

    request.after = after;
    request.epoch = epoch;
    request.max = max;
    request.wait_ms = wait_ms;
    maru_event_log_read(t->s.client, call, &request, &response);
    return response;
}

static void test_whose(struct teller *t, maru_call *call)
{
    MaruEvents__ReadResponse *response = read_after(t, call, 0, 0, 0, 0);

    test_begin("a log says whose it is, also while it is empty");
    if (!CHECK(response != NULL))
        return;
    CHECK_STR(response->producer, "teller");
    CHECK_INT(response->last, 0);
}

static void test_emit(struct teller *t, maru_call *call)
{
    MaruEvents__ReadResponse *all;
    Tell__Added              *added;

    test_begin("an empty log answers at once with no event");
    all = read_after(t, call, 0, 0, 0, 0);
    if (!CHECK(all != NULL))
        return;
    CHECK_INT(all->n_events, 0);
    CHECK_INT(all->last, 0);
    CHECK(all->epoch != 0);
    test_begin("events have dense sequences, versions of their own aggregate, and say who, what, when and why");
    CHECK_INT(teller_add(t, "sums/a", 1), MARU_OK);
    CHECK_INT(teller_add(t, "sums/b", 2), MARU_OK);
    CHECK_INT(teller_add(t, "sums/a", 3), MARU_OK);
    all = read_after(t, call, 0, 0, 0, 0);
    if (!CHECK(all != NULL) || !CHECK_INT(all->n_events, 3))
        return;
    CHECK_INT(all->last, 3);
    for (size_t i = 0; i < 3; i++) {
        CHECK_INT(all->events[i]->sequence, i + 1);
        CHECK_STR(all->events[i]->producer, "teller");
        CHECK_STR(all->events[i]->type, "events.test.Added");
        CHECK_STR(all->events[i]->correlation_id, all->events[i]->aggregate);
        CHECK(all->events[i]->time != NULL && all->events[i]->time->seconds > 1700000000);
        CHECK_INT(all->events[i]->epoch, all->epoch);
    }
    CHECK_STR(all->events[2]->aggregate, "sums/a");
    CHECK_INT(all->events[2]->version, 2);
    CHECK_INT(all->events[1]->version, 1);
    added = tell__added__unpack(NULL, all->events[2]->payload.len, all->events[2]->payload.data);
    if (CHECK(added != NULL))
        CHECK_INT(added->number, 3);
    tell__added__free_unpacked(added, NULL);
    test_begin("an id names producer, epoch and sequence");
    {
        char id[MARU_EVENT_ID_MAX];

        snprintf(id, sizeof id, "teller-%016llx-2", (unsigned long long)all->epoch);
        CHECK_STR(all->events[1]->id, id);
    }
    test_begin("a write that fails leaves no event, and no hole in the sequences");
    CHECK_INT(teller_write(t, (struct kit_add){.aggregate = "sums/a", .number = 9, .times = 2, .fail = true}),
              MARU_ABORTED);
    CHECK_INT(teller_write(t, (struct kit_add){.aggregate = "sums/a", .number = 4, .times = 2}), MARU_OK);
    all = read_after(t, call, 3, all->epoch, 0, 0);
    if (CHECK(all != NULL) && CHECK_INT(all->n_events, 2)) {
        CHECK_INT(all->events[0]->sequence, 4);
        CHECK_INT(all->events[0]->version, 3);
        CHECK_INT(all->events[1]->version, 4);
    }
}

struct emitted_look {
    bool        none_before;
    char        ids[2][MARU_EVENT_ID_MAX];
    uint64_t    version;
    int64_t     time_ns;
    const char *type;
};

static maru_status emit_and_look(maru_txn *txn, void *arg)
{
    struct emitted_look *look = arg;
    struct kit_add       add = {.aggregate = "sums/emitted", .number = 1, .times = 1};
    const maru_event    *event;

    look->none_before = maru_emitted(txn) == NULL;
    for (int i = 0; i < 2; i++) {
        if (kit_emit(txn, &add) != MARU_OK || (event = maru_emitted(txn)) == NULL)
            return maru_txn_fail(txn, MARU_INTERNAL, "nothing was emitted");
        snprintf(look->ids[i], sizeof look->ids[i], "%s", event->id);
        look->version = event->version;
        look->time_ns = event->time_ns;
        look->type = event->type;
    }
    return MARU_OK;
}

static void test_emitted(struct teller *t, maru_call *call)
{
    MaruEvents__ReadAggregateRequest   request = MARU_EVENTS__READ_AGGREGATE_REQUEST__INIT;
    MaruEvents__ReadAggregateResponse *about;
    struct emitted_look                look = {.none_before = false};

    test_begin("who emits can see the event as its readers will, the last one of its own transaction");
    CHECK_INT(maru_store_write(t->s.store, call, emit_and_look, &look), MARU_OK);
    request.aggregate = (char *)"sums/emitted";
    if (!CHECK_INT(maru_event_log_read_aggregate(t->s.client, call, &request, &about), MARU_OK) ||
        !CHECK_INT(about->n_events, 2))
        return;
    CHECK(look.none_before);
    CHECK_STR(look.ids[0], about->events[0]->id);
    CHECK_STR(look.ids[1], about->events[1]->id);
    CHECK_INT(look.version, 2);
    CHECK_INT(look.time_ns, about->events[1]->time->seconds * 1000000000 + about->events[1]->time->nanos);
    CHECK_STR(look.type, about->events[1]->type);
}

static void test_read(struct teller *t, maru_call *call)
{
    MaruEvents__ReadResponse *some = read_after(t, call, 0, 0, 2, 0);
    uint64_t                  epoch = some != NULL ? some->epoch : 0;

    test_begin("a read goes on after a sequence, and gives at most what was asked for");
    if (CHECK(some != NULL))
        CHECK_INT(some->n_events, 2);
    some = read_after(t, call, 4, epoch, 2, 0);
    if (CHECK(some != NULL) && CHECK_INT(some->n_events, 1))
        CHECK_INT(some->events[0]->sequence, 5);
    test_begin("a sequence of another epoch counts for nothing: all is read");
    some = read_after(t, call, 4, epoch + 1, 0, 0);
    if (CHECK(some != NULL))
        CHECK_INT(some->n_events, 5);
    test_begin("limits are named");
    CHECK(read_after(t, call, 0, 0, 1001, 0) == NULL);
    CHECK_CONTAINS(maru_call_message(call), "max: want 0..1000, got 1001");
    CHECK(read_after(t, call, 0, 0, 0, 60001) == NULL);
    CHECK_CONTAINS(maru_call_message(call), "wait_ms: want 0..60000");
}

static void test_aggregate(struct teller *t, maru_call *call)
{
    MaruEvents__ReadAggregateRequest   request = MARU_EVENTS__READ_AGGREGATE_REQUEST__INIT;
    MaruEvents__ReadAggregateResponse *response;

    test_begin("the events of one aggregate are read by their versions");
    request.aggregate = (char *)"sums/a";
    request.after = 1;
    if (CHECK_INT(maru_event_log_read_aggregate(t->s.client, call, &request, &response), MARU_OK)) {
        CHECK_INT(response->last, 4);
        if (CHECK_INT(response->n_events, 3))
            CHECK_INT(response->events[0]->version, 2);
    }
    test_begin("one whose name begins like another's has only its own");
    request.aggregate = (char *)"sums/";
    request.after = 0;
    if (CHECK_INT(maru_event_log_read_aggregate(t->s.client, call, &request, &response), MARU_OK)) {
        CHECK_INT(response->last, 0);
        CHECK_INT(response->n_events, 0);
    }
    request.aggregate = (char *)"";
    CHECK_INT(maru_event_log_read_aggregate(t->s.client, call, &request, &response), MARU_INVALID_ARGUMENT);
}

struct late_add {
    struct teller *t;
    maru_call     *call;
};

static void *add_when_waited_for(void *arg)
{
    struct late_add *late = arg;

    maru_sleep(late->call, 50); /* most likely it waits by then; where not, it finds the event at once */
    teller_add(late->t, "sums/w", 7);
    return NULL;
}

static void test_wait(struct teller *t, maru_call *call)
{
    struct late_add           late = {.t = t, .call = serving_call(&t->s)};
    MaruEvents__ReadResponse *now = read_after(t, call, 0, 0, 0, 0), *next;
    int64_t                   began;
    pthread_t                 thread;

    test_begin("a read that waits is answered when an event is committed"); /* and by that: wake_test.c */
    pthread_create(&thread, NULL, add_when_waited_for, &late);
    next = read_after(t, call, now->last, now->epoch, 0, 15000);
    pthread_join(thread, NULL);
    maru_call_end(late.call);
    if (CHECK(next != NULL) && CHECK_INT(next->n_events, 1))
        CHECK_STR(next->events[0]->aggregate, "sums/w");
    test_begin("without an epoch after counts in the log as it is: also beyond its end, where it waits");
    next = read_after(t, call, now->last, 0, 0, 0);
    if (CHECK(next != NULL) && CHECK_INT(next->n_events, 1)) {
        CHECK_INT(next->after, now->last);
        CHECK_INT(next->epoch, now->epoch);
    }
    began = maru_call_now(call);
    next = read_after(t, call, 9999, 0, 0, 30);
    CHECK((maru_call_now(call) - began) / MARU_NS_PER_MS >= 29);
    if (CHECK(next != NULL)) {
        CHECK_INT(next->n_events, 0);
        CHECK_INT(next->after, 9999);
    }
    next = read_after(t, call, now->last + 1, now->epoch, 0, 0);
    test_begin("one that nothing comes for is answered with nothing when its time is over");
    began = maru_call_now(call);
    next = read_after(t, call, next->last, now->epoch, 0, 30);
    if (CHECK(next != NULL))
        CHECK_INT(next->n_events, 0);
    CHECK((maru_call_now(call) - began) / MARU_NS_PER_MS >= 29);
    test_begin("and before the caller's own deadline passes");
    next = read_after(t, maru_within(call, 1000), next->last, now->epoch, 0, 15000);
    CHECK(next != NULL);
}

/* A reply that is long ends; the next read goes on. */
static void test_long(struct teller *t, maru_call *call)
{
    MaruEvents__ReadResponse *page = read_after(t, call, 0, 0, 0, 0);
    uint64_t                  after = page->last, epoch = page->epoch;
    int64_t                   got = 0;

    test_begin("thousands of events come page by page, none twice, none missing");
    CHECK_INT(teller_write(t, (struct kit_add){.aggregate = "sums/long", .number = 1, .times = 2500}), MARU_OK);
    while ((page = read_after(t, call, after, epoch, 1000, 0)) != NULL && page->n_events > 0)
        for (size_t i = 0; i < page->n_events; i++, got++)
            if (!CHECK_INT(page->events[i]->sequence, ++after))
                return;
    CHECK_INT(got, 2500);
}

static void test_names(struct teller *t)
{
    test_begin("an aggregate that is no name is refused, in the transaction's words");
    CHECK_INT(teller_write(t, (struct kit_add){.aggregate = "", .times = 1, .fail = true}), MARU_INTERNAL);
    CHECK_INT(teller_write(t, (struct kit_add){.aggregate = "two words", .times = 1, .fail = true}), MARU_INTERNAL);
}

/* A payload of so many bytes. */
static maru_status emit_large(maru_txn *txn, void *arg)
{
    size_t      size = *(size_t *)arg - (*(size_t *)arg < 1 << 21 ? 4 : 5); /* its tag and length */
    Tell__Noted noted = TELL__NOTED__INIT;

    noted.text = maru_txn_alloc(txn, size + 1);
    memset(noted.text, 'n', size);
    noted.text[size] = '\0';
    return maru_emit(txn, "sums/large", &noted.base);
}

static void test_large(struct teller *t, maru_call *call)
{
    MaruEvents__ReadResponse *all = read_after(t, call, 0, 0, 1, 0);
    uint64_t                  epoch = all != NULL ? all->epoch : 0, last = all != NULL ? all->last : 0;
    size_t                    size = MARU_EVENT_BYTES_MAX + 1;

    test_begin("an event that no reader could get past is refused, and leaves nothing");
    CHECK_INT(maru_store_write(t->s.store, call, emit_large, &size), MARU_RESOURCE_EXHAUSTED);
    CHECK_STR(maru_call_message(call),
              "maru_emit: events.test.Noted of sums/large: want at most 3080192 bytes, got 3080193");
    test_begin("the largest can be read behind others, and is read past");
    size = (1 << 20) - 1024;
    CHECK_INT(maru_store_write(t->s.store, call, emit_large, &size), MARU_OK);
    size = MARU_EVENT_BYTES_MAX;
    CHECK_INT(maru_store_write(t->s.store, call, emit_large, &size), MARU_OK);
    CHECK_INT(teller_add(t, "sums/a", 1), MARU_OK);
    all = read_after(t, call, last, epoch, 0, 0);
    if (!CHECK(all != NULL) || !CHECK_INT(all->n_events, 2))
        return;
    CHECK_INT(all->events[1]->payload.len, MARU_EVENT_BYTES_MAX);
    all = read_after(t, call, last + 2, epoch, 0, 0);
    if (CHECK(all != NULL) && CHECK_INT(all->n_events, 1))
        CHECK_STR(all->events[0]->aggregate, "sums/a");
}

int main(void)
{
    struct teller t;
    maru_call    *call;

    if (!teller_open(&t))
        return 1;
    call = serving_call(&t.s);
    test_whose(&t, call);
    test_emit(&t, call);
    test_read(&t, call);
    test_aggregate(&t, call);
    test_wait(&t, call);
    test_long(&t, call);
    test_names(&t);
    test_emitted(&t, call);
    test_large(&t, call);
    maru_call_end(call);
    teller_close(&t);
    return test_end();
}
