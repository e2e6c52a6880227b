/* interop_test.c: unmodified nng sockets, and nngcat, call a service of ours: the SP REQ/REP protocol is theirs. */
#include "test.h"

#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <semaphore.h>
#include <stdlib.h>
#include <unistd.h>

#include "rpc/echo.h"
#include "rpc/nng_peer.h"
#include "rpc/peer.h"

enum { ECHO, SLEEP, RELAY, FAIL, EAT, BIG, COUNT };

static const maru_method *method(int index)
{
    return &echo_maru_service.methods[index];
}

static nng_socket req_socket(const char *url)
{
    nng_socket s;

    nng_must(nng_req0_open(&s), "nng_req0_open");
    nng_must(nng_socket_set_ms(s, NNG_OPT_RECVTIMEO, PEER_WAIT_MS), "timeout");
    nng_must(nng_dial(s, url, NULL, 0), url);
    return s;
}

/* Sends a call and waits for its answer's frame; the caller frees out. */
static bool ask(nng_socket s, nng_msg *call, nng_peer_body *out)
{
    nng_msg *answer;

    *out = (nng_peer_body){0};
    nng_must(nng_sendmsg(s, call, 0), "nng_sendmsg");
    return CHECK_INT(nng_recvmsg(s, &answer, 0), 0) && CHECK(nng_peer_read(answer, out)) &&
           CHECK_INT(out->f.kind, FRAME_REPLY);
}

static void check_text(const frame *reply, const char *want)
{
    Echo__Message *m = echo__message__unpack(NULL, reply->payload_size, reply->payload);

    CHECK_INT(reply->status, MARU_OK);
    CHECK_STR(m == NULL ? NULL : m->text, want);
    if (m != NULL)
        echo__message__free_unpacked(m, NULL);
}

static void check_refused(const frame *reply, int status, const char *words)
{
    char got[512];

    peer_words(reply, got, sizeof got);
    CHECK_INT(reply->status, status);
    CHECK_CONTAINS(got, words);
}

static void test_one(const char *url)
{
    echo_node     node;
    nng_socket    s;
    nng_peer_body answer;
    Echo__Message request = ECHO__MESSAGE__INIT;

    echo_start(&node, url, NULL, NULL);
    s = req_socket(node.url);
    request.text = (char *)"사과";
    for (int i = 0; i < 100; i++) {
        if (ask(s, nng_peer_call(method(ECHO), NULL, &request.base), &answer))
            check_text(&answer.f, "사과");
        nng_peer_free(&answer);
    }
    CHECK_INT(node.svc.started, 100);
    nng_close(s);
    echo_stop(&node);
}

static void test_resend(void)
{
    echo_node     node;
    nng_socket    s;
    nng_peer_body answer;
    Echo__Message request = ECHO__MESSAGE__INIT;

    test_begin("a REQ0 socket that resends every 10 ms while its call is in flight runs the handler once");
    echo_start(&node, "tcp://127.0.0.1:0", NULL, NULL);
    s = req_socket(node.url);
    nng_must(nng_socket_set_ms(s, NNG_OPT_REQ_RESENDTIME, 10), "resend time");
    request.text = (char *)"once";
    request.millis = 300;
    if (ask(s, nng_peer_call(method(SLEEP), NULL, &request.base), &answer))
        check_text(&answer.f, "once");
    nng_peer_free(&answer);
    /* Of thirty that it sent again, one may have crossed the answer: that is no call in flight any more. */
    CHECK(node.svc.started >= 1 && node.svc.started <= 2);
    nng_close(s);
    echo_stop(&node);
}

static void test_idempotent(void)
{
    echo_node     node;
    nng_socket    s;
    nng_peer_body answer;
    Echo__Message request = ECHO__MESSAGE__INIT;

    test_begin("a plain socket may not call what is not idempotent, and hears why");
    echo_start(&node, "tcp://127.0.0.1:0", NULL, NULL);
    s = req_socket(node.url);
    if (ask(s, nng_peer_call(method(COUNT), NULL, &request.base), &answer))
        check_refused(&answer.f, MARU_FAILED_PRECONDITION, "request id");
    nng_peer_free(&answer);
    CHECK_INT(node.svc.counted, 0);
    test_begin("with a request id it may");
    if (ask(s, nng_peer_call(method(COUNT), "order-1", &request.base), &answer))
        CHECK_INT(answer.f.status, MARU_OK);
    nng_peer_free(&answer);
    CHECK_INT(node.svc.counted, 1);
    test_begin("a failure arrives at a plain socket as its code and words");
    request.code = MARU_NOT_FOUND;
    request.text = (char *)"no pear";
    if (ask(s, nng_peer_call(method(FAIL), NULL, &request.base), &answer))
        check_refused(&answer.f, MARU_NOT_FOUND, "as asked: no pear");
    nng_peer_free(&answer);
    test_begin("a body that is no header of ours is answered with what was expected");
    {
        nng_msg *junk;
        nng_must(nng_msg_alloc(&junk, 0), "message");
        nng_must(nng_msg_append(junk, "hello", 5), "append");
        if (ask(s, junk, &answer))
            check_refused(&answer.f, MARU_INVALID_ARGUMENT, "bad header: want 16 bytes");
        nng_peer_free(&answer);
    }
    nng_close(s);
    echo_stop(&node);
}

/* Contexts whose answers leave in another order than their calls came: the relay waits for a peer that this test is. */

enum { CONTEXTS = 8 };

typedef struct context {
    nng_ctx     ctx;
    nng_aio    *aio;
    bool        sent;
    int         index, *order;
    atomic_int *ended;
    sem_t      *done;
} context;

static void context_step(void *arg)
{
    context *c = arg;

    if (!CHECK_INT(nng_aio_result(c->aio), 0)) {
        sem_post(c->done);
    } else if (!c->sent) {
        c->sent = true;
        nng_ctx_recv(c->ctx, c->aio);
    } else {
        c->order[(*c->ended)++] = c->index;
        sem_post(c->done);
    }
}

static void context_begin(context *c, nng_socket s)
{
    Echo__Message request = ECHO__MESSAGE__INIT;
    char          text[16];

    snprintf(text, sizeof text, "%d", c->index);
    request.text = text;
    nng_must(nng_ctx_open(&c->ctx, s), "nng_ctx_open");
    nng_must(nng_aio_alloc(&c->aio, context_step, c), "nng_aio_alloc");
    nng_aio_set_timeout(c->aio, PEER_WAIT_MS);
    nng_aio_set_msg(c->aio, nng_peer_call(method(RELAY), NULL, &request.base));
    nng_ctx_send(c->ctx, c->aio);
}

static void context_end(context *c)
{
    nng_peer_body answer;
    char          want[32];

    nng_aio_wait(c->aio);
    snprintf(want, sizeof want, "relayed %d", c->index);
    if (nng_aio_get_msg(c->aio) != NULL && CHECK(nng_peer_read(nng_aio_get_msg(c->aio), &answer))) {
        check_text(&answer.f, want);
        nng_peer_free(&answer);
    }
    nng_aio_free(c->aio);
    nng_ctx_close(c->ctx);
}

/* The nested calls as they came: which request id carries which text. */
static void answer_backwards(peer *back, sem_t *done)
{
    frame          calls[CONTEXTS];
    Echo__Message *texts[CONTEXTS];

    for (int i = 0; i < CONTEXTS; i++) {
        if (!CHECK(peer_expect(back, FRAME_CALL, &calls[i])))
            return;
        texts[i] = echo__message__unpack(NULL, calls[i].payload_size, calls[i].payload);
    }
    for (int n = CONTEXTS - 1; n >= 0; n--)
        for (int i = 0; i < CONTEXTS; i++)
            if (CHECK(texts[i] != NULL) && atoi(texts[i]->text) == n) {
                CHECK(peer_reply(back, &calls[i], MARU_OK, &texts[i]->base));
                sem_wait(done);
            }
    for (int i = 0; i < CONTEXTS; i++)
        echo__message__free_unpacked(texts[i], NULL);
}

static void test_contexts(void)
{
    echo_node     node;
    peer_listener listener;
    peer          back;
    nng_socket    s;
    context       contexts[CONTEXTS];
    int           order[CONTEXTS];
    atomic_int    ended = 0;
    sem_t         done;

    test_begin("contexts of one REQ0 socket are in flight together; the last to be called is answered first");
    sem_init(&done, 0, 0);
    CHECK(peer_listen(&listener, "tcp://127.0.0.1:0"));
    echo_start(&node, "tcp://127.0.0.1:0", NULL, NULL);
    node.svc.next = echo_client(node.rt, listener.url);
    CHECK(peer_accept(&listener, &back) && peer_hello(&back, SP_REP, SP_REQ) && peer_maru_hello(&back, 0, 100));
    s = req_socket(node.url);
    for (int i = 0; i < CONTEXTS; i++) {
        contexts[i] = (context){.index = i, .order = order, .ended = &ended, .done = &done};
        context_begin(&contexts[i], s);
    }
    answer_backwards(&back, &done);
    CHECK_INT(ended, CONTEXTS);
    for (int i = 0; i < CONTEXTS; i++) {
        CHECK_INT(order[i], CONTEXTS - 1 - i);
        context_end(&contexts[i]);
    }
    nng_close(s);
    maru_client_free(node.svc.next);
    echo_stop(&node);
    peer_close(&back);
    peer_listener_close(&listener);
}

/* nngcat. */

static size_t run_nngcat(const char *url, nng_msg *call, uint8_t *out, size_t room)
{
    char   path[] = "/tmp/maru-nngcat-XXXXXX", command[512];
    int    fd = mkstemp(path);
    FILE  *pipe;
    size_t size = 0;

    CHECK_INT(write(fd, nng_msg_body(call), nng_msg_len(call)), nng_msg_len(call));
    nng_msg_free(call);
    close(fd);
    snprintf(command, sizeof command, "timeout 20 nngcat --req --dial %s --file %s --raw", url, path);
    if ((pipe = popen(command, "r")) != NULL) {
        size = fread(out, 1, room, pipe);
        CHECK_INT(pclose(pipe), 0);
    }
    unlink(path);
    return size;
}

static void test_nngcat(void)
{
    echo_node     node;
    Echo__Message request = ECHO__MESSAGE__INIT;
    nng_msg      *answer;
    nng_peer_body body = {0};
    uint8_t       bytes[4096];
    size_t        size;

    test_begin("nngcat --req calls a service (it is in the package nng-utils)");
    echo_start(&node, "tcp://127.0.0.1:0", NULL, NULL);
    request.text = (char *)"meow";
    size = run_nngcat(node.url, nng_peer_call(method(ECHO), NULL, &request.base), bytes, sizeof bytes);
    nng_must(nng_msg_alloc(&answer, 0), "message");
    nng_must(nng_msg_append(answer, bytes, size), "append");
    if (CHECK(nng_peer_read(answer, &body)))
        check_text(&body.f, "meow");
    nng_peer_free(&body);
    echo_stop(&node);
}

int main(void)
{
    char url[128];

    echo_ipc_url(url, "interop");
    test_begin("a plain REQ0 socket calls a service over tcp");
    test_one("tcp://127.0.0.1:0");
    test_begin("a plain REQ0 socket calls a service over ipc");
    test_one(url);
    test_resend();
    test_idempotent();
    test_contexts();
    test_nngcat();
    return test_end();
}
