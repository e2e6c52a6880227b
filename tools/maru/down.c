/* down.c: maru down: stops the maru up of a data folder, and waits until it has. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "app/clock.h"
#include "app/lock.h"
#include "app/procfs.h"
#include "commands.h"
#include "duration.h"
#include "orphans.h"
#include "running.h"

enum { FLAG_DOWN_DATA = 1, FLAG_DOWN_TIMEOUT, DOWN_TIMEOUT_MS = 30000, LOOKS = 500 /* a ms each */ };

static int parse(const command *self, int argc, char **argv, const char **data, int64_t *timeout_ms)
{
    args        a = args_of(self, argc, argv);
    const char *value;
    int         which;

    while ((which = args_next(&a, &value)) != FLAGS_END) {
        if (which == FLAG_DOWN_DATA)
            *data = value;
        else if (which == FLAGS_WORD)
            return complain_usage(self, "\"%s\": want flags only", value);
        else if ((*timeout_ms = duration_parse(value)) < 0)
            return complain_usage(self, "--timeout: " DURATION_WANT ", got \"%s\"", value);
    }
    return a.exit;
}

/* Who holds the lock. One that holds it and does not say who it is has just taken it, or is what a maru up that was
 * killed had begun to start: a moment tells. */
static maru_status look(const char *path, lock_holder *holder, maru_error *error)
{
    maru_status status;

    for (int tries = 0;
         (status = lock_look(path, holder, error)) == MARU_OK && holder->pid == 0 && !holder->strange && tries < LOOKS;
         tries++)
        poll(NULL, 0, 1);
    return status;
}

/* The process that holds the lock, as a descriptor that cannot come to mean another one. -1 where it has ended. */
static int open_holder(const lock_holder *holder)
{
    int fd = pidfd_open((pid_t)holder->pid, 0);

    if (fd >= 0 && procfs_start(holder->pid) != holder->start) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Whether it has ended: by this, or by itself. Killed is nobody: what it supervises it kills itself, in its own time.
 */
static bool stop_holder(const command *self, const lock_holder *holder, int64_t timeout_ms)
{
    struct pollfd end = {.fd = open_holder(holder), .events = POLLIN};
    char          limit[32];
    bool          ended = false;

    if (end.fd < 0)
        return true;
    if (pidfd_send_signal(end.fd, SIGTERM, NULL, 0) != 0 && errno != ESRCH)
        complain(self, "process %lld: %s", (long long)holder->pid, strerror(errno));
    else if (pidfd_send_signal(end.fd, SIGCONT, NULL, 0) != 0 && errno != ESRCH) /* after Ctrl-Z it hears nothing */
        complain(self, "process %lld: %s", (long long)holder->pid, strerror(errno));
    else if (!(ended = poll(&end, 1, (int)timeout_ms) == 1))
        complain(self, "process %lld has not stopped within %s", (long long)holder->pid,
                 duration_format(timeout_ms, limit));
    close(end.fd);
    return ended;
}

static void say_orphan(void *arg, const char *words)
{
    complain(arg, "%s", words);
}

static maru_status end_orphans(const command *self, const rundir *dir, int64_t end_ms, maru_error *error)
{
    int64_t       left_ms = end_ms - clock_now_ms();
    orphans_times times = {.patience_ms = ORPHANS_PATIENCE_MS, .wait_ms = left_ms > 0 ? left_ms : 0};

    return orphans_end(dir, &times, say_orphan, (void *)self, error);
}

/* Its maru up first; then what one has left that was killed, be it while it was waited for. */
static int stop_all(const command *self, const rundir *dir, int64_t timeout_ms)
{
    char        path[PATH_MAX + 16];
    lock_holder holder;
    maru_error  error;
    maru_status status;
    char        limit[32];
    int64_t     end_ms = clock_now_ms() + timeout_ms;

    snprintf(path, sizeof path, "%s/up.lock", dir->data);
    status = look(path, &holder, &error);
    if (status == MARU_OK && holder.strange) {
        lock_strange(path, &error);
        complain(self, "%s", error.text);
        return EXIT_CANNOT;
    }
    if (status == MARU_OK && holder.pid == 0) {
        complain(self, "maru up has only just started; try again");
        return EXIT_CANNOT;
    }
    if (status == MARU_OK && !stop_holder(self, &holder, timeout_ms))
        return EXIT_CANNOT;
    if (status == MARU_OK || status == MARU_NOT_FOUND)
        status = end_orphans(self, dir, end_ms, &error);
    if (status == MARU_DEADLINE_EXCEEDED)
        complain(self, "%s within %s", error.text, duration_format(timeout_ms, limit));
    else if (status != MARU_OK)
        complain(self, "%s", error.text);
    else if (holder.pid == 0)
        complain(self, "no maru up runs on %s", dir->data);
    else
        complain(self, "%s: stopped (process %lld)", dir->data, (long long)holder.pid);
    return status == MARU_OK ? EXIT_FINE : EXIT_CANNOT;
}

static int run(const command *self, int argc, char **argv)
{
    const char *data = NULL;
    int64_t     timeout_ms = DOWN_TIMEOUT_MS;
    int         result = parse(self, argc, argv, &data, &timeout_ms);
    maru_error  error;
    rundir      dir;

    if (result >= 0)
        return result;
    if (running_folder(data, &dir, &error) == MARU_OK)
        return stop_all(self, &dir, timeout_ms);
    complain(self, "%s", error.text);
    return EXIT_CANNOT;
}

static const flag down_flags[] = {
    FLAG_HELP,
    [FLAG_DOWN_DATA] = FLAG_DATA,
    [FLAG_DOWN_TIMEOUT] = {"timeout", 0, "TIME", "how long to wait in all (default: 30s)"},
};

const command down_command = {
    .name = "down",
    .operands = "",
    .summary = "stop the maru up of a data folder, and wait for it",
    .more = "What has not ended within TIME is named and goes on stopping, and the exit status is 1. A short\n"
            "TIME kills nothing: a service is killed after the 12 s that maru up gives it, and what a maru\n"
            "up that was killed has left after 16 s of waiting.\n"
            "Nothing that runs is no error: 0. A data folder that is not there is one: 1.\n",
    .flags = down_flags,
    .flag_count = sizeof down_flags / sizeof *down_flags,
    .run = run,
};
