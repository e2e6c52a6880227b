/* lying_test.c: a service whose names, descriptors or replies are wrong: what maru call and maru list make of it. A
 * real server, whose tables were spoilt. */
#include "test.h"

#include <string.h>

#include "clitest/echo.maru.h"
#include "proc.h"
#include "serving.h"

/* A method of the real service's, and a name that would clear a terminal. */
#define ESC "\x1b[2J"

typedef struct lie {
    maru_service service;
    maru_method  method;
    maru_file    file;
} lie;

/* An echo with only its first method. */
static void lie_of_echo(lie *l)
{
    l->service = echo_maru_service;
    l->method = echo_maru_service.methods[0];
    l->file = *echo_maru_service.file;
    l->service.methods = &l->method;
    l->service.count = 1;
    l->service.file = &l->file;
    l->method.service = &l->service;
}

/* Its reply has a field whose varint has no end within ten bytes. */
static maru_status dispatch(const void *handlers, void *svc, maru_call *call, const ProtobufCMessage *request,
                            ProtobufCMessage *response)
{
    ProtobufCMessageUnknownField *field = maru_alloc(call, sizeof *field);

    (void)handlers;
    (void)svc;
    (void)request;
    *field = (ProtobufCMessageUnknownField){
        .tag = 2, .wire_type = PROTOBUF_C_WIRE_TYPE_VARINT, .len = 10, .data = maru_alloc(call, 10)};
    memset(field->data, 0xff, 10);
    response->n_unknown_fields = 1;
    response->unknown_fields = field;
    return MARU_OK;
}

/* So that its metrics name the method. */
static void call_once(struct serving *s)
{
    Clitest__EchoRequest   request = CLITEST__ECHO_REQUEST__INIT;
    Clitest__EchoResponse *response;
    maru_call             *call = serving_call(s);

    CHECK(echo_echo(s->client, call, &request, &response) != MARU_OK);
    maru_call_end(call);
}

/* maru WORD URL [MORE], against a server of l. */
static proc ask(const place *p, const lie *l, const char *word, const char *more)
{
    static const maru_dispatch table[] = {dispatch};
    struct serving             s;
    const char                *words[] = {p->maru, word, s.url, more, NULL};
    proc                       got = {.status = -1, .text = {(char *)"", (char *)""}};

    if (CHECK(serving_open(&s, "echo", NULL, 0)) &&
        CHECK_INT(maru_server_add(s.server, &l->service, table, NULL, NULL, &s.error), MARU_OK) &&
        CHECK(serving_listen(&s))) {
        call_once(&s);
        got = proc_run(words, NULL);
    }
    serving_close(&s);
    return got;
}

static void check_reply(const place *p)
{
    lie  l;
    proc got;

    test_begin("a reply that is none is INTERNAL, and said to be the reply: not the caller's fault");
    lie_of_echo(&l);
    got = ask(p, &l, "call", "clitest.v1.EchoService/Echo");
    CHECK_INT(got.status, 64 + MARU_INTERNAL);
    CHECK_CONTAINS(got.text[PROC_ERR], "INTERNAL: /clitest.v1.EchoService/Echo: reply: ");
    CHECK_STR(got.text[PROC_OUT], "");
    proc_free(&got);
}

static void check_descriptors(const place *p)
{
    static const uint8_t     bytes[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    static const char *const words[] = {"call", "describe"}, *const names[] = {"clitest.v1.EchoService/Echo",
                                                                               "clitest.v1.EchoService"};
    lie l;

    test_begin("descriptors that are none are INTERNAL, and said to be the service's");
    lie_of_echo(&l);
    l.file.bytes = bytes;
    l.file.size = sizeof bytes;
    for (size_t i = 0; i < 2; i++) {
        proc got = ask(p, &l, words[i], names[i]);

        CHECK_INT(got.status, 64 + MARU_INTERNAL);
        CHECK_CONTAINS(got.text[PROC_ERR], "INTERNAL: the descriptors that the service gives: ");
        proc_free(&got);
    }
}

static void check_names(const place *p)
{
    lie  l;
    proc got;

    test_begin("list prints no control character, whatever a server says that its names are");
    lie_of_echo(&l);
    l.service.name = "clitest.v1." ESC "EchoService";
    l.method.name = "Ec\nho";
    got = ask(p, &l, "list", NULL);
    CHECK_INT(got.status, 0);
    CHECK_CONTAINS(got.text[PROC_OUT], "clitest.v1. [2JEchoService/Ec ho (clitest.v1.EchoRequest) returns (");
    CHECK(strchr(got.text[PROC_OUT], '\x1b') == NULL);
    proc_free(&got);
}

static void check_metrics(const place *p)
{
    lie  l;
    proc got;

    test_begin("metrics print none either, and keep their lines");
    lie_of_echo(&l);
    l.method.path = "/clitest.v1.EchoService/E" ESC "cho";
    got = ask(p, &l, "metrics", NULL);
    CHECK_INT(got.status, 0);
    CHECK_CONTAINS(got.text[PROC_OUT], "method=\"/clitest.v1.EchoService/E [2Jcho\"");
    CHECK_CONTAINS(got.text[PROC_OUT], "\n# EOF\n");
    CHECK(strchr(got.text[PROC_OUT], '\x1b') == NULL);
    proc_free(&got);
}

int main(int argc, char **argv)
{
    place p = place_open(argc, argv);

    check_reply(&p);
    check_descriptors(&p);
    check_names(&p);
    check_metrics(&p);
    place_close(&p);
    return test_end();
}
