/* rundir_test.c: where data and sockets live. */
#include "test.h"

#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/lock.h"
#include "app/paths.h"
#include "app/rundir.h"
#include "app/sweep.h"

static void check_data(void)
{
    char       path[PATH_MAX];
    maru_error error = {0};
    paths_env  env = {.state_home = "/s", .home = "/h"};

    test_begin("the data folder is --data's, then XDG_STATE_HOME's, then HOME's");
    CHECK_INT(paths_data("d", &env, path, &error), MARU_OK);
    CHECK_STR(path, "d");
    CHECK_INT(paths_data(NULL, &env, path, &error), MARU_OK);
    CHECK_STR(path, "/s/maru");
    env.state_home = "relative";
    CHECK_INT(paths_data("", &env, path, &error), MARU_OK);
    CHECK_STR(path, "/h/.local/state/maru");
    env.home = NULL;
    CHECK_INT(paths_data(NULL, &env, path, &error), MARU_INVALID_ARGUMENT);
    CHECK_CONTAINS(error.text, "want --data DIR, or MARU_DATA");
}

static void check_sockets(void)
{
    char       path[PATH_MAX], beside[PATH_MAX], deep[PATH_MAX];
    maru_error error = {0};

    test_begin("a socket is found by name and instance; 107 bytes fit, 108 are refused with path and limit");
    CHECK_INT(paths_in_run("/r", "cart", NULL, ".sock", path, &error), MARU_OK);
    CHECK_STR(path, "/r/cart.sock");
    CHECK_INT(paths_in_run("/r", "cart", "b", ".sock", path, &error), MARU_OK);
    CHECK_STR(path, "/r/cart@b.sock");
    paths_lock_of(path, beside);
    CHECK_STR(beside, "/r/cart@b.lock");
    paths_lock_of("/r/x.socket", beside);
    CHECK_STR(beside, "/r/x.socket.lock");
    snprintf(deep, sizeof deep, "/%097d", 0);
    CHECK_INT(paths_in_run(deep, "cat", NULL, ".sock", path, &error), MARU_OK);
    CHECK_INT(strlen(path), 107);
    CHECK_INT(paths_in_run(deep, "cart", NULL, ".sock", path, &error), MARU_INVALID_ARGUMENT);
    CHECK_CONTAINS(error.text, "at most 107 bytes, this one 108");
    CHECK_CONTAINS(error.text, "/cart.sock");
}

/* A folder of the test's own, and the environment as a person's would be. */
static void enter(char base[static PATH_MAX])
{
    char runtime[PATH_MAX];

    snprintf(base, PATH_MAX, "/tmp/maru-test-XXXXXX");
    CHECK(mkdtemp(base) != NULL);
    snprintf(runtime, sizeof runtime, "%.4000s/run", base);
    CHECK_INT(mkdir(runtime, 0700), 0);
    setenv("XDG_RUNTIME_DIR", runtime, 1);
}

static void leave(const char *base)
{
    char command[PATH_MAX + 16];

    snprintf(command, sizeof command, "rm -rf '%s'", base);
    CHECK_INT(system(command), 0);
}

static void check_made(void)
{
    char        base[PATH_MAX], data[PATH_MAX + 16];
    rundir      a, b, c;
    maru_error  error = {0};
    struct stat st;

    test_begin("folders are made for the user alone, and found again from another environment");
    enter(base);
    snprintf(data, sizeof data, "%s/x/../y/data", base);
    CHECK_INT(rundir_make(data, &a, &error), MARU_NOT_FOUND); /* x is not there, and .. of nothing is nothing */
    CHECK_INT(rundir_find("missing/", &a, &error), MARU_OK);
    CHECK_INT(rundir_find("missing", &b, &error), MARU_OK);
    CHECK_STR(a.data, b.data);
    snprintf(data, sizeof data, "%s/y/./data/", base);
    CHECK_INT(rundir_find(data, &b, &error), MARU_OK);
    CHECK(stat(b.data, &st) != 0);
    CHECK_INT(rundir_make(data, &a, &error), MARU_OK);
    CHECK_STR(a.data, b.data);
    CHECK_STR(a.run, b.run);
    CHECK(stat(a.run, &st) == 0 && (st.st_mode & 0777) == 0700);
    CHECK(stat(a.data, &st) == 0 && (st.st_mode & 0777) == 0700);
    unsetenv("XDG_RUNTIME_DIR");
    CHECK_INT(rundir_find(data, &c, &error), MARU_OK);
    CHECK_STR(c.run, a.run);
    CHECK_INT(rundir_make(data, &c, &error), MARU_OK);
    CHECK_STR(c.run, a.run);
    leave(base);
}

/* A file may grow no further, as on a full disk. */
static void check_full(void)
{
    char          base[PATH_MAX], data[PATH_MAX + 16];
    rundir        dir;
    maru_error    error = {0};
    struct rlimit was, none;

    test_begin("where a file cannot be written, the error says what was to be done with it");
    enter(base);
    snprintf(data, sizeof data, "%s/data", base);
    getrlimit(RLIMIT_FSIZE, &was);
    none = was;
    none.rlim_cur = 0;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &none);
    CHECK(rundir_make(data, &dir, &error) != MARU_OK);
    setrlimit(RLIMIT_FSIZE, &was);
    CHECK_CONTAINS(error.text, "/data/.run: cannot note where the run folder is: File too large");
    leave(base);
}

static void check_copied(void)
{
    char       base[PATH_MAX], data[PATH_MAX + 16], other[PATH_MAX + 16], command[PATH_MAX * 3];
    rundir     a, b;
    maru_error error = {0};

    test_begin("a copied data folder gets a run folder of its own");
    enter(base);
    snprintf(data, sizeof data, "%s/data", base);
    snprintf(other, sizeof other, "%s/copy", base);
    CHECK_INT(rundir_make(data, &a, &error), MARU_OK);
    snprintf(command, sizeof command, "cp -r '%s' '%s'", data, other);
    CHECK_INT(system(command), 0);
    CHECK_INT(rundir_make(other, &b, &error), MARU_OK);
    CHECK(strcmp(a.run, b.run) != 0);
    leave(base);
}

static void check_refused(void)
{
    char       base[PATH_MAX], data[PATH_MAX + 16], run[PATH_MAX + 16];
    rundir     a;
    maru_error error = {0};

    test_begin("a run folder that others may enter, and a data folder that is a file, are refused");
    enter(base);
    snprintf(data, sizeof data, "%s/data", base);
    snprintf(run, sizeof run, "%s/run/maru", base);
    CHECK_INT(mkdir(run, 0777), 0);
    CHECK_INT(chmod(run, 0777), 0);
    CHECK_INT(rundir_make(data, &a, &error), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(error.text, "others may get into it (mode 777), want 700");
    snprintf(data, sizeof data, "%s/file", base);
    fclose(fopen(data, "w"));
    CHECK_INT(rundir_make(data, &a, &error), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(error.text, "want a folder, is none");
    leave(base);
}

static void check_link(void)
{
    char       base[PATH_MAX], link[PATH_MAX + 16], data[PATH_MAX + 32];
    rundir     dir;
    maru_error error = {0};

    test_begin("a link that leads nowhere is refused with what it leads to, and so is what would be in it");
    enter(base);
    snprintf(link, sizeof link, "%s/link", base);
    CHECK_INT(symlink("not/there", link), 0);
    for (int i = 0; i < 3; i++) {
        snprintf(data, sizeof data, "%s%s", link, i == 0 ? "" : i == 1 ? "//" : "/data");
        CHECK_INT(rundir_find(data, &dir, &error), MARU_NOT_FOUND);
        CHECK_CONTAINS(error.text, "/link");
        CHECK_CONTAINS(error.text, ": leads to not/there, which is not there");
        CHECK_INT(rundir_make(data, &dir, &error), MARU_NOT_FOUND);
    }
    leave(base);
}

static void check_removed(void)
{
    static const char *const given[] = {"x", "x/", "./x", "x/y", ".", "./", "./."};
    char                     base[PATH_MAX], here[PATH_MAX], gone[PATH_MAX + 16];
    rundir                   dir;
    maru_error               error = {0};

    test_begin("in a working folder that was removed, a relative data folder is refused; an absolute one is not");
    enter(base);
    CHECK(getcwd(here, sizeof here) != NULL);
    snprintf(gone, sizeof gone, "%s/gone", base);
    CHECK(mkdir(gone, 0700) == 0 && chdir(gone) == 0 && rmdir(gone) == 0);
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        CHECK_INT(rundir_find(given[i], &dir, &error), MARU_NOT_FOUND);
        CHECK_STR(error.text, "the working folder: No such file or directory");
        CHECK_INT(rundir_make(given[i], &dir, &error), MARU_NOT_FOUND);
    }
    CHECK_INT(rundir_find(gone, &dir, &error), MARU_OK);
    CHECK_STR(dir.data, gone);
    leave(base);
    CHECK_INT(chdir(here), 0);
}

static int bind_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int                fd = socket(AF_UNIX, SOCK_STREAM, 0);

    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    CHECK_INT(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* A run folder as an application left it that was killed: a lock's file, a socket, what held its path; and further,
 * named file. */
static void leave_run(const char *data, rundir *dir, const char *further)
{
    char       path[PATH_MAX + 16], socket_path[PATH_MAX];
    maru_error error = {0};
    lock       l;

    CHECK_INT(rundir_make(data, dir, &error), MARU_OK);
    snprintf(path, sizeof path, "%s/cart.lock", dir->run);
    CHECK_INT(lock_take(&l, path, "cart", NULL, &error), MARU_OK);
    lock_drop(&l);
    CHECK_INT(paths_in_run(dir->run, "cart", NULL, ".sock", socket_path, &error), MARU_OK);
    close(bind_socket(socket_path));
    snprintf(path, sizeof path, "%s.bound", socket_path);
    fclose(fopen(path, "w"));
    if (further != NULL) {
        snprintf(path, sizeof path, "%s/%s", dir->run, further);
        fclose(fopen(path, "w"));
    }
    rundir_leave(dir);
}

static bool is_there(const rundir *dir)
{
    char path[PATH_MAX + 16];

    snprintf(path, sizeof path, "%s/cart.lock", dir->run);
    return access(path, F_OK) == 0;
}

static void check_swept(void)
{
    char base[PATH_MAX], data[6][PATH_MAX + 16], path[PATH_MAX + 16];
    enum { OWN, LEFT, HELD, LOCKED, ANSWERS, MORE };
    rundir     dir[6];
    maru_error error = {0};
    lock       l;
    int        fd;

    test_begin("what no longer runs is swept away: not where a process is in it, has a lock, answers, or left more");
    enter(base);
    for (int i = OWN; i <= MORE; i++) {
        snprintf(data[i], sizeof data[i], "%s/data%d", base, i);
        leave_run(data[i], &dir[i], i == MORE ? "notes" : NULL);
    }
    CHECK_INT(rundir_make(data[OWN], &dir[OWN], &error), MARU_OK);
    CHECK_INT(rundir_make(data[HELD], &dir[HELD], &error), MARU_OK);
    snprintf(path, sizeof path, "%s/cart.lock", dir[LOCKED].run);
    CHECK_INT(lock_take(&l, path, "cart", NULL, &error), MARU_OK);
    CHECK_INT(paths_in_run(dir[ANSWERS].run, "pay", NULL, ".sock", path, &error), MARU_OK);
    CHECK_INT(listen(fd = bind_socket(path), 1), 0);
    sweep_runs(dir[OWN].run);
    for (int i = OWN; i <= MORE; i++)
        CHECK_INT(is_there(&dir[i]), i != LEFT);
    lock_drop(&l);
    close(fd);
    rundir_leave(&dir[HELD]);
    sweep_runs(dir[OWN].run);
    for (int i = OWN; i <= MORE; i++)
        CHECK_INT(is_there(&dir[i]), i == OWN || i == MORE);
    CHECK_INT(rundir_make(data[LEFT], &dir[LEFT], &error), MARU_OK); /* made anew */
    CHECK_INT(access(dir[LEFT].run, F_OK), 0);
    rundir_leave(&dir[LEFT]);
    rundir_leave(&dir[OWN]);
    leave(base);
}

static void check_left(void)
{
    char       base[PATH_MAX], data[PATH_MAX + 16];
    maru_error error = {0};
    rundir     dir, other;

    test_begin("who leaves a run folder as the last removes it; before, it stays");
    enter(base);
    snprintf(data, sizeof data, "%s/data", base);
    leave_run(data, &dir, NULL);
    CHECK_INT(rundir_make(data, &dir, &error), MARU_OK);
    CHECK_INT(rundir_make(data, &other, &error), MARU_OK);
    sweep_leave(&dir);
    CHECK_INT(dir.held, -1);
    CHECK(is_there(&other));
    sweep_leave(&other);
    CHECK(access(other.run, F_OK) != 0);
    sweep_leave(&other); /* it is in none */
    test_begin("what else is in it is not removed");
    leave_run(data, &dir, "notes");
    CHECK_INT(rundir_make(data, &dir, &error), MARU_OK);
    sweep_leave(&dir);
    CHECK(is_there(&dir));
    leave(base);
}

/* Until it sleeps, or has ended: true where it sleeps. */
static bool comes_to_wait(pid_t child)
{
    char path[64], text[512], state = 'R';

    snprintf(path, sizeof path, "/proc/%d/stat", child);
    while (state == 'R') {
        int     fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t size = read(fd, text, sizeof text - 1);

        close(fd);
        text[size > 0 ? size : 0] = '\0';
        state = strrchr(text, ')') != NULL ? strrchr(text, ')')[2] : 'Z';
    }
    return state != 'Z';
}

/* Is in it, and leaves it when it is told to; says both. */
static void be_in(const char *data, int told, int says)
{
    rundir     dir;
    maru_error error;
    char       byte;

    if (rundir_make(data, &dir, &error) != MARU_OK || write(says, "", 1) != 1 || read(told, &byte, 1) != 1 ||
        write(says, "", 1) != 1)
        _exit(1);
    sweep_leave(&dir);
    _exit(0);
}

/* While it leaves, we hold what run folders stand in, as another's sweep does. */
static void leave_meanwhile(const char *data, const char *run)
{
    char  path[PATH_MAX], byte;
    int   told[2], says[2], fd, status;
    pid_t child;

    CHECK(pipe(told) == 0 && pipe(says) == 0);
    if ((child = fork()) == 0)
        be_in(data, told[0], says[1]);
    CHECK_INT(read(says[0], &byte, 1), 1);
    snprintf(path, sizeof path, "%s", run);
    fd = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK_INT(flock(fd, LOCK_EX), 0);
    CHECK_INT(write(told[1], "", 1), 1);
    CHECK_INT(read(says[0], &byte, 1), 1);
    CHECK(comes_to_wait(child));
    close(fd);
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    for (int i = 0; i < 2; i++) {
        close(told[i]);
        close(says[i]);
    }
}

static void check_meanwhile(void)
{
    char   base[PATH_MAX], data[PATH_MAX + 16];
    rundir dir;

    test_begin("who leaves it while another sweeps waits for that, and is the last one all the same");
    enter(base);
    snprintf(data, sizeof data, "%s/data", base);
    CHECK_INT(rundir_find(data, &dir, NULL), MARU_OK);
    leave_meanwhile(data, dir.run);
    CHECK(access(dir.run, F_OK) != 0);
    leave(base);
}

/* Sweeps until its input ends. */
static void sweep_on(const char *run, int input)
{
    struct pollfd over = {.fd = input, .events = POLLIN};

    while (poll(&over, 1, 0) == 0)
        sweep_runs(run);
    _exit(0);
}

static void check_race(void)
{
    char       base[PATH_MAX], data[PATH_MAX + 16], path[PATH_MAX + 16];
    maru_error error = {0};
    int        ends[2], status;
    rundir     dir;
    pid_t      child;

    test_begin("a run folder that is being made is not swept from under whoever makes it");
    enter(base);
    snprintf(data, sizeof data, "%s/data", base);
    CHECK_INT(rundir_make(data, &dir, &error), MARU_OK);
    CHECK_INT(pipe(ends), 0);
    if ((child = fork()) == 0) {
        close(ends[1]);
        rundir_leave(&dir);
        sweep_on(dir.run, ends[0]);
    }
    for (int i = 0; i < 300; i++) {
        lock l;

        rundir_leave(&dir);
        while (i % 2 == 0 && access(dir.run, F_OK) == 0)
            sched_yield(); /* every other time it is made while the next sweep goes on */
        if (!CHECK_INT(rundir_make(data, &dir, &error), MARU_OK))
            break;
        snprintf(path, sizeof path, "%s/cart.lock", dir.run);
        if (CHECK_INT(lock_take(&l, path, "cart", NULL, &error), MARU_OK))
            lock_drop(&l);
        CHECK_INT(access(path, F_OK), 0);
    }
    close(ends[1]);
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    rundir_leave(&dir);
    leave(base);
}

int main(void)
{
    check_data();
    check_sockets();
    check_made();
    check_copied();
    check_full();
    check_refused();
    check_link();
    check_removed();
    check_swept();
    check_left();
    check_meanwhile();
    check_race();
    return test_end();
}
