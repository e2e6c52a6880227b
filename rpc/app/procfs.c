/* procfs.c: see procfs.h. */
#include "app/procfs.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { START_FIELD = 22, NAME_FIELD = 2 };

uint64_t procfs_parse_start(const char *stat)
{
    const char *at = strrchr(stat, ')'); /* the name may hold blanks and brackets */

    for (int field = NAME_FIELD; at != NULL && field < START_FIELD; field++)
        if ((at = strchr(at, ' ')) != NULL)
            at++;
    return at != NULL ? strtoull(at, NULL, 10) : 0;
}

uint64_t procfs_start(int64_t pid)
{
    char    path[64], text[1024];
    ssize_t size;
    int     fd;

    snprintf(path, sizeof path, "/proc/%" PRId64 "/stat", pid);
    if (pid <= 0 || (fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        return 0;
    size = read(fd, text, sizeof text - 1);
    close(fd);
    text[size > 0 ? size : 0] = '\0';
    return procfs_parse_start(text);
}
