/* child.c: spawns a program, feeds its stdin while it drains its stdout, and reaps it. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum {
    CHUNK = 65536,
    OUTPUT_MAX = 64 << 20, /* the code of the largest .proto is a few MiB: more comes of what is no generator */
};

struct child {
    pid_t          pid;
    int            in;      /* we write its input here; -1 when all was written */
    int            out;     /* we read its output here; -1 at its end */
    bool           endless; /* it said more than OUTPUT_MAX */
    const uint8_t *bytes;
    size_t         left;
};

/* Our ends of the pipes are close-on-exec and, on the writing side, never block. */
static bool start(struct child *child, const char *program, struct text *why)
{
    int                        in[2];
    int                        out[2];
    int                        error;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t          attributes;
    sigset_t                   broken_pipe;
    char                      *argv[] = {(char *)program, NULL};

    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) {
        text_printf(why, "%s: no pipe to it: %s", program, strerror(errno));
        return false;
    }
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &broken_pipe);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    error = posix_spawnp(&child->pid, program, &actions, &attributes, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    close(in[0]);
    close(out[1]);
    fcntl(in[1], F_SETFL, O_NONBLOCK);
    child->in = in[1];
    child->out = out[0];
    if (error != 0)
        text_printf(why, "%s could not be run: %s (Debian: apt install protobuf-c-compiler)", program, strerror(error));
    return error == 0;
}

static void shut(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* A child that closes its input early is judged by how it ends. */
static void feed(struct child *child)
{
    ssize_t wrote = write(child->in, child->bytes, child->left);

    if (wrote >= 0) {
        child->bytes += wrote;
        child->left -= (size_t)wrote;
    }
    if (child->left == 0 || (wrote < 0 && errno != EAGAIN && errno != EINTR))
        shut(&child->in);
}

static void drain(struct child *child, struct text *out)
{
    char    chunk[CHUNK];
    ssize_t got = read(child->out, chunk, sizeof chunk);

    if (got > 0 && out->size + (size_t)got <= OUTPUT_MAX) {
        text_append(out, chunk, (size_t)got);
    } else if (got > 0) {
        child->endless = true;
        shut(&child->out); /* it ends of that, or is ended */
        kill(child->pid, SIGKILL);
    } else if (got == 0 || errno != EINTR) {
        shut(&child->out);
    }
}

static void talk(struct child *child, struct text *out)
{
    if (child->left == 0)
        shut(&child->in);
    while (child->in >= 0 || child->out >= 0) {
        struct pollfd fds[2] = {{.fd = child->in, .events = POLLOUT}, {.fd = child->out, .events = POLLIN}};

        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[0].revents != 0)
            feed(child);
        if (fds[1].revents != 0)
            drain(child, out);
    }
}

static bool reap(struct child *child, const char *program, struct text *why)
{
    int status = 0;

    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (child->endless) {
        text_printf(why, "%s wrote more than %d MiB: want protoc-gen-c", program, OUTPUT_MAX >> 20);
        return false;
    }
    if (WIFSIGNALED(status))
        text_printf(why, "%s was ended by signal %d (%s)", program, WTERMSIG(status), strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status) != 0)
        text_printf(why, "%s ended with %d; what it said is above", program, WEXITSTATUS(status));
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool child_run(const char *program, const uint8_t *bytes, size_t size, struct text *out, struct text *why)
{
    struct child child = {.in = -1, .out = -1, .bytes = bytes, .left = size};
    bool         started = start(&child, program, why);

    if (started)
        talk(&child, out);
    shut(&child.in);
    shut(&child.out);
    return started && reap(&child, program, why);
}
