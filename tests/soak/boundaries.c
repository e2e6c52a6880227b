/* boundaries.c: a kill at every commit boundary of an order's way, one by one.
 *
 *   boundaries BIN        BIN: the folder of the services
 *
 * For each service, and each step of a commit, the service dies by its own hand when it takes that step for the first
 * time after its start, then for the second, and so on until all customers are through without its dying. Beside an
 * order that goes through go others that are cancelled on their way. Each case must end with all of them over; at the
 * end the audit must be clean.
 *
 * What a kill leaves on the disk is one of three things: nothing of the commit (begin, put, append), which is what was
 * left before it, its record (flush, commit), or all of it (done). Commit and done are gone through one by one; the
 * others, which leave the same, at the 1st, 4th, 16th ... time. A checkpoint comes when the store is closed: there
 * each dies once. A void is written only where the disk is full: see tests/store.
 */
#include <stdio.h>

#include "shopper.h"
#include "test.h"
#include "verdict.h"

enum { REST_S = 120, CASES_MOST = 2000, COUNT_MOST = 1000, TEND_MS = 5 };

typedef struct customer {
    market     *m;
    long        number;
    plan        plan;
    pthread_t   thread;
    atomic_bool over;
} customer;

/* Every way that an order can go. */
static const plan ways[] = {
    {.cancel_ms = -1},
    {.cancel_ms = 15, .repeats = true},
    {.cancel_ms = -1, .card = CARD_DECLINED, .by_http = true},
    {.cancel_ms = -1, .card = CARD_CAPTURE_REFUSED},
    {.cancel_ms = -1, .short_of = true},
    {.past = true},
};
enum { WAYS = sizeof ways / sizeof *ways };

static void *serve(void *arg)
{
    customer *p = arg;

    market_serve(p->m, p->number, p->plan);
    p->over = true;
    return NULL;
}

static bool all_over(customer *all)
{
    for (int i = 0; i < WAYS; i++)
        if (!all[i].over)
            return false;
    return true;
}

/* A customer each way at once, while whoever dies is started again. */
static bool serve_all(fleet *f, market *m)
{
    customer all[WAYS];
    bool     well = true;

    for (int i = 0; i < WAYS; i++) {
        all[i] = (customer){.m = m, .number = m->next++, .plan = ways[i]};
        pthread_create(&all[i].thread, NULL, serve, &all[i]);
    }
    while (well && !all_over(all)) {
        maru_call *call = maru_call_begin(m->runtime, 1000);

        maru_sleep(call, TEND_MS);
        maru_call_end(call);
        well = fleet_tend(f);
    }
    if (!well)
        m->failed = true;
    for (int i = 0; i < WAYS; i++)
        pthread_join(all[i].thread, NULL);
    return well && !m->failed;
}

/* False where something is wrong; *died: it took the step so often. */
static bool run_case(fleet *f, market *m, fleet_ship ship, fleet_step step, long count, bool *died)
{
    unsigned before = f->kills[ship][step];

    if (!fleet_doom(f, ship, step, count) || !serve_all(f, m)) {
        fprintf(stderr, "boundaries: %s, %s number %ld: it did not end well\n", fleet_ship_name(ship),
                fleet_step_name(step), count);
        return false;
    }
    *died = f->kills[ship][step] > before;
    return true;
}

/* One of a service's steps. */
typedef struct walk {
    fleet_step step;
    bool       strides; /* not each time, but the 1st, 4th, 16th ... */
} walk;

/* Until a case ends without a death. That there was no end to it, or that orders ran out, is a failure: not all was
 * seen. */
static bool run_step(fleet *f, market *m, fleet_ship ship, const walk *w)
{
    bool died = true;
    long count = 1, last = 0;

    while (died) {
        if (!CHECK(count <= COUNT_MOST) || !CHECK(m->next + WAYS <= m->orders)) {
            fprintf(stderr, "boundaries: %s, %s: stopped before number %ld, and it dies still: raise %s\n",
                    fleet_ship_name(ship), fleet_step_name(w->step), count,
                    count > COUNT_MOST ? "COUNT_MOST" : "CASES_MOST");
            return false;
        }
        if (!CHECK(run_case(f, m, ship, w->step, count, &died)))
            return false;
        last = died ? count : last;
        count = w->strides ? 4 * count : count + 1;
    }
    printf("# %s: died at %s %u times, the last time at its number %ld\n", fleet_ship_name(ship),
           fleet_step_name(w->step), f->kills[ship][w->step], last);
    return CHECK(f->kills[ship][w->step] > 0);
}

/* It has written, and dies when it closes its store. */
static bool run_checkpoint(fleet *f, market *m, fleet_ship ship)
{
    return CHECK(m->next + WAYS <= m->orders) && CHECK(fleet_doom(f, ship, STEP_CHECKPOINT, 1)) &&
           CHECK(serve_all(f, m)) && CHECK(fleet_fell(f, ship)) && CHECK(f->kills[ship][STEP_CHECKPOINT] == 1);
}

static bool run_ship(fleet *f, market *m, fleet_ship ship)
{
    static const walk walks[] = {{STEP_BEGIN, true}, {STEP_PUT, true},     {STEP_APPEND, true},
                                 {STEP_FLUSH, true}, {STEP_COMMIT, false}, {STEP_DONE, false}};

    for (size_t i = 0; i < sizeof walks / sizeof *walks; i++)
        if (!run_step(f, m, ship, &walks[i]))
            return false;
    return run_checkpoint(f, m, ship);
}

static bool run_all(fleet *f, market *m)
{
    static const fleet_ship all[] = {SHIP_CHECKOUT, SHIP_INVENTORY, SHIP_PAYMENT,
                                     SHIP_PROVIDER, SHIP_SHIPPING,  SHIP_CART};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!run_ship(f, m, all[i]))
            return false;
    return true;
}

static void run(const char *bin, const char *data)
{
    fleet  f = {.bin = bin};
    market m = {.orders = 0};
    char   verdict[VERDICT] = "";

    test_begin("an order goes through, whichever service dies at whichever commit boundary");
    if (CHECK(fleet_start(&f, bin, data)) && CHECK(market_open(&m, &f, CASES_MOST, 1)) && CHECK(m.plenty = true) &&
        CHECK(market_stock(&m)) && run_all(&f, &m) && CHECK(fleet_calm(&f))) {
        test_begin("and at rest all of it agrees");
        CHECK(verdict_ask(&f, REST_S, verdict));
        CHECK(market_recall(&m));
        printf("# %ld orders, %s\n", (long)m.placed, verdict);
    }
    if (m.runtime != NULL)
        market_close(&m);
    CHECK(fleet_stop(&f));
}

int main(int argc, char **argv)
{
    verdict_folder folder;
    int            result;

    if (argc != 2) {
        fprintf(stderr, "boundaries: want the folder of the services\n");
        return 2;
    }
    if (!verdict_folder_make(&folder, "boundaries", NULL))
        return 1;
    run(argv[1], folder.path);
    result = test_end();
    verdict_folder_leave(&folder, result == 0);
    return result;
}
