/* stdfds.c: opens /dev/null for each of stdin, stdout and stderr that is closed. */
#include "app/stdfds.h"

#include <fcntl.h>
#include <unistd.h>

void stdfds_open(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0) /* open takes the lowest number that is free: this one */
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}
