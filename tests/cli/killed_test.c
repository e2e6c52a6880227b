/* killed_test.c: what a maru up leaves that was killed, or that was stopped by a signal, and how the next one and maru
 * down deal with it. */
#include "test.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/procfs.h"
#include "orphans.h"
#include "start.h"

/* Until it has taken the SIGSTOP. */
static bool is_stopped_soon(pid_t pid)
{
    time_t until = time(NULL) + PROC_LIMIT_MS / 1000;

    while (!procfs_is_stopped(pid) && time(NULL) < until)
        sched_yield();
    return procfs_is_stopped(pid);
}

/* A maru up, killed, whose service was stopped by a signal before. The service's process; relay has written. */
static pid_t leave_stopped(const place *p, const char *service)
{
    proc  up = start_up(p, p->data, NULL), call;
    pid_t pid;

    CHECK(is_ready(&up));
    call = run_maru(p, "call", p->data, "relay", "clitest.v1.RelayService/Add", "-d{\"number\": 7}");
    CHECK_INT(call.status, 0);
    proc_free(&call);
    pid = pid_of(p, p->data, service);
    CHECK(pid > 0 && kill(pid, SIGSTOP) == 0 && is_stopped_soon(pid));
    CHECK_INT(kill(up.pid, SIGKILL), 0);
    CHECK_INT(proc_end(&up), 128 + SIGKILL);
    proc_free(&up);
    return pid;
}

static void check_next_start(const place *p)
{
    pid_t relay = leave_stopped(p, "relay");
    proc  up = start_up(p, p->data, NULL);
    char  want[160];

    test_begin("a service that a signal had stopped when up was killed goes on at the next start, and ends cleanly");
    CHECK(is_ready(&up));
    CHECK(pid_gone(relay));
    snprintf(want, sizeof want,
             "maru up: relay: process %d of a maru up that was killed was stopped by a signal; it goes on, and ends\n",
             relay);
    CHECK_CONTAINS(up.text[PROC_ERR], want);
    CHECK(strstr(up.text[PROC_ERR], "was not closed") == NULL); /* its store */
    CHECK_INT(kill(up.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&up), 0);
    proc_free(&up);
}

static void check_down(const place *p)
{
    pid_t echo = leave_stopped(p, "echo");
    proc  down;

    test_begin("down ends it too, though no up runs");
    down = run_maru(p, "down", p->data, NULL, NULL, NULL);
    CHECK_INT(down.status, 0);
    CHECK_CONTAINS(down.text[PROC_ERR], "maru down: echo: process ");
    CHECK_CONTAINS(down.text[PROC_ERR], "no maru up runs on");
    CHECK(pid_gone(echo));
    proc_free(&down);
}

static void keep_words(void *arg, const char *words)
{
    snprintf(arg, 256, "%s", words);
}

static void check_stuck(const place *p)
{
    char       words[256] = "";
    maru_error error = {0};
    rundir     dir;
    pid_t      echo;
    proc       up;

    test_begin("one that does not end in time is killed, and that is said");
    setenv("CLITEST_ECHO", "stuck", 1);
    up = start_up(p, p->data, NULL);
    unsetenv("CLITEST_ECHO");
    CHECK(is_ready(&up));
    echo = pid_of(p, p->data, "echo");
    CHECK_INT(kill(up.pid, SIGKILL), 0);
    CHECK_INT(proc_end(&up), 128 + SIGKILL);
    CHECK_INT(rundir_find(p->data, &dir, &error), MARU_OK);
    CHECK_INT(orphans_end(&dir, 200, keep_words, words, &error), MARU_OK);
    CHECK_CONTAINS(words, "echo: process ");
    CHECK_CONTAINS(words, " did not stop in time; killed");
    CHECK(pid_gone(echo));
    proc_free(&up);
}

static void check_by_hand(const place *p)
{
    char        program[512];
    const char *words[] = {program, "--data", p->data, NULL};
    proc        hand, up, down, call;

    test_begin("a service that was started by hand and stopped is nobody's to end: up is told that it runs");
    snprintf(program, sizeof program, "%s/echo", p->services);
    hand = proc_start(words, NULL);
    CHECK(proc_expect(&hand, PROC_OUT, 0, "ready echo"));
    CHECK(kill(hand.pid, SIGSTOP) == 0 && is_stopped_soon(hand.pid));
    up = start_up(p, p->data, NULL);
    CHECK_INT(proc_end(&up), 1);
    CHECK_CONTAINS(up.text[PROC_ERR], "runs already: process");
    down = run_maru(p, "down", p->data, NULL, NULL, NULL);
    CHECK_INT(down.status, 0);
    CHECK(procfs_is_stopped(hand.pid));
    CHECK_INT(kill(hand.pid, SIGCONT), 0);
    call = run_maru(p, "call", p->data, "echo", "clitest.v1.EchoService/Echo", NULL);
    CHECK_INT(call.status, 0);
    CHECK_INT(kill(hand.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&hand), 0);
    proc_free(&hand);
    proc_free(&up);
    proc_free(&down);
    proc_free(&call);
}

static void check_stopped_up(const place *p)
{
    proc up = start_up(p, p->data, NULL), down;

    test_begin("down stops an up that was stopped by a signal, as by Ctrl-Z in its terminal");
    CHECK(is_ready(&up));
    CHECK(kill(up.pid, SIGSTOP) == 0 && is_stopped_soon(up.pid));
    down = run_maru(p, "down", p->data, "--timeout=25s", NULL, NULL);
    CHECK_INT(down.status, 0);
    CHECK_CONTAINS(down.text[PROC_ERR], "stopped (process ");
    kill(up.pid, SIGCONT); /* where it was not */
    CHECK_INT(proc_end(&up), 0);
    proc_free(&up);
    proc_free(&down);
}

static void check_nohup(const place *p)
{
    const char *words[] = {"/usr/bin/nohup", p->maru, "up", "--bin", p->services, "--data", p->data, NULL};
    proc        up = proc_start(words, NULL), call;

    test_begin("under nohup the end of a terminal stops nothing");
    CHECK(is_ready(&up));
    CHECK_INT(kill(up.pid, SIGHUP), 0);
    call = run_maru(p, "call", p->data, "echo", "clitest.v1.EchoService/Echo", NULL);
    CHECK_INT(call.status, 0);
    CHECK_INT(kill(up.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&up), 0);
    CHECK(strstr(up.text[PROC_ERR], "Hangup") == NULL);
    proc_free(&up);
    proc_free(&call);
}

static void check_early(const place *p)
{
    proc up = start_up(p, p->data, NULL), ps;

    test_begin("one that is told to stop before its services run ends with 0, and leaves none");
    CHECK(proc_expect(&up, PROC_ERR, 0, "Ctrl-C stops all"));
    CHECK_INT(kill(up.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&up), 0);
    CHECK_CONTAINS(up.text[PROC_ERR], "Terminated: stops all");
    CHECK(strstr(up.text[PROC_ERR], "was ended") == NULL);
    ps = run_maru(p, "ps", p->data, NULL, NULL, NULL);
    CHECK_CONTAINS(ps.text[PROC_ERR], "nothing runs on");
    proc_free(&up);
    proc_free(&ps);
}

static void check_exit(const place *p)
{
    proc up = start_up(p, p->data, NULL), call;

    test_begin("a service that was ready once and ends by itself, with a status, is started again");
    CHECK(is_ready(&up));
    call = run_maru(p, "call", p->data, "echo", "clitest.v1.EchoService/Fail", "-d{\"code\": 259}");
    CHECK(call.status != 0);
    proc_free(&call);
    CHECK(proc_expect(&up, PROC_ERR, 0, "echo ended with status 3"));
    CHECK(proc_expect(&up, PROC_ERR, 0, "echo starts again in 0.1 s"));
    call = run_maru(p, "call", p->data, "echo", "clitest.v1.EchoService/Echo", "--timeout=30s");
    CHECK_INT(call.status, 0);
    CHECK_INT(kill(up.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&up), 0);
    proc_free(&up);
    proc_free(&call);
}

int main(int argc, char **argv)
{
    static void (*const cases[])(const place *p) = {
        check_next_start, check_down,  check_stuck, check_by_hand,
        check_stopped_up, check_nohup, check_early, check_exit,
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        place p = place_open(argc, argv);

        cases[i](&p);
        place_close(&p);
    }
    return test_end();
}
