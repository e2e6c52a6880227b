/* steps.h: another process of the test that takes care of a store, ended, held up or told that the disk is full at a
 * step of it. The steps are the program's own mkdir, unlink, rename, write and fsync, which libmaru calls instead of
 * libc's. Header only.
 */
#ifndef STORE_STEPS_H
#define STORE_STEPS_H

#include "spoil.h"

#include <sys/syscall.h>

#include "store/care.h"

enum { RECORDS = 200, STEPS_MAX = 100, DONE = 0, COULD_NOT = 1, AT_IT = 2, KILLED = 9 };

/* Of the process that is to be ended: how many steps it may still take; negative: all. What becomes of it then: it is
 * killed, it waits until it is told to go on, or the disk is full for this one step (false). */
static int steps_left = -1;
static enum { KILL, WAIT, FULL } then = KILL;

static bool step(void)
{
    char byte = 's';

    if (steps_left < 0 || steps_left-- > 0)
        return true;
    if (then == KILL)
        _exit(KILLED);
    if (then == WAIT && (syscall(SYS_write, 1, &byte, 1) != 1 || read(0, &byte, 1) != 1))
        _exit(COULD_NOT);
    errno = ENOSPC;
    return then == WAIT;
}

/* A step of who waits comes when it is made. */
int mkdir(const char *path, mode_t mode)
{
    int made = then == FULL && !step() ? -1 : mkdirat(AT_FDCWD, path, mode);

    if (then != FULL && made == 0)
        step();
    return made;
}

int unlink(const char *path)
{
    if (then != FULL) /* that one needs no room */
        step();
    return unlinkat(AT_FDCWD, path, 0);
}

int rename(const char *from, const char *to)
{
    if (!step())
        return -1;
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

/* Also of LMDB's copy. The last is cut. */
ssize_t write(int fd, const void *bytes, size_t size)
{
    if (steps_left == 0 && then == KILL)
        size -= (size_t)syscall(SYS_write, fd, bytes, size / 2);
    return step() ? syscall(SYS_write, fd, bytes, size) : -1;
}

int fsync(int fd)
{
    return step() ? (int)syscall(SYS_fsync, fd) : -1;
}

/* This program again: TEST compact PATH STEPS, TEST restore PATH STEPS BACKUP, and backup and repair alike. STEPS may
 * end with a w (wait) or an f (full). */
static inline int take_care(char **words)
{
    care         *c;
    care_repaired done;
    maru_error    error;
    maru_status   status;

    steps_left = atoi(words[2]);
    then = strchr(words[2], 'w') ? WAIT : strchr(words[2], 'f') ? FULL : KILL;
    if (strcmp(words[0], "restore") == 0)
        status = care_restore(words[3], words[1], "cart", &error);
    else if ((status = care_open(words[1], strcmp(words[0], "backup") != 0, &c, &error)) == MARU_OK &&
             strcmp(words[0], "backup") == 0) {
        status = care_backup(c, words[3], &error);
        care_close(c);
    } else if (status == MARU_OK && strcmp(words[0], "repair") == 0)
        status = care_repair(c, words[3], NULL, NULL, &done, &error);
    else if (status == MARU_OK)
        status = care_compact(c, &error);
    if (status != MARU_OK)
        fprintf(stderr, "%s %s: %s\n", words[0], words[1], error.text);
    return status == MARU_OK ? DONE : strstr(error.text, ": another maru store is at it") ? AT_IT : COULD_NOT;
}

static inline kit_child start_care(const char *verb, const char *path, int steps, const char *how, const char *backup)
{
    char        number[16];
    const char *args[] = {verb, path, number, backup, NULL};

    snprintf(number, sizeof number, "%d%s", steps, how);
    return kit_spawn(args);
}

static inline int end_care(kit_child *child)
{
    int status = kit_end(child);

    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline int run_care(const char *verb, const char *path, int steps, const char *backup)
{
    kit_child child = start_care(verb, path, steps, "", backup);

    return end_care(&child);
}

#endif
