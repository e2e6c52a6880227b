/* times_test.c: the waits of a parcel, on a simulation's clock. */
#include "maru/sim.h"
#include "testing.h"

#define HOUR_MS INT64_C(3600000)

static const struct shipping_service waits = {
    .pack_ms = 2 * HOUR_MS, .dispatch_ms = HOUR_MS, .deliver_ms = 8 * HOUR_MS};

struct world {
    maru_sim      *sim;
    struct fixture f;
};

/* A case has a call of its own, which must not be older than its deadline. */
static void after(struct world *w, int64_t ms, const char *sentence)
{
    maru_call_end(w->f.t.call);
    w->f.t.call = NULL;
    maru_sim_run(w->sim, maru_sim_now(w->sim) + ms * MARU_NS_PER_MS);
    teller_case(&w->f.t, sentence);
}

static void test_waits(struct world *w)
{
    struct fixture *f = &w->f;

    teller_case(&f->t, "a parcel is packed two hours after its goods were committed, and no sooner");
    commit(f, "orders/1");
    CHECK(teller_settle(&f->t));
    CHECK_STR(state(f, "orders/1"), "PENDING");
    after(w, 2 * HOUR_MS - 1000, "a second before it is not");
    CHECK_STR(state(f, "orders/1"), "PENDING");
    after(w, 1000, "then it is");
    CHECK_STR(teller_wait(&f->t, "orders/1", "ShipmentPacked"), "ShipmentPacked");
    after(w, 24 * HOUR_MS, "unpaid it stays, for ever");
    CHECK_STR(state(f, "orders/1"), "PACKED");
    capture(f, "orders/1");
    CHECK(teller_settle(&f->t));
    CHECK_STR(state(f, "orders/1"), "PACKED paid");
    after(w, HOUR_MS, "an hour after the money it leaves");
    CHECK_STR(teller_wait(&f->t, "orders/1", "ShipmentPacked ShipmentDispatched"), "ShipmentPacked ShipmentDispatched");
    after(w, 8 * HOUR_MS, "eight hours after that it is there");
    CHECK_STR(teller_wait(&f->t, "orders/1", "ShipmentPacked ShipmentDispatched ShipmentDelivered"),
              "ShipmentPacked ShipmentDispatched ShipmentDelivered");
}

static void test_by_hand(struct world *w)
{
    struct fixture *f = &w->f;

    teller_case(&f->t, "a step by hand comes before its time, and its timer is gone with it");
    commit(f, "orders/1");
    CHECK(teller_settle(&f->t));
    CHECK_INT(mark(f, shipping_mark_packed, "orders/1"), MARU_OK);
    capture(f, "orders/1");
    CHECK(teller_settle(&f->t));
    CHECK_INT(mark(f, shipping_mark_dispatched, "orders/1"), MARU_OK);
    after(w, 4 * HOUR_MS, "the next step has its own wait still");
    CHECK_STR(teller_story(&f->t, "orders/1"), "ShipmentPacked ShipmentDispatched");
    CHECK_INT(f->fired, 0);
    after(w, 4 * HOUR_MS, "to its end");
    CHECK_STR(teller_wait(&f->t, "orders/1", "ShipmentPacked ShipmentDispatched ShipmentDelivered"),
              "ShipmentPacked ShipmentDispatched ShipmentDelivered");
}

static void test_stopped(struct world *w)
{
    struct fixture *f = &w->f;

    teller_case(&f->t, "what was stopped is not packed when its time comes");
    commit(f, "orders/1");
    CHECK(teller_settle(&f->t));
    request_cancel(f, "orders/1");
    CHECK(teller_settle(&f->t));
    after(w, 12 * HOUR_MS, "nor ever");
    CHECK_STR(state(f, "orders/1"), "STOPPED");
    CHECK_STR(teller_story(&f->t, "orders/1"), "ShipmentCancelled");
    CHECK_INT(f->fired, 0);
}

static void run_in_world(void (*suite)(struct world *w))
{
    struct world *w = calloc(1, sizeof *w);

    w->sim = maru_sim_new(&(maru_sim_options){.seed = 1});
    w->f.svc = waits;
    if (CHECK(open_all(&w->f, maru_sim_seam(w->sim))))
        suite(w);
    close_all(&w->f);
    maru_sim_free(w->sim);
    free(w);
}

int main(void)
{
    run_in_world(test_waits);
    run_in_world(test_by_hand);
    run_in_world(test_stopped);
    return test_end();
}
