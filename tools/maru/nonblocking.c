/* nonblocking.c: waits where a shared file would block, and has stdio do so, which drops what could not be written. */
#include "nonblocking.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

bool nonblocking_again(int fd, short events)
{
    struct pollfd file = {.fd = fd, .events = events};
    int           number = errno;

    if (number == EAGAIN)
        poll(&file, 1, -1);
    errno = number;
    return number == EAGAIN || number == EINTR;
}

static ssize_t put(void *cookie, const char *bytes, size_t size)
{
    int    fd = (int)(intptr_t)cookie;
    size_t done = 0;

    while (done < size) {
        ssize_t wrote = write(fd, bytes + done, size - done);

        if (wrote == 0 || (wrote < 0 && !nonblocking_again(fd, POLLOUT)))
            break;
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    return (ssize_t)done;
}

/* Where there is no memory for it, the one that is there stays. */
static void replace(FILE **stream, int fd, int buffering)
{
    FILE *made = fopencookie((void *)(intptr_t)fd, "w", (cookie_io_functions_t){.write = put});

    if (made == NULL)
        return;
    setvbuf(made, NULL, buffering, BUFSIZ);
    *stream = made;
}

void nonblocking_stdio(void)
{
    int number = errno;

    replace(&stdout, STDOUT_FILENO, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF);
    replace(&stderr, STDERR_FILENO, _IONBF);
    errno = number;
}
