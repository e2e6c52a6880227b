/* listen_test.c: an address passes from one listener to the next, and the refused one is told who has it. */
#include "test.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rpc/echo.h"
#include "rpc/peer.h"
#include "transport/nng_transport.h"
#include "transport/port_owner.h"

enum { HELD_ELSEWHERE = 32, HANDOVERS = 20, TRIES = 3 };

/* Who listens, where others hold connections. */

static int plain_listener(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int                fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (!CHECK_INT(bind(fd, (const struct sockaddr *)&address, sizeof address), 0) || !CHECK_INT(listen(fd, 64), 0))
        exit(1);
    return fd;
}

/* A child that holds what was accepted, until it is killed. */
static pid_t hold_accepted(int listener, const char *url, peer peers[static HELD_ELSEWHERE])
{
    int   accepted[HELD_ELSEWHERE];
    pid_t child;

    for (int i = 0; i < HELD_ELSEWHERE; i++) {
        CHECK(peer_connect(&peers[i], url));
        accepted[i] = accept(listener, NULL, NULL);
    }
    if ((child = fork()) == 0) {
        close(listener);
        for (;;)
            pause();
    }
    for (int i = 0; i < HELD_ELSEWHERE; i++)
        close(accepted[i]);
    return child;
}

static void test_owner(const char *url)
{
    const char *path = url + strlen("ipc://");
    int         listener = plain_listener(path);
    peer        peers[HELD_ELSEWHERE];
    pid_t       child;
    char        owner[128], want[64];

    test_begin("who listens is told from who holds a connection that was accepted there");
    child = hold_accepted(listener, url, peers);
    port_owner(url, owner, sizeof owner);
    snprintf(want, sizeof want, "(pid %d)", (int)getpid());
    CHECK_CONTAINS(owner, want);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    for (int i = 0; i < HELD_ELSEWHERE; i++)
        peer_close(&peers[i]);
    close(listener);
    unlink(path);
}

/* One that closes, and one that has been waiting for the address. */

static int64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

typedef struct successor {
    const char    *url;
    maru_listener *listener;
    pthread_t      thread;
} successor;

/* How often the successor has asked, and whether a close waits for it between its two steps. */
static struct {
    atomic_int  tries, got;
    atomic_bool slow;
} race;

static void wait_for_tries(int wanted)
{
    int64_t until = now_ns() + PEER_WAIT_MS * INT64_C(1000000);

    while (race.tries < wanted && !race.got && now_ns() < until)
        sched_yield();
}

/* libc's, for nng too: with it a close begins, and the removal of the path comes after it. */
int shutdown(int fd, int how)
{
    int result = (int)syscall(SYS_shutdown, fd, how);

    if (race.slow)
        wait_for_tries(race.tries + TRIES);
    return result;
}

static void *listen_until_it_can(void *arg)
{
    successor *s = arg;
    maru_error error;
    int64_t    until = now_ns() + PEER_WAIT_MS * INT64_C(1000000);

    while (nng_transport.listen(NULL, s->url, &s->listener, &error) != MARU_OK && now_ns() < until) {
        if (error.code != MARU_ALREADY_EXISTS)
            CHECK_STR(error.text, "in use");
        race.tries++;
    }
    race.got++;
    return NULL;
}

static maru_listener *hand_over(maru_listener *old, const char *url)
{
    successor s = {.url = url};
    peer      p;

    race.tries = race.got = 0;
    pthread_create(&s.thread, NULL, listen_until_it_can, &s);
    wait_for_tries(1);
    race.slow = true;
    nng_transport.listener_close(old);
    race.slow = false;
    pthread_join(s.thread, NULL);
    nng_transport.listener_release(old);
    if (CHECK(s.listener != NULL))
        CHECK(peer_connect(&p, url));
    peer_close(&p);
    return s.listener;
}

static void test_hand_over(const char *url)
{
    maru_listener *listener;
    maru_error     error;
    char           left[160];

    test_begin(
        "an ipc address passes to one that asked for it in the middle of a close, and that can be reached there");
    if (!CHECK_INT(nng_transport.listen(NULL, url, &listener, &error), MARU_OK))
        return;
    for (int i = 0; i < HANDOVERS && listener != NULL; i++)
        listener = hand_over(listener, url);
    test_begin("a listener that was closed leaves neither its socket nor what held its path");
    nng_transport.listener_close(listener);
    nng_transport.listener_release(listener);
    CHECK(access(url + strlen("ipc://"), F_OK) != 0);
    snprintf(left, sizeof left, "%s.bound", url + strlen("ipc://"));
    CHECK(access(left, F_OK) != 0);
}

int main(void)
{
    char url[128];

    echo_ipc_url(url, "listen");
    test_owner(url);
    test_hand_over(url);
    return test_end();
}
