/* killed_test.c: what a maru up leaves that was killed, or that was stopped by a signal, and how the next one and maru
 * down deal with it. */
#include "test.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/lock.h"
#include "app/procfs.h"
#include "orphans.h"
#include "running.h"
#include "start.h"

enum { TRIES = 3 }; /* where a moment must be met that a busy machine may miss */

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
    size_t used = strlen(arg);

    snprintf((char *)arg + used, 512 - used, "%s\n", words);
}

static void check_stuck(const place *p)
{
    static const orphans_times times = {.patience_ms = 1200, .wait_ms = 30000};

    char       words[512] = "";
    maru_error error = {0};
    running   *list = calloc(RUNNING_MAX, sizeof *list);
    size_t     count = 1;
    rundir     dir;
    pid_t      echo;
    proc       up;

    test_begin("one that does not end is waited for, then killed, and that is said");
    setenv("CLITEST_ECHO", "stuck", 1);
    up = start_up(p, p->data, NULL);
    unsetenv("CLITEST_ECHO");
    CHECK(is_ready(&up));
    echo = pid_of(p, p->data, "echo");
    CHECK_INT(kill(up.pid, SIGKILL), 0);
    CHECK_INT(proc_end(&up), 128 + SIGKILL);
    CHECK_INT(rundir_find(p->data, &dir, &error), MARU_OK);
    CHECK_INT(orphans_end(&dir, &times, keep_words, words, &error), MARU_OK);
    CHECK_CONTAINS(words, "echo: process ");
    CHECK_CONTAINS(words, " still stops; it is waited for\n");
    CHECK_CONTAINS(words, " did not stop in time; killed\n");
    CHECK_INT(running_list(&dir, list, RUNNING_MAX, &count, &error), MARU_OK);
    CHECK_INT(count, 0); /* not by itself, after 15 s */
    CHECK(pid_gone(echo));
    free(list);
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

/* A shell whose maru up, under nohup, is to stop with it, is killed. */
static void kill_shell_under_nohup(const place *p)
{
    char        script[1024];
    const char *words[] = {"/bin/bash", "-c", script, NULL};
    proc        shell, ps;
    long long   up;

    snprintf(script, sizeof script, "nohup '%s' up --supervised $$ --bin '%s' --data '%s'; true", p->maru, p->services,
             p->data);
    shell = proc_start(words, NULL);
    CHECK(is_ready(&shell));
    ps = run_maru(p, "ps", p->data, "--json", NULL, NULL);
    up = json_number(ps.text[PROC_OUT], "{\"data\"", "up_pid");
    proc_free(&ps);
    CHECK_INT(kill(shell.pid, SIGKILL), 0);
    CHECK(up > 0 && pid_gone((pid_t)up));
    proc_end(&shell);
    proc_free(&shell);
}

static void check_nohup(const place *p)
{
    char        program[512];
    const char *by_hand[] = {"/usr/bin/nohup", program, "--data", p->data, NULL};
    const char *words[] = {"/usr/bin/nohup", p->maru, "up", "--bin", p->services, "--data", p->data, NULL};
    proc        up = proc_start(words, NULL), call;

    test_begin("under nohup the end of a terminal stops nothing: no up, no service by hand");
    snprintf(program, sizeof program, "%s/echo", p->services);
    CHECK(is_ready(&up));
    CHECK_INT(kill(up.pid, SIGHUP), 0);
    call = run_maru(p, "call", p->data, "echo", "clitest.v1.EchoService/Echo", NULL);
    CHECK_INT(call.status, 0);
    CHECK_INT(kill(up.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&up), 0);
    CHECK(strstr(up.text[PROC_ERR], "Hangup") == NULL);
    proc_free(&up);
    proc_free(&call);
    up = proc_start(by_hand, NULL);
    CHECK(proc_expect(&up, PROC_OUT, 0, "ready echo"));
    CHECK_INT(kill(up.pid, SIGHUP), 0);
    CHECK_INT(kill(up.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&up), 0);
    CHECK_STR(up.text[PROC_ERR], ""); /* not: a second signal */
    proc_free(&up);
    test_begin("but with --supervised the end of the parent does");
    kill_shell_under_nohup(p);
}

static void check_false_ready(const place *p)
{
    proc up, ps;

    test_begin("a line that only looks as if a service was ready is a line of its log");
    setenv("CLITEST_ECHO", "tab", 1);
    up = start_up(p, p->data, NULL);
    unsetenv("CLITEST_ECHO");
    CHECK(is_ready(&up));
    CHECK_CONTAINS(up.text[PROC_OUT], "ready echo=ipc:///");
    CHECK(strstr(up.text[PROC_OUT], "ipc:///a") == NULL);
    CHECK(proc_expect(&up, PROC_ERR, 0, "echo    | ready echo ipc:///a\tb\n"));
    ps = run_maru(p, "ps", p->data, NULL, NULL, NULL);
    CHECK_INT(ps.status, 0);
    CHECK_INT(kill(up.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&up), 0);
    proc_free(&up);
    proc_free(&ps);
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

/* The kernel sends a signal for each thread of up that has the services when it ends: their number and order differ. */
static void check_in_flight(const place *p)
{
    test_begin("kill -9 of up: what its services have in flight is finished, however many threads it had");
    for (int round = 0; round < 3; round++) {
        proc up = start_up(p, p->data, NULL), waiting;

        CHECK(is_ready(&up));
        waiting = start_call(p, &up);
        CHECK_INT(kill(up.pid, SIGKILL), 0);
        check_waited(&waiting);
        CHECK_INT(proc_end(&up), 128 + SIGKILL);
        proc_free(&up);
    }
}

/* Until a service says in its lock that it stops; false where it runs no more. */
static bool says_stopping(const place *p, const char *service)
{
    time_t      until = time(NULL) + STOPPING_LIMIT_S;
    lock_holder holder = {0};
    maru_error  error;
    rundir      dir;
    char        path[PATH_MAX * 2];

    CHECK_INT(rundir_find(p->data, &dir, &error), MARU_OK);
    snprintf(path, sizeof path, "%s/%s.lock", dir.run, service);
    while (strcmp(holder.words, LOCK_STOPPING) != 0 && time(NULL) < until)
        if (lock_look(path, &holder, &error) != MARU_OK)
            return false;
    return CHECK_STR(holder.words, LOCK_STOPPING);
}

static void check_hangups(const place *p)
{
    char        program[512];
    const char *words[] = {program, "--data", p->data, NULL};
    proc        hand, up, waiting;
    bool        seen = false;

    test_begin("a second SIGHUP, which the kernel sends by itself, is no second wish: of a service, of up");
    snprintf(program, sizeof program, "%s/echo", p->services);
    for (int tried = 0; !seen && tried < TRIES; tried++) { /* its call may have ended before it was seen */
        hand = proc_start(words, NULL);
        CHECK(proc_expect(&hand, PROC_OUT, 0, "ready echo"));
        waiting = start_call(p, &hand);
        CHECK_INT(kill(hand.pid, SIGHUP), 0);
        seen = says_stopping(p, "echo");
        CHECK_INT(kill(hand.pid, SIGHUP), 0);
        check_waited(&waiting);
        CHECK_INT(proc_end(&hand), 0);
        proc_free(&hand);
    }
    CHECK(seen);
    up = start_up(p, p->data, NULL);
    CHECK(is_ready(&up));
    waiting = start_call(p, &up);
    CHECK_INT(kill(up.pid, SIGHUP), 0);
    CHECK(proc_expect(&up, PROC_ERR, 0, "Hangup: stops all"));
    CHECK_INT(kill(up.pid, SIGHUP), 0);
    check_waited(&waiting);
    CHECK_INT(proc_end(&up), 0);
    CHECK(strstr(up.text[PROC_ERR], "kills all") == NULL);
    proc_free(&up);
}

static bool is_serving(const place *p, const char *service)
{
    time_t until = time(NULL) + PROC_LIMIT_MS / 1000;
    bool   serves = false;

    while (!serves && time(NULL) < until) {
        proc call = run_maru(p, "call", p->data, service, "clitest.v1.EchoService/Echo", NULL);

        serves = call.status == 0;
        proc_free(&call);
    }
    return serves;
}

static void check_giving_up(const place *p)
{
    char        path[128];
    lock_holder holder;
    proc        up;

    test_begin("one that stops all since a service cannot run says so to whoever comes next, who waits for its end");
    setenv("CLITEST_ECHO", "stuck", 1);
    setenv("CLITEST_RELAY", "slow", 1);
    up = start_up(p, p->data, NULL);
    unsetenv("CLITEST_ECHO");
    unsetenv("CLITEST_RELAY");
    CHECK(proc_expect(&up, PROC_ERR, 0, "relay   | pauses\n"));
    CHECK(is_serving(p, "echo"));
    CHECK_INT(kill(pid_of(p, p->data, "relay"), SIGUSR1), 0);
    CHECK(proc_expect(&up, PROC_ERR, 0, "relay cannot run (see above); stops all"));
    snprintf(path, sizeof path, "%s/up.lock", p->data);
    CHECK_INT(lock_look(path, &holder, NULL), MARU_OK);
    CHECK_STR(holder.words, LOCK_STOPPING);
    CHECK_INT(kill(up.pid, SIGTERM), 0); /* kills echo, which would take 12 s */
    CHECK_INT(proc_end(&up), 1);
    proc_free(&up);
}

static void check_told_while_waiting(const place *p)
{
    char        program[512];
    const char *words[] = {program, "--data", p->data, NULL};
    proc        hand, waiting, next;

    test_begin("a service that waits for the one before, and is told to stop, ends at once, with 0");
    snprintf(program, sizeof program, "%s/echo", p->services);
    CHECK(start_stopping(p, words, "-d{\"ms\": 30000}", &hand, &waiting));
    next = proc_start(words, NULL);
    CHECK(has_signal_soon(next.pid, "SigBlk", SIGTERM));
    CHECK_INT(kill(next.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&next), 0);
    CHECK_CONTAINS(next.text[PROC_ERR], "echo: told to stop while it waited for the end of process ");
    CHECK_INT(end_impatiently(&hand, SIGTERM), 1);
    proc_end(&waiting);
    proc_free(&hand);
    proc_free(&waiting);
    proc_free(&next);
}

static void check_order(const place *p)
{
    static const char *const names[] = {"EchoService", "Health", "Reflection", "Metrics", "Log"};
    proc                     up = start_up(p, p->data, NULL), list, describe;
    const char              *last_list = NULL, *last_describe = NULL;

    test_begin("list and describe print a process's services in one order: its own, then those that all have");
    CHECK(is_ready(&up));
    list = run_maru(p, "list", p->data, "echo", NULL, NULL);
    describe = run_maru(p, "describe", p->data, "echo", NULL, NULL);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char        word[64];
        const char *at;

        snprintf(word, sizeof word, ".%s/", names[i]);
        CHECK((at = strstr(list.text[PROC_OUT], word)) > last_list);
        last_list = at;
        snprintf(word, sizeof word, "service %s {", names[i]);
        CHECK((at = strstr(describe.text[PROC_OUT], word)) > last_describe);
        last_describe = at;
    }
    CHECK_INT(kill(up.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&up), 0);
    proc_free(&up);
    proc_free(&list);
    proc_free(&describe);
}

int main(int argc, char **argv)
{
    static void (*const cases[])(const place *p) = {
        check_next_start,         check_down,  check_stuck,       check_by_hand, check_in_flight, check_hangups,
        check_stopped_up,         check_nohup, check_false_ready, check_early,   check_exit,      check_giving_up,
        check_told_while_waiting, check_order,
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        place p = place_open(argc, argv);

        cases[i](&p);
        place_close(&p);
    }
    return test_end();
}
