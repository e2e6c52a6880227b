/* claim.c: a folder that is being made (contract: claim.h). */
#include "store/claim.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/fault.h"
#include "store/folder.h"

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

static maru_status held(const char *folder, maru_error *error)
{
    char    words[32] = "", by[48] = "";
    int     fd = open_note(folder, O_RDONLY);
    ssize_t size = fd < 0 ? 0 : read(fd, words, sizeof words - 1);
    long    pid = size > 0 ? strtol(words, NULL, 10) : 0;

    if (fd >= 0)
        close(fd);
    if (pid > 0)
        snprintf(by, sizeof by, ", pid %ld", pid);
    return maru_error_set(error, MARU_FAILED_PRECONDITION, "%s: another maru store is at it%s; wait for it", folder,
                          by);
}

static int lock(int fd)
{
    while (flock(fd, LOCK_EX | LOCK_NB) != 0)
        if (errno != EINTR)
            return errno;
    return 0;
}

static int open_folder(const char *folder)
{
    return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

/* Whether the folder that was locked still has the name: whoever had it may have given it another. */
static bool is_still(int fd, const char *folder)
{
    struct stat a, b;

    return fstat(fd, &a) == 0 && lstat(folder, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static bool is_empty(int folder)
{
    int            fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR           *entries = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    bool           empty = entries != NULL;

    while (empty && (entry = readdir(entries)) != NULL)
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    if (entries != NULL)
        closedir(entries);
    else if (fd >= 0)
        close(fd);
    return empty;
}

/* With the lock held. What is in one of ours is removed; what is in another may be all that somebody has. */
static maru_status must_be_ours(int fd, const char *folder, maru_error *error)
{
    maru_status status = folder_check_fd(fd, folder, error);

    if (status != MARU_OK || faccessat(fd, CLAIM_NOTE, F_OK, AT_SYMLINK_NOFOLLOW) == 0 || is_empty(fd))
        return status;
    return maru_error_set(
        error, MARU_ALREADY_EXISTS,
        "%s: is there already, and no maru store left it (it has no file \"" CLAIM_NOTE "\"); move it away", folder);
}

/* OK, and no claim, where whoever had it gave it its name meanwhile. */
static maru_status try_to_take(const char *folder, int *claim, maru_error *error)
{
    int failed;

    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return fault_error(folder, errno, error);
    if ((*claim = open_folder(folder)) < 0)
        return errno == ENOENT ? MARU_OK : fault_error(folder, errno, error);
    if ((failed = lock(*claim)) == 0 && is_still(*claim, folder))
        return must_be_ours(*claim, folder, error);
    claim_end(*claim);
    *claim = -1;
    if (failed == 0)
        return MARU_OK;
    return failed == EWOULDBLOCK ? held(folder, error) : fault_error(folder, failed, error);
}

maru_status claim_take(const char *folder, int *claim, maru_error *error)
{
    maru_status status;

    do {
        *claim = -1;
        status = try_to_take(folder, claim, error);
    } while (status == MARU_OK && *claim < 0);
    if (status == MARU_OK) {
        note(folder);
        return MARU_OK;
    }
    if (*claim >= 0)
        claim_end(*claim);
    *claim = -1;
    return status;
}

void claim_end(int claim)
{
    close(claim);
}
