/* procfs.c: see procfs.h. */
#include "app/procfs.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { START_FIELD = 22, PARENT_FIELD = 4, NAME_FIELD = 2, TEXT_MAX = 1024 };

/* Fields are counted from 1. NULL: it has not so many. */
static const char *find_field(const char *stat, int wanted)
{
    const char *at = strrchr(stat, ')'); /* the name may hold blanks and brackets */

    for (int field = NAME_FIELD; at != NULL && field < wanted; field++)
        if ((at = strchr(at, ' ')) != NULL)
            at++;
    return at;
}

uint64_t procfs_parse_start(const char *stat)
{
    const char *at = find_field(stat, START_FIELD);

    return at != NULL ? strtoull(at, NULL, 10) : 0;
}

int64_t procfs_parse_parent(const char *stat)
{
    const char *at = find_field(stat, PARENT_FIELD);

    return at != NULL ? strtoll(at, NULL, 10) : 0;
}

/* "" where there is no such process. */
static void read_stat(int64_t pid, char text[static TEXT_MAX])
{
    char    path[64];
    ssize_t size;
    int     fd;

    text[0] = '\0';
    snprintf(path, sizeof path, "/proc/%" PRId64 "/stat", pid);
    if (pid <= 0 || (fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        return;
    size = read(fd, text, TEXT_MAX - 1);
    close(fd);
    text[size > 0 ? size : 0] = '\0';
}

uint64_t procfs_start(int64_t pid)
{
    char text[TEXT_MAX];

    read_stat(pid, text);
    return procfs_parse_start(text);
}

int64_t procfs_parent(int64_t pid)
{
    char text[TEXT_MAX];

    read_stat(pid, text);
    return procfs_parse_parent(text);
}
