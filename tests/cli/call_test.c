/* call_test.c: maru call, list and describe against running services, with no .proto at hand. */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "proc.h"

static proc maru(const place *p, const char *input, const char *const more[])
{
    const char *words[PROC_WORDS] = {p->maru};
    int         count = 1;

    for (; *more != NULL; more++)
        words[count++] = *more;
    words[count] = NULL;
    return proc_run(words, input);
}

/* One call to echo: what comes of it on stdout or stderr, and the status. */
typedef struct call_row {
    const char *words[12];
    const char *input;
    int         status;
    const char *out, *err; /* parts; NULL: nothing at all */
} call_row;

#define ECHO   "call", "echo", "clitest.v1.EchoService/Echo"
#define SERVES "clitest.v1.EchoService"

static const call_row call_table[] = {
    /* in and out */
    {{ECHO, "-d", "{\"text\": \"안녕\", \"number\": \"9007199254740993\"}"}, NULL, 0, "\"text\": \"안녕\",\n", NULL},
    {{ECHO, "-d", "{\"number\": 9007199254740993}"}, NULL, 0, "\"number\": \"9007199254740993\"", NULL},
    {{ECHO, "-d{\"text\":\"a\"}", "--compact", "--timeout", "1h"}, NULL, 0, "{\"text\":\"a\",", NULL},
    {{ECHO, "--json={\"text\":\"b\"}"}, NULL, 0, "\"text\": \"b\"", NULL},
    {{ECHO, "-d", "@"}, "{\"text\": \"from stdin\"}", 0, "from stdin", NULL},
    {{ECHO, "-d", "@/dev/stdin"}, "\xef\xbb\xbf{\"text\": \"marked\"}", 0, "\"marked\"", NULL},
    {{ECHO, "-d", "@"}, "\xef\xbb\xbf", 67, NULL, "INVALID_ARGUMENT: stdin: "},
    {{ECHO, "-d", "@-"}, "{\"text\": \"from stdin\"}", 0, "from stdin", NULL},
    {{ECHO, "-d", "-"}, "{\"text\": \"from stdin\"}\n", 0, "from stdin", NULL},
    {{ECHO}, NULL, 0, "\"leftMs\": ", NULL},
    {{ECHO, "--metadata", "tag=x=y"}, NULL, 0, "\"tag\": \"x=y\"", NULL},
    {{"call", "echo", "/clitest.v1.EchoService/Echo", "-d", "{}"}, NULL, 0, "leftMs", NULL},
    {{"call", "relay", "clitest.v1.RelayService/Relay", "-d", "{\"text\": \"through\"}"}, NULL, 0, "through", NULL},
    {{"call", "echo", "grpc.health.v1.Health/Check"}, NULL, 0, "\"status\": \"SERVING\"", NULL},
    /* failures of the callee */
    {{"call", "echo", SERVES "/Fail", "-d", "{\"code\": 5, \"message\": \"products/x: none\"}"},
     NULL,
     69,
     NULL,
     "NOT_FOUND: products/x: none (from echo/"},
    {{"call", "echo", SERVES "/Fail", "-d", "{\"code\": 5}"}, NULL, 69, NULL, "NOT_FOUND: (from echo/"},
    {{ECHO, "-d{\"text\":\"a\\u009bb\"}"}, NULL, 0, "\"text\": \"a\\u009bb\"", NULL},
    {{"call", "echo", SERVES "/Fail", "-d", "{\"code\": 16, \"message\": \"a\\nb\"}"},
     NULL,
     80,
     NULL,
     "a b (from echo/"},
    {{"call", "echo", SERVES "/Wait", "-d", "{\"ms\": 60000}", "--timeout", "200ms"},
     NULL,
     68,
     NULL,
     "DEADLINE_EXCEEDED: "},
    /* what the caller got wrong */
    {{ECHO, "-d", "{\"texd\": \"a\"}"}, NULL, 67, NULL, "INVALID_ARGUMENT: "},
    {{ECHO, "-d", "{\"number\": 1.5}"}, NULL, 67, NULL, "number"},
    {{ECHO, "-d", "{"}, NULL, 67, NULL, "INVALID_ARGUMENT: line 1"},
    {{ECHO, "-d", ""}, NULL, 67, NULL, "INVALID_ARGUMENT: "},
    {{ECHO, "-d", "@"}, "", 67, NULL, "INVALID_ARGUMENT: stdin: line 1"},
    {{ECHO, "-d", "@/dev/stdin"}, "{", 67, NULL, "INVALID_ARGUMENT: /dev/stdin: line 1"},
    {{"call", "echo", SERVES "/Ecco"}, NULL, 76, NULL, "no method \"Ecco\"; did you mean Echo?"},
    {{"call", "echo", "clitest.v1.EchoServise/Echo"}, NULL, 76, NULL, "did you mean clitest.v1.EchoService?"},
    {{"call", "echo", "clitest.v1.EchoRequesd/Echo"}, NULL, 76, NULL, "did you mean clitest.v1.EchoService?"},
    {{"call", "echo", SERVES "/Stream"}, NULL, 76, NULL, "is a stream"},
    {{"call", "ecko", SERVES "/Echo"}, NULL, 78, NULL, "UNAVAILABLE: ecko: does not run on "},
    {{"call", "ecko", SERVES "/Echo"}, NULL, 78, NULL, "did you mean echo?"},
    {{"call", "catalog", SERVES "/Echo"}, NULL, 78, NULL, "(there is echo, relay)"},
    {{"call", "http://x", SERVES "/Echo"}, NULL, 2, NULL, "want tcp://HOST:PORT or ipc:///PATH"},
    {{"call", "ipc:///nowhere/x.sock", SERVES "/Echo", "--timeout", "300ms"}, NULL, 68, NULL, "nowhere"},
    {{ECHO, "--metadata", "Tag=x"}, NULL, 2, NULL, "--metadata: want a lowercase key"},
    {{ECHO, "--request-id", "a b\n"}, NULL, 2, NULL, "--request-id: want "},
    {{ECHO, "--request-id", ""}, NULL, 2, NULL, "--request-id: want "},
    {{ECHO, "--metadata", "a\n=b"}, NULL, 2, NULL, "--metadata: want a lowercase key"},
    {{ECHO, "-d", "@/nowhere/x.json"}, NULL, 1, NULL, "/nowhere/x.json: No such file"},
    {{ECHO, "-d", "@/"}, NULL, 1, NULL, "/: Is a directory"},
    /* usage */
    {{"call"}, NULL, 2, NULL, "want a TARGET and a package.Service/Method"},
    {{"call", "echo", "Echo"}, NULL, 2, NULL, "want package.Service/Method, got \"Echo\""},
    {{ECHO, "{}"}, NULL, 2, NULL, "JSON goes behind -d"},
    {{ECHO, "--timeout", "5"},
     NULL,
     2,
     NULL,
     "want a time such as 500ms, 5s, 2m, more than 0 and at most 24h, got \"5\""},
    {{ECHO, "--timeout", "-1s"}, NULL, 2, NULL, "--timeout"},
    {{ECHO, "--metadata", "x"}, NULL, 2, NULL, "want key=value"},
    {{ECHO, "--timeuot", "5s"}, NULL, 2, NULL, "--timeuot: no such flag; did you mean --timeout?"},
    {{ECHO, "-d"}, NULL, 2, NULL, "want JSON after it"},
    {{ECHO, "-d", "{}", "-d", "{}"}, NULL, 2, NULL, "-d: want one request, got a second"},
};

static void check_one(const place *p, const call_row *row)
{
    proc got = maru(p, row->input, row->words);
    bool held = CHECK_INT(got.status, row->status);

    if (row->out != NULL)
        held = CHECK_CONTAINS(got.text[PROC_OUT], row->out) && CHECK_STR(got.text[PROC_ERR], "") && held;
    if (row->err != NULL) {
        held = CHECK_CONTAINS(got.text[PROC_ERR], row->err) && CHECK_STR(got.text[PROC_OUT], "") && held;
        held = CHECK(strchr(got.text[PROC_ERR], '\n') == got.text[PROC_ERR] + got.size[PROC_ERR] - 1) && held;
    }
    if (!held)
        fprintf(stderr, "  in row: maru %s %s %s %s\n%s%s", row->words[0], row->words[1] != NULL ? row->words[1] : "",
                row->words[2] != NULL ? row->words[2] : "", row->words[3] != NULL ? row->words[3] : "",
                got.text[PROC_OUT], got.text[PROC_ERR]);
    proc_free(&got);
}

static void check_calls(const place *p)
{
    test_begin("call: replies on stdout; a failure is one line on stderr, and 64 + its code; wrong usage is 2");
    for (size_t i = 0; i < sizeof call_table / sizeof *call_table; i++)
        check_one(p, &call_table[i]);
}

static void check_once(const place *p)
{
    static const char *const twice[] = {
        "call", "relay", "clitest.v1.RelayService/Add", "-d", "{\"number\": 5}", "--request-id", "order-1", NULL};
    static const char *const other[] = {"call", "relay", "clitest.v1.RelayService/Add", "-d{\"number\": 5}", NULL};

    test_begin("--request-id makes a repeated call safe");
    for (int i = 0; i < 2; i++) {
        proc got = maru(p, NULL, twice);

        CHECK_STR(got.text[PROC_OUT], "{\n  \"sum\": \"5\"\n}\n");
        proc_free(&got);
    }
    {
        proc got = maru(p, NULL, other);

        CHECK_CONTAINS(got.text[PROC_OUT], "\"10\"");
        proc_free(&got);
    }
}

static void check_list(const place *p)
{
    static const char *const all[] = {"list", NULL}, *const one[] = {"list", "relay", NULL},
                             *const none[] = {"list", "nothing", NULL};
    proc                            got = maru(p, NULL, all);

    test_begin("list prints one method a line, as call takes it, of all services or of one");
    CHECK_INT(got.status, 0);
    CHECK_CONTAINS(got.text[PROC_OUT], "echo ipc:///");
    CHECK_CONTAINS(
        got.text[PROC_OUT],
        "\n  clitest.v1.EchoService/Echo (clitest.v1.EchoRequest) returns (clitest.v1.EchoResponse) reads-only\n");
    CHECK_CONTAINS(got.text[PROC_OUT],
                   "/Stream (clitest.v1.EchoRequest) returns (clitest.v1.EchoResponse) server-stream");
    CHECK_CONTAINS(got.text[PROC_OUT], "grpc.health.v1.Health/Check");
    proc_free(&got);
    got = maru(p, NULL, one);
    CHECK_INT(got.status, 0);
    CHECK(strncmp(got.text[PROC_OUT], "clitest.v1.RelayService/Relay ", 30) == 0);
    CHECK_CONTAINS(got.text[PROC_OUT], "/Add (clitest.v1.AddRequest) returns (clitest.v1.Sum) exactly-once\n");
    proc_free(&got);
    got = maru(p, NULL, none);
    CHECK_INT(got.status, 78);
    proc_free(&got);
}

static void check_describe(const place *p)
{
    static const struct {
        const char *symbol, *part;
        int         status;
    } table[] = {
        {"clitest.v1.EchoService", "rpc Stream(EchoRequest) returns (stream EchoResponse);", 0},
        {"clitest.v1.EchoService/Wait", "rpc Wait(WaitRequest) returns (EchoResponse)", 0},
        {"clitest.v1.EchoResponse", "  string request_id = 3;\n", 0},
        {"clitest.v1.AddRequest", "  string why = 2", 0},
        {"clitest.rule.Rule", "  optional uint64 max_len = 1;\n", 0}, /* of proto2, for options */
        {"clitest.v1.EchoRespons", "clitest.v1.EchoResponse", 69},
        {NULL, "service EchoService {", 0},
    };

    test_begin("describe prints a service, a method or a message as .proto text");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *const words[] = {"describe", "echo", table[i].symbol, NULL};
        proc              got = maru(p, NULL, words);

        CHECK_INT(got.status, table[i].status);
        CHECK_CONTAINS(got.text[table[i].status == 0 ? PROC_OUT : PROC_ERR], table[i].part);
        CHECK_STR(got.text[table[i].status == 0 ? PROC_ERR : PROC_OUT], "");
        proc_free(&got);
    }
}

static void check_closed_output(const place *p)
{
    char command[512];

    test_begin("a reader that closes the pipe ends it without a word; a full disk is said, and is status 1");
    snprintf(command, sizeof command, "{ '%s' list 2>'%s/words'; echo $? >'%s/status'; } | true; test ! -s '%s/words'",
             p->maru, p->root, p->root, p->root);
    CHECK_INT(system(command), 0);
    snprintf(command, sizeof command,
             "'%s' list 2>'%s/words' >/dev/full; test $? = 1 && grep -q 'stdout: No space' '%s/words'", p->maru,
             p->root, p->root);
    CHECK_INT(system(command), 0);
    snprintf(command, sizeof command,
             "'%s' list 2>'%s/words' >&-; test $? = 1 && grep -q 'stdout: Bad file descriptor' '%s/words'", p->maru,
             p->root, p->root);
    CHECK_INT(system(command), 0);
}

int main(int argc, char **argv)
{
    place       p = place_open(argc, argv);
    const char *words[] = {p.maru, "up", "--bin", p.services, NULL};
    proc        up;

    test_begin("up, with MARU_DATA saying where");
    setenv("MARU_DATA", p.data, 1);
    up = proc_start(words, NULL);
    if (CHECK(proc_expect(&up, PROC_OUT, 0, "ready "))) {
        check_calls(&p);
        check_once(&p);
        check_list(&p);
        check_describe(&p);
        check_closed_output(&p);
    }
    kill(up.pid, SIGTERM);
    CHECK_INT(proc_end(&up), 0);
    proc_free(&up);
    place_close(&p);
    return test_end();
}
