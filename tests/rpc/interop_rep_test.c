/* interop_rep_test.c: a client of ours calls an unmodified REP0 socket, and calls go through nng devices. */
#include "test.h"

#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/echo.h"
#include "rpc/nng_peer.h"
#include "rpc/peer.h"

enum { ECHO, SLEEP };

/* An application on a plain REP0 socket: answers Echo at once, Sleep when told to. */
typedef struct rep_app {
    nng_socket  socket;
    char        url[128];
    pthread_t   thread;
    sem_t       go_on;
    atomic_int  calls, others; /* messages that reached it */
    atomic_bool drops;         /* requests, unanswered */
} rep_app;

static nng_msg *answer_of(rep_app *app, nng_msg *message)
{
    nng_peer_body  body;
    Echo__Message *request;
    nng_msg       *answer;

    if (!CHECK(nng_peer_read(message, &body)) || body.f.kind != FRAME_CALL) {
        app->others++;
        nng_peer_free(&body);
        return NULL;
    }
    app->calls++;
    if (app->drops) {
        nng_peer_free(&body);
        return NULL;
    }
    if (body.f.method == echo_maru_service.methods[SLEEP].id)
        sem_wait(&app->go_on);
    request = echo__message__unpack(NULL, body.f.payload_size, body.f.payload);
    answer = nng_peer_reply(MARU_OK, &request->base);
    echo__message__free_unpacked(request, NULL);
    nng_peer_free(&body);
    return answer;
}

static void *rep_main(void *arg)
{
    rep_app *app = arg;
    nng_msg *message, *answer;

    while (nng_recvmsg(app->socket, &message, 0) == 0)
        if ((answer = answer_of(app, message)) != NULL && nng_sendmsg(app->socket, answer, 0) != 0)
            nng_msg_free(answer);
    return NULL;
}

static void listen_on(nng_socket s, const char *url, char out[static 128])
{
    nng_listener l;
    int          port;

    nng_must(nng_listen(s, url, &l, 0), url);
    snprintf(out, 128, "%s", url);
    if (strncmp(url, "tcp:", 4) == 0 && nng_listener_get_int(l, NNG_OPT_TCP_BOUND_PORT, &port) == 0)
        snprintf(out, 128, "tcp://127.0.0.1:%d", port);
}

static void rep_start(rep_app *app, const char *url)
{
    *app = (rep_app){0};
    sem_init(&app->go_on, 0, 0);
    nng_must(nng_rep0_open(&app->socket), "nng_rep0_open");
    listen_on(app->socket, url, app->url);
    pthread_create(&app->thread, NULL, rep_main, app);
}

static void rep_stop(rep_app *app)
{
    nng_close(app->socket);
    pthread_join(app->thread, NULL);
}

static void echo_through(maru_client *client, maru_runtime *rt, const char *text)
{
    maru_call    *call = maru_call_begin(rt, PEER_WAIT_MS);
    Echo__Message request = ECHO__MESSAGE__INIT, *response;

    request.text = (char *)text;
    if (!CHECK_INT(echo_echo(client, call, &request, &response), MARU_OK))
        fprintf(stderr, "%s\n", maru_call_message(call));
    else
        CHECK_STR(response->text, text);
    maru_call_end(call);
}

static void echo_in_vain(maru_client *client, maru_runtime *rt)
{
    maru_call    *call = maru_call_begin(rt, 2);
    Echo__Message request = ECHO__MESSAGE__INIT, *response;

    CHECK_INT(echo_echo(client, call, &request, &response), MARU_DEADLINE_EXCEEDED);
    maru_call_end(call);
}

/* On a machine that is busy the time may be over before the call was sent: then it is given more. */
static void sleep_in_vain(maru_client *client, maru_runtime *rt)
{
    Echo__Message request = ECHO__MESSAGE__INIT, *response;
    maru_call    *call = NULL;

    for (int ms = 500; ms <= 8000; ms *= 4) {
        if (call != NULL)
            maru_call_end(call);
        call = maru_call_begin(rt, ms);
        CHECK_INT(echo_sleep(client, call, &request, &response), MARU_DEADLINE_EXCEEDED);
        if (strstr(maru_call_message(call), "the deadline had passed before it was sent to") == NULL)
            break;
    }
    CHECK_CONTAINS(maru_call_message(call), "no answer from");
    maru_call_end(call);
}

/* A short ping time, so that pings would be due while Sleep waits. */
static maru_client *pinging_client(maru_runtime *rt, const char *url)
{
    maru_client_options options = {.ping_ms = 20, .backoff_first_ms = 5};
    maru_client        *client = NULL;
    maru_error          error;

    if (!CHECK_INT(maru_client_new(rt, url, &options, &client, &error), MARU_OK))
        exit(1);
    return client;
}

static void test_rep(const char *url, const char *where)
{
    char          sentence[160];
    rep_app       app;
    maru_runtime *rt;
    maru_client  *client;

    rep_start(&app, url);
    if (!CHECK_INT(maru_runtime_new(NULL, &rt, NULL), MARU_OK))
        exit(1);
    client = pinging_client(rt, app.url);
    snprintf(sentence, sizeof sentence, "a stub calls a plain REP0 socket over %s", where);
    test_begin(sentence);
    for (int i = 0; i < 50; i++)
        echo_through(client, rt, "배");
    CHECK_INT(app.calls, 50);
    test_begin("a call to it that runs out of time ends so, and one after it is answered with its own answer");
    sleep_in_vain(client, rt);
    sem_post(&app.go_on);
    echo_through(client, rt, "after");
    test_begin("its application gets calls, and neither hello, ping nor cancel");
    CHECK_INT(app.calls, 52);
    CHECK_INT(app.others, 0);
    test_begin("requests that it drops delay no later one, also where it drops a hundred");
    app.drops = true;
    for (int i = 0; i < 100; i++)
        echo_in_vain(client, rt);
    app.drops = false;
    echo_through(client, rt, "heard");
    maru_client_free(client);
    maru_runtime_free(rt);
    rep_stop(&app);
}

/* A device: a raw REP socket whose messages a raw REQ socket passes on, each way with a hop id. */

typedef struct device {
    nng_socket front, back;
    char       url[128];
    pthread_t  thread;
} device;

static void *device_main(void *arg)
{
    device *d = arg;

    nng_device(d->front, d->back);
    return NULL;
}

static void device_start(device *d, const char *next)
{
    nng_must(nng_rep0_open_raw(&d->front), "raw rep");
    nng_must(nng_req0_open_raw(&d->back), "raw req");
    listen_on(d->front, "tcp://127.0.0.1:0", d->url);
    nng_must(nng_dial(d->back, next, NULL, 0), next);
    pthread_create(&d->thread, NULL, device_main, d);
}

static void device_stop(device *d)
{
    nng_close(d->front);
    nng_close(d->back);
    pthread_join(d->thread, NULL);
}

static void req_through(const char *url)
{
    nng_socket    s;
    nng_msg      *message;
    nng_peer_body body = {0};
    Echo__Message request = ECHO__MESSAGE__INIT;

    request.text = (char *)"far";
    nng_must(nng_req0_open(&s), "nng_req0_open");
    nng_must(nng_socket_set_ms(s, NNG_OPT_RECVTIMEO, PEER_WAIT_MS), "timeout");
    nng_must(nng_dial(s, url, NULL, 0), url);
    nng_must(nng_sendmsg(s, nng_peer_call(&echo_maru_service.methods[ECHO], NULL, &request.base), 0), "nng_sendmsg");
    if (CHECK_INT(nng_recvmsg(s, &message, 0), 0) && CHECK(nng_peer_read(message, &body))) {
        CHECK_INT(body.f.kind, FRAME_REPLY);
        CHECK_INT(body.f.status, MARU_OK);
    }
    nng_peer_free(&body);
    nng_close(s);
}

static void test_devices(void)
{
    echo_node    node;
    device       near, far;
    maru_client *client;

    echo_start(&node, "tcp://127.0.0.1:0", NULL, NULL);
    device_start(&far, node.url);
    device_start(&near, far.url);
    test_begin("a REQ0 socket calls a service through two devices: their hop ids come back");
    req_through(near.url);
    test_begin("a client of ours calls it through the same devices");
    client = echo_client(node.rt, near.url);
    echo_through(client, node.rt, "길");
    CHECK_INT(node.svc.started, 2);
    maru_client_free(client);
    device_stop(&near);
    device_stop(&far);
    echo_stop(&node);
}

/* The same seen on the wire: the ids come back as they were, and tell calls apart. */
static void test_hops(void)
{
    static const uint8_t one[12] = {0x01, 2, 3, 4, 0x7f, 0xff, 0xff, 0xff, 0x80, 0, 0, 9};
    static const uint8_t two[12] = {0x01, 2, 3, 5, 0x7f, 0xff, 0xff, 0xff, 0x80, 0, 0, 9};
    echo_node            node;
    peer                 p;
    frame                call = {.kind = FRAME_CALL, .hops_size = 12, .id = 9}, reply;
    Echo__Message        request = ECHO__MESSAGE__INIT;
    uint8_t              payload[32];

    test_begin("two hop ids before a request id are echoed byte for byte, and calls that differ in one are two calls");
    echo_start(&node, "tcp://127.0.0.1:0", NULL, NULL);
    CHECK(peer_dial(&p, node.url));
    request.millis = 60000;
    call.method = echo_maru_service.methods[SLEEP].id;
    call.payload_size = echo__message__pack(&request, payload);
    memcpy(call.hops, one, sizeof one);
    CHECK(peer_frame(&p, &call, payload));
    call.method = echo_maru_service.methods[ECHO].id;
    memcpy(call.hops, two, sizeof two);
    CHECK(peer_frame(&p, &call, payload));
    if (CHECK(peer_expect(&p, FRAME_REPLY, &reply)))
        CHECK_MEM(reply.hops, reply.hops_size, two, sizeof two);
    call.kind = FRAME_CANCEL;
    call.payload_size = 0;
    memcpy(call.hops, one, sizeof one);
    CHECK(peer_frame(&p, &call, NULL));
    if (CHECK(peer_expect(&p, FRAME_REPLY, &reply)))
        CHECK_MEM(reply.hops, reply.hops_size, one, sizeof one);
    CHECK_INT(reply.status, MARU_CANCELLED);
    peer_close(&p);
    echo_stop(&node);
}

int main(void)
{
    char url[128];

    echo_ipc_url(url, "rep");
    test_rep("tcp://127.0.0.1:0", "tcp");
    test_rep(url, "ipc");
    test_devices();
    test_hops();
    return test_end();
}
