/* calls_test.c: unary calls over real sockets: from a thread, from a handler, by callback; what passes on and what
 * fails. */
#include "test.h"

#include <semaphore.h>
#include <stdlib.h>

#include "maru/reflection.pb-c.h"
#include "rpc/echo.h"

static void call_once(maru_client *client, maru_runtime *rt, const char *text)
{
    maru_call    *call = maru_call_begin(rt, 5000);
    Echo__Message request = ECHO__MESSAGE__INIT, *response;
    maru_status   status;

    request.text = (char *)text;
    status = echo_echo(client, call, &request, &response);
    CHECK_INT(status, MARU_OK);
    if (CHECK(response != NULL))
        CHECK_STR(response->text, text);
    if (status != MARU_OK)
        fprintf(stderr, "%s\n", maru_call_message(call));
    maru_call_end(call);
}

static void test_transport(const char *url)
{
    echo_node    node;
    maru_client *client;

    echo_start(&node, url, NULL, NULL);
    client = echo_client(node.rt, node.url);
    call_once(client, node.rt, "안녕");
    call_once(client, node.rt, "");
    maru_client_free(client);
    echo_stop(&node);
}

static void note_end(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    (void)message;
    (void)response;
    CHECK_INT(status, MARU_CANCELLED);
    sem_post(arg);
}

static void test_relay(void)
{
    sem_t         ended;
    echo_node     back, front;
    maru_client  *client;
    maru_call    *call;
    Echo__Message request = ECHO__MESSAGE__INIT, *response;
    char          url[128];
    int           cancelled_before;

    echo_ipc_url(url, "back");
    echo_start(&back, url, NULL, NULL);
    echo_start(&front, "tcp://127.0.0.1:0", NULL, NULL);
    front.svc.next = echo_client(front.rt, back.url);
    client = echo_client(back.rt, front.url);
    call = maru_call_begin(back.rt, 5000);
    request.text = "x";

    test_begin("a handler calls another service and goes on when the answer is there");
    CHECK_INT(echo_relay(client, call, &request, &response), MARU_OK);
    CHECK_STR(response == NULL ? NULL : response->text, "relayed x");

    test_begin("a callee's code and words reach the caller's caller, with the hop that failed");
    request.millis = 60000;
    CHECK_INT(echo_relay(client, maru_within(call, 50), &request, &response), MARU_DEADLINE_EXCEEDED);
    CHECK(response == NULL);
    CHECK(*maru_call_message(call) != 0);
    request.millis = 0;
    CHECK_INT(echo_relay(client, call, &request, &response), MARU_OK); /* behind what became of the one before */
    cancelled_before = back.svc.cancelled;
    request.millis = 60000;

    maru_call_end(call);

    test_begin("a call whose caller goes away is cancelled, and so is what it called");
    call = maru_call_begin(back.rt, 0);
    sem_init(&ended, 0, 0);
    echo_relay_async(client, call, &request, note_end, &ended);
    CHECK_INT(echo_echo(client, call, &request, &response), MARU_OK); /* the relay is under way now */
    maru_client_free(client);
    sem_wait(&ended);
    maru_call_end(call);
    maru_client_free(front.svc.next);
    echo_stop(&front);
    echo_stop(&back);
    CHECK_INT(back.svc.cancelled - cancelled_before, 1);
}

static void test_failures(void)
{
    echo_node     node;
    maru_client  *client;
    Echo__Message request = ECHO__MESSAGE__INIT, *response;
    maru_call    *call;
    uint8_t       book[100000];

    echo_start(&node, "tcp://127.0.0.1:0", NULL, NULL);
    client = echo_client(node.rt, node.url);
    call = maru_call_begin(node.rt, 5000);
    test_begin("each of the 17 codes arrives as it was sent, with its words and its origin");
    request.text = "because";
    for (int code = 1; code < MARU_STATUS_COUNT; code++) {
        request.code = code;
        CHECK_INT(echo_fail(client, call, &request, &response), code);
        CHECK_STR(maru_call_message(call), "as asked: because");
        CHECK_CONTAINS(maru_call_origin(call), "echo/");
    }
    test_begin("words that are no UTF-8, or a book, arrive as far as they may");
    request.body = (ProtobufCBinaryData){.data = (uint8_t *)" \xea\xb0 \xff\xea\xb0\x80", .len = 8};
    CHECK_INT(echo_fail(client, call, &request, &response), 16);
    CHECK_STR(maru_call_message(call), "as asked: because ?? ?가");
    request.body = (ProtobufCBinaryData){.data = book, .len = sizeof book};
    memset(book, 'x', sizeof book);
    CHECK_INT(echo_fail(client, call, &request, &response), 16);
    CHECK_INT(strlen(maru_call_message(call)), 4095);
    request.body = (ProtobufCBinaryData){0};
    test_begin("a peer's text in a failure is one line, without what a terminal would obey");
    request.text = "a\nb\x1b[31mc\xc2\x9b"
                   "d";
    CHECK_INT(echo_fail(client, call, &request, &response), 16);
    CHECK_STR(maru_call_message(call), "as asked: a b [31mc  d");
    request.text = "";
    test_begin("a handler that wants more memory than a call may have ends with RESOURCE_EXHAUSTED");
    request.millis = 100000;
    CHECK_INT(echo_eat(client, call, &request, &response), MARU_RESOURCE_EXHAUSTED);
    CHECK_CONTAINS(maru_call_message(call), "max_memory");
    test_begin("and the next call on its fiber works");
    request.millis = 100;
    CHECK_INT(echo_eat(client, call, &request, &response), MARU_OK);
    test_begin("a reply above the limit is refused, and the message names the limit");
    request.millis = 5 << 20;
    CHECK_INT(echo_big(client, call, &request, &response), MARU_RESOURCE_EXHAUSTED);
    CHECK_CONTAINS(maru_call_message(call), "max_message");
    test_begin("a reply of almost the limit arrives whole");
    request.millis = (4 << 20) - 16;
    CHECK_INT(echo_big(client, call, &request, &response), MARU_OK);
    CHECK_INT(response == NULL ? 0 : response->body.len, (4 << 20) - 16);
    test_begin("a method without a handler answers UNIMPLEMENTED and its name");
    CHECK_INT(echo_nothing(client, call, &request, &response), MARU_UNIMPLEMENTED);
    CHECK_CONTAINS(maru_call_message(call), "/maru.test.v1.EchoService/Nothing");
    test_begin("a stream answers UNIMPLEMENTED");
    {
        const uint8_t *bytes;
        size_t         size;
        CHECK_INT(maru_unary_bytes(client, call, "/maru.test.v1.EchoService/Watch", 0, NULL, 0, &bytes, &size),
                  MARU_UNIMPLEMENTED);
        CHECK_CONTAINS(maru_call_message(call), "stream");
        test_begin("an unknown method answers UNIMPLEMENTED");
        CHECK_INT(maru_unary_bytes(client, call, "/no.Such/Method", 0, NULL, 0, &bytes, &size), MARU_UNIMPLEMENTED);
        test_begin("a request that is no such message answers INVALID_ARGUMENT");
        CHECK_INT(maru_unary_bytes(client, call, "/maru.test.v1.EchoService/Echo", 0, "\x0a\xff", 2, &bytes, &size),
                  MARU_INVALID_ARGUMENT);
    }
    maru_call_end(call);
    maru_client_free(client);
    echo_stop(&node);
}

typedef struct flood {
    maru_client *client;
    maru_call   *call;
    int          left, under_way;
    sem_t        done;
} flood;

static void on_done(void *arg, maru_status status, const char *message, const ProtobufCMessage *response);

static void more(flood *f)
{
    Echo__Message request = ECHO__MESSAGE__INIT;

    request.text = "many";
    echo_echo_async(f->client, f->call, &request, on_done, f);
}

static void on_done(void *arg, maru_status status, const char *message, const ProtobufCMessage *message_or_null)
{
    const Echo__Message *response = (const Echo__Message *)message_or_null;
    flood               *f = arg;

    CHECK_INT(status, MARU_OK);
    if (status != MARU_OK)
        fprintf(stderr, "%s\n", message);
    CHECK_STR(response == NULL ? NULL : response->text, "many");
    if (--f->left >= f->under_way)
        more(f);
    else if (f->left == 0)
        sem_post(&f->done);
}

static void test_flood(void)
{
    echo_node node;
    flood     f = {.left = 20000, .under_way = 256};

    test_begin("20,000 calls by callback, 256 at once, all answered");
    echo_start(&node, "tcp://127.0.0.1:0", NULL, NULL);
    f.client = echo_client(node.rt, node.url);
    f.call = maru_call_begin(node.rt, 60000);
    sem_init(&f.done, 0, 0);
    for (int i = 0; i < f.under_way; i++)
        more(&f);
    sem_wait(&f.done);
    CHECK_INT(f.left, 0);
    maru_call_end(f.call);
    maru_client_free(f.client);
    echo_stop(&node);
}

static void test_names(void)
{
    echo_node      node;
    maru_client   *client;
    maru_call     *call;
    Echo__Message  request = ECHO__MESSAGE__INIT;
    Echo__Message *reply;

    echo_start(&node, "tcp://127.0.0.1:0", NULL, NULL);
    client = echo_client(node.rt, node.url);
    call = maru_call_begin(node.rt, 20000);
    test_begin("a call that may have effects carries the id that it was given, and none where it was given none");
    CHECK_INT(echo_count(client, call, &request, &reply), MARU_OK);
    CHECK_STR(reply->text, "");
    CHECK_INT(maru_call_set_request_id(call, "till-1"), MARU_OK);
    CHECK_INT(echo_count(client, call, &request, &reply), MARU_OK);
    CHECK_STR(reply->text, "till-1");
    maru_call_end(call);
    maru_client_free(client);
    echo_stop(&node);
}

/* Of a hundred draws of 16 bytes no two are alike, and no byte is the same in all. */
static void test_random(void)
{
    enum { DRAWS = 100 };
    uint8_t       drawn[DRAWS][16];
    maru_runtime *rt;
    maru_call    *call;
    int           alike = 0, still = 0;

    test_begin("bytes for names that nobody shall guess");
    if (!CHECK_INT(maru_runtime_new(NULL, &rt, NULL), MARU_OK))
        return;
    call = maru_call_begin(rt, 0);
    memset(drawn, 0, sizeof drawn);
    for (int i = 0; i < DRAWS; i++) {
        maru_call_random(call, drawn[i], 16);
        for (int j = 0; j < i; j++)
            alike += memcmp(drawn[i], drawn[j], 16) == 0;
    }
    for (int at = 0; at < 16; at++) {
        int same = 0;

        for (int i = 1; i < DRAWS; i++)
            same += drawn[i][at] == drawn[0][at];
        still += same == DRAWS - 1;
    }
    CHECK_INT(alike, 0);
    CHECK_INT(still, 0);
    maru_call_end(call);
    maru_runtime_free(rt);
}

typedef struct noted {
    sem_t       ended;
    maru_status status;
    char        words[256];
} noted;

static void note(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    noted *n = arg;

    CHECK(response == NULL);
    n->status = status;
    snprintf(n->words, sizeof n->words, "%s", message);
    sem_post(&n->ended);
}

/* The method as one knows it whose contract is another: there a text is a message, which this one is not. */
static void test_bad_reply(void)
{
    echo_node         node;
    maru_client      *client;
    maru_call        *call;
    maru_method       strange = echo_maru_service.methods[0];
    Echo__Message     request = ECHO__MESSAGE__INIT;
    ProtobufCMessage *response;
    noted             n = {.status = MARU_OK};

    echo_start(&node, "tcp://127.0.0.1:0", NULL, NULL);
    client = echo_client(node.rt, node.url);
    call = maru_call_begin(node.rt, 5000);
    strange.response = &maru_reflection__list_services_response__descriptor;
    request.text = (char *)"\n\nx";
    test_begin("a reply that cannot be read is a fault inside, not one of the caller's");
    CHECK_INT(maru_unary(client, call, &strange, &request.base, &response), MARU_INTERNAL);
    CHECK(response == NULL);
    CHECK_CONTAINS(maru_call_message(call), "/maru.test.v1.EchoService/Echo: reply: ");
    test_begin("also where a callback takes it");
    sem_init(&n.ended, 0, 0);
    maru_unary_async(client, call, &strange, &request.base, note, &n);
    while (sem_wait(&n.ended) != 0)
        ;
    CHECK_INT(n.status, MARU_INTERNAL);
    CHECK(*n.words != 0);
    maru_call_end(call);
    maru_client_free(client);
    echo_stop(&node);
}

/* A call by callback that is begun on the strand, by another's end. */
typedef struct nested {
    noted          n; /* first: found from it */
    maru_client   *client;
    maru_call     *call;
    Echo__Message *request;
    bool           returned, after;
} nested;

static void note_order(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    nested *t = arg;

    t->after = t->returned;
    note(arg, status, message, response);
}

static void begin_nested(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    nested *t = arg;

    (void)message;
    (void)response;
    CHECK_INT(status, MARU_OK);
    echo_echo_async(t->client, t->call, t->request, note_order, t);
    t->returned = true;
}

static void test_large_request(void)
{
    enum { SIZE = 70 << 20 };
    echo_node     node;
    Echo__Message small = ECHO__MESSAGE__INIT, large = ECHO__MESSAGE__INIT;
    nested        t = {.request = &large};

    test_begin("a request that is too large for a call by callback names the limit, to done, on the strand");
    echo_start(&node, "tcp://127.0.0.1:0", NULL, NULL);
    t.client = echo_client(node.rt, node.url);
    t.call = maru_call_begin(node.rt, 20000);
    sem_init(&t.n.ended, 0, 0);
    large.body = (ProtobufCBinaryData){.data = calloc(1, SIZE), .len = SIZE};
    echo_echo_async(t.client, t.call, &small, begin_nested, &t);
    while (sem_wait(&t.n.ended) != 0)
        ;
    CHECK(t.after);
    CHECK_INT(t.n.status, MARU_RESOURCE_EXHAUSTED);
    CHECK_CONTAINS(t.n.words, "/maru.test.v1.EchoService/Echo: request: 73400325 bytes, limit 67108864");
    free(large.body.data);
    maru_call_end(t.call);
    maru_client_free(t.client);
    echo_stop(&node);
}

static void test_foreign(void)
{
    static const char words[] = "/maru.test.v1.EchoService/Echo: the client belongs to another runtime than the call";
    echo_node         node;
    maru_runtime     *other;
    maru_client      *client;
    maru_call        *call;
    Echo__Message     request = ECHO__MESSAGE__INIT, *response;
    noted             n = {.status = MARU_OK};

    test_begin("a call of another runtime than the client's is refused");
    echo_start(&node, "tcp://127.0.0.1:0", NULL, NULL);
    if (!CHECK_INT(maru_runtime_new(NULL, &other, NULL), MARU_OK))
        exit(1);
    client = echo_client(node.rt, node.url);
    call = maru_call_begin(other, 20000);
    CHECK_INT(echo_echo(client, call, &request, &response), MARU_INTERNAL);
    CHECK_STR(maru_call_message(call), words);
    test_begin("by callback, too");
    sem_init(&n.ended, 0, 0);
    echo_echo_async(client, call, &request, note, &n);
    while (sem_wait(&n.ended) != 0)
        ;
    CHECK_INT(n.status, MARU_INTERNAL);
    CHECK_STR(n.words, words);
    maru_call_end(call);
    maru_client_free(client);
    maru_runtime_free(other);
    echo_stop(&node);
}

int main(void)
{
    char url[128];

    echo_ipc_url(url, "calls");
    test_begin("a call over tcp");
    test_transport("tcp://127.0.0.1:0");
    test_begin("a call over ipc");
    test_transport(url);
    test_relay();
    test_failures();
    test_bad_reply();
    test_large_request();
    test_foreign();
    test_flood();
    test_names();
    test_random();
    return test_end();
}
