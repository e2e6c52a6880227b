/* wake_test.c: in virtual time, that a commit itself wakes those who wait for its events, and no timer does: from the
 * commit to the answer nothing passes but the way of the bytes, which is known here to the nanosecond. */
#include "kit.h"
#include "maru/sim.h"
#include "test.h"

enum { WAY_NS = 70000, WAIT_MS = 15000, MS = MARU_NS_PER_MS };

struct scene {
    maru_sim     *sim;
    struct teller teller;
    struct summer summer;
    int64_t       committed_ns, answered_ns; /* virtual; 0: not yet */
    uint64_t      epoch, sequence;           /* of the event that answered */
};

static void on_answer(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    const MaruEvents__ReadResponse *page = (const MaruEvents__ReadResponse *)response;
    struct scene                   *s = arg;

    if (!CHECK_INT(status, MARU_OK))
        fprintf(stderr, "  %s\n", message);
    s->answered_ns = maru_sim_now(s->sim);
    if (status != MARU_OK)
        return;
    s->epoch = page->epoch;
    s->sequence = page->n_events == 1 ? page->events[0]->sequence : 0;
}

static maru_status emit(maru_txn *txn, void *arg)
{
    struct scene  *s = arg;
    struct kit_add add = {.aggregate = "sums/a", .number = 1, .times = 1};

    s->committed_ns = maru_sim_now(s->sim); /* flushing takes no virtual time (maru/sim.h) */
    return kit_emit(txn, &add);
}

static void commit(struct scene *s)
{
    maru_call *call = serving_call(&s->teller.s);

    CHECK_INT(maru_store_write(s->teller.s.store, call, emit, s), MARU_OK);
    maru_call_end(call);
}

/* Somebody waits; late by an odd time, which no timer would hit, something is committed. */
static void test_reader(struct scene *s, uint64_t after, int64_t late_ns)
{
    MaruEvents__ReadRequest request = MARU_EVENTS__READ_REQUEST__INIT;
    maru_call              *call = serving_call(&s->teller.s);

    request.after = after;
    request.epoch = s->epoch;
    request.wait_ms = WAIT_MS;
    s->answered_ns = 0;
    maru_event_log_read_async(s->teller.s.client, call, &request, on_answer, s);
    maru_sim_run(s->sim, maru_sim_now(s->sim) + late_ns);
    CHECK_INT(s->answered_ns, 0);
    commit(s);
    while (s->answered_ns == 0 && maru_sim_step(s->sim))
        ;
    CHECK_INT(s->sequence, after + 1);
    CHECK_INT(s->answered_ns - s->committed_ns, WAY_NS);
    maru_call_end(call);
}

/* A consumer, which waits by such a read, has applied what it said by then. */
static void test_consumer(struct scene *s, int64_t late_ns)
{
    int before;

    maru_sim_run(s->sim, maru_sim_now(s->sim) + late_ns);
    before = atomic_load(&s->summer.runs);
    commit(s);
    while (atomic_load(&s->summer.runs) == before && maru_sim_step(s->sim))
        ;
    CHECK_INT(atomic_load(&s->summer.runs), before + 1);
    CHECK_INT(maru_sim_now(s->sim) - s->committed_ns, WAY_NS);
}

static bool open_scene(struct scene *s)
{
    const maru_sim_options options = {.seed = 3, .latency_ns = WAY_NS};
    const maru_seam       *seam;

    *s = (struct scene){.sim = maru_sim_new(&options)};
    if (s->sim == NULL)
        return false;
    seam = maru_sim_seam(s->sim);
    return serving_open_in(&s->teller.s, seam, "teller", kit_tables, 1) && teller_start(&s->teller) &&
           serving_open_in(&s->summer.s, seam, "summer", kit_tables, 1) && summer_start(&s->summer, s->teller.s.url);
}

int main(void)
{
    struct scene s;

    if (!open_scene(&s))
        return 1;
    test_begin("a read that waits is answered by the commit: no time passes but that of the way");
    test_reader(&s, 0, 1234567891);
    test_begin("at once, after a moment, or when its time is nearly over");
    test_reader(&s, 1, 2 * WAY_NS + 1);
    test_reader(&s, 2, 7 * MS + 3);
    test_reader(&s, 3, (int64_t)(WAIT_MS - 1000) * MS + 77);
    test_begin("and so is a consumer, however long nothing was said");
    test_consumer(&s, 11 * MS + 5);
    test_consumer(&s, INT64_C(3600) * 1000 * MS + 7);
    summer_close(&s.summer);
    teller_close(&s.teller);
    maru_sim_free(s.sim);
    return test_end();
}
