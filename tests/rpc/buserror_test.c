/* buserror_test.c: the last words of a process that touches a page which cannot be had, on whichever thread that is.
 * The process is another of this program, whose stderr is its stdout; the file that it maps was cut short. */
#include "test.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "app/buserror.h"
#include "child.h"
#include "runtime/executor.h"
#include "sanitizer.h"
#include "transport/poller.h"

enum { PAGE = 4096, LIMIT_S = 40 };

/* The process. */

static void touch(void *page)
{
    (void)*(volatile char *)page;
}

static void touch_on_executor(char *page)
{
    maru_executor_calls calls = {.run = touch, .arg = page};
    void               *handle;
    maru_error          error;

    if (executor_thread.start(NULL, &calls, &handle, &error) == MARU_OK) {
        executor_thread.wake(handle);
        executor_thread.stop(handle);
    }
}

static void never(polled *p)
{
    (void)p;
}

/* A pipe may be written to at once, and that is what the thread tells. */
static void touch_on_poller(char *page)
{
    polled     of = {.happened = never};
    void      *handle;
    maru_error error;
    int        ends[2];

    if (pipe2(ends, O_CLOEXEC) == 0 && poller_start(touch, page, &handle, &error) == MARU_OK) {
        of.fd = ends[1];
        poller_watch(handle, &of);
        pause(); /* told to stop, it would not look at what else is there */
    }
}

/* By this name the test finds it. */
static void *touch_named(void *page)
{
    pthread_setname_np(pthread_self(), "toucher");
    touch(page);
    return NULL;
}

/* Nothing more goes into stdout, so the first stands in its write until somebody reads. */
static void touch_on_two(char *page)
{
    pthread_t threads[2];
    char      byte;
    int       size = fcntl(STDOUT_FILENO, F_SETPIPE_SZ, PAGE);

    for (int i = 0; i < size; i++)
        if (write(STDOUT_FILENO, "x", 1) != 1)
            return;
    for (int i = 0; i < 2; i++)
        if (read(STDIN_FILENO, &byte, 1) != 1 || pthread_create(&threads[i], NULL, touch_named, page) != 0)
            return;
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
}

static const struct {
    const char *name;
    void (*touch)(char *page);
} ways[] = {{"executor", touch_on_executor}, {"poller", touch_on_poller}, {"two", touch_on_two}};

static int be_child(const char *way)
{
    char  path[] = "/tmp/buserror-XXXXXX";
    int   fd = mkstemp(path);
    char *page;

    if (fd < 0 || ftruncate(fd, PAGE) != 0)
        return 1;
    page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    unlink(path);
    if (page == MAP_FAILED || ftruncate(fd, 0) != 0 || dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
        return 1;
    bus_errors_say();
    alarm(LIMIT_S);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (strcmp(ways[i].name, way) == 0)
            ways[i].touch(page);
    return 1;
}

/* The test. */

/* Whether the thread is one of the named, and in the handler: the signal is held back there. */
static bool is_in_handler(pid_t pid, const char *thread)
{
    char               path[PATH_MAX], line[256], name[32] = "";
    unsigned long long held = 0;
    FILE              *file;

    snprintf(path, sizeof path, "/proc/%d/task/%s/status", pid, thread);
    if ((file = fopen(path, "re")) == NULL)
        return false;
    while (fgets(line, sizeof line, file) != NULL) {
        sscanf(line, "Name: %31s", name);
        sscanf(line, "SigBlk: %llx", &held);
    }
    fclose(file);
    return strcmp(name, "toucher") == 0 && (held >> (SIGBUS - 1) & 1);
}

static int count_in_handler(pid_t pid)
{
    char           path[64];
    int            count = 0;
    DIR           *threads;
    struct dirent *thread;

    snprintf(path, sizeof path, "/proc/%d/task", pid);
    if ((threads = opendir(path)) == NULL)
        return 0;
    while ((thread = readdir(threads)) != NULL)
        count += is_in_handler(pid, thread->d_name);
    closedir(threads);
    return count;
}

static bool has_ended(pid_t pid)
{
    siginfo_t info = {0};

    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0;
}

static bool are_in_handler_soon(pid_t pid, int count)
{
    time_t until = time(NULL) + LIMIT_S;

    while (count_in_handler(pid) < count && !has_ended(pid) && time(NULL) < until)
        sched_yield();
    return count_in_handler(pid) == count;
}

/* All that it says; what filled its pipe is left out. */
static void read_words(const kit_child *child, char *words, size_t room)
{
    size_t used = 0;
    char   byte;

    while (used < room - 1 && (byte = kit_hear(child)) != '\0')
        if (used > 0 || byte != 'x')
            words[used++] = byte;
    words[used] = '\0';
}

static void check_words(kit_child *child)
{
    char words[PAGE];
    int  status;

    read_words(child, words, sizeof words);
    status = kit_end(child);
    CHECK(WIFSIGNALED(status));
    CHECK_INT(WTERMSIG(status), SIGBUS);
    CHECK_CONTAINS(words, ": /tmp/buserror-");
    CHECK_CONTAINS(words, ": a page of this file, which is mapped, cannot be had");
    CHECK(strchr(words, '\n') != NULL && strchr(words, '\n')[1] == '\0');
}

static kit_child start(const char *way)
{
    return kit_spawn((const char *[]){way, NULL});
}

static void test_threads(void)
{
    kit_child child;

    test_begin("the executor's thread, which holds back all other signals, says which file it was");
    child = start("executor");
    check_words(&child);

    test_begin("the poller's thread does, too");
    child = start("poller");
    check_words(&child);
}

static void test_two(void)
{
    kit_child child = start("two");

    test_begin(
        "a second thread that touches such a page while the first has not said so yet waits for it, and says nothing");
    kit_tell(&child, '.');
    CHECK(are_in_handler_soon(child.pid, 1));
    kit_tell(&child, '.');
    CHECK(are_in_handler_soon(child.pid, 2));
    check_words(&child);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return be_child(argv[1]);
    sanitizers_leave_sigbus();
    signal(SIGPIPE, SIG_IGN); /* where it has ended already, that is what the checks say */
    test_threads();
    test_two();
    return test_end();
}
