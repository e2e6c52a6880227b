/* start.c: see start.h. */
#include "start.h"

#include <dirent.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <time.h>
#include <unistd.h>

#include "app/procfs.h"
#include "test.h"

proc start_up(const place *p, const char *data, const char *more)
{
    const char *words[] = {p->maru, "up", "--bin", p->services, "--data", data, more, NULL};

    return proc_start(words, NULL);
}

bool is_ready(proc *up)
{
    return proc_expect(up, PROC_OUT, 0, "ready ") && proc_expect(up, PROC_OUT, 0, "\n");
}

proc run_maru(const place *p, const char *command, const char *data, const char *a, const char *b, const char *c)
{
    const char *words[] = {p->maru, command, "--data", data, a, b, c, NULL};

    return proc_run(words, NULL);
}

pid_t pid_of(const place *p, const char *data, const char *service)
{
    proc  ps = run_maru(p, "ps", data, "--json", NULL, NULL);
    char  after[64];
    pid_t pid;

    snprintf(after, sizeof after, "{\"name\":\"%s\"", service);
    pid = ps.status == 0 ? (pid_t)json_number(ps.text[PROC_OUT], after, "pid") : -1;
    proc_free(&ps);
    return CHECK(pid > 0) ? pid : INT_MAX; /* nobody: to kill -1 is to kill everybody */
}

bool is_stopped_soon(pid_t pid)
{
    time_t until = time(NULL) + PROC_LIMIT_MS / 1000;

    while (!procfs_is_stopped(pid) && time(NULL) < until)
        sched_yield();
    return procfs_is_stopped(pid);
}

static bool file_has_signal(const char *path, const char *mask, int number)
{
    unsigned long long bits = 0;
    char               line[256];
    FILE              *file = fopen(path, "re");

    if (file == NULL)
        return false;
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, mask, strlen(mask)) == 0)
            sscanf(line + strlen(mask), ": %llx", &bits);
    fclose(file);
    return bits >> (number - 1) & 1;
}

static bool has_signal(pid_t pid, const char *mask, int number)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/status", pid);
    return file_has_signal(path, mask, number);
}

bool has_signal_soon(pid_t pid, const char *mask, int number)
{
    time_t until = time(NULL) + PROC_LIMIT_MS / 1000;

    while (!has_signal(pid, mask, number) && time(NULL) < until)
        sched_yield();
    return has_signal(pid, mask, number);
}

static int count_holding(pid_t pid, int number)
{
    char           path[PATH_MAX];
    int            count = 0;
    DIR           *threads;
    struct dirent *thread;

    snprintf(path, sizeof path, "/proc/%d/task", pid);
    if ((threads = opendir(path)) == NULL)
        return -1;
    while ((thread = readdir(threads)) != NULL) {
        snprintf(path, sizeof path, "/proc/%d/task/%s/status", pid, thread->d_name);
        count += file_has_signal(path, "SigBlk", number);
    }
    closedir(threads);
    return count;
}

bool is_taken_by_all_soon(pid_t pid, int number)
{
    time_t until = time(NULL) + PROC_LIMIT_MS / 1000;

    while (count_holding(pid, number) != 0 && time(NULL) < until)
        sched_yield();
    return count_holding(pid, number) == 0;
}

int end_impatiently(proc *p, int number)
{
    enum { PRESSED_MS = 50 };
    struct pollfd ended = {.fd = pidfd_open(p->pid, 0), .events = POLLIN};
    time_t        until = time(NULL) + PROC_LIMIT_MS / 1000;

    CHECK(ended.fd >= 0);
    while (poll(&ended, 1, PRESSED_MS) == 0 && time(NULL) < until)
        kill(p->pid, number);
    close(ended.fd);
    return proc_end(p);
}

static bool is_stopping(const place *p, const char *service)
{
    time_t until = time(NULL) + STOPPING_LIMIT_S;
    bool   there = true, stops = false;

    while (there && !stops) {
        proc ps = run_maru(p, "ps", p->data, NULL, NULL, NULL);

        there = strstr(ps.text[PROC_OUT], service) != NULL;
        stops = strstr(ps.text[PROC_OUT], "stopping") != NULL;
        if (there && !stops && !CHECK(time(NULL) < until)) {
            fprintf(stderr, "%s does not stop: %s", service, ps.text[PROC_OUT]);
            there = false;
        }
        proc_free(&ps);
    }
    return stops;
}

bool start_stopping(const place *p, const char *const words[], const char *wait, proc *hand, proc *waiting)
{
    const char *ask[] = {p->maru, "call",      "--data", p->data, "echo", "clitest.v1.EchoService/Wait",
                         wait,    "--timeout", "30s",    NULL};

    *hand = proc_start(words, NULL);
    CHECK(proc_expect(hand, PROC_OUT, 0, "ready echo"));
    *waiting = proc_start(ask, NULL);
    CHECK(proc_expect(hand, PROC_ERR, 0, "waits\n"));
    CHECK_INT(kill(hand->pid, SIGTERM), 0);
    return is_stopping(p, "echo");
}

proc start_call(const place *p, proc *log)
{
    const char *words[] = {p->maru,           "call", "--data", p->data, "echo", "clitest.v1.EchoService/Wait",
                           "-d{\"ms\": 700}", NULL};
    proc        waiting = proc_start(words, NULL);

    CHECK(proc_expect(log, PROC_ERR, 0, "waits\n"));
    return waiting;
}

void check_waited(proc *waiting)
{
    CHECK_INT(proc_end(waiting), 0);
    CHECK_CONTAINS(waiting->text[PROC_OUT], "\"text\": \"waited\"");
    proc_free(waiting);
}
