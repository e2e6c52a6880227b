/* farewell_test.c: how a server that stops parts from its peers: one that was told GOING_AWAY closes by itself, and is
 * not closed upon while it may be writing. On virtual time. The peers are raw.
 */
#include "test.h"

#include "rpc/simworld.h"

enum { ECHO, SLEEP };
enum { WINDOW = 64 * 1024 };

static int64_t stop_ms(world *w)
{
    int64_t begun = maru_sim_now(w->sim);

    maru_server_free(w->node.server);
    w->node.server = NULL;
    return (maru_sim_now(w->sim) - begun) / MS;
}

static void peer_begin(world *w, simpeer *p, size_t window, const maru_server_options *options)
{
    world_start(w, window, options);
    simpeer_dial(p, w->sim, URL);
    simpeer_greet(p);
    pass(w->sim, MS);
}

static void peer_end(world *w, simpeer *p)
{
    simpeer_free(p);
    world_stop(w);
}

static void say_close(void *arg)
{
    simpeer_close(arg);
}

static void say_call(void *arg)
{
    Echo__Message request = ECHO__MESSAGE__INIT;

    simpeer_call(arg, 7, method(ECHO), 0, &request.base);
}

static void test_closes_itself(void)
{
    world   w;
    simpeer p;

    test_begin("a server that stops waits for a peer that was told to close, and no longer than that");
    peer_begin(&w, &p, WINDOW, NULL);
    maru_sim_at(w.sim, maru_sim_now(w.sim) + SECOND, say_close, &p);
    check_about(stop_ms(&w), 1000);
    CHECK_INT(simpeer_count(&p, FRAME_GOING_AWAY), 1);
    peer_end(&w, &p);
}

static void test_crossing(void)
{
    world   w;
    simpeer p;
    frame   f = {.kind = FRAME_PING};

    test_begin("a call that crosses the GOING_AWAY is told that the server stops; its peer loses nothing");
    peer_begin(&w, &p, WINDOW, NULL);
    maru_sim_at(w.sim, maru_sim_now(w.sim) + SECOND, say_call, &p);
    maru_sim_at(w.sim, maru_sim_now(w.sim) + SECOND + SECOND / 2, say_close, &p);
    check_about(stop_ms(&w), 1500);
    while (simpeer_next(&p, &f) && f.kind != FRAME_REPLY)
        ;
    if (CHECK_INT(f.kind, FRAME_REPLY)) {
        CHECK_INT(f.id, 7);
        CHECK_INT(f.status, MARU_UNAVAILABLE);
    }
    peer_end(&w, &p);
}

static void test_stays(int64_t drain_ms, int64_t want_ms)
{
    world   w;
    simpeer p;

    peer_begin(&w, &p, WINDOW, &(maru_server_options){.name = "echo", .drain_ms = drain_ms});
    check_about(stop_ms(&w), want_ms);
    pass(w.sim, SECOND);
    CHECK(p.closed_at != 0);
    peer_end(&w, &p);
}

typedef struct caller {
    simpeer *peer;
    uint32_t calls;
} caller;

/* Asks for more every millisecond, for ever. */
static void say_much(void *arg)
{
    caller       *c = arg;
    simpeer      *p = c->peer;
    Echo__Message request = ECHO__MESSAGE__INIT;

    for (int i = 0; i < 50 && p->closed_at == 0; i++)
        simpeer_call(p, ++c->calls, method(ECHO), 0, &request.base);
    if (p->closed_at == 0)
        maru_sim_at(p->sim, maru_sim_now(p->sim) + MS, say_much, c);
}

static void test_goes_on(void)
{
    world   w;
    simpeer p;
    caller  c = {.peer = &p};
    int64_t ms;

    test_begin("one that goes on calling, and reads slowly, gets what was said before the end and no more");
    peer_begin(&w, &p, 100, NULL);
    say_much(&c);
    pass(w.sim, 100 * MS);
    CHECK(simpeer_count(&p, FRAME_REPLY) > 1000);
    ms = stop_ms(&w);
    CHECK(ms > 2000 && ms < 5000); /* else the whole 10 s */
    pass(w.sim, SECOND);
    CHECK(p.closed_at != 0);
    peer_end(&w, &p);
}

static void test_plain(void)
{
    world         w;
    simpeer       p;
    Echo__Message request = ECHO__MESSAGE__INIT;

    test_begin("a plain nng socket never closes by itself: it is closed as soon as its answers have left");
    world_start(&w, WINDOW, NULL);
    simpeer_dial(&p, w.sim, URL);
    simpeer_hello(&p, SP_REQ);
    request.millis = 300;
    simpeer_call(&p, 1, method(SLEEP), 0, &request.base);
    pass(w.sim, 100 * MS);
    check_about(stop_ms(&w), 200);
    pass(w.sim, MS);
    CHECK_INT(simpeer_count(&p, FRAME_REPLY), 1);
    peer_end(&w, &p);
}

/* A client of ours, with a call in flight. */
static void on_end(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    (void)message;
    (void)response;
    *(int *)arg = (int)status;
}

static void test_ours(void)
{
    world         w;
    maru_client  *client;
    maru_call    *call;
    int           got = -1;
    Echo__Message request = ECHO__MESSAGE__INIT;

    test_begin("a client of ours closes with its last answer: the stop takes no longer than its calls");
    world_start(&w, WINDOW, NULL);
    client = echo_client(w.node.rt, URL);
    call = maru_call_begin(w.node.rt, 10000);
    request.millis = 300;
    echo_sleep_async(client, call, &request, on_end, &got);
    pass(w.sim, 100 * MS);
    check_about(stop_ms(&w), 200);
    CHECK_INT(got, MARU_OK);
    maru_call_end(call);
    maru_client_free(client);
    world_stop(&w);
}

int main(void)
{
    test_closes_itself();
    test_crossing();
    test_begin("one that does not close is closed after 2 s");
    test_stays(0, 2000);
    test_begin("or earlier, where the whole stop may take no longer");
    test_stays(500, 500);
    test_goes_on();
    test_plain();
    test_ours();
    return test_end();
}
