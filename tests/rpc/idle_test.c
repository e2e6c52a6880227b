/* idle_test.c: plain nng sockets that make no call, and what the log says of connections that were closed: the first
 * reason, at once and then every ten seconds. On virtual time. The peers are raw.
 */
#include "test.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rpc/simworld.h"
#include "server/server_impl.h"

enum { ECHO, SLEEP, BIG = 5 };

/* What is said on stderr between log_catch and log_caught. */
typedef struct log_catch {
    int  was, into;
    char text[8192];
} log_catch;

static void log_catch_begin(log_catch *l)
{
    l->was = dup(STDERR_FILENO);
    l->into = memfd_create("stderr", 0);
    dup2(l->into, STDERR_FILENO);
}

static void log_catch_end(log_catch *l)
{
    ssize_t got;

    dup2(l->was, STDERR_FILENO);
    got = pread(l->into, l->text, sizeof l->text - 1, 0);
    l->text[got < 0 ? 0 : got] = 0;
    close(l->was);
    close(l->into);
}

static void test_idle(void)
{
    world         w;
    simpeer       idle, waiting, busy, maru;
    Echo__Message request = ECHO__MESSAGE__INIT;

    test_begin("a plain socket without a call for 60 s is closed, for it takes the place of another");
    world_start(&w, 64 * 1024, NULL);
    simpeer_dial(&idle, w.sim, URL);
    simpeer_hello(&idle, SP_REQ);
    simpeer_dial(&waiting, w.sim, URL);
    simpeer_hello(&waiting, SP_REQ);
    request.millis = 150000;
    simpeer_call(&waiting, 1, method(SLEEP), 0, &request.base);
    simpeer_dial(&busy, w.sim, URL);
    simpeer_hello(&busy, SP_REQ);
    simpeer_dial(&maru, w.sim, URL);
    simpeer_greet(&maru);
    for (uint32_t i = 0; i < 5; i++) {
        pass(w.sim, 29 * SECOND);
        simpeer_call(&busy, 2 + i, method(ECHO), 0, &request.base);
        simpeer_frame(&maru, &(frame){.kind = FRAME_PONG}, NULL);
    }
    check_about(closed_after_ms(&idle), 60000);
    test_begin("one that waits for an answer is not, nor one that calls now and then, nor a peer of ours");
    CHECK_INT(closed_after_ms(&waiting), -1);
    CHECK_INT(closed_after_ms(&busy), -1);
    CHECK_INT(closed_after_ms(&maru), -1);
    pass(w.sim, 10 * SECOND);
    CHECK_INT(simpeer_count(&waiting, FRAME_REPLY), 1);
    pass(w.sim, 100 * SECOND);
    CHECK(closed_after_ms(&waiting) > 180000);
    simpeer_free(&idle);
    simpeer_free(&waiting);
    simpeer_free(&busy);
    simpeer_free(&maru);
    world_stop(&w);
}

static void test_idle_short(void)
{
    maru_server_options options = {.name = "echo", .idle_peer_ms = 2000};
    world               w;
    simpeer             idle, busy;
    Echo__Message       request = ECHO__MESSAGE__INIT;

    test_begin("idle_peer_ms is that time, where it is shorter too, from the end of the last call on");
    world_start(&w, 64 * 1024, &options);
    simpeer_dial(&idle, w.sim, URL);
    simpeer_hello(&idle, SP_REQ);
    simpeer_dial(&busy, w.sim, URL);
    simpeer_hello(&busy, SP_REQ);
    pass(w.sim, SECOND);
    simpeer_call(&busy, 1, method(ECHO), 0, &request.base);
    pass(w.sim, 10 * SECOND);
    check_about(closed_after_ms(&idle), 2000);
    check_about(closed_after_ms(&busy), 3000);
    simpeer_free(&idle);
    simpeer_free(&busy);
    world_stop(&w);
}

static void test_idle_after(void)
{
    maru_server_options options = {.name = "echo", .idle_peer_ms = 2000};
    world               w;
    simpeer             p;
    Echo__Message       request = ECHO__MESSAGE__INIT;

    test_begin("a call that took longer than that is used until it is answered, and its peer has the time after it");
    world_start(&w, 64 * 1024, &options);
    simpeer_dial(&p, w.sim, URL);
    simpeer_hello(&p, SP_REQ);
    request.millis = 7000;
    simpeer_call(&p, 1, method(SLEEP), 0, &request.base);
    pass(w.sim, 8 * SECOND);
    CHECK_INT(simpeer_count(&p, FRAME_REPLY), 1);
    CHECK_INT(closed_after_ms(&p), -1);
    pass(w.sim, 10 * SECOND);
    check_about(closed_after_ms(&p), 9000);
    simpeer_free(&p);
    world_stop(&w);
}

/* What comes in, and is no call: each gets its answer, or none. */
static void say_rubbish(simpeer *p, uint32_t id)
{
    static const uint8_t no_header[16] = {0, 0, 0, 0, 0, 0, 0, 8, 0x80, 0, 0, 1, 'j', 'u', 'n', 'k'};

    simpeer_write(p, no_header, sizeof no_header);
    simpeer_frame(p, &(frame){.kind = FRAME_CALL, .id = id, .method = 1}, NULL); /* nobody has it */
    simpeer_frame(p, &(frame){.kind = FRAME_PING, .id = FRAME_CONTROL_ID}, NULL);
    simpeer_frame(p, &(frame){.kind = FRAME_CANCEL, .id = id}, NULL);
    simpeer_frame(p, &(frame){.kind = FRAME_REPLY, .id = id}, NULL);
}

/* Each message is begun in one second and ended in the next, so that one is under way whenever it is looked at. */
static void say_in_halves(simpeer *p, int second)
{
    static const uint8_t half[6] = {0, 0, 0, 0, 0, 0}, rest_half[16] = {0, 8, 0x80, 0, 0, 1, 'j', 'u', 'n', 'k'};

    if (second > 0)
        simpeer_write(p, rest_half, 10);
    simpeer_write(p, half, sizeof half);
}

static void test_rubbish(void)
{
    world     w;
    simpeer   rubbish, halves, late;
    log_catch l;

    test_begin("a plain socket that sends what is no call is closed as if it were silent");
    world_start(&w, 64 * 1024, NULL);
    log_catch_begin(&l);
    simpeer_dial(&rubbish, w.sim, URL);
    simpeer_hello(&rubbish, SP_REQ);
    simpeer_dial(&halves, w.sim, URL);
    simpeer_hello(&halves, SP_REQ);
    simpeer_dial(&late, w.sim, URL);
    simpeer_hello(&late, SP_REQ);
    for (int i = 0; i < 150; i++) {
        say_rubbish(&rubbish, (uint32_t)i + 1);
        say_in_halves(&halves, i);
        if (i == 59)
            simpeer_write(&late, "\0\0\0\0\0\0\0\x14\x80", 9);
        if (i == 100) {
            uint8_t bytes[FRAME_HEAD_MAX];

            frame_write_head(bytes, &(frame){.kind = FRAME_CALL, .id = 1, .method = method(ECHO)->id}, false);
            simpeer_write(&late, bytes + 9, 28 - 9);
        }
        pass(w.sim, SECOND);
    }
    log_catch_end(&l);
    check_about(closed_after_ms(&rubbish), 60000);
    test_begin("the last message that it begins in its time, which may be a call, has the time of a message");
    CHECK(closed_after_ms(&halves) >= 60000 && closed_after_ms(&halves) <= 120100);
    CHECK_INT(closed_after_ms(&late), -1);
    CHECK_INT(simpeer_count(&late, FRAME_REPLY), 1);
    test_begin("and the log tells of it, as of others that were closed");
    CHECK_CONTAINS(l.text, "level=warn");
    CHECK_CONTAINS(l.text, "connection closed: a plain nng socket without a call for 60000 ms (idle_peer_ms)");
    simpeer_free(&rubbish);
    simpeer_free(&halves);
    simpeer_free(&late);
    world_stop(&w);
}

/* Asks for more than the network takes, and reads nothing. */
static void be_deaf(world *w, simpeer *p)
{
    Echo__Message request = ECHO__MESSAGE__INIT;

    simpeer_dial(p, w->sim, URL);
    simpeer_hello(p, SP_REQ);
    pass(w->sim, MS);
    p->deaf = true;
    request.millis = 256 * 1024;
    simpeer_call(p, 1, method(BIG), 0, &request.base);
}

static void test_first_reason(void)
{
    world     w;
    simpeer   p;
    log_catch l;

    test_begin("one that made no call and read nothing is closed for the first, which the log says");
    world_start(&w, 64 * 1024, NULL);
    log_catch_begin(&l);
    be_deaf(&w, &p);
    pass(w.sim, 90 * SECOND);
    CHECK_INT(w.node.server->session_count, 0);
    simpeer_free(&p);
    world_stop(&w);
    log_catch_end(&l);
    CHECK_CONTAINS(l.text, "connection closed: a plain nng socket without a call for 60000 ms");
    CHECK(strstr(l.text, "reads too slowly") == NULL);
    test_begin("and one whose server stops before it has read is not blamed");
    world_start(&w, 64 * 1024, &(maru_server_options){.name = "echo", .drain_ms = 2000});
    log_catch_begin(&l);
    be_deaf(&w, &p);
    pass(w.sim, SECOND);
    maru_server_free(w.node.server);
    w.node.server = NULL;
    log_catch_end(&l);
    CHECK(strstr(l.text, "connection closed") == NULL);
    simpeer_free(&p);
    world_stop(&w);
}

static void test_told(void)
{
    world     w;
    simpeer   p[6];
    log_catch l;

    test_begin("of six that were closed for what they said in one second, the log tells at once and ten seconds later");
    world_start(&w, 64 * 1024, NULL);
    log_catch_begin(&l);
    for (int i = 0; i < 6; i++) {
        simpeer_dial(&p[i], w.sim, URL);
        simpeer_write(&p[i], "GET / HTTP/1.1", 14);
        pass(w.sim, SECOND / 10);
    }
    pass(w.sim, 11 * SECOND);
    log_catch_end(&l);
    CHECK_CONTAINS(l.text, " closed=1\n");
    CHECK_CONTAINS(l.text, " closed=5\n");
    for (int i = 0; i < 6; i++)
        simpeer_free(&p[i]);
    test_begin("of one whose HELLO is none it says so");
    log_catch_begin(&l);
    simpeer_dial(&p[0], w.sim, URL);
    simpeer_hello(&p[0], SP_REQ);
    simpeer_frame(&p[0], &(frame){.kind = FRAME_HELLO, .payload_size = 1}, "\x0a");
    pass(w.sim, 11 * SECOND);
    log_catch_end(&l);
    CHECK_CONTAINS(l.text, "connection closed: its HELLO: ");
    CHECK_CONTAINS(l.text, " closed=1\n");
    simpeer_free(&p[0]);
    world_stop(&w);
}

int main(void)
{
    test_idle();
    test_idle_short();
    test_idle_after();
    test_rubbish();
    test_told();
    test_first_reason();
    return test_end();
}
