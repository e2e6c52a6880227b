/* listen_test.c: an address passes from one listener to the next, and the refused one is told who has it. */
#include "test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
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

/* Whose is a port that has several owners, each on an address of its own. */

static int tcp_listener(const char *host, unsigned *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)*port)};
    socklen_t          size = sizeof address;
    int                fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    inet_pton(AF_INET, host, &address.sin_addr);
    if (!CHECK_INT(bind(fd, (const struct sockaddr *)&address, size), 0) || !CHECK_INT(listen(fd, 1), 0))
        exit(1);
    getsockname(fd, (struct sockaddr *)&address, &size);
    *port = ntohs(address.sin_port);
    return fd;
}

static int six_listener(unsigned port, bool every)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    int                 fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin6_addr = every ? in6addr_any : in6addr_loopback;
    if (fd >= 0 && (bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 1) != 0)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* A child that has a descriptor alone. */
static pid_t give_away(int fd)
{
    pid_t child = fork();

    if (child == 0)
        for (;;)
            pause();
    close(fd);
    return child;
}

static void end_child(pid_t child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

/* pid 0: nobody. */
static void check_owner(const char *host, unsigned port, pid_t pid)
{
    char url[64], owner[128], want[64] = "";

    snprintf(url, sizeof url, "tcp://%s:%u", host, port);
    port_owner(url, owner, sizeof owner);
    if (pid != 0)
        snprintf(want, sizeof want, "(pid %d)", (int)pid);
    if (!(pid != 0 ? CHECK_CONTAINS(owner, want) : CHECK_STR(owner, "")))
        fprintf(stderr, "# of %s\n", url);
}

static void test_owners(void)
{
    unsigned port = 0;
    pid_t    first = give_away(tcp_listener("127.0.0.1", &port)), six = 0;
    int      second = tcp_listener("127.0.0.2", &port), fd = six_listener(port, false);

    test_begin("who has a tcp port on one address is told from who has it on another");
    check_owner("127.0.0.1", port, first);
    check_owner("127.0.0.2", port, getpid());
    check_owner("127.0.0.3", port, 0);
    if (fd >= 0) {
        six = give_away(fd);
        check_owner("[::1]", port, six);
        check_owner("[::ffff:127.0.0.2]", port, getpid());
        end_child(six);
        check_owner("[::1]", port, 0);
    } else {
        printf("# no IPv6 here\n");
    }
    test_begin("and every address is in the way of each, and each in the way of every");
    end_child(first);
    check_owner("127.0.0.1", port, 0);
    check_owner("0.0.0.0", port, getpid());
    check_owner("*", port, getpid());
    check_owner("", port, getpid());
    close(second);
    second = tcp_listener("0.0.0.0", &port);
    check_owner("127.0.0.1", port, getpid());
    close(second);
    if ((fd = six_listener(port, true)) >= 0) {
        check_owner("127.0.0.1", port, getpid());
        check_owner("[::1]", port, getpid());
        close(fd);
    }
}

/* A file of somebody's, where a socket, or what holds its path, would be. */

static void put_file(const char *path)
{
    FILE *file = fopen(path, "w");

    if (CHECK(file != NULL)) {
        fputs("precious", file);
        fclose(file);
    }
}

static void check_file(const char *path)
{
    char  text[32] = "";
    FILE *file = fopen(path, "r");

    if (CHECK(file != NULL)) {
        CHECK(fgets(text, sizeof text, file) != NULL);
        fclose(file);
    }
    CHECK_STR(text, "precious");
    unlink(path);
}

static void test_files(const char *url)
{
    const char *path = url + strlen("ipc://");
    echo_node   node;
    maru_error  error;
    char        bound[160];

    snprintf(bound, sizeof bound, "%s.bound", path);
    echo_start(&node, "tcp://127.0.0.1:0", NULL, NULL);
    test_begin("where a file is, no socket comes in its place");
    put_file(path);
    CHECK_INT(maru_server_listen(node.server, url, &error), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(error.text, path);
    CHECK_CONTAINS(error.text, "want a socket or nothing there");
    check_file(path);
    CHECK(access(bound, F_OK) != 0);
    test_begin("nor where the file of its lock would be, if that has bytes");
    put_file(bound);
    CHECK_INT(maru_server_listen(node.server, url, &error), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(error.text, bound);
    CHECK(access(path, F_OK) != 0);
    check_file(bound);
    CHECK_INT(maru_server_listen(node.server, url, &error), MARU_OK);
    echo_stop(&node);
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
    test_owners();
    test_files(url);
    test_hand_over(url);
    return test_end();
}
