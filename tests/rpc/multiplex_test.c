/* multiplex_test.c: any number of calls at once on one connection, as seen on the wire from either side. */
#include "test.h"

#include <semaphore.h>
#include <stdlib.h>

#include "rpc/echo.h"
#include "rpc/peer.h"

enum { ECHO, SLEEP, RELAY };

static const maru_method *method(int index)
{
    return &echo_maru_service.methods[index];
}

/* A server of ours whose Relay calls a peer that the test is. */
typedef struct between {
    echo_node     node;
    peer_listener listener;
    peer          front, back;
} between;

static void between_start(between *b, const char *url, const char *back_url)
{
    CHECK(peer_listen(&b->listener, back_url));
    echo_start(&b->node, url, NULL, NULL);
    b->node.svc.next = echo_client(b->node.rt, b->listener.url);
    CHECK(peer_accept(&b->listener, &b->back) && peer_hello(&b->back, SP_REP, SP_REQ));
    CHECK(peer_maru_hello(&b->back, 0, 1000));
    CHECK(peer_dial(&b->front, b->node.url));
}

static void between_stop(between *b)
{
    peer_close(&b->front);
    maru_client_free(b->node.svc.next);
    echo_stop(&b->node);
    peer_close(&b->back);
    peer_listener_close(&b->listener);
}

static void ask(peer *p, uint32_t id, int which, const char *text, int64_t millis)
{
    Echo__Message request = ECHO__MESSAGE__INIT;

    request.text = (char *)text;
    request.millis = millis;
    CHECK(peer_call(p, id, method(which), 0, &request.base));
}

static bool reply_to(peer *p, uint32_t id, frame *reply)
{
    return CHECK(peer_expect(p, FRAME_REPLY, reply)) && CHECK_INT(reply->id, id);
}

static void answer_text(peer *back, const frame *call, const char *text)
{
    Echo__Message response = ECHO__MESSAGE__INIT;

    response.text = (char *)text;
    CHECK(peer_reply(back, call, MARU_OK, &response.base));
}

static void test_blocked(const char *url)
{
    echo_node node;
    peer      p;
    frame     reply;

    echo_start(&node, url, NULL, NULL);
    CHECK(peer_dial(&p, node.url));
    ask(&p, 1, SLEEP, "blocked", 600000);
    for (uint32_t id = 2; id < 102; id++) {
        ask(&p, id, ECHO, "quick", 0);
        if (reply_to(&p, id, &reply))
            CHECK_INT(reply.status, MARU_OK);
    }
    CHECK(peer_cancel(&p, 1, "enough"));
    if (reply_to(&p, 1, &reply))
        CHECK_INT(reply.status, MARU_CANCELLED);
    peer_close(&p);
    echo_stop(&node);
}

static void test_order(const char *url, const char *back_url)
{
    static const int order[] = {7, 0, 5, 2, 6, 1, 4, 3};
    enum { CALLS = sizeof order / sizeof *order };
    between b;
    frame   calls[CALLS], reply;

    between_start(&b, url, back_url);
    for (int i = 0; i < CALLS; i++) {
        ask(&b.front, 100 + (uint32_t)i, RELAY, "x", 0);
        CHECK(peer_expect(&b.back, FRAME_CALL, &calls[i]));
    }
    for (int i = 0; i < CALLS; i++) {
        char text[32];

        snprintf(text, sizeof text, "number %d", order[i]);
        answer_text(&b.back, &calls[order[i]], text);
        if (reply_to(&b.front, 100 + (uint32_t)order[i], &reply)) {
            Echo__Message *m = echo__message__unpack(NULL, reply.payload_size, reply.payload);
            CHECK_CONTAINS(m == NULL ? NULL : m->text, text);
            if (m != NULL)
                echo__message__free_unpacked(m, NULL);
        }
    }
    between_stop(&b);
}

/* What calls by callback ended with, in order. */
typedef struct ends {
    char       texts[16][16];
    atomic_int count;
    sem_t      one;
} ends;

static void note_end(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    ends *e = arg;

    CHECK_INT(status, MARU_OK);
    (void)message;
    if (response != NULL)
        snprintf(e->texts[e->count++], sizeof *e->texts, "%s", ((const Echo__Message *)response)->text);
    sem_post(&e->one);
}

static void test_client_order(void)
{
    enum { CALLS = 8 };
    peer_listener listener;
    peer          server;
    maru_runtime *rt;
    maru_client  *client;
    maru_call    *call;
    frame         frames[CALLS];
    ends          e = {0};
    Echo__Message request = ECHO__MESSAGE__INIT;

    sem_init(&e.one, 0, 0);
    CHECK(peer_listen(&listener, "tcp://127.0.0.1:0"));
    if (!CHECK_INT(maru_runtime_new(NULL, &rt, NULL), MARU_OK))
        exit(1);
    client = echo_client(rt, listener.url);
    CHECK(peer_accept(&listener, &server) && peer_hello(&server, SP_REP, SP_REQ) && peer_maru_hello(&server, 0, 100));
    call = maru_call_begin(rt, PEER_WAIT_MS);
    for (int i = 0; i < CALLS; i++) {
        echo_echo_async(client, call, &request, note_end, &e);
        CHECK(peer_expect(&server, FRAME_CALL, &frames[i]));
        for (int j = 0; j < i; j++)
            CHECK(frames[i].id != frames[j].id);
    }
    for (int i = CALLS - 1; i >= 0; i--) {
        char text[16];

        snprintf(text, sizeof text, "%d", i);
        answer_text(&server, &frames[i], text);
        sem_wait(&e.one);
        CHECK_STR(e.texts[CALLS - 1 - i], text);
    }
    test_begin("a reply whose id is of no call, and one that comes twice, harm nothing");
    answer_text(&server, &frames[3], "again");
    frames[0].id = 0;
    frames[0].hops_size = 0;
    answer_text(&server, &frames[0], "to no call");
    echo_echo_async(client, call, &request, note_end, &e);
    CHECK(peer_expect(&server, FRAME_CALL, &frames[0]));
    answer_text(&server, &frames[0], "real");
    sem_wait(&e.one);
    CHECK_STR(e.texts[CALLS], "real");
    maru_call_end(call);
    maru_client_free(client);
    maru_runtime_free(rt);
    peer_close(&server);
    peer_listener_close(&listener);
}

/* A call whose time is over while it is where these words say. On a busy machine a brief time may be over before the
 * call is there, which is told in words of its own: then it is given more. */
static void call_briefly(maru_client *client, maru_runtime *rt, const char *words)
{
    Echo__Message request = ECHO__MESSAGE__INIT, *response;
    bool          there = false;

    for (int ms = 50; ms < 20000 && !there; ms *= 4) {
        maru_call *brief = maru_call_begin(rt, ms);

        CHECK_INT(echo_echo(client, brief, &request, &response), MARU_DEADLINE_EXCEEDED);
        there = strstr(maru_call_message(brief), words) != NULL;
        if (!there)
            CHECK_CONTAINS(maru_call_message(brief), ": the deadline had passed before it was sent to ");
        maru_call_end(brief);
    }
    CHECK(there);
}

/* The peer takes two calls at once: the third waits until one has ended, also by its reply after a cancel only. */
static void test_peer_limit(void)
{
    peer_listener listener;
    peer          server;
    maru_runtime *rt;
    maru_client  *client;
    maru_call    *call;
    frame         first, second, third, f;
    ends          e = {0};
    Echo__Message request = ECHO__MESSAGE__INIT;

    test_begin("a client has no more calls in flight than its peer takes, and a cancelled one is so until its reply");
    sem_init(&e.one, 0, 0);
    CHECK(peer_listen(&listener, "tcp://127.0.0.1:0"));
    if (!CHECK_INT(maru_runtime_new(NULL, &rt, NULL), MARU_OK))
        exit(1);
    client = echo_client(rt, listener.url);
    CHECK(peer_accept(&listener, &server) && peer_hello(&server, SP_REP, SP_REQ) && peer_maru_hello(&server, 0, 2));
    call = maru_call_begin(rt, PEER_WAIT_MS);
    echo_echo_async(client, call, &request, note_end, &e);
    CHECK(peer_expect(&server, FRAME_CALL, &first));
    call_briefly(client, rt, "no answer from tcp://127.0.0.1:");
    CHECK(peer_expect(&server, FRAME_CALL, &second));
    CHECK(peer_expect(&server, FRAME_CANCEL, &f));
    CHECK_INT(f.id, second.id);
    echo_echo_async(client, call, &request, note_end, &e);
    call_briefly(client, rt, "no room for another call to tcp://127.0.0.1:");
    answer_text(&server, &second, "late");
    CHECK(peer_next(&server, &third) && third.kind == FRAME_CALL); /* and nothing came before it */
    answer_text(&server, &third, "third");
    sem_wait(&e.one);
    CHECK_STR(e.texts[0], "third");
    answer_text(&server, &first, "first");
    sem_wait(&e.one);
    CHECK_STR(e.texts[1], "first");
    maru_call_end(call);
    maru_client_free(client);
    maru_runtime_free(rt);
    peer_close(&server);
    peer_listener_close(&listener);
}

/* A reply above what the client takes costs that call, and not the connection. */
static void test_reply_limit(void)
{
    maru_client_options options = {.max_message = 1000};
    echo_node           node;
    maru_client        *client;
    maru_call          *call;
    ends                e = {0};
    Echo__Message       request = ECHO__MESSAGE__INIT, *response;

    test_begin("a reply above what its client takes costs that call, with the limit's name, and no other");
    sem_init(&e.one, 0, 0);
    echo_start(&node, "tcp://127.0.0.1:0", NULL, NULL);
    if (!CHECK_INT(maru_client_new(node.rt, node.url, &options, &client, NULL), MARU_OK))
        exit(1);
    call = maru_call_begin(node.rt, PEER_WAIT_MS);
    request.text = (char *)"beside";
    request.millis = 200;
    echo_sleep_async(client, call, &request, note_end, &e);
    request.millis = 2000;
    CHECK_INT(echo_big(client, call, &request, &response), MARU_RESOURCE_EXHAUSTED);
    CHECK_CONTAINS(maru_call_message(call), "max_message");
    sem_wait(&e.one);
    CHECK_STR(e.texts[0], "beside");
    maru_call_end(call);
    maru_client_free(client);
    echo_stop(&node);
}

int main(void)
{
    char url[128], back[128];

    echo_ipc_url(url, "multiplex");
    echo_ipc_url(back, "multiplex-back");
    test_begin("a call that is blocked delays no other on its connection, over tcp");
    test_blocked("tcp://127.0.0.1:0");
    test_begin("and over ipc");
    test_blocked(url);
    test_begin("answers leave in the order in which they are there, seen on the wire, over tcp");
    test_order("tcp://127.0.0.1:0", "tcp://127.0.0.1:0");
    test_begin("and over ipc");
    test_order(url, back);
    test_begin("a client has many calls in flight on one connection, and finds the one that a reply is for");
    test_client_order();
    test_peer_limit();
    test_reply_limit();
    return test_end();
}
