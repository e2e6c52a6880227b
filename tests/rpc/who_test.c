/* who_test.c: who calls, for whom, and with what words: what a handler learns of it, what is believed, and what goes on
 * to those whom the handler calls.
 */
#include "test.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conn/hello.h"
#include "maru/wire.pb-c.h"
#include "rpc/echo.h"
#include "rpc/peer.h"
#include "runtime/call_impl.h"

enum { ECHO, SLEEP, RELAY };

/* What the last handler saw. */
typedef struct seen {
    char caller[140], subject[64], trace[64], tag[64];
} seen;

static void look(struct echo_service *svc, maru_call *call)
{
    seen       *s = svc->visitor;
    const char *tag = maru_call_metadata(call, "tag");

    snprintf(s->caller, sizeof s->caller, "%s", maru_call_caller(call));
    snprintf(s->subject, sizeof s->subject, "%s", maru_call_subject(call));
    snprintf(s->trace, sizeof s->trace, "%s", call->base->traceparent);
    snprintf(s->tag, sizeof s->tag, "%s", tag != NULL ? tag : "");
}

static void watch(echo_node *node, seen *s)
{
    *s = (seen){0};
    node->svc.visitor = s;
    node->svc.visit = look;
}

static const char trace[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/* Says all that an extension can, with as many pairs of metadata. */
static void ask_within(peer *p, uint32_t id, int which, size_t pairs, const char *traceparent)
{
    MaruPb__Extension ext = MARU_PB__EXTENSION__INIT;
    MaruPb__Pair      tag = MARU_PB__PAIR__INIT, *all[128];
    uint8_t           bytes[4096];
    frame             call = {.kind = FRAME_CALL, .id = id, .method = echo_maru_service.methods[which].id};

    tag.key = (char *)"tag";
    tag.value = (char *)"green";
    for (size_t i = 0; i < pairs; i++)
        all[i] = &tag;
    ext.metadata = all;
    ext.n_metadata = pairs;
    ext.subject = (char *)"users/kim";
    ext.traceparent = (char *)traceparent;
    call.extension = bytes;
    call.extension_size = maru_pb__extension__pack(&ext, bytes);
    CHECK(peer_frame(p, &call, NULL));
}

static void ask(peer *p, uint32_t id, int which, size_t pairs)
{
    ask_within(p, id, which, pairs, trace);
}

static void check_status(peer *p, int status)
{
    frame reply;

    if (CHECK(peer_expect(p, FRAME_REPLY, &reply)))
        CHECK_INT(reply.status, status);
}

/* One call of a raw peer. */
static void call_over(const char *url, seen *s)
{
    echo_node node;
    peer      p;

    echo_start(&node, url, NULL, NULL);
    watch(&node, s);
    CHECK(peer_dial(&p, node.url));
    ask(&p, 1, ECHO, 1);
    check_status(&p, MARU_OK);
    peer_close(&p);
    echo_stop(&node);
}

/* One of a program's; false where this machine has no IPv6. */
static bool call_over_six(seen *s)
{
    echo_node     node;
    maru_client  *client;
    maru_call    *call;
    Echo__Message request = ECHO__MESSAGE__INIT, *response;

    echo_start(&node, "tcp://127.0.0.1:0", NULL, NULL);
    watch(&node, s);
    if (maru_server_listen(node.server, "tcp://[::1]:0", NULL) != MARU_OK) {
        echo_stop(&node);
        return false;
    }
    client = echo_client(node.rt, maru_server_url(node.server, 1));
    call = maru_call_begin(node.rt, PEER_WAIT_MS);
    CHECK_INT(echo_echo(client, call, &request, &response), MARU_OK);
    maru_call_end(call);
    maru_client_free(client);
    echo_stop(&node);
    return true;
}

/* As another user: the system tells the server who connected. By the system call itself, which changes this thread
 * alone: to the C library's seteuid the server's threads would be that user as well. */
static bool dial_as(uid_t user, peer *p, const char *url)
{
    bool dialled;

    *p = (peer){.fd = -1};
    dialled = syscall(SYS_setresuid, -1, user, -1) == 0 && peer_dial(p, url);
    CHECK_INT(syscall(SYS_setresuid, -1, 0, -1), 0);
    return dialled;
}

/* Whoever may connect to the socket may call; for whom, only ours may say. */
static void test_stranger(const char *ipc)
{
    enum { NOBODY = 65534 };
    echo_node node;
    peer      p;
    seen      s;

    if (geteuid() != 0) {
        printf("# not root: nobody else calls here\n");
        return;
    }
    test_begin("over ipc of another user it is that user, and what he says of a subject is not believed");
    echo_start(&node, ipc, NULL, NULL);
    watch(&node, &s);
    CHECK_INT(chmod(ipc + strlen("ipc://"), 0777), 0);
    if (CHECK(dial_as(NOBODY, &p, node.url))) {
        ask(&p, 1, ECHO, 1);
        check_status(&p, MARU_OK);
        CHECK_STR(s.caller, "uid:65534");
        CHECK_STR(s.subject, "");
        CHECK_STR(s.tag, "green");
    }
    peer_close(&p);
    echo_stop(&node);
}

static void test_who(const char *ipc)
{
    seen s;
    char want[64];

    test_begin("the caller is a user over ipc, and for whom he calls is believed where he is ours");
    call_over(ipc, &s);
    snprintf(want, sizeof want, "uid:%d", (int)geteuid());
    CHECK_STR(s.caller, want);
    CHECK_STR(s.subject, "users/kim");
    test_stranger(ipc);
    test_begin("over tcp it is an address without a port, and what it says of a subject is not believed");
    call_over("tcp://127.0.0.1:0", &s);
    CHECK_STR(s.caller, "tcp:127.0.0.1");
    CHECK_STR(s.subject, "");
    CHECK_STR(s.tag, "green");
    test_begin("over IPv6 too");
    if (call_over_six(&s))
        CHECK_STR(s.caller, "tcp:::1");
    else
        printf("# no IPv6 here\n");
}

static void test_passed_on(const char *ipc)
{
    echo_node back, front;
    seen      last, first;
    peer      p;
    char      url[128];

    test_begin("a handler's callees learn for whom, and within which trace, they are called");
    echo_ipc_url(url, "who-back");
    echo_start(&back, url, NULL, NULL);
    echo_start(&front, ipc, NULL, NULL);
    front.svc.next = echo_client(front.rt, back.url);
    watch(&back, &last);
    watch(&front, &first);
    CHECK(peer_dial(&p, front.url));
    ask(&p, 1, RELAY, 1);
    check_status(&p, MARU_OK);
    CHECK_STR(first.subject, "users/kim");
    CHECK_STR(last.subject, "users/kim");
    CHECK_STR(last.trace, trace);
    test_begin("but not the metadata that it was called with, which was meant for it");
    CHECK_STR(first.tag, "green");
    CHECK_STR(last.tag, "");
    peer_close(&p);
    maru_client_free(front.svc.next);
    echo_stop(&front);
    echo_stop(&back);
}

static void test_traces(const char *ipc)
{
    static const char *const bad[] = {
        "",
        "T",
        "\x1b[31m\nT",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    };
    echo_node node;
    seen      s;
    peer      p;

    test_begin("what a peer says of a trace is taken where it is one, and else the call belongs to none");
    echo_start(&node, ipc, NULL, NULL);
    watch(&node, &s);
    CHECK(peer_dial(&p, node.url));
    ask_within(&p, 1, ECHO, 1, trace);
    check_status(&p, MARU_OK);
    CHECK_STR(s.trace, trace);
    for (uint32_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ask_within(&p, 2 + i, ECHO, 1, bad[i]);
        check_status(&p, MARU_OK);
        CHECK_STR(s.trace, "");
    }
    peer_close(&p);
    echo_stop(&node);
}

static void test_long_names(const char *ipc)
{
    maru_server_options options = {.name = "echo", .instance = "가나다라마바사아자차카타파하가나"};
    echo_node           node;
    maru_client        *client;
    maru_call          *call;
    Echo__Message       request = ECHO__MESSAGE__INIT, *response;
    char                name[HELLO_NAME_SIZE];

    test_begin("a long name is cut between its characters, and what is no character becomes a question mark");
    hello_name("가나다라마바사아자차카타파하", "\xff", name);
    CHECK_STR(name, "가나다라마바사아자차카타파/?");
    test_begin("so a server of one can tell its failures");
    echo_start(&node, ipc, &options, NULL);
    client = echo_client(node.rt, node.url);
    call = maru_call_begin(node.rt, PEER_WAIT_MS);
    request.code = MARU_ABORTED;
    request.text = (char *)"the words";
    CHECK_INT(echo_fail(client, call, &request, &response), MARU_ABORTED);
    CHECK_STR(maru_call_message(call), "as asked: the words");
    CHECK_STR(call->origin, "echo/가나다라마바사아자차카타파");
    maru_call_end(call);
    maru_client_free(client);
    echo_stop(&node);
}

static void test_pairs(const char *ipc)
{
    echo_node  node;
    peer       p;
    maru_call *call;
    char       key[16], words[256];
    frame      reply;

    test_begin("a call has 64 pairs of metadata and no more, which is said to who adds one");
    echo_start(&node, ipc, NULL, NULL);
    call = maru_call_begin(node.rt, 1000);
    for (int i = 0; i < 64; i++) {
        snprintf(key, sizeof key, "k%d", i);
        CHECK_INT(maru_call_add_metadata(call, key, "v"), MARU_OK);
    }
    CHECK_INT(maru_call_add_metadata(call, "more", "v"), MARU_RESOURCE_EXHAUSTED);
    CHECK_STR(maru_call_message(call), "metadata: at most 64 pairs a call");
    maru_call_end(call);
    test_begin("and to a peer that sends one more");
    CHECK(peer_dial(&p, node.url));
    ask(&p, 1, ECHO, 64);
    check_status(&p, MARU_OK);
    ask(&p, 2, ECHO, 65);
    if (CHECK(peer_expect(&p, FRAME_REPLY, &reply))) {
        peer_words(&reply, words, sizeof words);
        CHECK_INT(reply.status, MARU_RESOURCE_EXHAUSTED);
        CHECK_CONTAINS(words, "at most 64 pairs");
    }
    peer_close(&p);
    echo_stop(&node);
}

/* The id that Count sees when a handler calls it with a key, on behalf of caller and subject. */
static void derived_id(const echo_node *node, maru_client *client, const char *caller, const char *subject,
                       char id[static 64])
{
    maru_call     *call = maru_call_begin(node->rt, PEER_WAIT_MS);
    Echo__Message *answer = NULL;
    const uint8_t *bytes;
    size_t         size;

    call->method = &echo_maru_service.methods[RELAY]; /* as the server makes it for a handler */
    call->caller = caller;
    call->subject = subject;
    call->request_id = "order 1";
    CHECK_INT(maru_unary_bytes(client, maru_keyed(call, "charge"), "/maru.test.v1.EchoService/Count",
                               MARU_METHOD_EXACTLY_ONCE, NULL, 0, &bytes, &size),
              MARU_OK);
    if (CHECK((answer = echo__message__unpack(NULL, size, bytes)) != NULL))
        snprintf(id, 64, "%s", answer->text);
    echo__message__free_unpacked(answer, NULL);
    maru_call_end(call);
}

static void test_derived(const char *ipc)
{
    char         first[64] = "1", again[64] = "2", other[64] = "3";
    echo_node    node;
    maru_client *client;

    echo_start(&node, ipc, NULL, NULL);
    client = echo_client(node.rt, node.url);
    test_begin("the id that a key derives is the same when its caller calls again, and another for another caller");
    derived_id(&node, client, "uid:1", "", first);
    derived_id(&node, client, "uid:1", "", again);
    derived_id(&node, client, "uid:2", "", other);
    CHECK_STR(again, first);
    CHECK(strcmp(other, first) != 0);
    test_begin("a subject is the same whoever calls for it, and no caller of that name");
    derived_id(&node, client, "uid:1", "kim", first);
    derived_id(&node, client, "uid:2", "kim", again);
    CHECK_STR(again, first);
    derived_id(&node, client, "uid:1", "lee", other);
    CHECK(strcmp(other, first) != 0);
    derived_id(&node, client, "kim", "", other);
    CHECK(strcmp(other, first) != 0);
    maru_client_free(client);
    echo_stop(&node);
}

int main(void)
{
    char ipc[128];

    echo_ipc_url(ipc, "who");
    test_who(ipc);
    test_passed_on(ipc);
    test_traces(ipc);
    test_pairs(ipc);
    test_long_names(ipc);
    test_derived(ipc);
    return test_end();
}
