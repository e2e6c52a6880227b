/* orphans.c: finds services whose supervisor was killed, lets them go on, waits for them, and kills those left. */
#include "orphans.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "app/clock.h"
#include "app/procfs.h"
#include "app/stop.h"
#include "running.h"

enum { LOOK_MS = 50, KILLED_MS = 1000, MOMENT_MS = 500, SILENT_MS = 1000 };

typedef struct orphans {
    running      *list;
    struct pollfd ends[RUNNING_MAX];  /* pidfds of those that have not ended; as many as there are */
    size_t        names[RUNNING_MAX]; /* indexes into list */
    size_t        count;
    void (*say)(void *arg, const char *words);
    void *arg;
} orphans;

/* Whoever started it said who supervises it, and that one is no longer its parent, or will not be in a moment: a
 * process that ends gives up its memory and its locks first, and its children only at its very end. */
static bool is_orphan(const lock_holder *holder)
{
    int64_t supervisor = procfs_supervisor(holder->pid);

    return supervisor != 0 && (procfs_parent(holder->pid) != supervisor || procfs_is_ending(supervisor));
}

/* A process may hold several locks: one a socket. */
static bool is_taken(const orphans *o, int64_t pid)
{
    for (size_t i = 0; i < o->count; i++)
        if (o->list[o->names[i]].holder.pid == pid)
            return true;
    return false;
}

static void take(orphans *o, size_t index)
{
    const lock_holder *holder = &o->list[index].holder;
    int                fd = -1;

    if (holder->pid != 0 && !is_taken(o, holder->pid))
        fd = pidfd_open((pid_t)holder->pid, 0);

    /* Asked after the descriptor was opened: the id can't come to mean another process between. */
    if (fd >= 0 && (procfs_start(holder->pid) != holder->start || !is_orphan(holder))) {
        close(fd);
        fd = -1;
    }
    if (fd < 0)
        return;
    o->names[o->count] = index;
    o->ends[o->count++] = (struct pollfd){.fd = fd, .events = POLLIN};
}

static void tell(const orphans *o, size_t i, const char *what)
{
    const running *r = &o->list[o->names[i]];
    char           words[RUNNING_NAME_MAX + 160];

    snprintf(words, sizeof words, "%s: process %lld of a maru up that was killed %s", r->name, (long long)r->holder.pid,
             what);
    o->say(o->arg, words);
}

static void go_on(const orphans *o)
{
    for (size_t i = 0; i < o->count; i++) {
        if (procfs_is_stopped(o->list[o->names[i]].holder.pid))
            tell(o, i, "was stopped by a signal; it goes on, and ends");
        pidfd_send_signal(o->ends[i].fd, SIGCONT, NULL, 0);
    }
}

static void forget_ended(orphans *o)
{
    size_t kept = 0;

    for (size_t i = 0; i < o->count; i++) {
        if (o->ends[i].revents != 0) {
            close(o->ends[i].fd);
            continue;
        }
        o->names[kept] = o->names[i];
        o->ends[kept++] = o->ends[i];
    }
    o->count = kept;
}

/* Until all have ended; false where the time was over, or a signal came. */
static bool wait_for_all(orphans *o, int64_t ms)
{
    int64_t end = clock_now_ms() + ms;

    while (o->count > 0 && clock_now_ms() < end && !signals_waiting())
        if (poll(o->ends, o->count, LOOK_MS) > 0)
            forget_ended(o);
    return o->count == 0;
}

/* A person who waits is told what for. */
static bool wait_saying_so(orphans *o, int64_t ms)
{
    if (ms <= SILENT_MS)
        return wait_for_all(o, ms);
    if (wait_for_all(o, SILENT_MS))
        return true;
    for (size_t i = 0; i < o->count && !signals_waiting(); i++)
        tell(o, i, "still stops; it is waited for");
    return wait_for_all(o, ms - SILENT_MS);
}

static maru_status leave_them(const orphans *o, maru_error *error)
{
    for (size_t i = 0; i < o->count; i++)
        tell(o, i, "still stops; it is left to itself");
    return maru_error_set(error, MARU_DEADLINE_EXCEEDED, "what a maru up that was killed has left has not all stopped");
}

static maru_status end_them(orphans *o, const orphans_times *times, maru_error *error)
{
    bool patient = times->wait_ms >= times->patience_ms;

    go_on(o);
    if (wait_saying_so(o, patient ? times->patience_ms : times->wait_ms))
        return MARU_OK;
    if (signals_waiting())
        return maru_error_set(error, MARU_CANCELLED,
                              "told to stop while it waited for services of a maru up that was killed");
    if (!patient)
        return leave_them(o, error);
    for (size_t i = 0; i < o->count; i++) {
        tell(o, i, "did not stop in time; killed");
        pidfd_send_signal(o->ends[i].fd, SIGKILL, NULL, 0);
    }
    wait_for_all(o, KILLED_MS); /* one that the kernel does not let go is named by who meets its lock */
    return MARU_OK;
}

static bool says_who(const running *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].holder.pid == 0 && !list[i].holder.strange)
            return false;
    return true;
}

/* Who holds the locks of a data folder. One that just writes into its lock (that it stops, perhaps) says so in a
 * moment. */
static maru_status look(const rundir *dir, running *list, size_t *count, maru_error *error)
{
    int64_t     end = clock_now_ms() + MOMENT_MS;
    maru_status status;

    while ((status = running_list(dir, list, RUNNING_MAX, count, error)) == MARU_OK && !says_who(list, *count) &&
           clock_now_ms() < end)
        poll(NULL, 0, 1);
    return status;
}

maru_status orphans_end(const rundir *dir, const orphans_times *times, void (*say)(void *arg, const char *words),
                        void *arg, maru_error *error)
{
    orphans    *o = calloc(1, sizeof *o);
    running    *list = calloc(RUNNING_MAX, sizeof *list);
    size_t      count = 0;
    maru_status status;

    if (o == NULL || list == NULL) {
        status = maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    } else {
        *o = (orphans){.list = list, .say = say, .arg = arg};
        status = look(dir, list, &count, error);
        for (size_t i = 0; i < count; i++)
            take(o, i);
        if (status == MARU_OK)
            status = end_them(o, times, error);
        for (size_t i = 0; i < o->count; i++)
            close(o->ends[i].fd);
    }
    free(list);
    free(o);
    return status;
}
