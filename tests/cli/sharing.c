/* sharing.c: runs a program whose stdin and stdout are non-blocking pipes, as one that shares them with a program that
 * made them so: clitest_sharing COMMAND...
 *
 * It is given its stdin, this one's, when it waits for it, and its stdout is read, into this one's, when it waits for
 * that to be read. Ends as it does.
 */
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROOM = 4096 };

/* Until it waits for something, or has ended. */
static void until_it_waits(pid_t pid)
{
    char path[64], text[512], state = 'R';

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    while (state != 'S' && state != 'Z') {
        FILE *file = fopen(path, "re");

        if (file == NULL)
            return;
        text[fread(text, 1, sizeof text - 1, file)] = '\0';
        fclose(file);
        state = strrchr(text, ')') != NULL ? strrchr(text, ')')[2] : 'R';
        sched_yield();
    }
}

/* All that comes from one, into the other. */
static void copy(int from, int to)
{
    char    bytes[ROOM];
    ssize_t size;

    while ((size = read(from, bytes, sizeof bytes)) > 0)
        if (write(to, bytes, (size_t)size) != size)
            return;
}

static void run(char **words, const int in[2], const int out[2])
{
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    execv(words[0], words);
    perror(words[0]);
    _exit(127);
}

int main(int argc, char **argv)
{
    int   in[2], out[2], status = 0;
    pid_t pid;

    if (argc < 2 || pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0 || fcntl(in[0], F_SETFL, O_NONBLOCK) != 0 ||
        fcntl(out[1], F_SETFL, O_NONBLOCK) != 0 || fcntl(out[1], F_SETPIPE_SZ, ROOM) < ROOM)
        return 1;
    if ((pid = fork()) == 0)
        run(argv + 1, in, out);
    close(in[0]);
    close(out[1]);
    until_it_waits(pid);
    copy(STDIN_FILENO, in[1]);
    close(in[1]);
    poll(&(struct pollfd){.fd = out[0], .events = POLLIN}, 1, -1);
    until_it_waits(pid);
    copy(out[0], STDOUT_FILENO);
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
