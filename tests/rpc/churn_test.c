/* churn_test.c: connections are opened, cut and closed at every moment, with calls in flight: every call ends, and
 * once; nothing is left when all is over. 10,000 connections in a simulated world, some hundreds over real tcp and ipc,
 * where threads race.
 */
#include "test.h"

#include <sched.h>
#include <stdlib.h>

#include "client/client_impl.h"
#include "maru/sim.h"
#include "random.h"
#include "rpc/chaos.h"
#include "rpc/echo.h"
#include "runtime/fiber.h"
#include "server/server_impl.h"

enum { CLIENTS = 6, CALLS = 5 };

typedef struct churn churn;

/* One call after the other, for ever, while its client is open. */
typedef struct caller {
    churn     *of;
    int        client;
    maru_call *call;
    bool       under_way;
} caller;

struct churn {
    chaos         chaos;
    echo_node     back, front; /* front's Relay calls back */
    maru_runtime *rt;          /* of the clients */
    maru_client  *clients[CLIENTS];
    bool          open[CLIENTS];
    caller        callers[CLIENTS][CALLS];
    rng           random; /* on the clients' strand */
    long          begun, ended, wrong;
    long          ends[MARU_STATUS_COUNT];
    uint64_t      trace; /* a hash of when and how calls ended */
};

static void begin(caller *k);

static void note(churn *c, uint64_t what)
{
    c->trace = (c->trace ^ what) * UINT64_C(0x100000001b3);
}

static void on_end(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    caller *k = arg;
    churn  *c = k->of;

    (void)response;
    c->wrong += !k->under_way || (status != MARU_OK && *message == 0);
    k->under_way = false;
    c->ended++;
    c->ends[status]++;
    note(c, (uint64_t)rt_now(c->rt));
    note(c, (uint64_t)status);
    maru_call_end(k->call);
    if (c->open[k->client])
        begin(k);
}

static void begin(caller *k)
{
    churn        *c = k->of;
    maru_client  *client = c->clients[k->client];
    Echo__Message request = ECHO__MESSAGE__INIT;

    k->call = maru_call_begin(c->rt, rng_below(&c->random, 4) == 0 ? 0 : 1 + (int64_t)rng_below(&c->random, 60));
    k->under_way = true;
    c->begun++;
    request.text = (char *)"churn";
    request.millis = (int64_t)rng_below(&c->random, 8);
    switch (rng_below(&c->random, 5)) {
    case 0:
        echo_sleep_async(client, k->call, &request, on_end, k);
        break;
    case 1:
        echo_relay_async(client, k->call, &request, on_end, k);
        break;
    case 2:
        request.millis = 1 + (int64_t)rng_below(&c->random, 3000);
        echo_big_async(client, k->call, &request, on_end, k);
        break;
    default:
        echo_echo_async(client, k->call, &request, on_end, k);
    }
}

/* Clients come and go. Each step is done on their strand, so that no call is begun on one that is about to be freed. */
typedef struct turnover {
    churn *of;
    int    client;
} turnover;

static void open_client(void *arg)
{
    turnover *t = arg;

    t->of->open[t->client] = true;
    for (int i = 0; i < CALLS; i++) {
        t->of->callers[t->client][i] = (caller){.of = t->of, .client = t->client};
        begin(&t->of->callers[t->client][i]);
    }
}

static void shut_client(void *arg)
{
    turnover *t = arg;

    t->of->open[t->client] = false;
}

static void start_client(churn *c, int i)
{
    maru_client_options options = {.backoff_first_ms = 1, .backoff_max_ms = 4};
    turnover            t = {c, i};

    if (!CHECK_INT(maru_client_new(c->rt, c->front.url, &options, &c->clients[i], NULL), MARU_OK))
        exit(1);
    rt_on_strand(c->rt, open_client, &t);
}

static void stop_client(churn *c, int i)
{
    turnover t = {c, i};

    rt_on_strand(c->rt, shut_client, &t);
    maru_client_free(c->clients[i]);
    for (int k = 0; k < CALLS; k++)
        CHECK(!c->callers[i][k].under_way);
}

static void churn_start(churn *c, const maru_seam *base, uint64_t seed, const char *front, const char *back)
{
    maru_runtime_options options = {0};
    maru_client_options  quick = {.backoff_first_ms = 1, .backoff_max_ms = 4};

    *c = (churn){.random = {seed}};
    chaos_init(&c->chaos, base, seed, 16384);
    options.seam = &c->chaos.seam;
    echo_start(&c->back, back, NULL, options.seam);
    echo_start(&c->front, front, NULL, options.seam);
    if (!CHECK_INT(maru_client_new(c->front.rt, c->back.url, &quick, &c->front.svc.next, NULL), MARU_OK) ||
        !CHECK_INT(maru_runtime_new(&options, &c->rt, NULL), MARU_OK))
        exit(1);
    for (int i = 0; i < CLIENTS; i++)
        start_client(c, i);
}

/* What a server still has, as its strand sees it. */
typedef struct rest {
    const echo_node *of;
    size_t           sessions, calls, fibers;
} rest;

static void count_rest(void *arg)
{
    rest *r = arg;

    r->sessions = r->of->server->session_count;
    r->calls = r->of->server->running + r->of->server->queued;
    r->fibers = fiber_pool_live(rt_fibers(r->of->rt));
}

/* Others may still have to notice that a connection is gone: until they have, the world goes on. */
static void check_nothing_left(const echo_node *node, maru_sim *sim)
{
    rest    r = {.of = node};
    int64_t until = rt_now(node->rt) + INT64_C(20000000000);

    do {
        if (sim != NULL)
            maru_sim_run(sim, maru_sim_now(sim) + 1000000);
        else
            sched_yield();
        rt_on_strand(node->rt, count_rest, &r);
    } while (r.sessions + r.calls + r.fibers > 0 && rt_now(node->rt) < until);
    CHECK_INT(r.sessions, 0);
    CHECK_INT(r.calls, 0);
    CHECK_INT(r.fibers, 0);
}

static void churn_stop(churn *c, maru_sim *sim)
{
    for (int i = 0; i < CLIENTS; i++)
        stop_client(c, i);
    CHECK_INT(c->ended, c->begun);
    CHECK_INT(c->wrong, 0);
    check_nothing_left(&c->front, sim);
    maru_client_free(c->front.svc.next);
    check_nothing_left(&c->back, sim);
    maru_runtime_free(c->rt);
    echo_stop(&c->front);
    echo_stop(&c->back);
    CHECK_INT(c->chaos.open, 0);
}

static void show(const churn *c)
{
    printf("# %u connections, %ld calls:", c->chaos.made / 2, c->begun);
    for (int i = 0; i < MARU_STATUS_COUNT; i++)
        if (c->ends[i] > 0)
            printf(" %s %ld", maru_status_name(i), c->ends[i]);
    printf("\n");
}

static uint64_t simulate(uint64_t seed, unsigned connections)
{
    maru_sim *sim = maru_sim_new(&(maru_sim_options){.seed = seed, .jitter_ns = 300000, .window = 4096});
    churn    *c = malloc(sizeof *c);
    rng       r = {~seed};
    uint64_t  trace;

    churn_start(c, maru_sim_seam(sim), seed, "tcp://front:1", "tcp://back:1");
    while (c->chaos.made < 2 * connections) {
        int i = (int)rng_below(&r, CLIENTS);

        maru_sim_run(sim, maru_sim_now(sim) + (int64_t)rng_below(&r, 20000000));
        stop_client(c, i);
        start_client(c, i);
        if (rng_below(&r, 50) == 0)
            maru_sim_cut(sim);
    }
    churn_stop(c, sim);
    show(c);
    CHECK(c->ends[MARU_OK] > 0 && c->ends[MARU_UNAVAILABLE] > 0 && c->ends[MARU_DEADLINE_EXCEEDED] > 0);
    trace = c->trace;
    free(c);
    maru_sim_free(sim);
    return trace;
}

static void test_real(uint64_t seed, const char *front, const char *back)
{
    enum { CONNECTIONS = 400 };
    churn *c = malloc(sizeof *c);
    rng    r = {~seed};

    churn_start(c, maru_seam_real(), seed, front, back);
    while (c->chaos.made < 2 * CONNECTIONS) {
        int      i = (int)rng_below(&r, CLIENTS);
        unsigned enough = c->chaos.made + (unsigned)rng_below(&r, 20);

        while (c->chaos.made < enough)
            sched_yield();
        stop_client(c, i);
        start_client(c, i);
    }
    churn_stop(c, NULL);
    show(c);
    free(c);
}

int main(void)
{
    rng      r = rng_seeded("churn");
    uint64_t seed = rng_next(&r), once;
    char     front[128], back[128];

    test_begin(
        "10,000 connections, cut after any byte and closed at any moment: every call ends once, nothing is left");
    simulate(seed, 10000);
    test_begin("the same seed gives the same, to the nanosecond");
    once = simulate(seed + 1, 300);
    CHECK(once == simulate(seed + 1, 300));
    test_begin("another gives another");
    CHECK(once != simulate(seed + 2, 300));
    test_begin("400 over real tcp");
    test_real(seed, "tcp://127.0.0.1:0", "tcp://127.0.0.1:0");
    echo_ipc_url(front, "churn-front");
    echo_ipc_url(back, "churn-back");
    test_begin("and 400 over ipc");
    test_real(seed, front, back);
    return test_end();
}
