/* procfs.c: reads /proc/PID/stat and cmdline: start time, parent, state, and who supervises a process. */
#include "app/procfs.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { START_FIELD = 22, STATE_FIELD = 3, PARENT_FIELD = 4, NAME_FIELD = 2, TEXT_MAX = 1024, WORDS_MAX = 16384 };

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

char procfs_parse_state(const char *stat)
{
    const char *at = find_field(stat, STATE_FIELD);

    return at != NULL ? *at : '\0';
}

int64_t procfs_parse_supervisor(const char *words, size_t size)
{
    static const char flag[] = "--supervised";
    const char       *end = words + size, *next;

    for (const char *word = words; word < end; word = next) {
        next = memchr(word, '\0', (size_t)(end - word));
        next = next != NULL ? next + 1 : end;
        if ((size_t)(next - word) == sizeof flag && strcmp(word, flag) == 0 && next < end)
            return strtoll(next, NULL, 10);
    }
    return 0;
}

/* How many bytes were read, with a NUL after them; 0 where there is no such process. */
static size_t read_file(int64_t pid, const char *file, char *text, size_t room)
{
    char    path[64];
    size_t  size = 0;
    ssize_t got = 1;
    int     fd;

    text[0] = '\0';
    snprintf(path, sizeof path, "/proc/%" PRId64 "/%s", pid, file);
    if (pid <= 0 || (fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        return 0;
    while (size < room - 1 && (got = read(fd, text + size, room - 1 - size)) > 0)
        size += (size_t)got;
    close(fd);
    text[size] = '\0';
    return size;
}

static void read_stat(int64_t pid, char text[static TEXT_MAX])
{
    read_file(pid, "stat", text, TEXT_MAX);
}

maru_status procfs_check(maru_error *error)
{
    return procfs_start(getpid()) != 0
               ? MARU_OK
               : maru_error_set(error, MARU_FAILED_PRECONDITION,
                                "/proc: want the file system that shows processes there; what runs can't be told "
                                "without it");
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

bool procfs_is_stopped(int64_t pid)
{
    char text[TEXT_MAX];

    read_stat(pid, text);
    return procfs_parse_state(text) == 'T' || procfs_parse_state(text) == 't';
}

bool procfs_is_ending(int64_t pid)
{
    char words[2];

    return procfs_start(pid) != 0 && read_file(pid, "cmdline", words, sizeof words) == 0;
}

int64_t procfs_supervisor(int64_t pid)
{
    char   words[WORDS_MAX];
    size_t size = read_file(pid, "cmdline", words, sizeof words);

    return procfs_parse_supervisor(words, size);
}
