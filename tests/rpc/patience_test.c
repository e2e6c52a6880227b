/* patience_test.c: how long each side waits for the other, on virtual time: hellos, messages that do not end, silence,
 * deadlines of minutes. The peers are raw.
 */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "rpc/simworld.h"

enum { ECHO, SLEEP };

static void test_hello(void)
{
    world   w;
    simpeer silent, half;

    test_begin("a peer that says no SP hello is closed after 10 s, and so is one that says half of it");
    world_start(&w, 0, NULL);
    simpeer_dial(&silent, w.sim, URL);
    simpeer_dial(&half, w.sim, URL);
    simpeer_write(&half, "\0SP\0", 4);
    pass(w.sim, 9 * SECOND);
    CHECK_INT(closed_after_ms(&silent), -1);
    pass(w.sim, 10 * SECOND);
    check_about(closed_after_ms(&silent), 10000);
    check_about(closed_after_ms(&half), 10000);
    simpeer_free(&silent);
    simpeer_free(&half);
    world_stop(&w);
}

/* The first bytes of a call of 1000 bytes. */
static void begin_message(simpeer *p)
{
    static const uint8_t bytes[12] = {0, 0, 0, 0, 0, 0, 3, 0xe8, 0x80, 0, 0, 1};

    simpeer_write(p, bytes, sizeof bytes);
}

static void test_hello_at_once(void)
{
    world   w;
    simpeer silent;

    test_begin("a server says its HELLO with its SP hello, so that nothing makes it late that is between them");
    world_start(&w, 0, NULL);
    simpeer_dial(&silent, w.sim, URL);
    pass(w.sim, SECOND / 100);
    CHECK_INT(simpeer_count(&silent, FRAME_HELLO), 1);
    simpeer_hello(&silent, SP_REQ);
    pass(w.sim, SECOND);
    CHECK_INT(simpeer_count(&silent, FRAME_HELLO), 0);
    simpeer_free(&silent);
    world_stop(&w);
}

static void test_half(void)
{
    world   w;
    simpeer plain, maru, slow, idle;

    test_begin("a message that was begun and does not end is given 60 s, from a plain socket, from a peer of ours that "
               "then says nothing, and from one that sends a byte a second");
    world_start(&w, 0, NULL);
    simpeer_dial(&plain, w.sim, URL);
    simpeer_hello(&plain, SP_REQ);
    begin_message(&plain);
    simpeer_dial(&maru, w.sim, URL);
    simpeer_greet(&maru);
    begin_message(&maru);
    simpeer_dial(&slow, w.sim, URL);
    simpeer_greet(&slow);
    begin_message(&slow);
    simpeer_dial(&idle, w.sim, URL);
    simpeer_hello(&idle, SP_REQ);
    for (int i = 0; i < 120; i++) {
        if (i == 35)
            begin_message(&idle);
        pass(w.sim, SECOND);
        simpeer_write(&slow, "x", 1);
    }
    check_about(closed_after_ms(&idle), 95000);
    check_about(closed_after_ms(&plain), 60000);
    check_about(closed_after_ms(&maru), 60000);
    check_about(closed_after_ms(&slow), 60000);
    simpeer_free(&plain);
    simpeer_free(&maru);
    simpeer_free(&slow);
    simpeer_free(&idle);
    test_begin("a message that takes 59 s is answered, and the next has its own 60 s");
    {
        uint8_t bytes[FRAME_HEAD_MAX];
        frame   head = {.kind = FRAME_CALL, .id = 1, .method = method(ECHO)->id};
        size_t  size = frame_write_head(bytes, &head, false);

        simpeer_dial(&plain, w.sim, URL);
        simpeer_hello(&plain, SP_REQ);
        for (int i = 0; i < 3; i++) {
            simpeer_write(&plain, bytes, size - 1);
            pass(w.sim, 59 * SECOND);
            simpeer_write(&plain, bytes + size - 1, 1);
            pass(w.sim, 5 * SECOND);
            CHECK_INT(simpeer_count(&plain, FRAME_REPLY), 1);
        }
        CHECK_INT(closed_after_ms(&plain), -1);
        simpeer_free(&plain);
    }
    world_stop(&w);
}

static void answer_pings(simpeer *p)
{
    frame f;

    while (simpeer_next(p, &f))
        if (f.kind == FRAME_PING)
            simpeer_frame(p, &(frame){.kind = FRAME_PONG, .id = FRAME_CONTROL_ID}, NULL);
}

static void test_silence(void)
{
    world   w;
    simpeer maru, alive, plain;

    test_begin("a peer of ours that is silent is asked after 30 s, and closed when it is so for 30 s more");
    world_start(&w, 0, NULL);
    simpeer_dial(&maru, w.sim, URL);
    simpeer_greet(&maru);
    simpeer_dial(&alive, w.sim, URL);
    simpeer_greet(&alive);
    simpeer_dial(&plain, w.sim, URL);
    simpeer_hello(&plain, SP_REQ);
    pass(w.sim, 29 * SECOND);
    CHECK_INT(simpeer_count(&maru, FRAME_PING), 0);
    pass(w.sim, 2 * SECOND);
    CHECK_INT(simpeer_count(&maru, FRAME_PING), 1);
    answer_pings(&alive);
    CHECK_INT(simpeer_count(&plain, FRAME_PING), 0);
    pass(w.sim, 60 * SECOND);
    check_about(closed_after_ms(&maru), 60000);
    test_begin("one that answers stays, for hours; a plain nng socket is not asked");
    for (int i = 0; i < 720; i++) {
        answer_pings(&alive);
        pass(w.sim, 10 * SECOND);
    }
    CHECK_INT(closed_after_ms(&alive), -1);
    CHECK_INT(simpeer_count(&plain, FRAME_PING), 0);
    simpeer_free(&maru);
    simpeer_free(&alive);
    simpeer_free(&plain);
    world_stop(&w);
}

/* A call by callback, and when it ended. */
typedef struct asked {
    maru_sim   *sim;
    maru_call  *call;
    bool        ended;
    maru_status status;
    int64_t     begun, after_ms;
    char        message[512];
} asked;

static void on_end(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    asked *a = arg;

    (void)response;
    CHECK(!a->ended);
    a->ended = true;
    a->status = status;
    a->after_ms = (maru_sim_now(a->sim) - a->begun) / MS;
    snprintf(a->message, sizeof a->message, "%s", message);
    maru_call_end(a->call);
}

static void ask(asked *a, maru_sim *sim, maru_runtime *rt, maru_client *client, int64_t timeout_ms, int64_t millis)
{
    Echo__Message request = ECHO__MESSAGE__INIT;

    *a = (asked){.sim = sim, .call = maru_call_begin(rt, timeout_ms), .begun = maru_sim_now(sim)};
    request.millis = millis;
    echo_sleep_async(client, a->call, &request, on_end, a);
}

static void test_silent_server(void)
{
    maru_sim            *sim = maru_sim_new(&(maru_sim_options){.seed = 1});
    maru_runtime_options options = {.seam = maru_sim_seam(sim)};
    maru_runtime        *rt;
    maru_client         *client;
    simpeer              server;
    asked                a;

    test_begin("a call without a deadline ends with UNAVAILABLE when its server is silent for two ping times of 10 s");
    if (!CHECK_INT(maru_runtime_new(&options, &rt, NULL), MARU_OK))
        exit(1);
    simpeer_listen(&server, sim, URL);
    if (!CHECK_INT(maru_client_new(rt, URL, NULL, &client, NULL), MARU_OK))
        exit(1);
    pass(sim, SECOND / 100);
    simpeer_hello(&server, SP_REP);
    simpeer_maru_hello(&server, 10);
    pass(sim, SECOND / 100);
    ask(&a, sim, rt, client, 0, 1);
    pass(sim, 20 * SECOND);
    CHECK(a.ended);
    CHECK_INT(a.status, MARU_UNAVAILABLE);
    CHECK_CONTAINS(a.message, "no sign of life");
    check_about(a.after_ms, 20000 - 10); /* after the hello, when it was heard last */
    test_begin("and another connection is made at once");
    CHECK_INT(server.accepted, 2);
    test_begin("while it answers pings the call waits, for hours");
    simpeer_hello(&server, SP_REP);
    simpeer_maru_hello(&server, 10);
    pass(sim, SECOND / 100);
    ask(&a, sim, rt, client, 0, 1);
    for (int i = 0; i < 7200; i++) {
        answer_pings(&server);
        pass(sim, SECOND);
    }
    CHECK(!a.ended);
    maru_client_free(client);
    CHECK_INT(a.status, MARU_CANCELLED);
    maru_runtime_free(rt);
    simpeer_free(&server);
    maru_sim_free(sim);
}

/* The CALLs that have come since: their count, and the id of the last. */
static int calls_that_came(simpeer *server, uint32_t *id)
{
    int   count = 0;
    frame f;

    while (simpeer_next(server, &f))
        if (f.kind == FRAME_CALL) {
            *id = f.id;
            count++;
        }
    return count;
}

static void test_given_up(void)
{
    maru_sim            *sim = maru_sim_new(&(maru_sim_options){.seed = 1});
    maru_runtime_options options = {.seam = maru_sim_seam(sim)};
    maru_runtime        *rt;
    maru_client         *client;
    simpeer              server;
    asked                first, next;
    uint32_t             id = 0, other = 0;

    test_begin("a call that ran out of time is in flight until its server answers: where it takes one, the next waits");
    if (!CHECK_INT(maru_runtime_new(&options, &rt, NULL), MARU_OK))
        exit(1);
    simpeer_listen(&server, sim, URL);
    if (!CHECK_INT(maru_client_new(rt, URL, NULL, &client, NULL), MARU_OK))
        exit(1);
    pass(sim, SECOND / 100);
    simpeer_hello(&server, SP_REP);
    simpeer_maru_hello(&server, 1);
    pass(sim, SECOND / 100);
    ask(&first, sim, rt, client, 100, 1);
    pass(sim, SECOND);
    CHECK(first.ended);
    CHECK_INT(first.status, MARU_DEADLINE_EXCEEDED);
    CHECK_INT(calls_that_came(&server, &id), 1);
    ask(&next, sim, rt, client, 60000, 1);
    pass(sim, SECOND);
    CHECK_INT(calls_that_came(&server, &other), 0);
    test_begin("its late answer is nobody's, and makes room for the next, which has an id of its own");
    simpeer_frame(&server, &(frame){.kind = FRAME_REPLY, .id = id}, NULL);
    pass(sim, SECOND);
    CHECK_INT(calls_that_came(&server, &other), 1);
    CHECK(other != id && !next.ended);
    simpeer_frame(&server, &(frame){.kind = FRAME_REPLY, .id = other}, NULL);
    pass(sim, SECOND);
    CHECK(next.ended);
    CHECK_INT(next.status, MARU_OK);
    maru_client_free(client);
    maru_runtime_free(rt);
    simpeer_free(&server);
    maru_sim_free(sim);
}

static void test_deadlines(void)
{
    world        w;
    maru_client *client;
    asked        fits, late, hour;

    test_begin("deadlines of minutes and hours are kept to the tick, and sleeps too");
    world_start(&w, 0, NULL);
    client = echo_client(w.node.rt, URL);
    ask(&fits, w.sim, w.node.rt, client, 16 * 60000, 15 * 60000);
    ask(&late, w.sim, w.node.rt, client, 14 * 60000, 15 * 60000);
    ask(&hour, w.sim, w.node.rt, client, 3600000, 2 * 3600000);
    pass(w.sim, 7200 * SECOND);
    CHECK_INT(fits.status, MARU_OK);
    check_about(fits.after_ms, 15 * 60000);
    CHECK_INT(late.status, MARU_DEADLINE_EXCEEDED);
    check_about(late.after_ms, 14 * 60000);
    CHECK_INT(hour.status, MARU_DEADLINE_EXCEEDED);
    check_about(hour.after_ms, 3600000);
    maru_client_free(client);
    world_stop(&w);
}

/* As those who want to wait for ever may say it. */
static void test_forever(void)
{
    static const int64_t most[] = {INT64_MAX, INT64_MAX / MS, INT64_MAX / MS + 1};
    world                w;
    maru_client         *client;
    maru_call           *call;
    asked                asked_one;

    test_begin("a time that no clock reaches is no deadline");
    world_start(&w, 0, NULL);
    client = echo_client(w.node.rt, URL);
    for (size_t i = 0; i < sizeof most / sizeof *most; i++) {
        call = maru_call_begin(w.node.rt, most[i]);
        CHECK(maru_call_deadline(call) == MARU_NO_DEADLINE);
        CHECK(maru_call_deadline(maru_within(call, most[i])) == MARU_NO_DEADLINE);
        CHECK_INT(maru_call_check(maru_within(call, 0)), MARU_DEADLINE_EXCEEDED);
        CHECK_INT(maru_call_check(maru_within(call, INT64_MIN)), MARU_DEADLINE_EXCEEDED);
        maru_call_end(call);
    }
    test_begin("and a handler that sleeps for so long does so until it is cancelled");
    ask(&asked_one, w.sim, w.node.rt, client, INT64_MAX, INT64_MAX);
    pass(w.sim, 1000000 * SECOND);
    CHECK(!asked_one.ended);
    CHECK_INT(w.node.svc.started, 1);
    maru_client_free(client);
    CHECK(asked_one.ended);
    pass(w.sim, SECOND);
    CHECK_INT(w.node.svc.cancelled, 1);
    world_stop(&w);
}

static maru_status ask_in_vain(maru_client *client, maru_runtime *rt, int64_t ms)
{
    maru_call    *call = maru_call_begin(rt, ms);
    Echo__Message request = ECHO__MESSAGE__INIT, *response;
    maru_status   status = echo_echo(client, call, &request, &response);

    maru_call_end(call);
    return status;
}

static void test_unanswered(void)
{
    maru_sim            *sim = maru_sim_new(&(maru_sim_options){.seed = 1});
    maru_runtime_options options = {.seam = maru_sim_seam(sim)};
    maru_runtime        *rt;
    maru_client         *client;
    simpeer              p;

    test_begin("a plain nng socket that leaves 64 calls unanswered is given up for a new connection");
    CHECK_INT(maru_runtime_new(&options, &rt, NULL), MARU_OK);
    simpeer_listen(&p, sim, URL);
    simpeer_hello(&p, SP_REP);
    client = echo_client(rt, URL);
    for (int i = 0; i < 63; i++)
        CHECK_INT(ask_in_vain(client, rt, 1000), MARU_DEADLINE_EXCEEDED);
    CHECK_INT(simpeer_count(&p, FRAME_CALL), 63);
    CHECK_INT(closed_after_ms(&p), -1);
    CHECK_INT(ask_in_vain(client, rt, 1000), MARU_DEADLINE_EXCEEDED);
    pass(sim, SECOND);
    CHECK_INT(p.accepted, 2);
    simpeer_close(&p);
    maru_client_free(client);
    simpeer_free(&p);
    maru_runtime_free(rt);
    maru_sim_free(sim);
}

int main(void)
{
    test_hello();
    test_hello_at_once();
    test_half();
    test_silence();
    test_silent_server();
    test_given_up();
    test_deadlines();
    test_unanswered();
    test_forever();
    return test_end();
}
