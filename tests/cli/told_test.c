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

#include "app/wishes.h"
#include "random.h"
#include "start.h"

enum { FLOODS = 4, EARLY = 20, EARLY_MS = 60, TRIES = 3 };

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

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Signals it twice, and waits for its end: with 0, and its call answered. False where this test was kept from
 * signalling it within a moment: then that were two wishes. */
static bool end_twice_told(const place *p, proc *told)
{
    proc    waiting = start_call(p, told);
    int64_t began = now_ms();
    bool    at_once;

    CHECK(kill(told->pid, SIGINT) == 0 && kill(told->pid, SIGTERM) == 0);
    if ((at_once = now_ms() - began < WISHES_MOMENT_MS / 2)) {
        check_waited(&waiting);
        CHECK_INT(proc_end(told), 0);
        CHECK(strstr(told->text[PROC_ERR], "kills all") == NULL);
    } else {
        proc_end(&waiting);
        proc_free(&waiting);
        proc_end(told);
    }
    proc_free(told);
    return at_once;
}

static void check_twice(const place *p)
{
    char        program[512];
    const char *words[] = {program, "--data", p->data, NULL};
    bool        by_hand = false, by_up = false;

    test_begin("a second signal in the moment of the first is the same wish, also of a service by hand");
    snprintf(program, sizeof program, "%s/echo", p->services);
    for (int tried = 0; !by_hand && tried < TRIES; tried++) {
        proc hand = proc_start(words, NULL);

        CHECK(proc_expect(&hand, PROC_OUT, 0, "ready echo"));
        by_hand = end_twice_told(p, &hand);
    }
    for (int tried = 0; !by_up && tried < TRIES; tried++) {
        proc up = start_up(p, p->data, NULL);

        CHECK(is_ready(&up));
        by_up = end_twice_told(p, &up);
    }
    CHECK(by_hand && by_up);
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

/* Whether that took less than the service's time, which is 5 s. */
static bool stops_asking(const place *p)
{
    char   pipe[128];
    time_t begun;
    int    fd;
    bool   soon;
    proc   up;

    up = start_asking(p, pipe, NULL, &fd);
    begun = time(NULL);
    CHECK_INT(kill(up.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&up), 0);
    soon = time(NULL) - begun < 4;
    CHECK_CONTAINS(up.text[PROC_ERR], "maru up: told to stop while it asked ");
    CHECK(strchr(up.text[PROC_ERR], '\n') == up.text[PROC_ERR] + up.size[PROC_ERR] - 1);
    close(fd);
    CHECK(open(pipe, O_WRONLY | O_NONBLOCK | O_CLOEXEC) < 0 && errno == ENXIO); /* nobody reads it any more */
    CHECK(access(p->data, F_OK) != 0);
    proc_free(&up);
    unlink(pipe);
    return soon;
}

static void check_asking_services(const place *p)
{
    test_begin(
        "one that is told so while it asks a service about its settings says so too, and leaves none that it asked");
    CHECK(stops_asking(p) || stops_asking(p) || stops_asking(p)); /* it never does where it waits for the service */
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
