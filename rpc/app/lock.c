/* lock.c: takes, waits for, looks at and drops lock files (fcntl's OFD locks) that say who holds them. */
#include "app/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <time.h>
#include <unistd.h>

#include "app/clock.h"
#include "app/oserror.h"
#include "app/procfs.h"
#include "app/stop.h"
#include "base/regular.h"

int lock_format(const lock_holder *holder, char *out, int size)
{
    return snprintf(out, (size_t)size, "pid %" PRId64 "\nstart %" PRIu64 "\nsince_ms %" PRId64 "\nwords %s\nend\n",
                    holder->pid, holder->start, holder->since_ms, holder->words);
}

void lock_parse(const char *text, lock_holder *holder)
{
    int end = 0;

    *holder = (lock_holder){0};
    if (sscanf(text, "pid %" SCNd64 " start %" SCNu64 " since_ms %" SCNd64 " words%n", &holder->pid, &holder->start,
               &holder->since_ms, &end) != 3 ||
        end == 0 || holder->pid <= 0 || text[end] != ' ' || strstr(text + end, "\nend\n") == NULL) {
        *holder = (lock_holder){0};
        return;
    }
    snprintf(holder->words, sizeof holder->words, "%.*s", (int)strcspn(text + end + 1, "\n"), text + end + 1);
}

const char *lock_who(const lock_holder *holder, char out[static 96])
{
    time_t    at = holder->since_ms / 1000;
    struct tm tm;
    char      when[32] = "";

    if (gmtime_r(&at, &tm) != NULL)
        strftime(when, sizeof when, "%Y-%m-%d %H:%M:%SZ", &tm);
    if (holder->pid == 0)
        snprintf(out, 96, "a process that %s",
                 holder->strange ? "is not known: the words there are not its own" : "has just started");
    else
        snprintf(out, 96, "process %" PRId64 " since %s", holder->pid, when);
    return out;
}

static void read_holder(int fd, lock_holder *holder)
{
    char    text[LOCK_WORDS_MAX + 256];
    ssize_t size = pread(fd, text, sizeof text - 1, 0);

    text[size > 0 ? size : 0] = '\0';
    lock_parse(text, holder);
    if (holder->pid != 0 &&
        procfs_start(holder->pid) != holder->start) /* the one before, the new has not written yet */
        *holder = (lock_holder){0};
    holder->strange = !lock_may_be_ours(text);
}

/* The text is written whole, by one pwrite; what was longer before is cut off after it. A reader in between finds an
 * end, or none and then says "has just started". */
static maru_status write_self(lock *l, maru_error *error)
{
    char text[LOCK_WORDS_MAX + 256];
    int  size = lock_format(&l->self, text, sizeof text);

    if (pwrite(l->fd, text, (size_t)size, 0) != size || ftruncate(l->fd, size) != 0)
        return os_error_doing(error, l->path, "note who holds it");
    return MARU_OK;
}

static maru_status refuse(lock *l, const char *what, lock_holder *holder, maru_error *error)
{
    lock_holder other;
    char        who[96];

    if (errno != EAGAIN && errno != EACCES)
        return os_error(error, l->path);
    read_holder(l->fd, &other);
    if (holder != NULL)
        *holder = other;
    if (other.pid == l->self.pid)
        return maru_error_set(error, MARU_ALREADY_EXISTS, "%s: this process itself holds its lock already (%.300s)",
                              what, l->path);
    return maru_error_set(error, MARU_ALREADY_EXISTS, "%s: runs already: %s (%.300s)", what, lock_who(&other, who),
                          l->path);
}

bool lock_may_be_ours(const char *text)
{
    for (const char *form = "pid 0\nstart 0\nsince_ms 0\nwords "; *form != '\0' && *text != '\0'; form++)
        if (*form == '0')
            text += strspn(text, "0123456789");
        else if (*form != *text++)
            return false;
    return true;
}

/* One that was killed, or found the disk full, may have left a part; one whose machine lost power, zeros. */
static maru_status check_left(const lock *l, maru_error *error)
{
    char    text[LOCK_WORDS_MAX + 256];
    ssize_t size = pread(l->fd, text, sizeof text - 1, 0);

    if (size < 0)
        return os_error_doing(error, l->path, "read who held it");
    text[size] = '\0';
    return lock_may_be_ours(text)
               ? MARU_OK
               : maru_error_set(
                     error, MARU_FAILED_PRECONDITION,
                     "%.400s: want nothing, or a lock file that begins with \"pid \"; there is another file, "
                     "which is left as it is",
                     l->path);
}

maru_status lock_take(lock *l, const char *path, const char *what, lock_holder *holder, maru_error *error)
{
    struct flock whole = {.l_type = F_WRLCK};
    maru_status  status;
    const char  *is;

    *l = (lock){.fd = regular_open(path, O_RDWR | O_CREAT, &is)};
    if (l->fd < 0)
        return os_error_at(error, path, is, NULL);
    snprintf(l->path, sizeof l->path, "%s", path);
    l->self = (lock_holder){.pid = getpid(), .start = procfs_start(getpid()), .since_ms = clock_wall_ms()};
    if (fcntl(l->fd, F_OFD_SETLK, &whole) != 0)
        status = refuse(l, what, holder, error);
    else if ((status = check_left(l, error)) == MARU_OK)
        status = write_self(l, error);
    if (status != MARU_OK)
        lock_drop(l);
    return status;
}

/* Until the process ends, or ms are over. */
static void wait_for_end(int64_t pid, int64_t ms)
{
    struct pollfd ended = {.fd = pidfd_open((pid_t)pid, 0), .events = POLLIN};

    poll(&ended, 1, (int)ms); /* a process that cannot be watched: the time alone */
    if (ended.fd >= 0)
        close(ended.fd);
}

maru_status lock_take_patiently(lock *l, const char *path, const char *what, int64_t patience_ms, maru_error *error)
{
    enum { LOOK_MS = 50, MOMENT_MS = 500 };
    int64_t     begun = clock_now_ms();
    lock_holder holder = {0};
    char        who[96];
    maru_status status;

    while ((status = lock_take(l, path, what, &holder, error)) == MARU_ALREADY_EXISTS) {
        bool    stopping = strcmp(holder.words, LOCK_STOPPING) == 0;
        int64_t waited = clock_now_ms() - begun;

        if (waited >= (stopping ? patience_ms : MOMENT_MS))
            break;
        if (signals_waiting())
            return maru_error_set(error, MARU_CANCELLED, "told to stop while it waited for the end of %s",
                                  lock_who(&holder, who));
        wait_for_end(holder.pid != 0 ? holder.pid : getpid(), LOOK_MS);
    }
    if (status == MARU_OK && error != NULL)
        *error = (maru_error){0}; /* what an earlier try said */
    return status;
}

maru_status lock_say(lock *l, const char *words, maru_error *error)
{
    snprintf(l->self.words, sizeof l->self.words, "%.*s", (int)strcspn(words, "\n"), words);
    return write_self(l, error);
}

void lock_drop(lock *l)
{
    if (l->fd >= 0)
        close(l->fd);
    l->fd = -1;
}

maru_status lock_strange(const char *path, maru_error *error)
{
    return maru_error_set(error, MARU_FAILED_PRECONDITION,
                          "%.400s: a process holds it, and somebody else wrote over who that is: want \"pid N\" there; "
                          "stop that process, and start it again",
                          path);
}

maru_status lock_look(const char *path, lock_holder *holder, maru_error *error)
{
    struct flock whole = {.l_type = F_WRLCK};
    maru_status  status = MARU_OK;
    const char  *is;
    int          fd = regular_open(path, O_RDWR, &is);

    *holder = (lock_holder){0};
    if (fd < 0)
        return os_error_at(error, path, is, NULL);
    if (fcntl(fd, F_OFD_GETLK, &whole) != 0)
        status = os_error(error, path);
    else if (whole.l_type == F_UNLCK)
        status = maru_error_set(error, MARU_NOT_FOUND, "%.400s: nobody holds it", path);
    else if ((status = procfs_check(error)) == MARU_OK)
        read_holder(fd, holder);
    close(fd);
    return status;
}
