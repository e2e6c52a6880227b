/* claim.c: a folder that is being made (contract: claim.h). */
#include "store/claim.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/fault.h"

static maru_status fault_at(const char *folder, int number, maru_error *error)
{
    return maru_error_set(error, fault_status(number), "%s: %s", folder, fault_words(number));
}

static int open_note(const char *folder, int flags)
{
    char full[PATH_MAX];

    if (snprintf(full, sizeof full, "%s/" CLAIM_NOTE, folder) >= (int)sizeof full)
        return -1;
    return open(full, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
}

/* Where the disk is full there is none: the lock holds all the same. */
static void note(const char *folder)
{
    int fd = open_note(folder, O_WRONLY | O_CREAT | O_TRUNC);

    if (fd < 0)
        return;
    dprintf(fd, "%ld\n", (long)getpid());
    close(fd);
}

static maru_status held(const char *folder, maru_status status, maru_error *error)
{
    char    words[32] = "", by[48] = "";
    int     fd = open_note(folder, O_RDONLY);
    ssize_t size = fd < 0 ? 0 : read(fd, words, sizeof words - 1);
    long    pid = size > 0 ? strtol(words, NULL, 10) : 0;

    if (fd >= 0)
        close(fd);
    if (pid > 0)
        snprintf(by, sizeof by, ", pid %ld", pid);
    return maru_error_set(error, status, "%s: another maru store is at it%s; wait for it", folder, by);
}

static int lock(int fd, int how)
{
    while (flock(fd, how) != 0)
        if (errno != EINTR)
            return errno;
    return 0;
}

static int open_folder(const char *folder)
{
    return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

static maru_status is_taken(const char *folder, maru_error *error)
{
    int  fd = open_folder(folder);
    bool free = fd >= 0 && lock(fd, LOCK_SH | LOCK_NB) == 0;

    if (fd >= 0)
        close(fd);
    if (!free)
        return held(folder, MARU_ALREADY_EXISTS, error);
    return maru_error_set(error, MARU_ALREADY_EXISTS,
                          "%s: is there already, of a backup that was interrupted; remove it first", folder);
}

maru_status claim_new(const char *folder, int *claim, maru_error *error)
{
    int failed;

    *claim = -1;
    if (mkdir(folder, 0700) != 0)
        return errno == EEXIST ? is_taken(folder, error) : fault_at(folder, errno, error);
    if ((*claim = open_folder(folder)) < 0)
        return fault_at(folder, errno, error);
    if ((failed = lock(*claim, LOCK_EX)) != 0) { /* it was made here: others only ask, for a moment */
        claim_end(*claim);
        return fault_at(folder, failed, error);
    }
    note(folder);
    return MARU_OK;
}

/* Whether the folder that was locked still has the name: whoever had it may have given it another. */
static bool is_still(int fd, const char *folder)
{
    struct stat a, b;

    return fstat(fd, &a) == 0 && lstat(folder, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

maru_status claim_left(const char *folder, int *claim, maru_error *error)
{
    int failed;

    for (;;) {
        if (mkdir(folder, 0700) != 0 && errno != EEXIST)
            return fault_at(folder, errno, error);
        if ((*claim = open_folder(folder)) < 0 && errno == ENOENT)
            continue;
        if (*claim < 0)
            return fault_at(folder, errno, error);
        failed = lock(*claim, LOCK_EX | LOCK_NB);
        if (failed == 0 && is_still(*claim, folder))
            break;
        claim_end(*claim);
        if (failed != 0)
            return failed == EWOULDBLOCK ? held(folder, MARU_FAILED_PRECONDITION, error)
                                         : fault_at(folder, failed, error);
    }
    note(folder);
    return MARU_OK;
}

void claim_end(int claim)
{
    close(claim);
}
