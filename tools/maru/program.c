/* program.c: spawns a program, and reads its stdout up to a limit of bytes and time. */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/clock.h"
#include "app/oserror.h"
#include "app/stop.h"

enum { LOOK_MS = 50 };

/* Until fd can be read, or has ended; false where the time was over, or a signal that is held says to stop. */
static bool wait_for(int fd, int64_t end_ms)
{
    struct pollfd in = {.fd = fd, .events = POLLIN};
    int64_t       left;

    while ((left = end_ms - clock_now_ms()) > 0 && !signals_waiting()) {
        int ready = poll(&in, 1, left < LOOK_MS ? (int)left : LOOK_MS);

        if (ready != 0 && (ready > 0 || errno != EINTR))
            return true;
    }
    return false;
}

/* What it says, until it closes the stream; false where its time was over before. What has no room is read too: else it
 * would wait. */
static bool read_answer(int fd, const program_ask *ask)
{
    int64_t end = clock_now_ms() + ask->limit_ms;
    size_t  used = 0;
    ssize_t got = 1;
    char    rest[256];

    while (got > 0 && wait_for(fd, end)) {
        size_t room = ask->size - 1 - used;

        got = read(fd, room > 0 ? ask->answer + used : rest, room > 0 ? room : sizeof rest);
        used += got > 0 && room > 0 ? (size_t)got : 0;
    }
    ask->answer[used] = '\0';
    return got <= 0;
}

static int spawn(const program_ask *ask, int fd, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    int                        fault = posix_spawn_file_actions_init(&actions);

    if (fault != 0)
        return fault;
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (ask->stream == STDERR_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, fd, ask->stream);
    fault = posix_spawn(pid, ask->words[0], &actions, NULL, ask->words,
                        ask->environment != NULL ? ask->environment : environ);
    posix_spawn_file_actions_destroy(&actions);
    return fault;
}

static int end(pid_t pid, int linger_ms)
{
    int  pidfd = linger_ms > 0 ? pidfd_open(pid, 0) : -1, how = 0;
    bool by_itself = pidfd >= 0 && wait_for(pidfd, clock_now_ms() + linger_ms);

    if (pidfd >= 0)
        close(pidfd);
    if (!by_itself)
        kill(pid, SIGKILL);
    while (waitpid(pid, &how, 0) < 0 && errno == EINTR)
        ;
    if (!by_itself)
        return PROGRAM_TOLD;
    return WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
}

maru_status program_run(const program_ask *ask, int *ended, maru_error *error)
{
    int   ends[2], fault;
    bool  closed;
    pid_t pid;

    ask->answer[0] = '\0';
    *ended = PROGRAM_TOLD;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return os_error(error, ask->words[0]);
    fault = spawn(ask, ends[1], &pid);
    close(ends[1]);
    if (fault == 0) {
        closed = read_answer(ends[0], ask);
        *ended = end(pid, closed ? ask->linger_ms : 0);
    }
    close(ends[0]);
    errno = fault;
    if (fault != 0)
        return os_error(error, ask->words[0]);
    if (*ended == PROGRAM_TOLD && signals_waiting())
        return maru_error_set(error, MARU_CANCELLED, "told to stop while it asked %.300s", ask->words[0]);
    return MARU_OK;
}
