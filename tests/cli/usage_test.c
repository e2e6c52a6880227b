/* usage_test.c: what is wrong in words, files and paths, for maru and for a service: one clear line, and the right
 * status. */
#include "test.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "start.h"

/* In words, %M is maru, %E the echo service, %R the relay service, %D the place's folder, %B the folder of programs. */
enum { ROW_WORDS = 10 };

typedef struct usage_row {
    const char *words[ROW_WORDS]; /* NULL-terminated */
    int         status;
    const char *err; /* part of the one line on stderr; NULL: nothing there */
    const char *out; /* part of stdout; NULL: nothing there */
} usage_row;

static const usage_row usage_table[] = {
    {{"%M"}, 2, "want a command (maru --help says more)", NULL},
    {{"%M", "donw"}, 2, "donw: no such command; did you mean down?", NULL},
    {{"%M", "xyzzy"}, 2, "maru: xyzzy: no such command (maru --help", NULL},
    {{"%M", "help"}, 0, NULL, "usage: maru COMMAND"},
    {{"%M", "--help"}, 0, NULL, "usage: maru COMMAND"},
    {{"%M", "help", "call"}, 0, NULL, "--request-id ID"},
    {{"%M", "help", "cal"}, 2, "did you mean call?", NULL},
    {{"%M", "help", "up", "down"}, 2, "want one COMMAND at most", NULL},
    {{"%M", "help", "--as", "man", "up"}, 0, NULL, ".TH MARU-UP 1"},
    {{"%M", "help", "--as", "pdf"}, 2, "--as: want text, man, bash or zsh, got \"pdf\"", NULL},
    {{"%M", "help", "--as", "zsh", "up"}, 2, "--as zsh: is of all commands, want none", NULL},
    {{"%M", "version"}, 0, NULL, "maru 0."},
    {{"%M", "--version"}, 0, NULL, "maru 0."},
    {{"%M", "version", "x"}, 2, "\"x\": want nothing after it", NULL},
    {{"%M", "up", "--help"}, 0, NULL, "--tcp"},
    {{"%M", "up", "--help"}, 0, NULL, "none: no edge (default: 127.0.0.1:8080)"},
    {{"%M", "up", "--data", "%D/unmade", "--edge", "foo"}, 2, "maru up: --edge: want HOST:PORT with a port of", NULL},
    {{"%M", "up", "--data", "%D/unmade", "--edge", "8080"}, 2, "or none, got \"8080\"", NULL},
    {{"%M", "up", "--data", "%D/unmade", "--edge", ":8080"}, 2, "--edge: want HOST:PORT with a host (", NULL},
    {{"%M", "up", "--data", "%D/unmade", "--edge", "[]:80"}, 2, "is every address of this machine), or none", NULL},
    {{"%M", "up", "--data", "%D/unmade", "--edge", "127.0.0.1"}, 2, "--edge: want HOST:PORT", NULL},
    {{"%M", "up", "--data", "%D/unmade", "--edge", "127.0.0.1:"}, 2, "--edge: want HOST:PORT", NULL},
    {{"%M", "up", "--data", "%D/unmade", "--edge", "h:99999"}, 2, "--edge: want HOST:PORT", NULL},
    {{"%M", "up", "--data", "%D/unmade", "--edge", "127.0.0.1:x"}, 2, "--edge: want HOST:PORT", NULL},
    {{"%M", "up", "--data", "%D/unmade", "--edge", "::1:80"}, 2, "an IPv6 address in brackets", NULL},
    {{"%M", "up", "--data", "%D/unmade", "--edge", "http://h:80"}, 2, "--edge: want HOST:PORT", NULL},
    {{"%M", "up", "--data", "%D/unmade", "--edge", ""}, 2, "--edge: want HOST:PORT", NULL},
    {{"%M", "ps", "--data", "%D/unmade"}, 1, "/unmade: no such data folder", NULL},
    {{"%M", "ps", "--help"}, 0, NULL, "--json"},
    {{"%M", "down", "--help"}, 0, NULL, "--timeout"},
    {{"%M", "list", "--help"}, 0, NULL, "[TARGET]"},
    {{"%M", "describe", "--help"}, 0, NULL, "package.Message"},
    {{"%M", "call", "-h"}, 0, NULL, "64 + the code"},
    {{"%M", "version", "--help"}, 0, NULL, "usage: maru version"},
    {{"%M", "new", "--help"}, 0, NULL, "service NAME"},
    {{"%M", "new"}, 2, "want: maru new service NAME", NULL},
    {{"%M", "new", "service", "time"}, 2, "\"time\" can't be a service's name: its header would hide", NULL},
    {{"%E", "--data", "%D/unmade", "--listen", "ipc:///a/x.sock", "--listen", "ipc:///a/x.sock"},
     2,
     "echo: --listen: want each address once, got \"ipc:///a/x.sock\" twice",
     NULL},
    {{"%E", "--data", "%D/unmade", "--listen", "tcp://i:8", "--listen", "tcp://h:8", "--listen", "tcp://h:8"},
     2,
     "--listen: want each address once, got \"tcp://h:8\" twice",
     NULL},
    {{"%E", "--data", "%D/unmade", "--listen", "ipc:///a/x.sock", "--listen", "ipc:///a/x"},
     2,
     "\"ipc:///a/x.sock\" and \"ipc:///a/x\", which have one",
     NULL},
    {{"%E", "--data", "%D/unmade", "--listen", "ipc:///a\nhttp = 1", "--print-config"},
     2,
     "--listen: want a URL without control characters, got",
     NULL},
    {{"%E", "--data", "%D/unmade", "--listen", "tcp://h\nx:8", "--print-config"},
     2,
     "--listen: want a URL without control characters, got",
     NULL},
    {{"%E", "--listen", "tcp://h:0", "--listen", "tcp://h:0", "--data", "/tmp/nowhere", "--print-config"},
     0,
     NULL,
     "listen = tcp://h:0"},
    {{"%M", "store", "--help"}, 0, NULL, "compact SERVICE"},
    {{"%M", "store"}, 2, "want one of stat, dump, verify, backup, restore, compact", NULL},
    {{"%M", "store", "stat"}, 2, "want: maru store stat SERVICE", NULL},
    {{"%M", "store", "backup", "x"}, 2, "want: maru store backup SERVICE DIR", NULL},
    {{"%M", "store", "stat", "../x"}, 2, "SERVICE: want a service's name, got \"../x\"", NULL},
    {{"%M", "store", "stat", "x", "--data", "%D/none"}, 1, "/none: no such data folder", NULL},
    {{"%M", "order", "--help"}, 0, NULL, "timeline ORDER"},
    {{"%M", "order", "timeline"}, 2, "want `why` or `timeline`, and an order", NULL},
    {{"%M", "order", "when", "x"}, 2, "want `why` or `timeline`, and an order", NULL},
    {{"%M", "order", "why", "x", "y"}, 2, "\"y\": want `why` or `timeline`, and one order", NULL},
    {{"%M", "order", "why", ""}, 2, "\"\": want an order, such as: maru order why orders/7f3a", NULL},
    {{"%M", "order", "timeline", "orders/"}, 2, "\"orders/\": want an order, such as", NULL},
    {{"%M", "order", "why", "x", "--follow"}, 2, "--follow: only of timeline", NULL},
    {{"%M", "order", "timeline", "x", "--data", "%D/none"}, 78, "UNAVAILABLE: ", NULL},
    {{"%M", "order", "why", "x", "--data", "%D/none"}, 78, "UNAVAILABLE: ", NULL},
    {{"%M", "order", "why", "a b", "--data", "%D/none"}, 67, "A-Z a-z 0-9 . _ -, got \"orders/a b\"", NULL},
    {{"%M", "events", "--help"}, 0, NULL, "tail SERVICE"},
    {{"%M", "events"}, 2, "want one of tail, lag, dead, show, retry, skip", NULL},
    {{"%M", "events", "tale", "x"}, 2, "want one of tail, lag, dead, show, retry, skip, got \"tale\"", NULL},
    {{"%M", "events", "tail"}, 2, "want: maru events tail SERVICE", NULL},
    {{"%M", "events", "lag", "x"}, 2, "want: maru events lag", NULL},
    {{"%M", "events", "dead"}, 2, "want: maru events dead SERVICE", NULL},
    {{"%M", "events", "show", "a", "b"}, 2, "want: maru events show SERVICE PRODUCER AGGREGATE", NULL},
    {{"%M", "events", "retry", "a", "b"}, 2, "want: maru events retry SERVICE PRODUCER AGGREGATE", NULL},
    {{"%M", "events", "skip", "a", "b", "c"}, 2, "want: maru events skip SERVICE PRODUCER AGGREGATE VERSION", NULL},
    {{"%M", "events", "skip", "a", "b", "c", "d"}, 2, "VERSION: want a number, got \"d\"", NULL},
    {{"%M", "events", "skip", "a", "b", "c", "1", "e"}, 2, "\"e\": that is one word too many", NULL},
    {{"%M", "events", "show", "a", "b", ""}, 67, "INVALID_ARGUMENT: producer, aggregate: want both, as ListDead", NULL},
    {{"%M", "events", "show", "a", "", "c"}, 67, "INVALID_ARGUMENT: producer, aggregate: want both, as ListDead", NULL},
    {{"%M", "events", "show", "a", "", ""}, 67, "INVALID_ARGUMENT: producer, aggregate: want both, as ListDead", NULL},
    {{"%M", "events", "retry", "a", "b", ""}, 67, "INVALID_ARGUMENT: producer, aggregate: want both, as List", NULL},
    {{"%M", "events", "skip", "a", "", "c", "1"}, 67, "INVALID_ARGUMENT: producer, aggregate: want both, as L", NULL},
    {{"%M", "events", "tail", "x", "--after", "-1"}, 2, "--after: want a number, got \"-1\"", NULL},
    {{"%M", "events", "tail", "x", "--after", "18446744073709551616"}, 2, "want a number, got \"184467", NULL},
    {{"%M", "events", "tail", "x", "--follow", "--aggregate", "y"}, 2, "--follow: not with --aggregate", NULL},
    {{"%M", "events", "tail", "x", "--aggregate", ""}, 2, "--aggregate: want 1..200 characters of ASCII", NULL},
    {{"%M", "events", "tail", "x", "--aggregate", "a b"}, 2, "without blanks, got \"a b\"", NULL},
    {{"%M", "events", "tail", "x", "--aggregate", "\xed\x8c\x90"}, 2, "--aggregate: want 1..200 characters", NULL},
    {{"%M", "events", "lag", "--follow"}, 2, "--after, --follow, --aggregate: only of tail", NULL},
    {{"%M", "events", "tail", "x", "--data", "%D/none"}, 78, "UNAVAILABLE: ", NULL},
    {{"%M", "events", "retry", "x", "y", "z", "--data", "%D/none"}, 78, "UNAVAILABLE: ", NULL},
    {{"%M", "events", "lag", "--data", "%D/none"}, 69, "no such data folder", NULL},
    {{"%M", "audit", "--list"}, 0, NULL, "stock-equation"},
    {{"%M", "audit", "x"}, 2, "\"x\": want flags only", NULL},
    {{"%M", "audit", "--wait", "soon"}, 2, "--wait: want a time such as 500ms", NULL},
    {{"%M", "audit", "--wait", "0s"}, 2, "--wait: want a time such as 500ms, 5s, 2m, more than 0 and at most", NULL},
    {{"%M", "up", "--ready-timeout", "0s"}, 2, "--ready-timeout: want a time such as 500ms, 5s, 2m, more than 0", NULL},
    {{"%M", "audit", "--data", "%D/none"}, 78, "UNAVAILABLE: ", NULL},
    {{"%M", "up", "--dta", "x"}, 2, "maru up: --dta: no such flag; did you mean --data?", NULL},
    {{"%M", "up", "--bin", "%B", "ecko"}, 2, "ecko: no such service; did you mean echo?", NULL},
    {{"%M", "up", "--bin", "%B", "xyzzy"}, 2, "xyzzy: no such service (there is echo, relay)", NULL},
    {{"%M", "up", "--bin", "%B", "--config", "%D/nosuch.conf"},
     2,
     "1: [nosuch]: no such service (there is echo, rel",
     NULL},
    {{"%M", "up", "--bin", "%B", "--config", "%D/eco.conf"}, 2, "1: [eco]: no such service; did you mean echo?", NULL},
    {{"%M", "up", "--bin", "%B", "--data", "%D/unmade", "--config", "%D/typo.conf"},
     2,
     "maru up: %D/typo.conf:2: \"li",
     NULL},
    {{"%M", "up", "--bin", "%B", "--data", "%D/unmade", "--config", "%D/one.conf"},
     2,
     "maru up: relay: %D/one.conf:2",
     NULL},
    {{"%M", "up", "--bin", "%B", "--data", "%D/unmade", "--config", "%D/value.conf"}, 2, "want 1..600000 milli", NULL},
    {{"%M", "up", "--bin", "%D/none"}, 1, "/none: No such file or directory", NULL},
    {{"%M", "up", "--bin", "%D"}, 1, "no service stands in ", NULL},
    {{"%M", "up", "--bin", "%B", "--data", "%D/file"}, 1, "/file: want a folder, is none", NULL},
    {{"%M", "up", "--bin", "%B", "--data", "/proc/none/x"}, 1, "/proc/none", NULL},
    {{"%M", "up", "--supervised", "x"}, 2, "maru up: --supervised: want a process id, got \"x\"", NULL},
    {{"%M", "up", "--bin", "%B", "--supervised", "1"}, 1, "maru up: --supervised 1: the parent", NULL},
    {{"%M", "store", "stat", "cart", "--data", "%D/file"}, 1, "/file: want a folder, is a file", NULL},
    {{"%M", "ps", "--data", "%D/none"}, 1, "/none: no such data folder", NULL},
    {{"%M", "ps", "--data", "%D/file"}, 1, "maru ps: ", NULL},
    {{"%M", "up", "--bin", "%B", "--data", ""}, 2, "maru up: --data: want a folder, got \"\"", NULL},
    {{"%M", "ps", "--data="}, 2, "--data: want a folder, got \"\"", NULL},
    {{"%E", "--data", ""}, 2, "--data: want a path, got \"\"", NULL},
    {{"%M", "ps", "x"}, 2, "\"x\": want flags only", NULL},
    {{"%M", "down", "--data", "%D/none"}, 1, "/none: no such data folder", NULL},
    {{"%M", "down", "--timeout", "soon"}, 2, "want a time such as", NULL},
    {{"%M", "load", "--help"}, 0, NULL, "130 Ctrl-C"},
    {{"%M", "down", "--timeout", "25h"}, 2, "at most 24h, got \"25h\"", NULL},
    {{"%M", "list", "a", "b"}, 2, "\"b\": want one TARGET at most", NULL},
    {{"%M", "describe"}, 2, "want a TARGET", NULL},
    {{"%M", "describe", "a", "b", "c"}, 2, "\"c\": want TARGET and one NAME at most", NULL},
    {{"%M", "list", "No Name"}, 2, "TARGET: want a service's name", NULL},
    {{"%M", "describe", "http://h:1"}, 2, "want tcp://HOST:PORT or ipc:///PATH", NULL},
    {{"%M", "list", "tcp://h:99999"}, 2, "a port of 1..65535", NULL},
    {{"%M", "list", "tcp://h:0"}, 2, "a port of 1..65535", NULL},
    {{"%M", "list", "tcp://:80"}, 2, "TARGET: want tcp://HOST:PORT with a host, got", NULL},
    {{"%M", "call", "tcp://*:1", "a.B/C"}, 2, "TARGET: want tcp://HOST:PORT with a host, got", NULL},
    {{"%M", "list", "tcp://*:0"}, 2, "TARGET: want tcp://HOST:PORT with a host, got", NULL},
    {{"%E", "--listen", "tcp://:80"}, 2, "want tcp://HOST:PORT with a host (* is every address of this machine)", NULL},
    {{"%E", "--listen", "tcp://[]:80"}, 2, "--listen: want tcp://HOST:PORT with a host (", NULL},
    {{"%E", "--listen", "tcp://127.0.0.1:"}, 2, "--listen: want tcp://HOST:PORT with a port of 0..65535", NULL},
    {{"%E", "--data", "%D/d", "--listen", "tcp://192.0.2.1:0"}, 1, "no address of this machine, or an unknown", NULL},
    {{"%R", "--peer", "echo=tcp://:80"}, 2, "--peer: want tcp://HOST:PORT with a host, got", NULL},
    {{"%R", "--peer", "echo=tcp://h:0"}, 2, "--peer: want tcp://HOST:PORT with a port of 1..65535", NULL},
    {{"%M", "list", "echo", "--data", "%D/none"}, 78, "UNAVAILABLE: ", NULL},
    {{"%E", "--help"}, 0, NULL, "--supervised PID"},
    {{"%E", "--version"}, 0, NULL, "echo 1.0.0\n"},
    {{"%E", "--probe"}, 0, NULL, "maru-service echo 1.0.0\n"},
    {{"%E", "--lisen", "x"}, 2, "echo: --lisen: no such flag; did you mean --listen?", NULL},
    {{"%E", "--listen", "x"}, 2, "--listen: want tcp://HOST:PORT or ipc:///PATH, got \"x\"", NULL},
    {{"%E", "word"}, 2, "\"word\": want flags only", NULL},
    {{"%E", "--config", "%D/none"}, 1, "/none: No such file or directory", NULL},
    {{"%E", "--config", "%D"}, 1, ": want a regular file, which can be read more than once, got a folder", NULL},
    {{"%E", "--config", "%D/socket"},
     1,
     "/socket: want a regular file, which can be read more than once, got a s",
     NULL},
    {{"%E", "--config", "%D/typo.conf"}, 2, "typo.conf:2: \"lisen\": no such setting; did you mean listen?", NULL},
    {{"%E", "--supervised", "1"}, 1, "--supervised 1: the parent is process ", NULL},
    {{"%E", "--data", "%D/file"}, 1, "/file: want a folder, is none", NULL},
    {{"%E", "--data", "%D/d", "--listen", "ipc://%D/file"}, 1, "want a socket or nothing there, is neither", NULL},
    {{"%E", "--data", "%D/d", "--listen", "ipc://%D/none/x.sock"}, 1, "/none/x.lock: No such file or directory", NULL},
    {{"%R", "--peer", "ecko=tcp://h:1"}, 2, "--peer: relay calls no service \"ecko\"; did you mean echo?", NULL},
    {{"%R", "--peer", "echo=h"}, 2, "--peer: want tcp://HOST:PORT or ipc:///PATH, got \"echo=h\"", NULL},
    {{"%R", "--print-config", "--data", "%D/d"}, 0, NULL, "/echo.sock  # default\n"},
    {{"%R", "--print-config", "--config", "%D/good.conf"}, 0, NULL, "listen = tcp://127.0.0.1:0  # %D/good.conf:2\n"},
    {{"%R", "--print-config", "--config", "%D/good.conf", "--data", "/x"}, 0, NULL, "data = /x  # --data\n"},
};

static void expand(const place *p, const char *from, char *out, size_t size)
{
    size_t used = 0;

    for (; *from != '\0'; from++) {
        const char *with = NULL;
        char        one[2] = {*from, '\0'}, program[300];

        if (*from == '%' && from[1] == 'M')
            with = p->maru;
        else if (*from == '%' && from[1] == 'D')
            with = p->root;
        else if (*from == '%' && from[1] == 'B')
            with = p->services;
        else if (*from == '%' && (from[1] == 'E' || from[1] == 'R')) {
            snprintf(program, sizeof program, "%s/%s", p->services, from[1] == 'E' ? "echo" : "relay");
            with = program;
        }
        from += with != NULL;
        used += (size_t)snprintf(out + used, size - used, "%s", with != NULL ? with : one);
    }
    out[used] = '\0';
}

static void check_row(const place *p, const usage_row *row)
{
    char        storage[ROW_WORDS][400], part[400];
    const char *words[ROW_WORDS];
    int         count = 0;
    proc        got;
    bool        held;

    for (; row->words[count] != NULL; count++) {
        expand(p, row->words[count], storage[count], sizeof storage[count]);
        words[count] = storage[count];
    }
    words[count] = NULL;
    got = proc_run(words, NULL);
    held = CHECK_INT(got.status, row->status);
    expand(p, row->out != NULL ? row->out : "", part, sizeof part);
    held = (row->out != NULL ? CHECK_CONTAINS(got.text[PROC_OUT], part) : CHECK_STR(got.text[PROC_OUT], "")) && held;
    expand(p, row->err != NULL ? row->err : "", part, sizeof part);
    held = (row->err != NULL ? CHECK_CONTAINS(got.text[PROC_ERR], part) : CHECK_STR(got.text[PROC_ERR], "")) && held;
    if (row->err != NULL)
        held = CHECK(strchr(got.text[PROC_ERR], '\n') == got.text[PROC_ERR] + got.size[PROC_ERR] - 1) && held;
    if (!held)
        fprintf(stderr, "  in row: %s %s %s %s\n", words[0], count > 1 ? words[1] : "", count > 2 ? words[2] : "",
                count > 3 ? words[3] : "");
    proc_free(&got);
}

static void put_file(const place *p, const char *name, const char *text)
{
    char  path[200];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", p->root, name);
    file = fopen(path, "w");
    CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void check_environment(const place *p)
{
    usage_row bad = {
        {"%E", "--print-config"}, 2, "MARU_LISEN: no such setting in the environment; did you mean MARU_LISTEN?", NULL};
    usage_row good = {{"%E", "--print-config"}, 0, NULL, "listen = tcp://h:7  # MARU_LISTEN\n"};

    test_begin("a slip in the environment is refused by name");
    setenv("MARU_LISEN", "x", 1);
    check_row(p, &bad);
    unsetenv("MARU_LISEN");
    setenv("MARU_LISTEN", "tcp://h:7", 1);
    check_row(p, &good);
    unsetenv("MARU_LISTEN");
}

/* relay's pace-ms is nearly echo's pack-ms, and echo's bind is nearly maru up's bin. */
static void check_own_settings(const place *p)
{
    proc up;

    test_begin("a variable that is a setting of one service is no slip to the others, nor to maru up");
    setenv("MARU_PACE_MS", "5", 1);
    setenv("MARU_PACK_MS", "6", 1);
    setenv("MARU_BIND", "all", 1);
    up = start_up(p, p->data, NULL);
    CHECK(is_ready(&up));
    CHECK_CONTAINS(up.text[PROC_ERR], "echo    | binds all at 6 ms\n");
    CHECK_INT(kill(up.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&up), 0);
    proc_free(&up);
    test_begin("one that is nearly a setting, and none of any, is refused");
    setenv("MARU_PACES_MS", "5", 1);
    up = start_up(p, p->data, NULL);
    CHECK_INT(proc_end(&up), 2);
    CHECK_CONTAINS(up.text[PROC_ERR],
                   "maru up: relay: MARU_PACES_MS: no such setting in the environment; did you mean");
    proc_free(&up);
    unsetenv("MARU_PACES_MS");
    setenv("MARU_BINS", "5", 1);
    up = start_up(p, p->data, NULL);
    CHECK_INT(proc_end(&up), 2);
    CHECK_CONTAINS(up.text[PROC_ERR], "maru up: MARU_BINS: no such setting in the environment; did you mean MARU_BIN?");
    proc_free(&up);
    unsetenv("MARU_BINS");
    unsetenv("MARU_PACE_MS");
    unsetenv("MARU_PACK_MS");
    unsetenv("MARU_BIND");
}

static void check_deaf(const place *p)
{
    usage_row bad = {
        {"%E", "--data", "%D/deaf"}, 1, "echo: consumers, timers and tasks need tables, and there are none", NULL};

    test_begin("a service with a timer and no store does not begin to serve");
    setenv("CLITEST_ECHO", "deaf", 1);
    check_row(p, &bad);
    unsetenv("CLITEST_ECHO");
}

static void check_no_text(const place *p)
{
    char        path[200];
    const char *words[] = {p->maru, "ps", "--json", "--data", path, NULL};
    proc        got;

    test_begin("a data folder whose name is no text is shown with ? for what is none: JSON has nothing else");
    snprintf(path, sizeof path, "%s/a\xffz", p->root);
    CHECK_INT(mkdir(path, 0700), 0);
    got = proc_run(words, NULL);
    CHECK_INT(got.status, 0);
    CHECK_CONTAINS(got.text[PROC_OUT], "/a?z\",\"up_pid\":0,");
    proc_free(&got);
}

/* What is refused before anything begins makes nothing. */
static void check_unmade(const place *p)
{
    usage_row bad = {
        {"%M", "up", "--bin", "%B", "--data", "%D/unmade"}, 2, "maru up: MARU_DRAIN_MS: want 1..600", NULL};
    char path[200];

    test_begin("up refuses what its services would refuse, in one line, and makes no folder before");
    setenv("MARU_DRAIN_MS", "soon", 1);
    check_row(p, &bad);
    unsetenv("MARU_DRAIN_MS");
    snprintf(path, sizeof path, "%s/unmade", p->root);
    CHECK(access(path, F_OK) != 0);
}

static void check_long_path(const place *p)
{
    char              path[6001];
    const char *const rows[][5] = {{p->maru, "up", "--data", path}, {p->maru, "ps", "--data", path}};

    test_begin("a path that is too long is refused with its length, the limit, and how it begins");
    memset(path, 'x', sizeof path - 1);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        proc got = proc_run(rows[i], NULL);

        CHECK_INT(got.status, i == 0 ? 2 : 1);
        CHECK_CONTAINS(got.text[PROC_ERR],
                       ": want a path of at most 4095 bytes, got 6000 bytes that begin with \"/xxx");
        CHECK_CONTAINS(got.text[PROC_ERR], "xxx...\"");
        proc_free(&got);
    }
}

static void check_long_socket(const place *p)
{
    usage_row row = {{"%E", "--data", "%D/d2"}, 1, "echo.sock: a socket's path has at most 107 bytes, this one ", NULL};
    char      deep[200], before[200];

    test_begin("a run folder too deep for a socket is refused with the path, its length and the limit");
    snprintf(before, sizeof before, "%s", getenv("XDG_RUNTIME_DIR"));
    snprintf(deep, sizeof deep, "%s/%080d", p->root, 0);
    CHECK_INT(mkdir(deep, 0700), 0);
    setenv("XDG_RUNTIME_DIR", deep, 1);
    check_row(p, &row);
    setenv("XDG_RUNTIME_DIR", before, 1);
}

static void check_said(const char *const words[], const char *part)
{
    proc got = proc_run(words, NULL);

    CHECK_INT(got.status, 1);
    CHECK_CONTAINS(got.text[PROC_ERR], part);
    CHECK_STR(got.text[PROC_OUT], "");
    proc_free(&got);
}

/* As another user, with copies of the programs that this one may run: nothing is closed to root. */
static void check_unreadable(const place *p)
{
    char        maru[200], echo[200], data[200], command[1400];
    const char *ps[] = {
        "/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", maru, "ps", "--data", data, NULL};
    const char *serve[] = {ps[0], ps[1], ps[2], ps[3], echo, "--data", data, NULL};

    if (geteuid() != 0)
        return; /* may not become another user */
    test_begin("a data folder that may not be read is said");
    snprintf(maru, sizeof maru, "%s/maru", p->root);
    snprintf(echo, sizeof echo, "%s/echo", p->root);
    snprintf(data, sizeof data, "%s/locked/data", p->root);
    snprintf(command, sizeof command,
             "install -m755 '%s' '%s' && install -m755 '%s/echo' '%s' && chmod 711 '%s' && mkdir -m 700 '%s/locked'",
             p->maru, maru, p->services, echo, p->root, p->root);
    CHECK_INT(system(command), 0);
    check_said(ps, "/locked/data: Permission denied\n");
    check_said(serve, "/locked/data: Permission denied\n");
}

static void put_socket(const place *p, const char *name)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int                fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(at.sun_path, sizeof at.sun_path, "%s/%s", p->root, name);
    CHECK(fd >= 0 && bind(fd, (const struct sockaddr *)&at, sizeof at) == 0);
    close(fd);
}

int main(int argc, char **argv)
{
    place p = place_open(argc, argv);

    test_begin("every wrong word, file and path gets one clear line and the right status; help and version get 0");
    put_file(&p, "file", "x");
    put_file(&p, "typo.conf", "# shop\nlisen = tcp://h:1\n");
    put_file(&p, "one.conf", "[relay]\nlisen = tcp://h:1\n");
    put_file(&p, "value.conf", "drain-ms = soon\n");
    put_file(&p, "nosuch.conf", "[nosuch]\n");
    put_file(&p, "eco.conf", "[eco]\n");
    put_file(&p, "good.conf", "data = /tmp/nowhere\nlisten = tcp://127.0.0.1:0\n");
    put_socket(&p, "socket");
    for (size_t i = 0; i < sizeof usage_table / sizeof *usage_table; i++)
        check_row(&p, &usage_table[i]);
    check_unmade(&p);
    check_environment(&p);
    check_own_settings(&p);
    check_no_text(&p);
    check_deaf(&p);
    check_long_path(&p);
    check_long_socket(&p);
    check_unreadable(&p);
    place_close(&p);
    return test_end();
}
