/* times_test.c: what runs out, on a simulation's clock: fifteen minutes pass in no time, and to the millisecond. */
#include "maru/sim.h"
#include "testing.h"

#define MINUTE_NS (INT64_C(60) * 1000 * 1000000)
#define MS_NS     INT64_C(1000000)
#define RAN_OUT   "StockReserved StockReleased"

struct world {
    maru_sim      *sim;
    struct fixture f;
};

static void pass(struct world *w, int64_t ns)
{
    maru_sim_run(w->sim, maru_sim_now(w->sim) + ns);
}

/* A case has a call of its own, which must not be older than its deadline. */
static void after(struct world *w, int64_t ns, const char *sentence)
{
    maru_call_end(w->f.t.call);
    w->f.t.call = NULL;
    pass(w, ns);
    teller_case(&w->f.t, sentence);
}

static void test_runs_out(struct world *w)
{
    struct fixture           *f = &w->f;
    Inventory__StockReleased *event;

    teller_case(&f->t, "an order is kept its goods until the last moment of fifteen minutes");
    have(f, "tea:3");
    submit(f, "orders/1", "tea:2");
    CHECK_STR(teller_wait(&f->t, "orders/1", "StockReserved"), "StockReserved");
    after(w, 15 * MINUTE_NS - 1000 * MS_NS, "a second before they end, they are kept");
    CHECK_STR(reserved(f, "orders/1"), "RESERVED tea:2");
    after(w, 1000 * MS_NS, "then they are given back, and why is told");
    CHECK_STR(teller_wait(&f->t, "orders/1", RAN_OUT), RAN_OUT);
    CHECK_STR(reserved(f, "orders/1"), "RELEASED expired tea:2");
    CHECK_STR(stock(f, "tea"), "3 there, 0 reserved");
    event = (Inventory__StockReleased *)teller_said(&f->t, "orders/1", 1, &inventory__stock_released__descriptor);
    if (CHECK(event != NULL))
        CHECK(event->expired);
}

static void test_late_confirm(struct world *w)
{
    struct fixture *f = &w->f;

    teller_case(&f->t, "an order that is confirmed too late gets its goods again, where they are still there");
    have(f, "tea:3");
    submit(f, "orders/1", "tea:2");
    submit(f, "orders/2", "tea:1");
    CHECK(teller_settle(&f->t));
    after(w, 16 * MINUTE_NS, "both have run out");
    CHECK_STR(teller_wait(&f->t, "orders/1", RAN_OUT), RAN_OUT);
    CHECK_STR(teller_wait(&f->t, "orders/2", RAN_OUT), RAN_OUT);
    CHECK_STR(stock(f, "tea"), "3 there, 0 reserved");
    confirm(f, "orders/1", "tea:2");
    CHECK(teller_settle(&f->t));
    CHECK_STR(teller_story(&f->t, "orders/1"), "StockReserved StockReleased StockCommitted");
    CHECK_STR(reserved(f, "orders/1"), "COMMITTED tea:2");
    submit(f, "orders/3", "tea:1");
    confirm(f, "orders/2", "tea:1");
    CHECK(teller_settle(&f->t));
    CHECK_STR(teller_story(&f->t, "orders/2"), "StockReserved StockReleased StockRejected");
    CHECK_STR(stock(f, "tea"), "3 there, 3 reserved");
    after(w, 120 * MINUTE_NS, "what is committed never ends; what is not, does");
    CHECK_STR(teller_wait(&f->t, "orders/3", RAN_OUT), RAN_OUT);
    CHECK_STR(reserved(f, "orders/1"), "COMMITTED tea:2");
    CHECK_STR(reserved(f, "orders/3"), "RELEASED expired tea:1");
    CHECK_STR(stock(f, "tea"), "3 there, 2 reserved");
}

static void test_over(struct world *w)
{
    struct fixture *f = &w->f;

    teller_case(&f->t, "what is over in time runs out no more, and says nothing later");
    have(f, "tea:9");
    submit(f, "orders/1", "tea:1");
    cancel(f, "orders/1");
    submit(f, "orders/2", "tea:1");
    confirm(f, "orders/2", "tea:1");
    CHECK(teller_settle(&f->t));
    dispatch(f, "orders/2");
    CHECK(teller_settle(&f->t));
    after(w, 20 * MINUTE_NS, "no timer of it is left that would have to be looked at");
    submit(f, "orders/3", "tea:1");
    CHECK(teller_settle(&f->t));
    CHECK_INT(f->fired, 0);
    CHECK_STR(teller_story(&f->t, "orders/1"), "StockReserved StockReleased");
    CHECK_STR(reserved(f, "orders/1"), "RELEASED tea:1");
    CHECK_STR(teller_story(&f->t, "orders/2"), "StockReserved StockCommitted StockShipped");
    CHECK_STR(stock(f, "tea"), "8 there, 1 reserved");
}

static void test_cancel_late(struct world *w)
{
    struct fixture *f = &w->f;

    teller_case(&f->t, "a cancel of what has run out says nothing, and no confirm brings it back");
    have(f, "tea:9");
    submit(f, "orders/1", "tea:1");
    CHECK(teller_settle(&f->t));
    after(w, 15 * MINUTE_NS, "and this is so for good");
    CHECK_STR(teller_wait(&f->t, "orders/1", RAN_OUT), RAN_OUT);
    cancel(f, "orders/1");
    confirm(f, "orders/1", "tea:1");
    CHECK(teller_settle(&f->t));
    CHECK_STR(teller_story(&f->t, "orders/1"), RAN_OUT);
    CHECK_STR(stock(f, "tea"), "9 there, 0 reserved");
}

static void test_restart(struct world *w)
{
    struct fixture *f = &w->f;

    teller_case(&f->t, "what ran out while inventory was down is given back when it is up");
    have(f, "tea:3");
    submit(f, "orders/1", "tea:2");
    CHECK(teller_settle(&f->t));
    teller_stop(&f->t);
    pass(w, 16 * MINUTE_NS);
    if (!CHECK(teller_again(&f->t) && serve(f)))
        return;
    CHECK_STR(teller_wait(&f->t, "orders/1", RAN_OUT), RAN_OUT);
}

static void run_in_world(void (*suite)(struct world *w))
{
    struct world *w = calloc(1, sizeof *w);

    w->sim = maru_sim_new(&(maru_sim_options){.seed = 1});
    w->f.svc.reserve_ms = RESERVE_MS;
    if (CHECK(open_all(&w->f, maru_sim_seam(w->sim))))
        suite(w);
    teller_close(&w->f.t);
    teller_close(&w->f.shipping);
    teller_close(&w->f.checkout);
    maru_sim_free(w->sim);
    free(w);
}

int main(void)
{
    run_in_world(test_runs_out);
    run_in_world(test_late_confirm);
    run_in_world(test_over);
    run_in_world(test_cancel_late);
    run_in_world(test_restart);
    return test_end();
}
