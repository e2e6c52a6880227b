/* fibers_test.c: the store as handlers use it: from fibers, which it suspends. */
#include "fibers.h"
#include "maru/sim.h"

enum { FIBERS = 200, ROUNDS = 10 };

typedef struct ctx {
    maru_store *store;
    int         inside; /* handlers between two suspensions: more than one would be wrong */
    int         wrong, writes;
    int64_t     longest;
} ctx;

static maru_status increment(maru_txn *txn, void *arg)
{
    kit_item    item = {.key = "shared"};
    maru_status status = kit_get_in(txn, &item);

    (void)arg;
    if (status != MARU_OK && status != MARU_NOT_FOUND)
        return status;
    item.count++;
    return kit_put_in(txn, &item);
}

static maru_status exhaust(maru_txn *txn, void *arg)
{
    increment(txn, arg);
    while (maru_txn_alloc(txn, 1 << 20))
        ;
    return MARU_OK;
}

static void handle(fiber_job *job, void *arg)
{
    ctx *c = arg;
    char key[32];

    snprintf(key, sizeof key, "mine %d", job->number);
    for (int i = 0; i < ROUNDS; i++) {
        maru_status status = maru_store_write(c->store, &job->call, job->number % 10 == 9 ? exhaust : increment, NULL);

        c->wrong += ++c->inside != 1;
        c->wrong += status != (job->number % 10 == 9 ? MARU_RESOURCE_EXHAUSTED : MARU_OK);
        c->writes += status == MARU_OK;
        c->wrong += kit_get(c->store, &job->call, "shared") < c->writes; /* what was answered OK is seen */
        c->inside--;
        c->wrong += kit_put(c->store, &job->call, key, i) != MARU_OK;
        c->wrong += kit_get(c->store, &job->call, key) != i;
        c->wrong += job->number % 50 == 0 && maru_sleep(maru_within(&job->call, 1000), 1) != MARU_OK;
    }
}

static void takes_too_much(fiber_job *job, void *arg)
{
    ctx *c = arg;

    CHECK_INT(maru_store_write(c->store, &job->call, exhaust, NULL), MARU_RESOURCE_EXHAUSTED);
    CHECK_CONTAINS(maru_call_message(&job->call), "the call's memory is used up");
    CHECK_INT(maru_store_read(c->store, &job->call, exhaust, NULL), MARU_RESOURCE_EXHAUSTED);
    CHECK_INT(kit_put(c->store, &job->call, "after", 1), MARU_OK);
}

static void views(fiber_job *job, void *arg)
{
    ctx       *c = arg;
    maru_call *late = maru_within(&job->call, 0);

    CHECK_INT(kit_put(c->store, late, "late", 1), MARU_DEADLINE_EXCEEDED);
    CHECK_INT(kit_put(c->store, maru_within(&job->call, 60000), "in time", 1), MARU_OK);
}

static void by_root(fiber_job *job, void *arg)
{
    ctx       *c = arg;
    maru_call *root = maru_call_begin(job->all->rt, 0);

    CHECK_INT(kit_put(c->store, root, "root", 1), MARU_INTERNAL);
    CHECK_CONTAINS(maru_call_message(root), "a write: it would block the strand: inside a handler, wait with the");
    CHECK_INT(kit_get(c->store, root, "root"), -MARU_NOT_FOUND); /* reads do not wait */
    maru_call_end(root);
}

/* In a simulation: what happened, in the order in which it did. */
typedef struct story {
    maru_store *store;
    char        text[4096];
} story;

static maru_status tell_in(maru_txn *txn, void *arg)
{
    kit_item item = {.key = "told", .count = *(int *)arg};

    return kit_put_in(txn, &item);
}

static void tell(fiber_job *job, void *arg)
{
    story *s = arg;
    char   line[64];

    for (int i = 0; i < 3; i++) {
        uint64_t pause;

        rt_random(job->call.rt, &pause, sizeof pause);
        CHECK_INT(maru_sleep(&job->call, (int64_t)(pause % 10)), MARU_OK);
        CHECK_INT(maru_store_write(s->store, &job->call, tell_in, &job->number), MARU_OK);
        snprintf(line, sizeof line, "%d:%d:%d@%lld ", job->number, i, (int)kit_get(s->store, &job->call, "told"),
                 (long long)maru_call_now(&job->call) / 1000);
        strncat(s->text, line, sizeof s->text - strlen(s->text) - 1);
    }
}

static void simulate(uint64_t seed, story *s)
{
    char              *path = kit_folder();
    maru_store_options options = kit_options(path);
    maru_sim          *sim = maru_sim_new(&(maru_sim_options){.seed = seed});
    maru_runtime      *rt = kit_runtime(maru_sim_seam(sim));

    *s = (story){.store = kit_open(rt, &options)};
    fibers_run(rt, 20, tell, s);
    maru_store_close(s->store);
    maru_runtime_free(rt);
    maru_sim_free(sim);
    kit_folder_end(path);
}

static void simulations(void)
{
    static story first, again, other;

    test_begin("in a simulation the store takes part: one seed, one story");
    simulate(17, &first);
    simulate(17, &again);
    simulate(18, &other);
    CHECK(strlen(first.text) > 500);
    CHECK_STR(first.text, again.text);
    CHECK(strcmp(first.text, other.text) != 0);
}

int main(void)
{
    char              *path = kit_folder();
    maru_store_options options = kit_options(path);
    maru_runtime      *rt = kit_runtime(NULL);
    ctx                c = {.store = kit_open(rt, &options)};
    maru_call         *call;

    test_begin("200 handlers write and read at once; each goes on where it was, one at a time, and sees what it wrote");
    fibers_run(rt, FIBERS, handle, &c);
    CHECK_INT(c.wrong, 0);
    CHECK_INT(c.writes, FIBERS / 10 * 9 * ROUNDS);
    call = maru_call_begin(rt, 0);
    CHECK_INT(kit_get(c.store, call, "shared"), c.writes);
    maru_call_end(call);

    test_begin("a transaction that takes too much memory fails, and its handler goes on");
    fibers_run(rt, 1, takes_too_much, &c);

    test_begin("a write has the deadline of the view that it was given");
    fibers_run(rt, 1, views, &c);

    test_begin("a write with a root call is refused inside a handler: it would wait for itself");
    fibers_run(rt, 1, by_root, &c);

    maru_store_close(c.store);
    maru_runtime_free(rt);
    kit_folder_end(path);
    simulations();
    return test_end();
}
