/* ending_test.c: maru load is told to end before its time is over: by one signal, by two, by an impatient person. */
#include "test.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "app/wishes.h"
#include "cli/start.h"

enum { TRIES = 3 };

static void check_interrupt(const place *p, proc *up)
{
    const char *words[] = {p->maru,
                           "load",
                           "echo",
                           "clitest.v1.EchoService/Log",
                           "-d{\"lines\": 1, \"text\": \"it came\"}",
                           "--rate",
                           "20",
                           "-t",
                           "1h",
                           NULL};
    proc        load = proc_start(words, NULL);

    test_begin("Ctrl-C ends it early, and it prints what there is");
    CHECK(proc_expect(up, PROC_ERR, 0, "it came"));
    CHECK_INT(kill(load.pid, SIGINT), 0);
    CHECK_INT(proc_end(&load), 128 + SIGINT);
    CHECK_CONTAINS(load.text[PROC_OUT], "open       20 calls/s for 3600 s");
    CHECK_CONTAINS(load.text[PROC_OUT], " OK + 0 failed"); /* one more may just have been due: then it says so */
    proc_free(&load);
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* As timeout(1) and scripts tell it: two signals at once are one wish, and the call has its time. */
static bool told_twice(const place *p, proc *up)
{
    const char *words[] = {
        p->maru, "load", "echo", "clitest.v1.EchoService/Wait", "-d{\"ms\": 400}", "--in-flight", "1",
        "-t",    "1h",   NULL};
    size_t  from = up->size[PROC_ERR];
    proc    load = proc_start(words, NULL);
    int64_t began;
    bool    at_once;

    CHECK(proc_expect(up, PROC_ERR, from, "waits"));
    began = now_ms();
    CHECK_INT(kill(load.pid, SIGINT) | kill(load.pid, SIGTERM), 0);
    at_once = now_ms() - began < WISHES_MOMENT_MS / 2;
    CHECK_INT(proc_end(&load), 128 + SIGINT);
    if (at_once)
        CHECK_CONTAINS(load.text[PROC_OUT], " OK + 0 failed\n");
    proc_free(&load);
    return at_once;
}

static void check_told_twice(const place *p, proc *up)
{
    bool at_once = false;

    test_begin("told to end by two signals at once, it waits for what is under way");
    for (int i = 0; i < TRIES && !at_once; i++) /* else this test was kept from sending both within a moment */
        at_once = told_twice(p, up);
    CHECK(at_once);
}

/* For its one call there is an hour. */
static void check_impatience(const place *p, proc *up)
{
    const char *words[] = {p->maru,
                           "load",
                           "echo",
                           "clitest.v1.EchoService/Wait",
                           "-d{\"ms\": 3600000}",
                           "--in-flight",
                           "1",
                           "-t",
                           "1h",
                           "--timeout",
                           "1h",
                           NULL};
    size_t      from = up->size[PROC_ERR];
    pid_t       echo = pid_of(p, p->data, "echo");
    proc        load = proc_start(words, NULL);

    test_begin("a service that hangs does not answer: the second Ctrl-C ends what is under way, and that is told");
    CHECK(proc_expect(up, PROC_ERR, from, "waits"));
    CHECK(echo > 0 && kill(echo, SIGSTOP) == 0 && is_stopped_soon(echo));
    CHECK_INT(end_impatiently(&load, SIGINT), 128 + SIGINT);
    CHECK_CONTAINS(load.text[PROC_OUT], "calls      1 = 0 OK + 1 failed\n");
    CHECK_CONTAINS(load.text[PROC_OUT],
                   " CANCELLED, as in: /clitest.v1.EchoService/Wait: cancelled: the run was ended\n");
    CHECK_INT(kill(echo, SIGCONT), 0);
    proc_free(&load);
}

int main(int argc, char **argv)
{
    place       p = place_open(argc, argv);
    const char *words[] = {p.maru, "up", "--bin", p.services, NULL};
    proc        up;

    setenv("MARU_DATA", p.data, 1);
    up = proc_start(words, NULL);
    test_begin("the services start");
    CHECK(proc_expect(&up, PROC_OUT, 0, "ready ") && proc_expect(&up, PROC_OUT, 0, "\n"));
    check_interrupt(&p, &up);
    check_told_twice(&p, &up);
    check_impatience(&p, &up);
    kill(up.pid, SIGTERM);
    CHECK_INT(proc_end(&up), 0);
    proc_free(&up);
    place_close(&p);
    return test_end();
}
