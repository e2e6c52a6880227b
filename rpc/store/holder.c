/* holder.c: the lock on a store's folder (contract: holder.h). */
#include "store/holder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/whole.h"
#include "store/fault.h"
#include "store/folder.h"

enum {
    NOTES_MAX = 8192, /* of the file's text that is looked at: some hundred processes */
    BYTE_TURN = 0,    /* bytes of the file that are locked by range; flock does not mind */
    BYTE_NEXT = 1,
    BYTE_PID = 4096, /* and its process id */
};

static maru_status open_file(const char *path, const char *name, int *fd, maru_error *error)
{
    char full[PATH_MAX];

    if (snprintf(full, sizeof full, "%s/%s", path, name) >= (int)sizeof full)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: the path is too long", path);
    return folder_open(path, full, fd, error);
}

static int lock_file(int fd, int how)
{
    while (flock(fd, how) != 0)
        if (errno != EINTR)
            return errno;
    return 0;
}

static void read_notes(int fd, char notes[static NOTES_MAX])
{
    ssize_t size = pread(fd, notes, NOTES_MAX - 1, 0);

    notes[size > 0 ? size : 0] = '\0';
}

/* Whether a line is of a process that runs. Fills what it says, where it does. */
static bool parse_note(const char *line, long *pid, char service[static 128])
{
    if (sscanf(line, "%ld %127s", pid, service) != 2 || *pid <= 0)
        return false;
    return kill((pid_t)*pid, 0) == 0 || errno == EPERM;
}

/* Names the first that still runs. */
static maru_status held_by(const holder *h, maru_error *error)
{
    char notes[NOTES_MAX], service[128];
    long pid;

    read_notes(h->lock, notes);
    for (char *save, *line = strtok_r(notes, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        if (parse_note(line, &pid, service))
            return maru_error_set(error, MARU_FAILED_PRECONDITION, "%s is open in %s, pid %ld; stop it first", h->path,
                                  service, pid);
    return maru_error_set(error, MARU_FAILED_PRECONDITION, "%s is open in another process; stop it first", h->path);
}

static int range_lock(int fd, int how, short type, off_t byte)
{
    struct flock range = {.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};

    while (fcntl(fd, how, &range) != 0)
        if (errno != EINTR)
            return errno;
    return 0;
}

static bool is_same_file(const struct stat *about, const char *fd)
{
    struct stat other;

    return fstat(atoi(fd), &other) == 0 && other.st_dev == about->st_dev && other.st_ino == about->st_ino;
}

/* Whether this process has the lock file open once more. */
static bool is_open_here(const holder *h)
{
    DIR           *fds = opendir("/proc/self/fd");
    struct dirent *one;
    struct stat    about;
    int            count = 0;

    if (!fds)
        return true;
    if (fstat(h->lock, &about) == 0)
        while ((one = readdir(fds)) != NULL)
            count += one->d_name[0] != '.' && is_same_file(&about, one->d_name);
    closedir(fds);
    return count > 1;
}

/* A process opens it once, shared or not: LMDB's own locks are by process id, and closing one would drop the other's.
 * So are those of its readers and writers: two with one id, each in a PID namespace of its own, would take each
 * other's. */
static maru_status take_pid(const holder *h, maru_error *error)
{
    int failed = range_lock(h->lock, F_OFD_SETLK, F_WRLCK, BYTE_PID + getpid());

    if (failed == 0)
        return MARU_OK;
    if (failed != EAGAIN && failed != EACCES)
        return fault_error(h->path, failed, error);
    if (is_open_here(h))
        return maru_error_set(error, MARU_FAILED_PRECONDITION, "%s is open in this process already", h->path);
    return maru_error_set(error, MARU_FAILED_PRECONDITION,
                          "%s is open in a process of another PID namespace (a container) that has pid %ld there, as "
                          "this one has here; those who share a store want one PID namespace",
                          h->path, (long)getpid());
}

/* Rewrites the notes without this process's line, and without those of the dead. */
static size_t forget(int fd)
{
    char   notes[NOTES_MAX], kept[NOTES_MAX + 1], service[128];
    long   pid;
    size_t used = 0;

    read_notes(fd, notes);
    for (char *save, *line = strtok_r(notes, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        if (parse_note(line, &pid, service) && pid != (long)getpid())
            used += (size_t)snprintf(kept + used, sizeof kept - used, "%s\n", line);
    if (pwrite(fd, kept, used, 0) != (ssize_t)used || ftruncate(fd, (off_t)used) != 0)
        return 0; /* the notes are only for people */
    return used;
}

/* Where the disk is full there is no line: the lock holds all the same. */
static void note(const holder *h, const char *service)
{
    char   line[512];
    size_t at = 0;
    int    failed;
    int    size =
        snprintf(line, sizeof line, "%ld %.127s %.200s\n", (long)getpid(), service, program_invocation_short_name);

    if (!h->alone)
        at = forget(h->lock);
    else if (ftruncate(h->lock, 0) != 0)
        return;
    if ((failed = write_whole(h->lock, line, (size_t)size, at)) != 0)
        fault_log(h->log, h->path, "can't note in its lock file who has it open: %s", fault_words(failed));
}

/* Ours begins with a process id, or is empty (also zeros: the machine lost power). */
static maru_status check_left(const holder *h, maru_error *error)
{
    char notes[NOTES_MAX];

    read_notes(h->lock, notes);
    if (notes[0] == '\0' || (notes[0] >= '0' && notes[0] <= '9'))
        return MARU_OK;
    return maru_error_set(error, MARU_ALREADY_EXISTS,
                          "%s/lock: want nothing, or a file that begins with a process id; there is another file, "
                          "which is left as it is",
                          h->path);
}

static maru_status take_lock(holder *h, const char *service, bool shared, maru_error *error)
{
    int         failed = lock_file(h->opening, LOCK_EX);
    maru_status status;

    if (failed)
        return maru_error_set(error, fault_status(failed), "%s/opening: %s", h->path, fault_words(failed));
    h->alone = lock_file(h->lock, LOCK_EX | LOCK_NB) == 0;
    if (!h->alone && (!shared || lock_file(h->lock, LOCK_SH | LOCK_NB) != 0))
        return held_by(h, error);
    if (h->alone && (status = check_left(h, error)) != MARU_OK)
        return status;
    if ((status = take_pid(h, error)) != MARU_OK)
        return status;
    note(h, service);
    return MARU_OK;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

maru_status holder_take(holder *h, const char *path, const char *service, bool shared, maru_log *log, maru_error *error)
{
    maru_status status;

    *h = (holder){.path = strdup(path), .log = log, .lock = -1, .opening = -1};
    if (!h->path)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: out of memory", path);
    if ((status = open_file(path, "lock", &h->lock, error)) == MARU_OK &&
        (status = open_file(path, "opening", &h->opening, error)) == MARU_OK)
        status = take_lock(h, service, shared, error);
    if (status != MARU_OK) {
        close_fd(&h->lock);
        close_fd(&h->opening);
        free(h->path);
        h->path = NULL;
    }
    return status;
}

void holder_opened(holder *h, bool shared)
{
    if (shared && h->alone)
        lock_file(h->lock, LOCK_SH);
    h->alone = !shared;
    close_fd(&h->opening);
}

void holder_give(holder *h)
{
    int opening = h->opening;

    /* Under the lock of opening, since others may write their lines. */
    if (opening < 0 && open_file(h->path, "opening", &opening, NULL) == MARU_OK)
        lock_file(opening, LOCK_EX);
    forget(h->lock);
    close_fd(&h->lock);
    close_fd(&opening);
    free(h->path);
}

int holder_turn_take(holder *h)
{
    int failed = range_lock(h->lock, F_OFD_SETLKW, F_WRLCK, BYTE_NEXT);

    if (failed)
        return failed;
    failed = range_lock(h->lock, F_OFD_SETLKW, F_WRLCK, BYTE_TURN);
    range_lock(h->lock, F_OFD_SETLK, F_UNLCK, BYTE_NEXT);
    return failed;
}

void holder_turn_give(holder *h)
{
    range_lock(h->lock, F_OFD_SETLK, F_UNLCK, BYTE_TURN);
}
