/* farewell_test.c: how a server that stops parts from its peers: one that was told GOING_AWAY closes by itself, and is
 * not closed upon while it may be writing. On virtual time. The peers are raw.
 */
#include "test.h"

#include "rpc/simworld.h"

enum { ECHO, SLEEP };

static int64_t stop_ms(world *w)
{
    int64_t begun = maru_sim_now(w->sim);

    maru_server_free(w->node.server);
    w->node.server = NULL;
    return (maru_sim_now(w->sim) - begun) / MS;
}

static void peer_begin(world *w, simpeer *p, const maru_server_options *options)
{
    world_start(w, 64 * 1024, options);
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
    peer_begin(&w, &p, NULL);
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
    peer_begin(&w, &p, NULL);
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

    peer_begin(&w, &p, &(maru_server_options){.name = "echo", .drain_ms = drain_ms});
    check_about(stop_ms(&w), want_ms);
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
    world_start(&w, 64 * 1024, NULL);
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
    world_start(&w, 64 * 1024, NULL);
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
    test_plain();
    test_ours();
    return test_end();
}
