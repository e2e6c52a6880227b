/* proc.c: see proc.h. */
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void must(bool held, const char *what)
{
    if (held)
        return;
    fprintf(stderr, "the test itself cannot go on: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* ThreadSanitizer sleeps a second at the end of every process that it watches, unless it is told not to. */
static void end_at_once(void)
{
    const char *before = getenv("TSAN_OPTIONS");
    char        options[1024];

    snprintf(options, sizeof options, "%s%satexit_sleep_ms=0", before != NULL ? before : "", before != NULL ? ":" : "");
    setenv("TSAN_OPTIONS", options, 1);
}

place place_open(int argc, char **argv)
{
    place p = {.root = "/tmp/maru-test-XXXXXX"};
    char  path[128];

    must(argc == 3, "want the path of maru and the folder of the services");
    end_at_once();
    p.maru = argv[1];
    p.services = argv[2];
    must(mkdtemp(p.root) != NULL, "mkdtemp");
    snprintf(p.data, sizeof p.data, "%s/data", p.root);
    snprintf(path, sizeof path, "%s/run", p.root);
    must(mkdir(path, 0700) == 0, path);
    setenv("XDG_RUNTIME_DIR", path, 1);
    snprintf(path, sizeof path, "%s/state", p.root);
    setenv("XDG_STATE_HOME", path, 1);
    setenv("HOME", p.root, 1);
    unsetenv("MARU_DATA");
    return p;
}

void place_close(place *p)
{
    char command[192];

    snprintf(command, sizeof command, "chmod -R u+rwx '%s'; rm -rf '%s'", p->root, p->root);
    must(system(command) == 0, command);
}

/* A file without a name that holds the input. */
static int input_fd(const char *input)
{
    FILE *file = tmpfile();
    int   fd;

    must(file != NULL && fputs(input, file) >= 0 && fflush(file) == 0, "tmpfile");
    fd = dup(fileno(file));
    fclose(file);
    must(fd >= 0 && lseek(fd, 0, SEEK_SET) == 0, "tmpfile");
    return fd;
}

static pid_t spawn(const char *const words[], int in, const int out[2])
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t          attributes;
    pid_t                      pid;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[PROC_OUT], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[PROC_ERR], STDERR_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    errno = posix_spawn(&pid, words[0], &actions, &attributes, (char *const *)words, environ);
    must(errno == 0, words[0]);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

proc proc_start(const char *const words[], const char *input)
{
    proc p = {.status = -1};
    int  ends[2], far[2], in;

    in = input != NULL ? input_fd(input) : open("/dev/null", O_RDONLY | O_CLOEXEC);
    for (int i = 0; i < 2; i++) {
        must(pipe2(ends, O_CLOEXEC) == 0, "pipe");
        p.fds[i] = ends[0];
        far[i] = ends[1];
        must((p.text[i] = calloc(1, PROC_TEXT + 1)) != NULL, "memory");
    }
    p.pid = spawn(words, in, far);
    close(in);
    close(far[0]);
    close(far[1]);
    return p;
}

static void take(proc *p, int stream)
{
    ssize_t got = read(p->fds[stream], p->text[stream] + p->size[stream], PROC_TEXT - p->size[stream]);

    if (got > 0) {
        p->size[stream] += (size_t)got;
        return;
    }
    close(p->fds[stream]);
    p->fds[stream] = -1;
}

/* Reads what comes; false where nothing can come any more or the time is over. */
static bool read_some(proc *p, int64_t until)
{
    struct pollfd fds[2] = {{.fd = p->fds[0], .events = POLLIN}, {.fd = p->fds[1], .events = POLLIN}};
    int64_t       left = until - now_ms();

    if ((p->fds[0] < 0 && p->fds[1] < 0) || left <= 0 || poll(fds, 2, (int)left) <= 0)
        return false;
    for (int i = 0; i < 2; i++)
        if (fds[i].revents != 0)
            take(p, i);
    return true;
}

bool proc_expect(proc *p, int stream, size_t from, const char *part)
{
    int64_t until = now_ms() + PROC_LIMIT_MS;

    while (strstr(p->text[stream] + from, part) == NULL)
        if (!read_some(p, until)) {
            fprintf(stderr, "want \"%s\" after:\n%s\nstderr:\n%s\n", part, p->text[stream] + from, p->text[PROC_ERR]);
            return false;
        }
    return true;
}

static bool wait_until(pid_t pid, int64_t until)
{
    struct pollfd ended = {.fd = pidfd_open(pid, 0), .events = POLLIN};
    bool          gone = ended.fd < 0;

    while (!gone && now_ms() < until)
        gone = poll(&ended, 1, (int)(until - now_ms())) == 1;
    if (ended.fd >= 0)
        close(ended.fd);
    return gone;
}

bool pid_gone(pid_t pid)
{
    return wait_until(pid, now_ms() + PROC_LIMIT_MS);
}

int proc_end(proc *p)
{
    int64_t until = now_ms() + PROC_LIMIT_MS;
    int     status;

    if (p->pid == 0)
        return p->status;
    while (read_some(p, until))
        ;
    if (!wait_until(p->pid, until)) {
        fprintf(stderr, "process %d did not end in time\n%s\n%s\n", p->pid, p->text[0], p->text[1]);
        kill(p->pid, SIGKILL);
    }
    waitpid(p->pid, &status, 0);
    p->pid = 0;
    p->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return p->status;
}

void proc_free(proc *p)
{
    for (int i = 0; i < 2; i++) {
        if (p->fds[i] >= 0)
            close(p->fds[i]);
        free(p->text[i]);
    }
}

proc proc_run(const char *const words[], const char *input)
{
    proc p = proc_start(words, input);

    proc_end(&p);
    return p;
}

long long json_number(const char *text, const char *after, const char *key)
{
    char        quoted[64];
    const char *at = strstr(text, after);

    snprintf(quoted, sizeof quoted, "\"%s\":", key);
    at = at != NULL ? strstr(at, quoted) : NULL;
    return at != NULL ? atoll(at + strlen(quoted)) : -1;
}
