/* foreign_test.c: what stands in the data folder where a file of ours should be, and is none: it keeps its bytes, is
 * not followed, and nobody waits for it. */
#include "test.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/lock.h"
#include "app/rundir.h"
#include "running.h"
#include "start.h"
#include "state.h"

/* A folder of the test's own, and in it a run folder and a data folder. */
static void enter(char base[static 64], char data[static 80])
{
    char runtime[80];

    snprintf(base, 64, "/tmp/maru-test-XXXXXX");
    CHECK(mkdtemp(base) != NULL);
    snprintf(runtime, sizeof runtime, "%s/run", base);
    snprintf(data, 80, "%s/data", base);
    CHECK_INT(mkdir(runtime, 0700), 0);
    CHECK_INT(mkdir(data, 0700), 0);
    setenv("XDG_RUNTIME_DIR", runtime, 1);
}

static void leave(const char *base)
{
    char line[128];

    snprintf(line, sizeof line, "rm -rf '%s'", base);
    CHECK_INT(system(line), 0);
}

static void put(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "w");

    if (CHECK(file != NULL)) {
        CHECK_INT(fwrite(bytes, 1, size, file), size);
        fclose(file);
    }
}

static void check_is(const char *path, const char *want)
{
    char  text[PATH_MAX] = "";
    FILE *file = fopen(path, "r");

    if (CHECK(file != NULL)) {
        text[fread(text, 1, sizeof text - 1, file)] = '\0';
        fclose(file);
    }
    CHECK_STR(text, want);
}

/* Found or made. */
static void check_no_run(const char *data, const char *want)
{
    maru_error error = {0};
    rundir     dir;

    CHECK_INT(rundir_find(data, &dir, &error), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(error.text, want);
    error = (maru_error){0};
    CHECK_INT(rundir_make(data, &dir, &error), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(error.text, want);
    CHECK_INT(dir.held, -1);
}

static void check_not_ours(void)
{
    static const char *const others[] = {
        "mine\n", "/home/mine\n", "/run/maru/0123456789ab\n/more\n", "/a/0123456789abc\n", "\n", "/a/0123456789aX\n"};
    char base[64], data[80], file[96], victim[96];

    enter(base, data);
    snprintf(file, sizeof file, "%s/.run", data);
    snprintf(victim, sizeof victim, "%s/victim", base);
    test_begin("a .run that is a link is not followed: what it leads to keeps its bytes, and is not made");
    CHECK_INT(symlink(victim, file), 0);
    check_no_run(data, "/data/.run: want a file, is a symbolic link");
    CHECK(access(victim, F_OK) != 0);
    put(victim, "", 0);
    check_no_run(data, "/data/.run: want a file, is a symbolic link");
    check_is(victim, "");
    CHECK_INT(unlink(file), 0);
    test_begin("and one that is a FIFO or a folder is refused, and not waited for");
    CHECK_INT(mkfifo(file, 0600), 0);
    check_no_run(data, "/data/.run: want a file, is a FIFO");
    CHECK_INT(unlink(file), 0);
    CHECK_INT(mkdir(file, 0700), 0);
    check_no_run(data, "/data/.run: want a file, is a folder");
    CHECK_INT(rmdir(file), 0);
    test_begin("and one that another program made is refused by name, and keeps its bytes");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        put(file, others[i], strlen(others[i]));
        check_no_run(data, "/data/.run: want nothing, or the file that says where the run folder is; there is another");
        check_is(file, others[i]);
    }
    leave(base);
}

static void check_parts(void)
{
    static const struct {
        const char *bytes;
        size_t      size;
    } left[] = {{"", 0}, {"\0\0\0\0", 4}, {"/", 1}, {"/run/user/1", 11}, {"/a/maru/0123456789ab\n", 21}, {"/a\0\0", 4}};
    char       base[64], data[80], file[96], line[PATH_MAX + 1];
    maru_error error = {0};
    rundir     dir;

    test_begin(
        "a .run that was cut short by a full disk or a power failure, or is of a folder that is gone, is made anew");
    enter(base, data);
    snprintf(file, sizeof file, "%s/.run", data);
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        put(file, left[i].bytes, left[i].size);
        CHECK_INT(rundir_make(data, &dir, &error), MARU_OK);
        snprintf(line, sizeof line, "%s\n", dir.run);
        check_is(file, line);
        rundir_leave(&dir);
    }
    leave(base);
}

static void check_state(void)
{
    static const state_row row = {.name = "cart", .pid = 7, .state = CHILD_READY, .urls = "ipc:///a"};
    char                   base[64], data[80], file[96], beside[104], victim[96];
    state_row              got;
    size_t                 count;
    maru_error             error = {0};

    enter(base, data);
    snprintf(file, sizeof file, "%s/up.state", data);
    snprintf(beside, sizeof beside, "%s.new", file);
    snprintf(victim, sizeof victim, "%s/victim", base);
    put(victim, "precious", 8);
    test_begin("a link or a FIFO in the place where up.state is made is removed, not written to");
    CHECK_INT(symlink(victim, beside), 0);
    CHECK_INT(state_write(file, &row, 1, &error), MARU_OK);
    check_is(victim, "precious");
    CHECK_INT(mkfifo(beside, 0600), 0);
    CHECK_INT(state_write(file, &row, 1, &error), MARU_OK);
    CHECK_INT(state_read(file, &got, 1, &count, &error), MARU_OK);
    CHECK_STR(got.name, "cart");
    test_begin("an up.state that is a FIFO or a link is refused, and not waited for");
    CHECK_INT(unlink(file), 0);
    CHECK_INT(state_read(file, &got, 1, &count, &error), MARU_NOT_FOUND);
    CHECK_INT(mkfifo(file, 0600), 0);
    CHECK_INT(state_read(file, &got, 1, &count, &error), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(error.text, "/data/up.state: want a file, is a FIFO");
    CHECK_INT(unlink(file), 0);
    CHECK_INT(symlink(victim, file), 0);
    CHECK_INT(state_read(file, &got, 1, &count, &error), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(error.text, "/data/up.state: want a file, is a symbolic link");
    leave(base);
}

static void check_lock(void)
{
    char        base[64], data[80], file[96];
    lock_holder holder;
    lock        l;
    maru_error  error = {0};

    enter(base, data);
    snprintf(file, sizeof file, "%s/up.lock", data);
    test_begin("nor is a FIFO taken for a lock, or for one that nobody holds");
    CHECK_INT(mkfifo(file, 0600), 0);
    CHECK_INT(lock_take(&l, file, "up", NULL, &error), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(error.text, "/data/up.lock: want a file, is a FIFO");
    CHECK_INT(l.fd, -1);
    error = (maru_error){0};
    CHECK_INT(lock_look(file, &holder, &error), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(error.text, "/data/up.lock: want a file, is a FIFO");
    leave(base);
}

/* The words after a subcommand's --data DATA. It has one line of what stands in its way. */
static void check_said(const place *p, const char *const words[4], bool fails, const char *want)
{
    proc ran = run_maru(p, words[0], p->data, words[1], words[2], words[3]);

    CHECK_INT(ran.status != 0 && ran.status < 128, fails);
    CHECK_STR(ran.text[PROC_OUT], "");
    CHECK_CONTAINS(ran.text[PROC_ERR], want);
    CHECK(strchr(ran.text[PROC_ERR], '\n') == ran.text[PROC_ERR] + ran.size[PROC_ERR] - 1);
    proc_free(&ran);
}

static void check_commands(const place *p)
{
    const char *const all[][4] = {{"ps"},
                                  {"down"},
                                  {"call", "--timeout=1s", "cart", "a.v1.B/C"},
                                  {"up", "--bin", p->services, "--print-config"},
                                  {"up", "--bin", p->services}};
    char              file[128];

    test_begin("every command says of a .run that is a FIFO what it is, and ends");
    CHECK_INT(mkdir(p->data, 0700), 0);
    snprintf(file, sizeof file, "%s/.run", p->data);
    CHECK_INT(mkfifo(file, 0600), 0);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        check_said(p, all[i], true, "/data/.run: want a file, is a FIFO\n");
    CHECK_INT(unlink(file), 0);
}

/* This process has it, as a service would. */
static void hold(const char *folder, const char *name, lock *l)
{
    char       path[PATH_MAX + 16];
    maru_error error = {0};

    snprintf(path, sizeof path, "%s/%s.lock", folder, name);
    CHECK_INT(lock_take(l, path, name, NULL, &error), MARU_OK);
    CHECK_INT(ftruncate(l->fd, 0), 0);
    CHECK_INT(pwrite(l->fd, "mine\n", 5, 0), 5);
}

static void check_written_over(const place *p)
{
    static const char words[] = ".lock: a process holds it, and somebody else wrote over who that is: want \"pid N\"";
    static const char *const ps[4] = {"ps"}, *const down[4] = {"down"};
    static const char *const call[4] = {"call", "--timeout=1s", "cart", "a.v1.B/C"};
    maru_error               error = {0};
    rundir                   dir;
    lock                     l;

    test_begin("a lock that somebody wrote over is said to be that, and nobody is said to start");
    CHECK_INT(rundir_make(p->data, &dir, &error), MARU_OK);
    hold(dir.run, "cart", &l);
    check_said(p, call, true, words);
    check_said(p, ps, false, words);
    lock_drop(&l);
    hold(dir.data, "up", &l);
    check_said(p, down, true, words);
    lock_drop(&l);
    rundir_leave(&dir);
}

/* In a root folder of its own, in which there is no /proc: the statuses of both looks, and their words. */
static void look_without_proc(const char *root, int out)
{
    rundir      dir = {.run = "/run", .data = "/data"};
    running    *list = calloc(RUNNING_MAX, sizeof *list);
    size_t      count;
    lock_holder holder;
    maru_error  error = {0}, other = {0};

    if (chroot(root) != 0 || chdir("/") != 0)
        _exit(2);
    if (running_list(&dir, list, RUNNING_MAX, &count, &error) != MARU_FAILED_PRECONDITION ||
        lock_look("/data/up.lock", &holder, &other) != MARU_FAILED_PRECONDITION)
        _exit(1);
    dprintf(out, "%s\n%s\n", error.text, other.text);
    _exit(0);
}

static void check_no_proc(void)
{
    static const char words[] = "/proc: want the file system that shows processes there; what runs can't be told "
                                "without it\n";
    char              base[64], data[80], text[512] = "";
    int               ends[2], status;
    lock              l;
    pid_t             pid;

    enter(base, data);
    hold(data, "up", &l);
    CHECK_INT(pipe(ends), 0);
    test_begin("where there is no /proc that is said, and not that what runs is starting (root alone can make it so)");
    if ((pid = fork()) == 0)
        look_without_proc(base, ends[1]);
    close(ends[1]);
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0 || (WEXITSTATUS(status) == 2 && geteuid() != 0));
    if (WEXITSTATUS(status) == 0) {
        CHECK_INT(read(ends[0], text, sizeof text - 1), 2 * (sizeof words - 1));
        CHECK(strncmp(text, words, sizeof words - 1) == 0);
        CHECK_STR(text + sizeof words - 1, words);
    } else {
        fprintf(stderr, "a machine without /proc: left out, root alone can make one\n");
    }
    close(ends[0]);
    lock_drop(&l);
    leave(base);
}

int main(int argc, char **argv)
{
    place p;

    alarm(60); /* who waits for a FIFO waits for ever */
    p = place_open(argc, argv);
    check_commands(&p);
    check_written_over(&p);
    place_close(&p);
    check_not_ours();
    check_parts();
    check_state();
    check_lock();
    check_no_proc();
    return test_end();
}
