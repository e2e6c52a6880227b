/* down.c: maru down: stops the maru up of a data folder, and waits until it has. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "app/lock.h"
#include "app/procfs.h"
#include "commands.h"
#include "duration.h"
#include "orphans.h"
#include "running.h"

enum { FLAG_DOWN_DATA = 1, FLAG_DOWN_TIMEOUT, DOWN_TIMEOUT_MS = 30000 };

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
            return complain_usage(self, "--timeout: want a time such as 500ms, 5s, 2m, got \"%s\"", value);
    }
    return a.exit;
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

static int stop_holder(const command *self, const rundir *dir, const lock_holder *holder, int64_t timeout_ms)
{
    struct pollfd ended = {.fd = open_holder(holder), .events = POLLIN};
    char          limit[32];
    int           result = EXIT_CANNOT;

    if (ended.fd < 0) {
        complain(self, "process %lld has just ended", (long long)holder->pid);
        return EXIT_FINE;
    }
    if (pidfd_send_signal(ended.fd, SIGTERM, NULL, 0) != 0 && errno != ESRCH)
        complain(self, "process %lld: %s", (long long)holder->pid, strerror(errno));
    else if (pidfd_send_signal(ended.fd, SIGCONT, NULL, 0) != 0 && errno != ESRCH) /* after Ctrl-Z it hears nothing */
        complain(self, "process %lld: %s", (long long)holder->pid, strerror(errno));
    else if (poll(&ended, 1, (int)timeout_ms) != 1)
        complain(self, "process %lld has not stopped within %s", (long long)holder->pid,
                 duration_format(timeout_ms, limit));
    else {
        complain(self, "%s: stopped (process %lld)", dir->data, (long long)holder->pid);
        result = EXIT_FINE;
    }
    close(ended.fd);
    return result;
}

static void say_orphan(void *arg, const char *words)
{
    complain(arg, "%s", words);
}

static int run(const command *self, int argc, char **argv)
{
    const char *data = NULL;
    int64_t     timeout_ms = DOWN_TIMEOUT_MS;
    int         result = parse(self, argc, argv, &data, &timeout_ms);
    char        path[PATH_MAX + 16];
    lock_holder holder;
    maru_error  error;
    maru_status status;
    rundir      dir;

    if (result >= 0)
        return result;
    if ((status = running_folder(data, &dir, &error)) == MARU_OK) {
        snprintf(path, sizeof path, "%s/up.lock", dir.data);
        status = lock_look(path, &holder, &error);
        if (status == MARU_OK && holder.pid != 0)
            return stop_holder(self, &dir, &holder, timeout_ms);
        if (status == MARU_NOT_FOUND &&
            (status = orphans_end(&dir, timeout_ms, say_orphan, (void *)self, &error)) == MARU_OK) {
            complain(self, "no maru up runs on %s", dir.data);
            return EXIT_FINE;
        }
    }
    complain(self, "%s", status == MARU_OK ? "maru up has only just started; try again" : error.text);
    return EXIT_CANNOT;
}

static const flag down_flags[] = {
    FLAG_HELP,
    [FLAG_DOWN_DATA] = FLAG_DATA,
    [FLAG_DOWN_TIMEOUT] = {"timeout", 0, "TIME", "how long to wait for it (default: 30s)"},
};

const command down_command = {
    .name = "down",
    .operands = "",
    .summary = "stop the maru up of a data folder, and wait for it",
    .more = "Nothing that runs is no error: the exit status is 0.\n",
    .flags = down_flags,
    .flag_count = sizeof down_flags / sizeof *down_flags,
    .run = run,
};
