/* channel_test.c: a client's channel: it waits for a connection, tries again, changes to another, and says which target
 * and what trouble. The servers are raw peers, so that each step is the test's.
 */
#include "test.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/echo.h"
#include "rpc/peer.h"

/* A program with a runtime of its own that calls one target. */
typedef struct program {
    maru_runtime *rt;
    maru_client  *client;
} program;

static void program_start(program *p, const char *url)
{
    if (!CHECK_INT(maru_runtime_new(NULL, &p->rt, NULL), MARU_OK))
        exit(1);
    p->client = echo_client(p->rt, url);
}

static void program_stop(program *p)
{
    maru_client_free(p->client);
    maru_runtime_free(p->rt);
}

/* One call by callback, and how it ended. */
typedef struct asked {
    maru_call  *call;
    maru_status status;
    char        text[64], message[512];
    sem_t       ended;
} asked;

static void on_end(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    asked *a = arg;

    a->status = status;
    snprintf(a->message, sizeof a->message, "%s", message);
    if (response != NULL)
        snprintf(a->text, sizeof a->text, "%s", ((const Echo__Message *)response)->text);
    sem_post(&a->ended);
}

static void ask(program *p, asked *a, const char *text, int64_t timeout_ms)
{
    Echo__Message request = ECHO__MESSAGE__INIT;

    *a = (asked){.call = maru_call_begin(p->rt, timeout_ms)};
    sem_init(&a->ended, 0, 0);
    request.text = (char *)text;
    echo_echo_async(p->client, a->call, &request, on_end, a);
}

static maru_status end_of(asked *a)
{
    sem_wait(&a->ended);
    maru_call_end(a->call);
    a->call = NULL;
    return a->status;
}

static void answer(peer *server, const char *text)
{
    frame         call;
    Echo__Message response = ECHO__MESSAGE__INIT;

    response.text = (char *)text;
    CHECK(peer_expect(server, FRAME_CALL, &call) && peer_reply(server, &call, MARU_OK, &response.base));
}

static bool take_client(peer_listener *l, peer *server)
{
    return CHECK(peer_accept(l, server) && peer_hello(server, SP_REP, SP_REQ) && peer_maru_hello(server, 0, 100));
}

/* An address at which nobody listens, though somebody could. */
static void free_address(char url[static 128], const char *like)
{
    peer_listener l;

    CHECK(peer_listen(&l, like));
    snprintf(url, 128, "%s", l.url);
    peer_listener_close(&l);
}

static void test_later(const char *like)
{
    program       p;
    peer_listener l;
    peer          server;
    asked         a, b;
    char          url[128];

    free_address(url, like);
    program_start(&p, url);
    ask(&p, &a, "first", 60000);
    ask(&p, &b, "in vain", 100);
    CHECK_INT(end_of(&b), MARU_DEADLINE_EXCEEDED);
    CHECK_CONTAINS(b.message, url);
    CHECK_CONTAINS(b.message, "no connection to");
    CHECK_CONTAINS(b.message, strncmp(url, "ipc:", 4) == 0 ? "no such socket" : "Connection refused");
    CHECK(peer_listen(&l, url));
    take_client(&l, &server);
    answer(&server, "at last");
    CHECK_INT(end_of(&a), MARU_OK);
    CHECK_STR(a.text, "at last");
    peer_close(&server);
    peer_listener_close(&l);
    program_stop(&p);
}

static void test_cut(const char *like)
{
    program       p;
    peer_listener l;
    peer          server;
    frame         call;
    asked         a;

    CHECK(peer_listen(&l, like));
    program_start(&p, l.url);
    take_client(&l, &server);
    for (int i = 0; i < 3; i++) {
        ask(&p, &a, "lost", 60000);
        CHECK(peer_expect(&server, FRAME_CALL, &call));
        if (i == 1 && !l.ipc)
            peer_reset(&server);
        else
            peer_close(&server);
        CHECK_INT(end_of(&a), MARU_UNAVAILABLE);
        CHECK_CONTAINS(a.message, l.url);
        CHECK_CONTAINS(a.message, "the connection was lost while the call was in flight");
        ask(&p, &a, "found", 60000);
        take_client(&l, &server);
        answer(&server, "again");
        CHECK_INT(end_of(&a), MARU_OK);
    }
    peer_close(&server);
    peer_listener_close(&l);
    program_stop(&p);
}

static void say_going_away(peer *server)
{
    CHECK(peer_frame(server, &(frame){.kind = FRAME_GOING_AWAY, .id = FRAME_CONTROL_ID}, NULL));
}

static void test_going_away(void)
{
    program       p;
    peer_listener l;
    peer          old, new;
    frame         call;
    asked         a, b;
    Echo__Message response = ECHO__MESSAGE__INIT;

    test_begin("a peer that is going away gets no new call; its successor does, before the old one has answered");
    CHECK(peer_listen(&l, "tcp://127.0.0.1:0"));
    program_start(&p, l.url);
    take_client(&l, &old);
    ask(&p, &a, "in flight", 60000);
    CHECK(peer_expect(&old, FRAME_CALL, &call));
    say_going_away(&old);
    take_client(&l, &new);
    ask(&p, &b, "new", 60000);
    answer(&new, "by the new one");
    CHECK_INT(end_of(&b), MARU_OK);
    CHECK_STR(b.text, "by the new one");
    test_begin("what was in flight is answered by the old one, whose connection is closed then");
    response.text = (char *)"by the old one";
    CHECK(peer_reply(&old, &call, MARU_OK, &response.base));
    CHECK_INT(end_of(&a), MARU_OK);
    CHECK_STR(a.text, "by the old one");
    CHECK(peer_is_closed(&old));
    peer_close(&old);
    test_begin("a client that is freed ends what is in flight with a peer that is going away, too");
    ask(&p, &a, "in flight", 60000);
    CHECK(peer_expect(&new, FRAME_CALL, &call));
    say_going_away(&new);
    take_client(&l, &old);
    ask(&p, &b, "new", 60000);
    answer(&old, "by the third");
    CHECK_INT(end_of(&b), MARU_OK);
    program_stop(&p);
    CHECK_INT(a.status, MARU_CANCELLED);
    CHECK_INT(end_of(&a), MARU_CANCELLED);
    peer_close(&new);
    peer_close(&old);
    peer_listener_close(&l);
}

static void test_strange(void)
{
    program       p;
    peer_listener l;
    peer          server;
    asked         a;

    test_begin("a server that speaks another protocol: the call ends in time, and says what was wrong");
    CHECK(peer_listen(&l, "tcp://127.0.0.1:0"));
    program_start(&p, l.url);
    CHECK(peer_accept(&l, &server));
    CHECK(peer_write(&server, "HTTP/1.1 400 Bad Request\r\n\r\n", 28));
    CHECK(peer_is_closed(&server));
    ask(&p, &a, "", 300);
    peer_listener_close(&l); /* or it would be connected again, and wait for a hello */
    CHECK_INT(end_of(&a), MARU_DEADLINE_EXCEEDED);
    CHECK_CONTAINS(a.message, "no connection to");
    CHECK_CONTAINS(a.message, l.url);
    peer_close(&server);
    program_stop(&p);
}

static void test_limit(void)
{
    maru_client_options options = {.max_calls = 2};
    program             p;
    asked               a[3];
    char                url[128];

    test_begin("a client that has as many calls as it may refuses one more, and names the limit");
    free_address(url, "tcp://127.0.0.1:0");
    if (!CHECK_INT(maru_runtime_new(NULL, &p.rt, NULL), MARU_OK) ||
        !CHECK_INT(maru_client_new(p.rt, url, &options, &p.client, NULL), MARU_OK))
        exit(1);
    for (int i = 0; i < 3; i++)
        ask(&p, &a[i], "", 60000);
    CHECK_INT(end_of(&a[2]), MARU_RESOURCE_EXHAUSTED);
    CHECK_CONTAINS(a[2].message, "limit 2 (max_calls)");
    CHECK_CONTAINS(a[2].message, url);
    test_begin("one whose time was over before it was made is told that, and for whom it was");
    ask(&p, &a[2], "", -1);
    CHECK_INT(end_of(&a[2]), MARU_DEADLINE_EXCEEDED);
    CHECK_CONTAINS(a[2].message, "the deadline had passed before it was sent to tcp://");
    test_begin("calls that wait for a connection end with CANCELLED when their client is freed");
    program_stop(&p);
    CHECK_INT(end_of(&a[0]), MARU_CANCELLED);
    CHECK_INT(end_of(&a[1]), MARU_CANCELLED);
}

static void test_targets(void)
{
#define TEN "0123456789"
    static const struct {
        const char *target, *want;
    } wrong[] = {
        {"", "want tcp://HOST:PORT or ipc:///PATH"},
        {"http://localhost", "want tcp://HOST:PORT or ipc:///PATH"},
        {"tcp:/x", "want tcp://HOST:PORT or ipc:///PATH"},
        {"catalog", "want tcp://HOST:PORT or ipc:///PATH"},
        {"inproc://x", "want tcp://HOST:PORT or ipc:///PATH"},
        {"tcp://", "tcp://: want tcp://HOST:PORT with a port of 1..65535"},
        {"tcp://host", "want tcp://HOST:PORT with a port of 1..65535"},
        {"tcp://host:99999", "want tcp://HOST:PORT with a port of 1..65535"},
        {"tcp://host:0", "want tcp://HOST:PORT with a port of 1..65535"},
        {"tcp://:80", "want tcp://HOST:PORT with a host"},
        {"tcp://[::1", "want an IPv6 address in brackets"},
        {"tcp://h:1\n", "tcp://h:1?: want a URL without control characters"},
        {"ipc://", "want ipc:// and an absolute path"},
        {"ipc://rel", "want ipc:// and an absolute path"},
        {"ipc:///" TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "0123456", "want a socket path of at most 107 bytes"},
    };
    static const char *const right[] = {"tcp://[::2]:1", "tcp://nowhere.invalid:65535",
                                        "ipc:///" TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "012345"};
#undef TEN
    maru_runtime *rt;
    maru_client  *client;
    maru_error    error;

    test_begin("a target that is no URL of ours is refused, with what is wanted");
    if (!CHECK_INT(maru_runtime_new(NULL, &rt, NULL), MARU_OK))
        exit(1);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        client = NULL;
        CHECK_INT(maru_client_new(rt, wrong[i].target, NULL, &client, &error), MARU_INVALID_ARGUMENT);
        CHECK_CONTAINS(client == NULL ? error.text : wrong[i].target, wrong[i].want);
        maru_client_free(client);
    }
    test_begin("one that may be is taken, whoever listens there");
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        if (CHECK_INT(maru_client_new(rt, right[i], NULL, &client, &error), MARU_OK))
            maru_client_free(client);
    maru_runtime_free(rt);
}

static void test_unknown_host(void)
{
    program p;
    asked   a;

    test_begin("a host that nobody knows is called unknown");
    program_start(&p, "tcp://nowhere.invalid:1");
    ask(&p, &a, "", 1500);
    CHECK_INT(end_of(&a), MARU_DEADLINE_EXCEEDED);
    CHECK_CONTAINS(a.message, "tcp://nowhere.invalid:1 within the deadline: unknown host");
    program_stop(&p);
}

/* A call that waits, on a thread of its own, and whom it says its failure is from. */
typedef struct waiting {
    program    *p;
    maru_status status;
    char        message[512], origin[64];
} waiting;

static void *call_and_wait(void *arg)
{
    waiting       *w = arg;
    maru_call     *call = maru_call_begin(w->p->rt, 60000);
    Echo__Message  request = ECHO__MESSAGE__INIT;
    Echo__Message *response;

    w->status = echo_echo(w->p->client, call, &request, &response);
    snprintf(w->message, sizeof w->message, "%s", maru_call_message(call));
    snprintf(w->origin, sizeof w->origin, "%s", maru_call_origin(call));
    maru_call_end(call);
    return NULL;
}

/* With a reply whose words are none: who sent it is known by its hello alone. */
static void test_nameless(void)
{
    static const uint8_t version[] = {0x08, 0x01};
    program              p;
    peer_listener        l;
    peer                 server;
    frame                hello = {.kind = FRAME_HELLO, .id = FRAME_CONTROL_ID, .payload_size = sizeof version}, call;
    frame                reply = {.kind = FRAME_REPLY, .status = MARU_INTERNAL, .payload_size = 1};
    waiting              w = {.p = &p};
    pthread_t            caller;

    test_begin("a server whose hello has no name is nobody in words, not \"/\"");
    CHECK(peer_listen(&l, "tcp://127.0.0.1:0"));
    program_start(&p, l.url);
    CHECK_INT(pthread_create(&caller, NULL, call_and_wait, &w), 0);
    CHECK(peer_accept(&l, &server) && peer_hello(&server, SP_REP, SP_REQ) && peer_frame(&server, &hello, version));
    CHECK(peer_expect(&server, FRAME_CALL, &call));
    reply.id = call.id;
    CHECK(peer_frame(&server, &reply, "\xff"));
    pthread_join(caller, NULL);
    CHECK_INT(w.status, MARU_INTERNAL);
    CHECK_CONTAINS(w.message, "its words could not be read");
    CHECK_STR(w.origin, "");
    peer_close(&server);
    peer_listener_close(&l);
    program_stop(&p);
}

int main(void)
{
    char url[128];

    echo_ipc_url(url, "channel");
    test_begin(
        "over tcp a call waits for a server that comes later; one that cannot wait says for whom it waited, and why "
        "in vain");
    test_later("tcp://127.0.0.1:0");
    test_begin("and over ipc");
    test_later(url);
    test_begin("over tcp a call in flight ends with UNAVAILABLE when its connection is cut, the next finds a new one");
    test_cut("tcp://127.0.0.1:0");
    test_begin("and over ipc");
    test_cut(url);
    test_going_away();
    test_strange();
    test_limit();
    test_nameless();
    test_targets();
    test_unknown_host();
    return test_end();
}
