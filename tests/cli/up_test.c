/* up_test.c: maru up, ps and down, over real processes that are killed in every way. */
#include "test.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "start.h"

static void check_up_ps_down(const place *p)
{
    proc up = start_up(p, p->data, NULL), ps, down;

    test_begin(
        "up prints one line with every service's address when all serve; ps shows them; down stops all, status 0");
    CHECK(is_ready(&up));
    CHECK(strncmp(up.text[PROC_OUT], "ready echo=ipc:///", 18) == 0);
    CHECK_CONTAINS(up.text[PROC_OUT], " relay=ipc:///");
    ps = run_maru(p, "ps", p->data, NULL, NULL, NULL);
    CHECK_INT(ps.status, 0);
    CHECK_CONTAINS(ps.text[PROC_OUT], "NAME ");
    CHECK_CONTAINS(ps.text[PROC_OUT], " ready     SERVING ");
    CHECK_STR(ps.text[PROC_ERR], "");
    down = run_maru(p, "down", p->data, NULL, NULL, NULL);
    CHECK_INT(down.status, 0);
    CHECK_CONTAINS(down.text[PROC_ERR], "stopped (process ");
    CHECK_STR(down.text[PROC_OUT], "");
    CHECK_INT(proc_end(&up), 0);
    CHECK(strchr(up.text[PROC_OUT], '\n') == up.text[PROC_OUT] + up.size[PROC_OUT] - 1);
    proc_free(&up);
    proc_free(&ps);
    proc_free(&down);
    ps = run_maru(p, "ps", p->data, NULL, NULL, NULL);
    CHECK_INT(ps.status, 0);
    CHECK_CONTAINS(ps.text[PROC_ERR], "nothing runs on");
    proc_free(&ps);
    down = run_maru(p, "down", p->data, NULL, NULL, NULL);
    CHECK_INT(down.status, 0);
    CHECK_CONTAINS(down.text[PROC_ERR], "no maru up runs on");
    proc_free(&down);
}

static void check_restart(const place *p)
{
    proc  up = start_up(p, p->data, NULL), call;
    pid_t before, after;

    test_begin("a service that is killed with -9 is started again");
    CHECK(is_ready(&up));
    call = run_maru(p, "call", p->data, "relay", "clitest.v1.RelayService/Add", "-d{\"number\": 4}");
    CHECK_INT(call.status, 0);
    proc_free(&call);
    before = pid_of(p, p->data, "relay");
    CHECK(before > 0 && kill(before, SIGKILL) == 0);
    CHECK(proc_expect(&up, PROC_ERR, 0, "relay was ended by signal 9 (Killed)"));
    CHECK(proc_expect(&up, PROC_ERR, 0, "relay starts again in 0.1 s"));
    test_begin("a call that comes before it runs again waits for it, as long as the call may take");
    call = run_maru(p, "call", p->data, "relay", "clitest.v1.RelayService/Add", "-d{\"number\": 3}");
    CHECK_CONTAINS(call.text[PROC_OUT], "\"sum\": \"7\"");
    if (!CHECK_INT(call.status, 0))
        fprintf(stderr, "%s", call.text[PROC_ERR]);
    proc_free(&call);
    after = pid_of(p, p->data, "relay");
    CHECK(after > 0 && after != before);
    test_begin("one that is told to end by SIGTERM, as docs/operations.md restarts it, is started again");
    CHECK(kill(after, SIGTERM) == 0);
    CHECK(proc_expect(&up, PROC_ERR, 0, "relay ended with status 0"));
    CHECK(pid_gone(after));
    call = run_maru(p, "call", p->data, "relay", "clitest.v1.RelayService/Add", "-d{\"number\": 3}");
    CHECK_INT(call.status, 0);
    proc_free(&call);
    before = after;
    after = pid_of(p, p->data, "relay");
    CHECK(after > 0 && after != before);
    CHECK_INT(kill(up.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&up), 0);
    proc_free(&up);
}

static void check_orphans(const place *p)
{
    proc  up = start_up(p, p->data, NULL), again;
    pid_t echo, relay;

    test_begin("kill -9 of up ends the services too, and hinders no next start");
    CHECK(is_ready(&up));
    echo = pid_of(p, p->data, "echo");
    relay = pid_of(p, p->data, "relay");
    CHECK(echo > 0 && relay > 0);
    CHECK_INT(kill(up.pid, SIGKILL), 0);
    again = start_up(p, p->data, NULL); /* at once: it waits for those that are still stopping */
    CHECK(pid_gone(echo));
    CHECK(pid_gone(relay));
    CHECK_INT(proc_end(&up), 128 + SIGKILL);
    CHECK(is_ready(&again));
    CHECK_INT(kill(again.pid, SIGTERM), 0);
    if (!CHECK_INT(proc_end(&again), 0))
        fprintf(stderr, "%s%s", again.text[PROC_OUT], again.text[PROC_ERR]);
    proc_free(&up);
    proc_free(&again);
}

static void check_second(const place *p)
{
    proc up = start_up(p, p->data, NULL), second;
    char want[64];

    test_begin("a second up on the same data is refused and told which process runs it, since when");
    CHECK(is_ready(&up));
    second = start_up(p, p->data, NULL);
    CHECK_INT(proc_end(&second), 1);
    snprintf(want, sizeof want, "runs already: process %d since 20", up.pid);
    CHECK_CONTAINS(second.text[PROC_ERR], want);
    CHECK_STR(second.text[PROC_OUT], "");
    CHECK(strchr(second.text[PROC_ERR], '\n') == second.text[PROC_ERR] + second.size[PROC_ERR] - 1);
    CHECK_INT(kill(up.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&up), 0);
    proc_free(&up);
    proc_free(&second);
}

static void check_side_by_side(const place *p)
{
    char other[128];
    proc a, b, call;

    test_begin("applications with different data run side by side and keep apart");
    snprintf(other, sizeof other, "%s/other", p->root);
    a = start_up(p, p->data, NULL);
    b = start_up(p, other, NULL);
    CHECK(is_ready(&a));
    CHECK(is_ready(&b));
    CHECK(strcmp(a.text[PROC_OUT], b.text[PROC_OUT]) != 0);
    call = run_maru(p, "call", other, "relay", "clitest.v1.RelayService/Add", "-d{\"number\": 1}");
    CHECK_CONTAINS(call.text[PROC_OUT], "\"sum\": \"1\"");
    proc_free(&call);
    call = run_maru(p, "down", p->data, NULL, NULL, NULL);
    CHECK_INT(call.status, 0);
    proc_free(&call);
    CHECK_INT(proc_end(&a), 0);
    call = run_maru(p, "call", other, "relay", "clitest.v1.RelayService/Relay", "-d{\"text\": \"still\"}");
    CHECK_INT(call.status, 0);
    CHECK_CONTAINS(call.text[PROC_OUT], "\"text\": \"still\"");
    proc_free(&call);
    kill(b.pid, SIGTERM);
    CHECK_INT(proc_end(&b), 0);
    proc_free(&a);
    proc_free(&b);
}

static void check_ctrl_c(const place *p)
{
    proc up = start_up(p, p->data, "--tcp"), call, waiting;
    char url[128];

    test_begin("Ctrl-C goes to up alone: what a service has in flight is finished, then all stop with status 0");
    CHECK(is_ready(&up));
    CHECK_CONTAINS(up.text[PROC_OUT], "ready echo=tcp://127.0.0.1:");
    CHECK(sscanf(up.text[PROC_OUT], "ready echo=%120s", url) == 1);
    call = run_maru(p, "call", p->data, url, "clitest.v1.EchoService/Echo", "-d{\"text\": \"tcp\"}");
    CHECK_INT(call.status, 0);
    proc_free(&call);
    {
        const char *words[] = {p->maru,           "call", "--data", p->data, "echo", "clitest.v1.EchoService/Wait",
                               "-d{\"ms\": 700}", NULL};

        waiting = proc_start(words, NULL);
    }
    CHECK(proc_expect(&up, PROC_ERR, 0, "echo    | waits\n"));
    CHECK_INT(kill(-up.pid, SIGINT), 0); /* as a terminal does: the whole group in the foreground */
    CHECK_INT(proc_end(&waiting), 0);
    CHECK_CONTAINS(waiting.text[PROC_OUT], "\"text\": \"waited\"");
    CHECK_INT(proc_end(&up), 0);
    CHECK(strstr(up.text[PROC_ERR], "signal") == NULL);
    proc_free(&waiting);
    proc_free(&up);
}

static void check_tcp_port(const place *p)
{
    proc up = start_up(p, p->data, "--tcp"), call;
    char url[128];

    test_begin("with --tcp a service keeps its port when it is started again");
    CHECK(is_ready(&up));
    CHECK(sscanf(up.text[PROC_OUT], "ready echo=%120s", url) == 1);
    CHECK_INT(kill(pid_of(p, p->data, "echo"), SIGKILL), 0);
    CHECK(proc_expect(&up, PROC_ERR, 0, "echo starts again"));
    call = run_maru(p, "call", p->data, url, "clitest.v1.EchoService/Echo", "--timeout=30s"); /* waits for it */
    CHECK_INT(call.status, 0);
    proc_free(&call);
    kill(up.pid, SIGTERM);
    CHECK_INT(proc_end(&up), 0);
    proc_free(&up);
}

/* Whether it was seen stopping before the next was started. */
static bool start_next(const place *p, const char *wait)
{
    char        program[512];
    const char *words[] = {program, "--data", p->data, NULL};
    proc        hand, waiting, next;
    bool        seen;

    snprintf(program, sizeof program, "%s/echo", p->services);
    seen = start_stopping(p, words, wait, &hand, &waiting);
    next = proc_start(words, NULL);
    CHECK_INT(proc_end(&waiting), 0); /* what is in flight is finished */
    CHECK_INT(proc_end(&hand), 0);
    CHECK(proc_expect(&next, PROC_OUT, 0, "ready echo"));
    CHECK_INT(kill(next.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&next), 0);
    CHECK_STR(next.text[PROC_ERR], "");
    proc_free(&hand);
    proc_free(&waiting);
    proc_free(&next);
    return seen;
}

static void check_next_waits(const place *p)
{
    test_begin("a service that is started while the one before is stopping waits for it, then serves");
    CHECK(start_next(p, "-d{\"ms\": 1500}") || start_next(p, "-d{\"ms\": 8000}"));
}

static void check_service_signals(const place *p)
{
    char        program[512];
    const char *words[] = {program, "--data", p->data, NULL};
    proc        hand, waiting;

    test_begin("a service that is told to stop twice ends at once, though a call is in flight; ps shows it stopping");
    snprintf(program, sizeof program, "%s/echo", p->services);
    CHECK(start_stopping(p, words, "-d{\"ms\": 30000}", &hand, &waiting));
    CHECK_INT(end_impatiently(&hand, SIGINT), 1);
    CHECK_CONTAINS(hand.text[PROC_ERR], "echo: a second signal (Interrupt); ended at once\n");
    CHECK_INT(proc_end(&waiting), 64 + 14);
    CHECK_CONTAINS(waiting.text[PROC_ERR], "UNAVAILABLE: ");
    proc_free(&waiting);
    proc_free(&hand);
}

static void check_second_signal(const place *p)
{
    proc   up = start_up(p, p->data, NULL);
    pid_t  echo;
    time_t begun;

    test_begin("a service that hangs does not keep up from stopping: a second Ctrl-C kills it");
    CHECK(is_ready(&up));
    echo = pid_of(p, p->data, "echo");
    CHECK(echo > 0 && kill(echo, SIGSTOP) == 0);
    begun = time(NULL);
    CHECK_INT(kill(up.pid, SIGINT), 0);
    CHECK(proc_expect(&up, PROC_ERR, 0, "Interrupt: stops all"));
    CHECK_INT(end_impatiently(&up, SIGINT), 0);
    CHECK(time(NULL) - begun < 11); /* not at the limit, which is 12 s */
    CHECK_CONTAINS(up.text[PROC_ERR], "kills all");
    CHECK_CONTAINS(up.text[PROC_ERR], "echo had not stopped yet, and all were told a second time; killed");
    CHECK(strstr(up.text[PROC_ERR], "in time") == NULL); /* its time was not over */
    CHECK(pid_gone(echo));
    proc_free(&up);
}

static void check_refusing(const place *p)
{
    proc up;

    test_begin("a service that cannot run ends up with status 1, its own words, and nothing left running");
    setenv("CLITEST_ECHO", "refuse", 1);
    setenv("CLITEST_RELAY", "slow", 1); /* it has not begun to take signals when it is stopped */
    up = start_up(p, p->data, NULL);
    unsetenv("CLITEST_RELAY");
    CHECK_INT(proc_end(&up), 1);
    CHECK_CONTAINS(up.text[PROC_ERR], "echo    | echo: was told to refuse\n");
    CHECK_CONTAINS(up.text[PROC_ERR], "echo cannot run (see above); stops all");
    CHECK(strstr(up.text[PROC_ERR], "starts again") == NULL);    /* it does not */
    CHECK(strstr(up.text[PROC_ERR], "relay was ended") == NULL); /* nothing is wrong with it */
    CHECK_STR(up.text[PROC_OUT], "");
    proc_free(&up);
    unsetenv("CLITEST_ECHO");
}

static void check_crashing(const place *p)
{
    proc up;

    test_begin("a service that crashes is tried again, each time later");
    setenv("CLITEST_ECHO", "crash", 1);
    up = start_up(p, p->data, "echo");
    unsetenv("CLITEST_ECHO");
    CHECK(proc_expect(&up, PROC_ERR, 0, "echo starts again in 0.1 s"));
    CHECK(proc_expect(&up, PROC_ERR, 0, "echo starts again in 0.2 s"));
    CHECK(proc_expect(&up, PROC_ERR, 0, "echo starts again in 0.4 s"));
    CHECK_INT(kill(up.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&up), 0);
    CHECK_STR(up.text[PROC_OUT], "");
    proc_free(&up);
}

static void check_busy_by_hand(const place *p)
{
    char        program[512], socket[512];
    const char *words[] = {program, "--data", p->data, NULL};
    proc        hand, up, second, ps, call;
    char        want[512];

    test_begin("a service started by hand is found by call and ps; a second one, and up, are told who it is");
    snprintf(program, sizeof program, "%s/echo", p->services);
    hand = proc_start(words, NULL);
    CHECK(proc_expect(&hand, PROC_OUT, 0, "ready echo ipc://"));
    CHECK(sscanf(hand.text[PROC_OUT], "ready echo ipc://%500s", socket) == 1);
    ps = run_maru(p, "ps", p->data, NULL, NULL, NULL);
    CHECK_CONTAINS(ps.text[PROC_OUT], "by hand");
    CHECK_CONTAINS(ps.text[PROC_OUT], "SERVING");
    call = run_maru(p, "call", p->data, "echo", "clitest.v1.EchoService/Echo", NULL);
    CHECK_INT(call.status, 0);
    snprintf(want, sizeof want, "echo: %.400s: runs already: process %d since 20", p->data, hand.pid);
    second = proc_run(words, NULL);
    CHECK_INT(second.status, 1);
    CHECK_CONTAINS(second.text[PROC_ERR], want);
    up = start_up(p, p->data, NULL);
    CHECK_INT(proc_end(&up), 1);
    CHECK_CONTAINS(up.text[PROC_ERR], want);
    CHECK_INT(kill(hand.pid, SIGKILL), 0);
    CHECK_INT(proc_end(&hand), 128 + SIGKILL);
    CHECK_INT(access(socket, F_OK), 0); /* what kill -9 leaves */
    proc_free(&hand);
    hand = proc_start(words, NULL);
    CHECK(proc_expect(&hand, PROC_OUT, 0, "ready echo ipc://"));
    CHECK_INT(kill(hand.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&hand), 0);
    CHECK_STR(hand.text[PROC_ERR], "");
    proc_free(&hand);
    proc_free(&up);
    proc_free(&second);
    proc_free(&ps);
    proc_free(&call);
}

/* Whether every line of text is one that a service wrote whole, or up's own. */
static void check_whole_lines(char *text, const char *payload)
{
    int   lines = 0;
    char *rest = text;

    for (char *line = strsep(&rest, "\n"); line != NULL && *line != '\0'; line = strsep(&rest, "\n")) {
        char  expected[512];
        int   number = 0;
        char *body = strstr(line, " | ");

        if (!CHECK(body != NULL) || strncmp(line, "echo ", 5) != 0)
            continue; /* up's own words */
        CHECK(sscanf(body + 3, "%d ", &number) == 1);
        snprintf(expected, sizeof expected, "%d %s", number, payload);
        CHECK_STR(body + 3, expected);
        lines++;
    }
    CHECK_INT(lines, 1000);
}

static void check_logs(const place *p)
{
    proc  up = start_up(p, p->data, NULL), call;
    char  payload[300], request[400];
    char *text;

    test_begin("a thousand long lines of a service's log come out whole, each with its name before it");
    memset(payload, 'x', sizeof payload - 1);
    payload[sizeof payload - 1] = '\0';
    snprintf(request, sizeof request, "-d{\"lines\": 1000, \"text\": \"%s\"}", payload);
    CHECK(is_ready(&up));
    call = run_maru(p, "call", p->data, "echo", "clitest.v1.EchoService/Log", request);
    CHECK_INT(call.status, 0);
    CHECK(proc_expect(&up, PROC_ERR, 0, "| 999 x"));
    CHECK_INT(kill(up.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&up), 0);
    text = strdup(up.text[PROC_ERR]);
    check_whole_lines(text, payload);
    free(text);
    proc_free(&call);
    proc_free(&up);
}

static void write_file(const char *folder, const char *name, const char *text)
{
    char  path[256];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "w");
    CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void check_state_files(const place *p)
{
    proc up, ps, down;

    test_begin("a state that a dead up left, an id that is used again, and a broken state file are told apart");
    mkdir(p->data, 0700);
    write_file(p->data, "up.lock", "pid 1\nstart 1\nsince_ms 1\nwords \nend\n"); /* process 1 lives, and is another */
    write_file(p->data, "up.state", "maru-up 1\nservice\techo\t1\tready\t0\t0\tipc:///x\nend\n");
    ps = run_maru(p, "ps", p->data, NULL, NULL, NULL);
    CHECK_INT(ps.status, 0);
    CHECK_CONTAINS(ps.text[PROC_ERR], "nothing runs on");
    down = run_maru(p, "down", p->data, NULL, NULL, NULL);
    CHECK_INT(down.status, 0);
    CHECK_CONTAINS(down.text[PROC_ERR], "no maru up runs on");
    proc_free(&ps);
    proc_free(&down);
    up = start_up(p, p->data, NULL);
    CHECK(is_ready(&up));
    write_file(p->data, "up.state", "maru-up 1\nservice\techo\tx\n");
    ps = run_maru(p, "ps", p->data, NULL, NULL, NULL);
    CHECK_INT(ps.status, 1);
    CHECK_CONTAINS(ps.text[PROC_ERR], "up.state:2: want \"service NAME PID");
    CHECK_INT(kill(up.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&up), 0);
    proc_free(&ps);
    proc_free(&up);
}

/* A service with a store, by hand: started, and told to stop, after a write of its where write. What it said. */
static void run_once(const place *p, bool write)
{
    char        program[512];
    const char *words[] = {program, "--data", p->data, NULL};
    proc        hand, call;

    snprintf(program, sizeof program, "%s/relay", p->services);
    hand = proc_start(words, NULL);
    CHECK(proc_expect(&hand, PROC_OUT, 0, "ready relay"));
    if (write) {
        call = run_maru(p, "call", p->data, "relay", "clitest.v1.RelayService/Add", "-d{\"number\": 7}");
        CHECK_INT(call.status, 0);
        proc_free(&call);
    }
    CHECK_INT(kill(hand.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&hand), 0);
    CHECK_STR(hand.text[PROC_ERR], ""); /* not: that its store was not closed */
    proc_free(&hand);
}

static void check_store_closed(const place *p)
{
    test_begin("a service that is told to stop closes its store: the next finds nothing that has to be recovered");
    run_once(p, true);
    run_once(p, false);
}

int main(int argc, char **argv)
{
    static void (*const cases[])(const place *p) = {
        check_up_ps_down,      check_restart,       check_orphans,     check_second,
        check_side_by_side,    check_ctrl_c,        check_tcp_port,    check_next_waits,
        check_service_signals, check_second_signal, check_refusing,    check_crashing,
        check_busy_by_hand,    check_logs,          check_state_files, check_store_closed,
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        place p = place_open(argc, argv);

        cases[i](&p);
        place_close(&p);
    }
    return test_end();
}
