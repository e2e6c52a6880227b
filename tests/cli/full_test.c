/* full_test.c: maru up on a data folder whose disk is full: a small tmpfs, mounted in a mount namespace of the test's
 * own. Where that is not permitted, the test says so and is skipped (status 77). */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "start.h"

enum { SKIPPED = 77, DISK_BYTES = 256 << 10 };

static bool mount_small(const char *path)
{
    char options[64];

    snprintf(options, sizeof options, "size=%d,mode=0700", DISK_BYTES);
    return mkdir(path, 0700) == 0 && unshare(CLONE_NEWNS) == 0 &&
           mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 && mount("tmpfs", path, "tmpfs", 0, options) == 0;
}

static void fill(const char *file)
{
    char    bytes[4096] = {1};
    int     fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ssize_t wrote;

    while ((wrote = write(fd, bytes, sizeof bytes)) > 0)
        ;
    CHECK(wrote < 0 && errno == ENOSPC);
    close(fd);
}

/* The text of up.state. */
static void read_state(const place *p, char *text, size_t size)
{
    char    path[128];
    ssize_t got;
    int     fd;

    snprintf(path, sizeof path, "%s/up.state", p->data);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    got = read(fd, text, size - 1);
    text[got > 0 ? got : 0] = '\0';
    close(fd);
}

static bool has_pid(const char *state, const char *service, pid_t pid)
{
    char words[64];

    snprintf(words, sizeof words, "service\t%s\t%d\t", service, (int)pid);
    return strstr(state, words) != NULL;
}

/* Kills echo and waits until it serves again. */
static void restart_echo(const place *p, proc *up, pid_t echo)
{
    proc call;

    CHECK_INT(kill(echo, SIGKILL), 0);
    CHECK(proc_expect(up, PROC_ERR, 0, "maru ps is not up to date: "));
    CHECK(proc_expect(up, PROC_ERR, 0, "up.state: No space left on device"));
    call = run_maru(p, "call", p->data, "echo", "clitest.v1.EchoService/Echo", NULL);
    CHECK_INT(call.status, 0);
    proc_free(&call);
}

static void check_full(const place *p)
{
    proc  up = start_up(p, p->data, NULL), ps;
    char  ballast[128], state[4096];
    pid_t before, after;

    snprintf(ballast, sizeof ballast, "%s/ballast", p->data);
    CHECK(is_ready(&up));
    before = pid_of(p, p->data, "echo");
    test_begin("on a full disk what up has noted is old, and ps shows what runs all the same, each once");
    fill(ballast);
    if (CHECK(before > 0))
        restart_echo(p, &up, before);
    after = pid_of(p, p->data, "echo");
    CHECK(after > 0 && after != before);
    read_state(p, state, sizeof state);
    CHECK(has_pid(state, "echo", before)); /* it could not be written, or this proves nothing */
    ps = run_maru(p, "ps", p->data, NULL, NULL, NULL);
    CHECK_INT(ps.status, 0);
    CHECK(strstr(ps.text[PROC_OUT], "by hand") == NULL);
    CHECK(strstr(ps.text[PROC_OUT], "UNREACHABLE") == NULL);
    CHECK(strstr(strstr(ps.text[PROC_OUT], "\necho ") + 1, "\necho ") == NULL);
    proc_free(&ps);
    test_begin("once there is room, it is noted, though nothing else happens");
    CHECK_INT(unlink(ballast), 0);
    CHECK(proc_expect(&up, PROC_ERR, 0, "maru ps is up to date again"));
    read_state(p, state, sizeof state);
    CHECK(has_pid(state, "echo", after));
    CHECK_INT(pid_of(p, p->data, "echo"), after);
    CHECK_INT(kill(up.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&up), 0);
    proc_free(&up);
}

int main(int argc, char **argv)
{
    place p = place_open(argc, argv);

    if (!mount_small(p.data)) {
        fprintf(stderr, "no tmpfs can be mounted here: %s\n", strerror(errno));
        place_close(&p);
        return SKIPPED;
    }
    check_full(&p);
    umount2(p.data, MNT_DETACH);
    place_close(&p);
    return test_end();
}
