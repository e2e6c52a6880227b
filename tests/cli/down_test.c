/* down_test.c: maru down in the moment in which a maru up is killed. */
#include "test.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <time.h>
#include <unistd.h>

#include "app/procfs.h"
#include "self.h"
#include "start.h"

enum { KILLS = 12 };

/* A maru up whose service was stopped by a signal; *echo is that one's process. */
static proc start_with_stopped(const place *p, pid_t *echo)
{
    proc up = start_up(p, p->data, NULL);

    CHECK(is_ready(&up));
    *echo = pid_of(p, p->data, "echo");
    CHECK(*echo > 0 && kill(*echo, SIGSTOP) == 0 && is_stopped_soon(*echo));
    return up;
}

/* Whether it has ended by now. What should have is ended here, so that nothing is left of a test that failed. */
static void check_gone(pid_t pid)
{
    struct pollfd ended = {.fd = pidfd_open(pid, 0), .events = POLLIN};

    if (!CHECK(ended.fd < 0 || poll(&ended, 1, 0) == 1) && pid > 0)
        kill(pid, SIGKILL);
    if (ended.fd >= 0)
        close(ended.fd);
}

static void check_killed_while_down_waits(const place *p)
{
    const char *words[] = {p->maru, "down", "--data", p->data, NULL};
    pid_t       echo;
    proc        up = start_with_stopped(p, &echo), down;

    test_begin(
        "a maru up that is killed while down waits for it: down ends what it leaves, stopped by a signal or not");
    down = proc_start(words, NULL);
    CHECK(proc_expect(&up, PROC_ERR, 0, "Terminated: stops all"));
    CHECK_INT(kill(up.pid, SIGKILL), 0);
    CHECK_INT(proc_end(&down), 0);
    check_gone(echo);
    CHECK_CONTAINS(down.text[PROC_ERR], "maru down: echo: process ");
    CHECK_CONTAINS(down.text[PROC_ERR], ": stopped (process ");
    CHECK_INT(proc_end(&up), 128 + SIGKILL);
    proc_free(&up);
    proc_free(&down);
}

static void check_down_at_once(const place *p)
{
    test_begin("so does a down that comes in the moment of the kill");
    for (int round = 0; round < KILLS; round++) {
        pid_t echo;
        proc  up = start_with_stopped(p, &echo), down;

        CHECK_INT(kill(up.pid, SIGKILL), 0);
        down = run_maru(p, "down", p->data, NULL, NULL, NULL);
        CHECK_INT(down.status, 0);
        check_gone(echo);
        CHECK_INT(proc_end(&up), 128 + SIGKILL);
        proc_free(&up);
        proc_free(&down);
    }
}

/* A maru up whose echo does not stop by itself; *echo is that one's process, *ended its end. */
static proc start_with_stuck(const place *p, pid_t *echo, struct pollfd *ended)
{
    proc up;

    setenv("CLITEST_ECHO", "stuck", 1);
    up = start_up(p, p->data, NULL);
    unsetenv("CLITEST_ECHO");
    CHECK(is_ready(&up));
    *echo = pid_of(p, p->data, "echo");
    *ended = (struct pollfd){.fd = pidfd_open(*echo, 0), .events = POLLIN};
    CHECK(*echo > 0 && ended->fd >= 0);
    return up;
}

static void end_stuck(pid_t echo, struct pollfd *ended)
{
    CHECK_INT(poll(ended, 1, 0), 0); /* it lives */
    CHECK_INT(kill(echo, SIGKILL), 0);
    CHECK_INT(poll(ended, 1, PROC_LIMIT_MS), 1);
    close(ended->fd);
}

/* It kills nothing, says so, and ends with 1. */
static void check_left_to_itself(const proc *down, const char *within)
{
    CHECK_INT(down->status, 1);
    CHECK_CONTAINS(down->text[PROC_ERR], "maru down: echo: process ");
    CHECK_CONTAINS(down->text[PROC_ERR], " still stops; it is left to itself\n");
    CHECK_CONTAINS(down->text[PROC_ERR], within);
    CHECK(strstr(down->text[PROC_ERR], "in time; killed") == NULL);
    CHECK(strstr(down->text[PROC_ERR], "no maru up runs") == NULL);
}

static void check_impatient(const place *p)
{
    static const struct {
        const char *timeout, *within;
    } table[] = {{"--timeout=1ms", "stopped within 1 ms\n"}, {"--timeout=300ms", "stopped within 0.3 s\n"}};
    struct pollfd ended;
    pid_t         echo;
    proc          up = start_with_stuck(p, &echo, &ended), down;

    test_begin("a down that does not wait long enough kills nothing: neither what a maru up still stops");
    down = run_maru(p, "down", p->data, "--timeout=300ms", NULL, NULL);
    CHECK_INT(down.status, 1);
    CHECK_CONTAINS(down.text[PROC_ERR], "has not stopped within 0.3 s\n");
    proc_free(&down);
    CHECK_INT(poll(&ended, 1, 0), 0);
    test_begin("nor what one that was killed has left");
    CHECK_INT(kill(up.pid, SIGKILL), 0);
    CHECK_INT(proc_end(&up), 128 + SIGKILL);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        down = run_maru(p, "down", p->data, table[i].timeout, NULL, NULL);
        check_left_to_itself(&down, table[i].within);
        proc_free(&down);
    }
    end_stuck(echo, &ended);
    proc_free(&up);
}

/* False where its time was over before its maru up was killed. */
static bool kill_up_meanwhile(const place *p)
{
    const char   *words[] = {p->maru, "down", "--data", p->data, "--timeout=2s", NULL};
    struct pollfd ended;
    pid_t         echo;
    proc          up = start_with_stuck(p, &echo, &ended), down;
    bool          meanwhile;

    down = proc_start(words, NULL);
    CHECK(proc_expect(&up, PROC_ERR, 0, "Terminated: stops all"));
    CHECK_INT(kill(up.pid, SIGKILL), 0);
    proc_end(&down);
    meanwhile = strstr(down.text[PROC_ERR], "has not stopped within 2.0 s\n") == NULL;
    if (meanwhile)
        check_left_to_itself(&down, "stopped within 2.0 s\n");
    end_stuck(echo, &ended);
    CHECK_INT(proc_end(&up), 128 + SIGKILL);
    proc_free(&up);
    proc_free(&down);
    return meanwhile;
}

static void check_one_time_for_both(const place *p)
{
    test_begin("nor where its maru up is killed while it waits: the time is one for both");
    CHECK(kill_up_meanwhile(p) || kill_up_meanwhile(p) || kill_up_meanwhile(p));
}

static void check_no_folder(const place *p)
{
    char none[128];
    proc down;

    test_begin("a folder that is not there is an error");
    snprintf(none, sizeof none, "%s/none", p->root);
    down = run_maru(p, "down", none, NULL, NULL, NULL);
    CHECK_INT(down.status, 1);
    CHECK_CONTAINS(down.text[PROC_ERR], "/none: no such data folder");
    proc_free(&down);
}

static void *never_ends(void *arg)
{
    for (;;)
        pause();
    return arg;
}

/* This program, started by itself: a supervisor that holds no lock, and ends half on SIGUSR1, so that it has no memory
 * of its own any more, but still its child. Between the two a process that was killed is only for a moment. */
static int supervise(char *program, char *data)
{
    char      pid[24];
    char     *words[] = {program, (char *)"--data", data, (char *)"--supervised", pid, NULL};
    sigset_t  told;
    pthread_t other;
    int       number;

    snprintf(pid, sizeof pid, "%d", getpid());
    sigemptyset(&told);
    sigaddset(&told, SIGUSR1);
    if (fork() == 0) {
        execv(program, words);
        _exit(127);
    }
    if (pthread_sigmask(SIG_BLOCK, &told, NULL) != 0 || pthread_create(&other, NULL, never_ends, NULL) != 0)
        return 1;
    sigwait(&told, &number);
    pthread_exit(NULL);
}

static void check_ending_supervisor(const place *p)
{
    char        self[PATH_MAX], program[512];
    const char *words[] = {self_path(self), "supervise", program, p->data, NULL};
    time_t      until = time(NULL) + PROC_LIMIT_MS / 1000;
    proc        supervisor, down;
    pid_t       echo;

    test_begin("a supervisor that has lost its lock and has not yet lost its children is one that was killed");
    snprintf(program, sizeof program, "%s/echo", p->services);
    supervisor = proc_start(words, NULL);
    CHECK(proc_expect(&supervisor, PROC_OUT, 0, "ready echo"));
    echo = pid_of(p, p->data, "echo");
    CHECK(echo > 0 && kill(echo, SIGSTOP) == 0 && is_stopped_soon(echo));
    down = run_maru(p, "down", p->data, NULL, NULL, NULL);
    CHECK_INT(down.status, 0);
    CHECK(procfs_is_stopped(echo)); /* its supervisor lives, and is no maru up: it is nobody's to end */
    proc_free(&down);
    CHECK_INT(kill(supervisor.pid, SIGUSR1), 0);
    while (!procfs_is_ending(supervisor.pid) && time(NULL) < until)
        sched_yield();
    CHECK_INT(procfs_parent(echo), supervisor.pid);
    down = run_maru(p, "down", p->data, NULL, NULL, NULL);
    CHECK_INT(down.status, 0);
    CHECK_CONTAINS(down.text[PROC_ERR], "maru down: echo: process ");
    check_gone(echo);
    CHECK_INT(kill(supervisor.pid, SIGKILL), 0);
    CHECK_INT(proc_end(&supervisor), 128 + SIGKILL);
    proc_free(&supervisor);
    proc_free(&down);
}

int main(int argc, char **argv)
{
    static void (*const cases[])(const place *p) = {check_killed_while_down_waits, check_down_at_once,
                                                    check_ending_supervisor,       check_impatient,
                                                    check_one_time_for_both,       check_no_folder};

    if (argc == 4 && strcmp(argv[1], "supervise") == 0)
        return supervise(argv[2], argv[3]);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        place p = place_open(argc, argv);

        cases[i](&p);
        place_close(&p);
    }
    return test_end();
}
