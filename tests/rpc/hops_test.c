/* hops_test.c: what passes on from a caller over a handler to the service that it calls: the deadline, less what was
 * used; a cancel, and why; a lost connection. Three runtimes on virtual time.
 */
#include "test.h"

#include <stdlib.h>

#include "maru/sim.h"
#include "rpc/echo.h"
#include "rpc/simpeer.h"

#define MS     INT64_C(1000000)
#define SECOND INT64_C(1000000000)

enum { SLEEP = 1, RELAY = 2 };

/* A caller, a front whose Relay calls the back. */
typedef struct chain {
    maru_sim     *sim;
    echo_node     front, back;
    maru_runtime *rt;
    maru_client  *client;
    int64_t       spend_ms; /* in the front, before it calls */
    int64_t       left_ms;  /* that the back was given */
} chain;

static void at_front(struct echo_service *svc, maru_call *call)
{
    chain *c = svc->visitor;

    (void)call;
    maru_sim_spend(c->sim, c->spend_ms * MS);
}

static void at_back(struct echo_service *svc, maru_call *call)
{
    chain *c = svc->visitor;

    c->left_ms = maru_call_left_ms(call);
}

static void pass(chain *c, int64_t ns)
{
    maru_sim_run(c->sim, maru_sim_now(c->sim) + ns);
}

static void chain_start(chain *c)
{
    maru_runtime_options options = {0};

    *c = (chain){.sim = maru_sim_new(&(maru_sim_options){.seed = 1})};
    options.seam = maru_sim_seam(c->sim);
    echo_start(&c->back, "tcp://back:1", NULL, options.seam);
    echo_start(&c->front, "tcp://front:1", NULL, options.seam);
    c->front.svc.next = echo_client(c->front.rt, c->back.url);
    c->front.svc.visit = at_front;
    c->back.svc.visit = at_back;
    c->front.svc.visitor = c->back.svc.visitor = c;
    if (!CHECK_INT(maru_runtime_new(&options, &c->rt, NULL), MARU_OK))
        exit(1);
    c->client = echo_client(c->rt, c->front.url);
    pass(c, 10 * MS);
}

static void chain_stop(chain *c)
{
    maru_client_free(c->client);
    maru_runtime_free(c->rt);
    maru_client_free(c->front.svc.next);
    echo_stop(&c->front);
    echo_stop(&c->back);
    maru_sim_free(c->sim);
}

typedef struct asked {
    maru_call  *call;
    int         ends;
    maru_status status;
    int64_t     at;
    maru_sim   *sim;
    char        message[512];
} asked;

static void on_end(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    asked *a = arg;

    (void)response;
    a->ends++;
    a->status = status;
    a->at = maru_sim_now(a->sim);
    snprintf(a->message, sizeof a->message, "%s", message);
}

static void relay(chain *c, asked *a, int64_t timeout_ms, int64_t millis)
{
    Echo__Message request = ECHO__MESSAGE__INIT;

    *a = (asked){.sim = c->sim, .call = maru_call_begin(c->rt, timeout_ms)};
    request.millis = millis;
    echo_relay_async(c->client, a->call, &request, on_end, a);
}

static void test_deadline(void)
{
    chain c;
    asked a;

    chain_start(&c);
    test_begin("what is left of the deadline travels, and shrinks by what each hop used of it");
    c.spend_ms = 300;
    relay(&c, &a, 1000, 10);
    pass(&c, SECOND);
    CHECK_INT(a.status, MARU_OK);
    if (!CHECK(c.left_ms >= 697 && c.left_ms <= 700))
        fprintf(stderr, "the back was given %lld ms\n", (long long)c.left_ms);
    maru_call_end(a.call);
    test_begin("a call without one has none on any hop");
    relay(&c, &a, 0, 10);
    pass(&c, SECOND);
    CHECK_INT(a.status, MARU_OK);
    CHECK_INT(c.left_ms, INT64_MAX);
    maru_call_end(a.call);
    test_begin("where nothing is left for it, the next hop is not asked");
    c.left_ms = -1;
    c.spend_ms = 1500;
    relay(&c, &a, 1000, 10);
    pass(&c, 2 * SECOND);
    CHECK_INT(a.status, MARU_DEADLINE_EXCEEDED);
    CHECK_INT(c.left_ms, -1);
    maru_call_end(a.call);
    test_begin("when it passes, all hops end at that moment, and each has its own words");
    c.spend_ms = 0;
    relay(&c, &a, 1000, 3600000);
    pass(&c, 2 * SECOND);
    CHECK_INT(a.status, MARU_DEADLINE_EXCEEDED);
    CHECK_CONTAINS(a.message, "Relay");
    CHECK_CONTAINS(a.message, "deadline");
    maru_call_end(a.call);
    chain_stop(&c);
}

/* The caller is a raw peer that does not cancel: the server keeps the deadline by itself. */
static void test_own_deadline(void)
{
    chain         c;
    simpeer       p;
    frame         f;
    Echo__Message request = ECHO__MESSAGE__INIT;

    test_begin("a handler that sleeps past the deadline wakes when it passes, and is answered for");
    chain_start(&c);
    simpeer_dial(&p, c.sim, c.front.url);
    simpeer_greet(&p);
    request.millis = 3600000;
    simpeer_call(&p, 1, &echo_maru_service.methods[SLEEP], 1000, &request.base);
    pass(&c, 990 * MS);
    CHECK_INT(simpeer_count(&p, FRAME_REPLY), 0);
    pass(&c, 20 * MS);
    if (CHECK(simpeer_next(&p, &f)))
        CHECK_INT(f.status, MARU_DEADLINE_EXCEEDED);
    simpeer_free(&p);
    chain_stop(&c);
}

/* The caller is a raw peer: it says CANCEL. */
static void test_cancel(void)
{
    chain         c;
    simpeer       p;
    frame         f;
    Echo__Message request = ECHO__MESSAGE__INIT;

    chain_start(&c);
    simpeer_dial(&p, c.sim, c.front.url);
    simpeer_greet(&p);
    request.millis = 3600000;
    test_begin("a cancel reaches a handler that sleeps: it ends at once, and is told why");
    simpeer_call(&p, 1, &echo_maru_service.methods[SLEEP], 0, &request.base);
    pass(&c, SECOND);
    CHECK_INT(simpeer_count(&p, FRAME_REPLY), 0);
    simpeer_cancel(&p, 1, "the shop has closed");
    pass(&c, MS);
    CHECK_INT(c.front.svc.cancelled, 1);
    CHECK_CONTAINS(c.front.svc.why, "the shop has closed");
    test_begin("and is answered with CANCELLED");
    while (simpeer_next(&p, &f))
        if (f.kind == FRAME_REPLY)
            CHECK_INT(f.status, MARU_CANCELLED);
    test_begin("it passes on to what that handler has called, with the reason");
    simpeer_call(&p, 2, &echo_maru_service.methods[RELAY], 0, &request.base);
    pass(&c, SECOND);
    simpeer_cancel(&p, 2, "out of stock");
    pass(&c, 2 * MS);
    CHECK_INT(c.back.svc.cancelled, 1);
    CHECK_CONTAINS(c.back.svc.why, "out of stock");
    test_begin("a caller whose connection is gone has cancelled all that it asked for, over all hops");
    simpeer_call(&p, 3, &echo_maru_service.methods[SLEEP], 0, &request.base);
    simpeer_call(&p, 4, &echo_maru_service.methods[RELAY], 0, &request.base);
    pass(&c, SECOND);
    simpeer_close(&p);
    pass(&c, 2 * MS);
    CHECK_INT(c.front.svc.cancelled, 2);
    CHECK_CONTAINS(c.front.svc.why, "connection closed");
    CHECK_INT(c.back.svc.cancelled, 2);
    CHECK_CONTAINS(c.back.svc.why, "connection closed");
    simpeer_free(&p);
    chain_stop(&c);
}

/* A reason may say anything. */
static void test_reasons(void)
{
    chain         c;
    simpeer       p;
    char          longest[20001];
    frame         bad = {.kind = FRAME_CANCEL, .id = 2, .payload_size = 3};
    Echo__Message request = ECHO__MESSAGE__INIT;

    test_begin("a reason that is very long, or none, cancels all the same");
    for (size_t i = 0; i < sizeof longest; i++)
        longest[i] = i + 1 < sizeof longest ? 'x' : 0;
    chain_start(&c);
    simpeer_dial(&p, c.sim, c.front.url);
    simpeer_greet(&p);
    request.millis = 3600000;
    simpeer_call(&p, 1, &echo_maru_service.methods[SLEEP], 0, &request.base);
    simpeer_call(&p, 2, &echo_maru_service.methods[SLEEP], 0, &request.base);
    pass(&c, SECOND);
    simpeer_cancel(&p, 1, longest);
    pass(&c, SECOND);
    CHECK_INT(c.front.svc.cancelled, 1);
    simpeer_frame(&p, &bad, "\xff\xff\xff");
    pass(&c, SECOND);
    CHECK_INT(c.front.svc.cancelled, 2);
    CHECK_CONTAINS(c.front.svc.why, "its caller gave up");
    simpeer_free(&p);
    chain_stop(&c);
}

static void test_cut(void)
{
    chain c;
    asked a;

    chain_start(&c);
    test_begin("when every cable is pulled with a call in flight over two hops, it ends once, with UNAVAILABLE");
    relay(&c, &a, 0, 3600000);
    pass(&c, SECOND);
    maru_sim_cut(c.sim);
    pass(&c, SECOND);
    CHECK_INT(a.ends, 1);
    CHECK_INT(a.status, MARU_UNAVAILABLE);
    CHECK_CONTAINS(a.message, c.front.url);
    CHECK_INT(c.back.svc.cancelled, 1);
    maru_call_end(a.call);
    test_begin("and the next finds its way");
    relay(&c, &a, 10000, 1);
    pass(&c, 10 * SECOND);
    CHECK_INT(a.status, MARU_OK);
    maru_call_end(a.call);
    chain_stop(&c);
}

int main(void)
{
    test_deadline();
    test_own_deadline();
    test_cancel();
    test_reasons();
    test_cut();
    return test_end();
}
