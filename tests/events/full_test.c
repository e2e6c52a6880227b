/* full_test.c: the disk is full while events are tried again, on a simulated clock: each that is due has its turn all
 * the same, and what could not be written is tried again a second later, for as long as it takes.
 */
#include <errno.h>

#include "events/tables.h"
#include "kit.h"
#include "maru/sim.h"
#include "test.h"

#define MS INT64_C(1000000)

/* A seam's self is the world: so how many times the disk is full stands here. */
static struct {
    int refuses; /* so many times from now on */
    int refused;
} disk;

static int refuse(void *self, const char *step)
{
    (void)self;
    if (strcmp(step, "append") != 0 || disk.refuses == 0)
        return 0;
    disk.refuses--;
    disk.refused++;
    return ENOSPC;
}

static const char *const aggregates[] = {"sums/a", "sums/b", "sums/c"};

enum { AGGREGATES = sizeof aggregates / sizeof *aggregates };

static maru_status put_due(maru_txn *txn, void *arg)
{
    maru_status status = MARU_OK;

    (void)arg;
    for (size_t i = 0; i < AGGREGATES && status == MARU_OK; i++) {
        MaruEvents__Pending pending = MARU_EVENTS__PENDING__INIT;
        MaruEvents__Event   event = MARU_EVENTS__EVENT__INIT;
        event_key           key;

        event.id = event.aggregate = (char *)aggregates[i];
        event.producer = (char *)"teller";
        event.type = (char *)"of no effect";
        event.version = 1;
        pending.event = &event;
        pending.tries = 1;
        key_pending(&key, event.producer, event.aggregate, event.version);
        status = maru_put(txn, &events_pending, key_of(&key), &pending.base);
    }
    return status;
}

struct scene {
    maru_sim     *sim;
    maru_seam     seam;
    struct summer summer;
    char          waiting[4 * AGGREGATES];
};

/* Of which aggregates an event waits: "a c ". */
static maru_status read_waiting(maru_txn *txn, void *arg)
{
    struct scene *s = arg;
    size_t        size = 0;

    s->waiting[0] = '\0';
    for (size_t i = 0; i < AGGREGATES; i++) {
        MaruEvents__Pending *pending;
        event_key            key;

        key_pending(&key, "teller", aggregates[i], 1);
        if (maru_get(txn, &events_pending, key_of(&key), (ProtobufCMessage **)&pending) == MARU_OK)
            size +=
                (size_t)snprintf(s->waiting + size, sizeof s->waiting - size, "%s ", strchr(aggregates[i], '/') + 1);
    }
    return MARU_OK;
}

static const char *waiting_after(struct scene *s, int64_t ms)
{
    maru_call *call = maru_call_begin(s->summer.s.runtime, 0);

    maru_sim_run(s->sim, maru_sim_now(s->sim) + ms * MS);
    CHECK_INT(maru_store_read(s->summer.s.store, call, read_waiting, s), MARU_OK);
    maru_call_end(call);
    return s->waiting;
}

/* All are due when the service starts; its producer is not there. */
static bool begin(struct scene *s, int refuses)
{
    maru_call *call;
    bool       well;

    summer_stop(&s->summer);
    disk.refuses = disk.refused = 0;
    if (!CHECK(serving_start(&s->summer.s)))
        return false;
    tables_add(s->summer.s.store);
    call = maru_call_begin(s->summer.s.runtime, 0);
    well = CHECK_INT(maru_store_write(s->summer.s.store, call, put_due, NULL), MARU_OK);
    maru_call_end(call);
    disk.refuses = refuses;
    return well && CHECK(serving_restart(&s->summer.s) && summer_start(&s->summer, "ipc:///nobody"));
}

static void test_goes_on(struct scene *s)
{
    test_begin("a try that can't be written keeps no other from its own, and comes again within a second");
    if (!begin(s, 1))
        return;
    CHECK_STR(waiting_after(s, 500), "a ");
    CHECK_INT(disk.refused, 1);
    CHECK_STR(waiting_after(s, 700), "");
}

static void test_full_for_long(struct scene *s)
{
    test_begin("while nothing can be written, each is tried once a second, and goes through once it can");
    if (!begin(s, 10 * AGGREGATES))
        return;
    CHECK_STR(waiting_after(s, 500), "a b c ");
    CHECK_INT(disk.refused, AGGREGATES);
    CHECK_STR(waiting_after(s, 9000), "a b c ");
    CHECK_INT(disk.refused, 10 * AGGREGATES);
    CHECK_STR(waiting_after(s, 1000), "");
}

int main(void)
{
    const maru_sim_options options = {.seed = 5};
    struct scene           s = {.sim = maru_sim_new(&options)};

    if (s.sim == NULL)
        return 1;
    s.seam = *maru_sim_seam(s.sim);
    s.seam.disk_fault = refuse;
    if (!serving_open_in(&s.summer.s, &s.seam, "summer", kit_tables, 1))
        return 1;
    test_goes_on(&s);
    test_full_for_long(&s);
    summer_close(&s.summer);
    maru_sim_free(s.sim);
    return test_end();
}
