/* overload_test.c: more work than time, on virtual time: what a server still gets done, and for whom. Handlers cost
 * simulated time; calls come open-loop (whether answered or not) over 16 connections, each with 100 ms to be answered.
 */
#include "test.h"

#include <stdlib.h>

#include "maru/sim.h"
#include "random.h"
#include "rpc/echo.h"

enum { CONNECTIONS = 16, DEADLINE_MS = 100 };

#define SECOND INT64_C(1000000000)

typedef struct load load;

typedef struct source {
    load        *of;
    maru_client *client;
    double       rate; /* calls a second */
    int64_t      next; /* when one is due: however late the world is */
    long         asked, good;
} source;

struct load {
    maru_sim     *sim;
    maru_runtime *rt; /* of all clients */
    echo_node     node;
    int64_t       cost, from, until; /* calls begun within from..until count */
    source        sources[CONNECTIONS];
    long          under_way, refused, late;
};

/* One call. */
typedef struct sent {
    source    *from;
    maru_call *call;
    bool       counts;
} sent;

static void spend(struct echo_service *svc, maru_call *call)
{
    load *l = svc->visitor;

    (void)call;
    maru_sim_spend(l->sim, l->cost);
}

static void on_end(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    sent *s = arg;
    load *l = s->from->of;

    (void)message;
    (void)response;
    l->under_way--;
    s->from->good += s->counts && status == MARU_OK;
    l->refused += s->counts && status == MARU_RESOURCE_EXHAUSTED;
    l->late += s->counts && status == MARU_DEADLINE_EXCEEDED;
    maru_call_end(s->call);
    free(s);
}

static void send_one(source *from)
{
    load         *l = from->of;
    Echo__Message request = ECHO__MESSAGE__INIT;
    sent         *s = malloc(sizeof *s);

    *s = (sent){.from = from,
                .call = maru_call_begin(l->rt, DEADLINE_MS),
                .counts = maru_sim_now(l->sim) >= l->from && maru_sim_now(l->sim) < l->until};
    from->asked += s->counts;
    l->under_way++;
    echo_echo_async(from->client, s->call, &request, on_end, s);
}

/* The gaps are uniform between 0 and twice their mean. */
static int64_t gap(const source *from)
{
    double part = (double)(maru_sim_random(from->of->sim) >> 11) / (double)(1ull << 53);

    return (int64_t)(2 * part * (double)SECOND / from->rate);
}

static void on_time(void *arg)
{
    source *from = arg;
    load   *l = from->of;

    send_one(from);
    from->next += gap(from);
    if (from->next < l->until)
        maru_sim_at(l->sim, from->next, on_time, from);
}

static void load_start(load *l, uint64_t seed, int64_t cost)
{
    maru_runtime_options options = {0};

    *l = (load){.sim = maru_sim_new(&(maru_sim_options){.seed = seed}), .cost = cost};
    options.seam = maru_sim_seam(l->sim);
    if (!CHECK_INT(maru_runtime_new(&options, &l->rt, NULL), MARU_OK))
        exit(1);
    echo_start(&l->node, "tcp://server:1", NULL, options.seam);
    l->node.svc.visitor = l;
    for (int i = 0; i < CONNECTIONS; i++)
        l->sources[i] = (source){.of = l, .client = echo_client(l->rt, l->node.url)};
    maru_sim_run(l->sim, maru_sim_now(l->sim) + SECOND / 10); /* all are connected */
    l->node.svc.visit = spend;
}

static void load_stop(load *l)
{
    for (int i = 0; i < CONNECTIONS; i++)
        maru_client_free(l->sources[i].client);
    maru_runtime_free(l->rt);
    echo_stop(&l->node);
    maru_sim_free(l->sim);
}

/* Good replies a second that the server gives at a load given in parts of what it can do; the first connection's part
 * of it is greed, the others share the rest. Half a second to get there, then a second that counts. */
static double run(load *l, double times_capacity, double greed)
{
    double rate = times_capacity * (double)SECOND / (double)l->cost;
    long   good = 0;

    l->from = maru_sim_now(l->sim) + SECOND / 2;
    l->until = l->from + SECOND;
    l->refused = l->late = 0;
    for (int i = 0; i < CONNECTIONS; i++) {
        source *s = &l->sources[i];

        s->asked = s->good = 0;
        s->rate = i == 0 ? rate * greed : rate * (1 - greed) / (CONNECTIONS - 1);
        s->next = maru_sim_now(l->sim) + gap(s);
        maru_sim_at(l->sim, s->next, on_time, s);
    }
    maru_sim_run(l->sim, l->until + SECOND);
    CHECK_INT(l->under_way, 0);
    for (int i = 0; i < CONNECTIONS; i++)
        good += l->sources[i].good;
    return (double)good;
}

static double asked_in_all(const load *l)
{
    long asked = 0;

    for (int i = 0; i < CONNECTIONS; i++)
        asked += l->sources[i].asked;
    return (double)asked;
}

/* The least part of what it asked for that a connection got, of those from first on. */
static double least_part(const load *l, int first)
{
    double least = 1;

    for (int i = first; i < CONNECTIONS; i++) {
        double part = (double)l->sources[i].good / (double)l->sources[i].asked;
        if (part < least)
            least = part;
    }
    return least;
}

static void test_cost(uint64_t seed, int64_t cost_us)
{
    char   sentence[200];
    load   l;
    double peak, over;

    snprintf(sentence, sizeof sentence,
             "handlers of %d us, 16 connections, 120 %% load: goodput stays above 80 %% of the peak", (int)cost_us);
    test_begin(sentence);
    load_start(&l, seed, cost_us * 1000);
    peak = run(&l, 0.95, 1.0 / CONNECTIONS);
    over = run(&l, 1.2, 1.0 / CONNECTIONS);
    printf("# %d us: at 95 %% load %.0f good replies/s, at 120 %% %.0f (%.0f %%; %ld refused, %ld late)\n",
           (int)cost_us, peak, over, 100 * over / peak, l.refused, l.late);
    CHECK(peak > 0.9 * 0.95 * (double)SECOND / (double)l.cost);
    CHECK(over > 0.8 * peak);
    CHECK(asked_in_all(&l) > 1.15 * (double)SECOND / (double)l.cost); /* it was an overload */
    test_begin("and no connection is starved: each gets at least half of what it asks for");
    printf("# the least: %.0f %%\n", 100 * least_part(&l, 0));
    CHECK(least_part(&l, 0) > 0.5);
    test_begin("one connection that sends half of such a load harms itself only: the others get what they ask for");
    over = run(&l, 1.2, 0.5);
    printf("# the greedy one: %.0f %%, the least of the others: %.0f %%\n", 100 * least_part(&l, 0),
           100 * least_part(&l, 1));
    CHECK(over > 0.8 * peak);
    CHECK(least_part(&l, 1) > 0.95);
    load_stop(&l);
}

int main(void)
{
    rng r = rng_seeded("overload");

    test_cost(rng_next(&r), 20);
    test_cost(rng_next(&r), 200);
    return test_end();
}
