/* slow_test.c: peers that ask and do not read, on virtual time: output is bounded, the peer is closed after a while,
 * and nobody else is the worse for it.
 */
#include "test.h"

#include <stdlib.h>

#include "rpc/echo.h"
#include "rpc/simpeer.h"
#include "server/server_impl.h"
#include "wire/bytes.h"

enum { ECHO, SLEEP, BIG = 5, DRAIN_S = 3, ANSWER = 64 * 1024, MAX_OUTPUT = 256 * 1024, WINDOW = 128 * 1024 };

#define MS     INT64_C(1000000)
#define SECOND INT64_C(1000000000)
#define URL    "tcp://server:1"

static const maru_method *method(int index)
{
    return &echo_maru_service.methods[index];
}

/* A world with a server, a peer that is slow, and one that is not. */
typedef struct world {
    maru_sim *sim;
    echo_node node;
    simpeer   slow, friend;
    uint32_t  last_id;
} world;

static void pass(world *w, int64_t ns)
{
    maru_sim_run(w->sim, maru_sim_now(w->sim) + ns);
}

static void world_start(world *w)
{
    maru_server_options options = {
        .name = "echo", .max_output = MAX_OUTPUT, .max_calls = 2000, .drain_ms = DRAIN_S * 1000};

    *w = (world){.sim = maru_sim_new(&(maru_sim_options){.seed = 1, .window = WINDOW})};
    echo_start(&w->node, URL, &options, maru_sim_seam(w->sim));
    simpeer_dial(&w->friend, w->sim, URL);
    simpeer_greet(&w->friend);
    pass(w, MS);
    simpeer_dial(&w->slow, w->sim, URL); /* the last to come is the first of the server's list */
    simpeer_greet(&w->slow);
    pass(w, MS);
    w->slow.deaf = true;
}

static void world_stop(world *w)
{
    simpeer_free(&w->slow);
    simpeer_free(&w->friend);
    echo_stop(&w->node);
    maru_sim_free(w->sim);
}

/* The other peer is answered within a millisecond, however the slow one stands. */
static void check_served(world *w)
{
    Echo__Message request = ECHO__MESSAGE__INIT;

    simpeer_count(&w->friend, FRAME_REPLY);
    simpeer_call(&w->friend, ++w->last_id, method(ECHO), 0, &request.base);
    pass(w, MS);
    CHECK_INT(simpeer_count(&w->friend, FRAME_REPLY), 1);
}

static void ask_much(world *w, int calls)
{
    Echo__Message request = ECHO__MESSAGE__INIT;

    request.millis = ANSWER;
    for (int i = 1; i <= calls; i++)
        simpeer_call(&w->slow, (uint32_t)i, method(BIG), 0, &request.base);
}

static size_t unsent(const world *w)
{
    return w->node.server->sessions->conn == NULL ? 0 : conn_unsent(w->node.server->sessions->conn);
}

static void test_not_reading(void)
{
    world w;

    test_begin("a peer that asks for much and reads nothing has no more calls started once its output is full");
    world_start(&w);
    ask_much(&w, 1000);
    pass(&w, SECOND);
    CHECK(unsent(&w) > MAX_OUTPUT / 4);
    CHECK(unsent(&w) < MAX_OUTPUT + 2 * ANSWER);
    CHECK(w.node.server->queued > 0);
    check_served(&w);
    test_begin("it is closed after 10 s, while others are served as before");
    pass(&w, 8 * SECOND);
    check_served(&w);
    CHECK_INT(w.node.server->session_count, 2);
    pass(&w, 2 * SECOND);
    check_served(&w);
    CHECK_INT(w.node.server->session_count, 1);
    world_stop(&w);
}

static void test_reading_again(void)
{
    world w;
    int   answers;

    test_begin("one that reads again in time gets all of its answers");
    world_start(&w);
    ask_much(&w, 200);
    pass(&w, 9 * SECOND);
    CHECK(w.node.server->queued > 180);
    simpeer_listen_up(&w.slow);
    pass(&w, SECOND);
    answers = (int)simpeer_count(&w.slow, FRAME_REPLY);
    CHECK_INT(answers, 200);
    pass(&w, 20 * SECOND);
    CHECK_INT(w.node.server->session_count, 2);
    world_stop(&w);
}

static void write_often(simpeer *p, const frame *f, int times)
{
    bytes   all = {0};
    uint8_t head[FRAME_HEAD_MAX];
    size_t  size = frame_write_head(head, f, false);

    for (int i = 0; i < times; i++) {
        put(&all, head, size);
        put(&all, "0123456789abcdef", f->payload_size);
    }
    simpeer_write(p, all.at, all.size);
    free(all.at);
}

/* Frames that are answered without a handler: nothing of theirs may pile up either. */
static void flood(const char *sentence, const frame *f)
{
    enum { FRAMES = 50000 };
    world  w;
    size_t most = 0;

    test_begin(sentence);
    world_start(&w);
    write_often(&w.slow, f, FRAMES);
    for (int i = 0; i < 9; i++) {
        pass(&w, SECOND);
        if (unsent(&w) > most)
            most = unsent(&w);
        check_served(&w);
    }
    CHECK(most > MAX_OUTPUT / 4);
    CHECK(most < MAX_OUTPUT + WINDOW * 8); /* what one read brought is answered */
    pass(&w, 3 * SECOND);
    CHECK_INT(w.node.server->session_count, 1);
    world_stop(&w);
}

/* Stops the server beside a peer that asked for so much and reads nothing. */
static void test_stop(const char *sentence, int calls)
{
    world   w;
    int64_t begun;

    test_begin(sentence);
    world_start(&w);
    ask_much(&w, calls);
    pass(&w, MS);
    CHECK(unsent(&w) > 0);
    begun = maru_sim_now(w.sim);
    maru_server_free(w.node.server);
    w.node.server = NULL;
    if (!CHECK(maru_sim_now(w.sim) - begun >= DRAIN_S * SECOND) ||
        !CHECK(maru_sim_now(w.sim) - begun <= DRAIN_S * SECOND + 10 * MS))
        fprintf(stderr, "it took %lld ms\n", (long long)((maru_sim_now(w.sim) - begun) / MS));
    world_stop(&w);
}

static void read_again(void *arg)
{
    simpeer_listen_up(arg);
}

static void test_stop_in_time(void)
{
    enum { CALLS = 100 };
    world w;

    test_begin("calls that wait in a queue when a stop begins are served, where their peer reads again in its time");
    world_start(&w);
    ask_much(&w, CALLS);
    pass(&w, MS);
    CHECK(w.node.server->queued > CALLS / 2);
    CHECK_INT(w.node.server->running, 0); /* nothing but those that wait is left to be done */
    maru_sim_at(w.sim, maru_sim_now(w.sim) + SECOND, read_again, &w.slow);
    CHECK(maru_server_drain(w.node.server));
    maru_server_free(w.node.server);
    w.node.server = NULL;
    pass(&w, SECOND);
    CHECK_INT(simpeer_count(&w.slow, FRAME_REPLY), CALLS);
    world_stop(&w);
}

static void say_hello(void *arg)
{
    simpeer_maru_hello(arg, 0);
}

static void test_late_hello(void)
{
    world         w;
    simpeer       late;
    Echo__Message request = ECHO__MESSAGE__INIT;

    test_begin("one that says its HELLO to a server that stops is told so, as those before it were");
    world_start(&w);
    simpeer_dial(&late, w.sim, URL);
    simpeer_hello(&late, SP_REQ);
    request.millis = 1000;
    simpeer_call(&w.friend, 1, method(SLEEP), 0, &request.base);
    pass(&w, MS);
    maru_sim_at(w.sim, maru_sim_now(w.sim) + SECOND / 2, say_hello, &late);
    CHECK(maru_server_drain(w.node.server));
    pass(&w, MS);
    CHECK_INT(simpeer_count(&late, FRAME_GOING_AWAY), 1);
    CHECK_INT(simpeer_count(&w.friend, FRAME_GOING_AWAY), 1);
    simpeer_free(&late);
    world_stop(&w);
}

static void test_pings_at_client(void)
{
    enum { PINGS = 1000000, OUTPUT = 8 << 20 };
    maru_sim            *sim = maru_sim_new(&(maru_sim_options){.seed = 1, .window = WINDOW});
    maru_runtime_options options = {.seam = maru_sim_seam(sim)};
    maru_runtime        *rt;
    maru_client         *client;
    simpeer              server;
    frame                ping = {.kind = FRAME_PING, .payload_size = 16};
    size_t               pongs;

    test_begin("a server that asks and asks for signs of life and reads none gets no more of them than max_output");
    if (!CHECK_INT(maru_runtime_new(&options, &rt, NULL), MARU_OK))
        exit(1);
    simpeer_listen(&server, sim, URL);
    if (!CHECK_INT(maru_client_new(rt, URL, NULL, &client, NULL), MARU_OK))
        exit(1);
    maru_sim_run(sim, maru_sim_now(sim) + SECOND / 100);
    simpeer_hello(&server, SP_REP);
    simpeer_maru_hello(&server, 10);
    server.deaf = true;
    for (int i = 0; i < PINGS; i += 10000) {
        write_often(&server, &ping, 10000);
        maru_sim_run(sim, maru_sim_now(sim) + SECOND / 10);
    }
    simpeer_listen_up(&server);
    maru_sim_run(sim, maru_sim_now(sim) + 5 * SECOND);
    pongs = simpeer_count(&server, FRAME_PONG) * (8 + 4 + 16 + 16);
    CHECK(pongs > OUTPUT / 2);
    CHECK(pongs < OUTPUT + WINDOW * 8);
    maru_client_free(client);
    maru_runtime_free(rt);
    simpeer_free(&server);
    maru_sim_free(sim);
}

int main(void)
{
    test_not_reading();
    test_reading_again();
    flood("a flood of pings by one that reads nothing takes no more memory than its output may",
          &(frame){.kind = FRAME_PING, .payload_size = 16});
    flood("so does one of calls to a method that nobody has", &(frame){.kind = FRAME_CALL, .id = 1, .method = 1});
    test_stop("a stop is over after its drain_ms though a peer does not read its last answers", 5);
    test_stop("and though one has so many waiting that its other calls cannot even be started", 100);
    test_stop_in_time();
    test_late_hello();
    test_pings_at_client();
    return test_end();
}
