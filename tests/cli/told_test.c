/* told_test.c: maru up, and a service, that are told to stop several times at once, or before they have begun. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "random.h"
#include "start.h"

enum { FLOODS = 4, EARLY = 20, EARLY_MS = 60 };

static void check_timeout(const place *p)
{
    const char *words[] = {"/usr/bin/timeout", "600", p->maru, "up", "--bin", p->services, "--data", p->data, NULL};
    proc        up = proc_start(words, NULL), waiting;

    test_begin("timeout(1) signals maru up, and then its group, which is maru up again: that is one wish");
    CHECK(is_ready(&up));
    waiting = start_call(p, &up);
    CHECK_INT(kill(up.pid, SIGALRM), 0); /* which its timer sends when the time is over */
    check_waited(&waiting);
    CHECK_INT(proc_end(&up), 124);
    CHECK_CONTAINS(up.text[PROC_ERR], "Terminated: stops all");
    CHECK(strstr(up.text[PROC_ERR], "kill") == NULL);
    proc_free(&up);
}

static void check_twice(const place *p)
{
    char        program[512];
    const char *words[] = {program, "--data", p->data, NULL};
    proc        hand, up, waiting;

    test_begin("a second signal in the moment of the first is the same wish, also of a service by hand");
    snprintf(program, sizeof program, "%s/echo", p->services);
    hand = proc_start(words, NULL);
    CHECK(proc_expect(&hand, PROC_OUT, 0, "ready echo"));
    waiting = start_call(p, &hand);
    CHECK(kill(hand.pid, SIGINT) == 0 && kill(hand.pid, SIGTERM) == 0);
    check_waited(&waiting);
    CHECK_INT(proc_end(&hand), 0);
    proc_free(&hand);
    up = start_up(p, p->data, NULL);
    CHECK(is_ready(&up));
    waiting = start_call(p, &up);
    CHECK(kill(up.pid, SIGINT) == 0 && kill(up.pid, SIGTERM) == 0);
    check_waited(&waiting);
    CHECK_INT(proc_end(&up), 0);
    CHECK(strstr(up.text[PROC_ERR], "kills all") == NULL);
    proc_free(&up);
}

static void check_nothing_left(const place *p)
{
    proc ps = run_maru(p, "ps", p->data, NULL, NULL, NULL);

    CHECK(ps.text[PROC_OUT][0] == '\0');
    proc_free(&ps);
}

/* Signals it as fast as can be, until it has ended. */
static int end_in_a_flood(proc *p)
{
    struct pollfd ended = {.fd = pidfd_open(p->pid, 0), .events = POLLIN};
    time_t        until = time(NULL) + PROC_LIMIT_MS / 1000;

    while (poll(&ended, 1, 0) == 0 && time(NULL) < until)
        kill(p->pid, SIGTERM);
    close(ended.fd);
    return proc_end(p);
}

static void check_flood(const place *p)
{
    char        program[512];
    const char *words[] = {program, "--data", p->data, NULL};

    test_begin("no signal that comes while the rest is put away ends maru up, or a service, before that is done");
    snprintf(program, sizeof program, "%s/echo", p->services);
    for (int round = 0; round < FLOODS; round++) {
        proc up = start_up(p, p->data, "echo");

        CHECK(is_ready(&up));
        CHECK_INT(end_in_a_flood(&up), 0);
        check_nothing_left(p);
        proc_free(&up);
    }
    for (int round = 0; round < FLOODS * 10; round++) {
        proc hand = proc_start(words, NULL);

        CHECK(proc_expect(&hand, PROC_OUT, 0, "ready echo"));
        CHECK(end_in_a_flood(&hand) < 128); /* 1 where it takes so long that the flood is impatience */
        proc_free(&hand);
    }
}

/* The end of a pipe to write to, once somebody reads it. */
static int write_end(const char *path)
{
    time_t until = time(NULL) + PROC_LIMIT_MS / 1000;
    int    fd;

    while ((fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)) < 0 && errno == ENXIO && time(NULL) < until)
        sched_yield();
    CHECK(fd >= 0);
    return fd;
}

/* maru up, perhaps with --print-config, where relay is being asked for its settings, until *fd is closed. */
static proc start_asking(const place *p, char pipe[static 128], const char *print, int *fd)
{
    const char *words[] = {p->maru, "up", "--bin", p->services, "--data", p->data, print, NULL};
    proc        up;

    snprintf(pipe, 128, "%s/asked", p->root);
    CHECK_INT(mkfifo(pipe, 0600), 0);
    setenv("CLITEST_RELAY", pipe, 1);
    up = proc_start(words, NULL);
    unsetenv("CLITEST_RELAY");
    *fd = write_end(pipe);
    return up;
}

static void check_printing_settings(const place *p)
{
    char pipe[128];
    int  fd;
    proc up;

    test_begin("one that is told to stop while it looks at settings says so, ends with 0, and has made nothing");
    up = start_asking(p, pipe, "--print-config", &fd);
    CHECK_INT(kill(up.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&up), 0);
    CHECK_STR(up.text[PROC_ERR], "maru up: told to stop before it had begun anything\n");
    CHECK_STR(up.text[PROC_OUT], "");
    close(fd);
    CHECK(access(p->data, F_OK) != 0);
    proc_free(&up);
}

static void check_asking_services(const place *p)
{
    char   pipe[128];
    time_t begun;
    int    fd;
    proc   up;

    test_begin(
        "one that is told so while it asks a service about its settings says so too, and leaves none that it asked");
    up = start_asking(p, pipe, NULL, &fd);
    begun = time(NULL);
    CHECK_INT(kill(up.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&up), 0);
    CHECK(time(NULL) - begun < 4); /* not when the service's time is over, which is 5 s */
    CHECK_CONTAINS(up.text[PROC_ERR], "maru up: told to stop while it asked ");
    CHECK(strchr(up.text[PROC_ERR], '\n') == up.text[PROC_ERR] + up.size[PROC_ERR] - 1);
    close(fd);
    CHECK(open(pipe, O_WRONLY | O_NONBLOCK | O_CLOEXEC) < 0 && errno == ENXIO); /* nobody reads it any more */
    CHECK(access(p->data, F_OK) != 0);
    proc_free(&up);
}

static void check_any_moment(const place *p)
{
    rng random = rng_seeded("when a maru up that starts is told to stop");

    test_begin("at whatever moment of its start it is told to stop: it says so, ends with 0, and leaves nothing");
    for (int round = 0; round < EARLY; round++) {
        proc          up = start_up(p, p->data, NULL);
        struct pollfd ended = {.fd = pidfd_open(up.pid, 0), .events = POLLIN};
        int           after = (int)rng_below(&random, EARLY_MS);
        bool          said;

        CHECK(has_signal_soon(up.pid, "SigCgt", SIGTERM));
        CHECK_INT(poll(&ended, 1, after), 0); /* by itself it does not end */
        close(ended.fd);
        CHECK_INT(kill(up.pid, SIGTERM), 0);
        CHECK_INT(proc_end(&up), 0);
        said = strstr(up.text[PROC_ERR], "told to stop ") != NULL ||
               strstr(up.text[PROC_ERR], "Terminated: stops all\n") != NULL;
        if (!CHECK(said))
            fprintf(stderr, "after %d ms: %s\n", after, up.text[PROC_ERR]);
        CHECK(strstr(up.text[PROC_ERR], "was ended") == NULL);
        check_nothing_left(p);
        proc_free(&up);
    }
}

int main(int argc, char **argv)
{
    static void (*const cases[])(const place *p) = {
        check_timeout, check_twice, check_flood, check_printing_settings, check_asking_services, check_any_moment,
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        place p = place_open(argc, argv);

        cases[i](&p);
        place_close(&p);
    }
    return test_end();
}
