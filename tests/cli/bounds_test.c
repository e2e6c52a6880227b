/* bounds_test.c: how long a stop may take at most. Slow: it waits for real limits, all at the same time. */
#include "test.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "proc.h"

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A service by hand with a call in flight that takes a minute. */
static proc start_busy(const place *p, proc *waiting)
{
    char        program[512];
    const char *words[] = {program, "--data", p->data, NULL};
    const char *ask[] = {
        p->maru,     "call", "--data", p->data, "echo", "clitest.v1.EchoService/Wait", "-d{\"ms\": 60000}",
        "--timeout", "60s",  NULL};
    proc hand;

    snprintf(program, sizeof program, "%s/echo", p->services);
    hand = proc_start(words, NULL);
    CHECK(proc_expect(&hand, PROC_OUT, 0, "ready echo"));
    *waiting = proc_start(ask, NULL);
    CHECK(proc_expect(&hand, PROC_ERR, 0, "waits\n"));
    return hand;
}

/* A maru up, one of whose services hangs. */
static proc start_hanging(const place *p, const char *data)
{
    const char *words[] = {p->maru, "up", "--bin", p->services, "--data", data, "echo", NULL};
    const char *ask[] = {p->maru, "ps", "--json", "--data", data, NULL};
    proc        up = proc_start(words, NULL), ps;
    pid_t       pid;

    CHECK(proc_expect(&up, PROC_OUT, 0, "ready "));
    ps = proc_run(ask, NULL);
    pid = (pid_t)json_number(ps.text[PROC_OUT], "\"name\":\"echo\"", "pid");
    CHECK(pid > 0 && kill(pid, SIGSTOP) == 0);
    proc_free(&ps);
    return up;
}

/* A service by hand whose own stop does not return (wish: "stuck"), or its start ("begin"); until it has said so much.
 */
static proc start_stuck(const place *p, const char *data, const char *wish, int stream, const char *said)
{
    char        program[512];
    const char *words[] = {program, "--data", data, NULL};
    proc        hand;

    snprintf(program, sizeof program, "%s/echo", p->services);
    setenv("CLITEST_ECHO", wish, 1);
    hand = proc_start(words, NULL);
    unsetenv("CLITEST_ECHO");
    CHECK(proc_expect(&hand, stream, 0, said));
    return hand;
}

int main(int argc, char **argv)
{
    place  p = place_open(argc, argv);
    char   other[128], third[128], fourth[128];
    proc   waiting, busy, up, stuck, beginning;
    double begun;

    test_begin("a service whose call does not end stops within 10 s all the same; its caller is told");
    snprintf(other, sizeof other, "%s/other", p.root);
    busy = start_busy(&p, &waiting);
    snprintf(third, sizeof third, "%s/third", p.root);
    up = start_hanging(&p, other);
    stuck = start_stuck(&p, third, "stuck", PROC_OUT, "ready echo");
    snprintf(fourth, sizeof fourth, "%s/fourth", p.root);
    beginning = start_stuck(&p, fourth, "begin", PROC_ERR, "begins\n");
    begun = now_s();
    CHECK_INT(kill(busy.pid, SIGTERM), 0);
    CHECK_INT(kill(up.pid, SIGTERM), 0);
    CHECK_INT(kill(stuck.pid, SIGTERM), 0);
    CHECK_INT(kill(beginning.pid, SIGTERM), 0);
    if (!CHECK_INT(proc_end(&busy), 0))
        fprintf(stderr, "%s", busy.text[PROC_ERR]);
    CHECK(now_s() - begun > 9.5 && now_s() - begun < 15);
    CHECK_CONTAINS(busy.text[PROC_ERR], "msg=\"some calls did not end in time and were cut off\"");
    CHECK(proc_end(&waiting) > 64);
    test_begin("a service that hangs is killed by up 12 s after it was told to stop");
    CHECK_INT(proc_end(&up), 0);
    CHECK(now_s() - begun > 11.5 && now_s() - begun < 20);
    CHECK_CONTAINS(up.text[PROC_ERR], "echo did not stop in time; killed");
    test_begin("a service by hand whose stop does not return ends 15 s after it was told to, and says so");
    CHECK_INT(proc_end(&stuck), 1);
    CHECK(now_s() - begun > 14.5 && now_s() - begun < 25);
    CHECK_CONTAINS(stuck.text[PROC_ERR], "echo: did not stop within 15 s; ended as it was");
    test_begin("so does one whose start does not");
    CHECK_INT(proc_end(&beginning), 1);
    CHECK(now_s() - begun > 14.5 && now_s() - begun < 25);
    CHECK_CONTAINS(beginning.text[PROC_ERR],
                   "echo: told to stop while it opened, which has not ended within 15 s; ended as it was\n");
    proc_free(&beginning);
    proc_free(&stuck);
    proc_free(&busy);
    proc_free(&waiting);
    proc_free(&up);
    place_close(&p);
    return test_end();
}
