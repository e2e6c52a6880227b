/* who_test.c: who calls, for whom, and with what words: what a handler learns of it, what is believed, and what goes on
 * to those whom the handler calls.
 */
#include "test.h"

#include <stdlib.h>
#include <unistd.h>

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
static void ask(peer *p, uint32_t id, int which, size_t pairs)
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
    ext.traceparent = (char *)trace;
    call.extension = bytes;
    call.extension_size = maru_pb__extension__pack(&ext, bytes);
    CHECK(peer_frame(p, &call, NULL));
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

static void test_who(const char *ipc)
{
    seen s;
    char want[64];

    test_begin("the caller is a user over ipc, and for whom he calls is believed where he is ours");
    call_over(ipc, &s);
    snprintf(want, sizeof want, "uid:%d", (int)geteuid());
    CHECK_STR(s.caller, want);
    CHECK_STR(s.subject, "users/kim");
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

int main(void)
{
    char ipc[128];

    echo_ipc_url(ipc, "who");
    test_who(ipc);
    test_passed_on(ipc);
    test_pairs(ipc);
    return test_end();
}
