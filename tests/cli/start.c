/* start.c: see start.h. */
#include "start.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "test.h"

proc start_up(const place *p, const char *data, const char *more)
{
    const char *words[] = {p->maru, "up", "--bin", p->services, "--data", data, more, NULL};

    return proc_start(words, NULL);
}

bool is_ready(proc *up)
{
    return proc_expect(up, PROC_OUT, 0, "ready ") && proc_expect(up, PROC_OUT, 0, "\n");
}

proc run_maru(const place *p, const char *command, const char *data, const char *a, const char *b, const char *c)
{
    const char *words[] = {p->maru, command, "--data", data, a, b, c, NULL};

    return proc_run(words, NULL);
}

pid_t pid_of(const place *p, const char *data, const char *service)
{
    proc  ps = run_maru(p, "ps", data, "--json", NULL, NULL);
    char  after[64];
    pid_t pid;

    snprintf(after, sizeof after, "{\"name\":\"%s\"", service);
    pid = ps.status == 0 ? (pid_t)json_number(ps.text[PROC_OUT], after, "pid") : -1;
    proc_free(&ps);
    return pid;
}

static bool is_stopping(const place *p, const char *service)
{
    bool there = true, stops = false;

    while (there && !stops) {
        proc ps = run_maru(p, "ps", p->data, NULL, NULL, NULL);

        there = CHECK_CONTAINS(ps.text[PROC_OUT], service);
        stops = strstr(ps.text[PROC_OUT], "stopping") != NULL;
        proc_free(&ps);
    }
    return stops;
}

proc start_stopping(const place *p, const char *const words[], const char *wait, proc *waiting)
{
    const char *ask[] = {p->maru, "call",      "--data", p->data, "echo", "clitest.v1.EchoService/Wait",
                         wait,    "--timeout", "30s",    NULL};
    proc        hand = proc_start(words, NULL);

    CHECK(proc_expect(&hand, PROC_OUT, 0, "ready echo"));
    *waiting = proc_start(ask, NULL);
    CHECK(proc_expect(&hand, PROC_ERR, 0, "waits\n"));
    CHECK_INT(kill(hand.pid, SIGTERM), 0);
    CHECK(is_stopping(p, "echo"));
    return hand;
}
