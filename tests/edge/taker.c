/* taker.c: takes an address between the moment when maru up finds it free and the moment when the edge listens there.
 *
 *   edge_taker DATA PORT    holds the lock of DATA's edge, as one does that stops, so that the next one waits for it;
 *                           has PORT of 127.0.0.1 (0: a free one), though it does not listen there yet, and prints
 *                           "held HOST:PORT". At a line of its input it listens, lets the lock go, and prints "taken".
 *                           Ends when its input ends.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../number.h"
#include "app/lock.h"
#include "app/paths.h"
#include "app/rundir.h"

/* Who looks whether the address is free may bind it as well, as long as nobody listens. */
static int have_port(uint16_t port, struct sockaddr_in *at)
{
    int       one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    socklen_t size = sizeof *at;

    *at =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port)};
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        bind(fd, (struct sockaddr *)at, sizeof *at) != 0 || getsockname(fd, (struct sockaddr *)at, &size) != 0) {
        perror("edge_taker");
        return -1;
    }
    return fd;
}

static maru_status hold(const char *data, lock *l, maru_error *error)
{
    char        path[PATH_MAX];
    rundir      dir;
    maru_status status;

    if ((status = rundir_make(data, &dir, error)) != MARU_OK ||
        (status = paths_in_run(dir.run, "edge", NULL, ".lock", path, error)) != MARU_OK ||
        (status = lock_take(l, path, "edge", NULL, error)) != MARU_OK)
        return status;
    return lock_say(l, LOCK_STOPPING, error);
}

static void say(const char *words)
{
    puts(words);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    uint64_t           port;
    struct sockaddr_in at;
    maru_error         error = {0};
    lock               l;
    char               words[64];
    int                fd;

    if (argc != 3 || !number_read(argv[2], 0, UINT16_MAX, &port) || (fd = have_port((uint16_t)port, &at)) < 0)
        return 2;
    if (hold(argv[1], &l, &error) != MARU_OK) {
        fprintf(stderr, "edge_taker: %s\n", error.text);
        return 1;
    }
    snprintf(words, sizeof words, "held 127.0.0.1:%u", ntohs(at.sin_port));
    say(words);
    if (getchar() == EOF || listen(fd, 1) != 0)
        return 1;
    lock_drop(&l);
    say("taken");
    while (getchar() != EOF)
        ;
    return 0;
}
