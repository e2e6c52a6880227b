/* lock_test.c: one holder, known by name, gone with its process. */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/listen.h"
#include "app/lock.h"
#include "app/procfs.h"
#include "app/stop.h"

static void check_text(void)
{
    lock_holder in = {.pid = 12, .start = 34, .since_ms = 1769853600000, .words = "ipc:///a tcp://b:1"}, out;
    char        text[4096], who[96];
    int         size = lock_format(&in, text, sizeof text);

    test_begin("a lock's text is read as it was written, and a part of it says nothing");
    lock_parse(text, &out);
    CHECK_INT(out.pid, 12);
    CHECK_INT(out.start, 34);
    CHECK_INT(out.since_ms, in.since_ms);
    CHECK_STR(out.words, in.words);
    CHECK_STR(lock_who(&in, who), "process 12 since 2026-01-31 10:00:00Z");
    for (int cut = 0; cut < size - 1; cut++) {
        text[size - 1 - cut] = '\0';
        lock_parse(text, &out);
        CHECK_INT(out.pid, 0);
    }
    lock_parse("pid 99999999999999999999999 start x", &out);
    CHECK_INT(out.pid, 0);
    CHECK_INT(procfs_parse_start("7 (a) b ) c) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20"), 4711);
    CHECK_INT(procfs_parse_parent("7 (a) b ) c) R 42 2 3"), 42);
    CHECK_INT(procfs_parent(getpid()), getppid());
    CHECK_INT(procfs_parse_parent("nonsense"), 0);
    CHECK_INT(procfs_parse_state("7 (a) b ) c) T 42 2 3"), 'T');
    CHECK_INT(procfs_parse_state("nonsense"), 0);
    CHECK(!procfs_is_stopped(getpid()));
    CHECK_INT(procfs_parse_start("nonsense"), 0);
    CHECK_INT(procfs_parse_start("7 (a) R 1"), 0);
}

static void check_supervisor(void)
{
    static const char with[] = "/bin/cart\0--data\0/d\0--supervised\0"
                               "42\0--listen\0x";
    static const char cut[] = "/bin/cart\0--supervised";
    static const char empty[] = "/bin/cart\0--supervised\0";
    static const char other[] = "/bin/cart\0--supervise\0"
                                "42";

    test_begin("a process's command line says who supervises it, and with it whether that one still is its parent");
    CHECK_INT(procfs_parse_supervisor(with, sizeof with), 42);
    CHECK_INT(procfs_parse_supervisor(cut, sizeof cut), 0);
    CHECK_INT(procfs_parse_supervisor(empty, sizeof empty), 0);
    CHECK_INT(procfs_parse_supervisor(other, sizeof other), 0);
    CHECK_INT(procfs_parse_supervisor("", 0), 0);
    CHECK_INT(procfs_supervisor(getpid()), 0);
}

/* A process that holds the lock until it is killed. */
static pid_t hold_elsewhere(const char *path, const char *words)
{
    int   ready[2];
    char  byte;
    pid_t child;

    CHECK_INT(pipe(ready), 0);
    if ((child = fork()) == 0) {
        lock l;

        if (lock_take(&l, path, "cart", NULL, NULL) == MARU_OK && lock_say(&l, words, NULL) == MARU_OK &&
            write(ready[1], "y", 1) == 1)
            pause();
        _exit(1);
    }
    close(ready[1]);
    CHECK_INT(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return child;
}

static void check_two(const char *folder)
{
    char        path[256], want[64];
    lock        l;
    lock_holder holder;
    maru_error  error = {0};
    pid_t       child;

    test_begin("a second process is refused and told who holds it; kill -9 of the holder frees it");
    snprintf(path, sizeof path, "%s/cart.lock", folder);
    CHECK_INT(lock_look(path, &holder, &error), MARU_NOT_FOUND);
    child = hold_elsewhere(path, "ipc:///x");
    CHECK_INT(lock_take(&l, path, "cart", &holder, &error), MARU_ALREADY_EXISTS);
    snprintf(want, sizeof want, "cart: runs already: process %d since 20", child);
    CHECK_CONTAINS(error.text, want);
    CHECK_INT(holder.pid, child);
    CHECK_INT(lock_look(path, &holder, &error), MARU_OK);
    CHECK_INT(holder.pid, child);
    CHECK_STR(holder.words, "ipc:///x");
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    CHECK_INT(lock_look(path, &holder, &error), MARU_NOT_FOUND);
    CHECK_INT(lock_take(&l, path, "cart", &holder, &error), MARU_OK);
    lock_drop(&l);
}

static void check_patience(const char *folder)
{
    char       path[256];
    lock       l;
    maru_error error = {.code = MARU_ALREADY_EXISTS, .text = "an earlier try"};
    pid_t      child, killer;

    test_begin("one that is stopping is waited for, and no word of that is left; one that is not is refused soon");
    snprintf(path, sizeof path, "%s/patient.lock", folder);
    child = hold_elsewhere(path, LOCK_STOPPING);
    if ((killer = fork()) == 0) /* ends it while this process waits, or before it asks */
        _exit(lock_take(&l, path, "cart", NULL, NULL) == MARU_ALREADY_EXISTS ? kill(child, SIGKILL) : 1);
    CHECK_INT(lock_take_patiently(&l, path, "cart", 30000, &error), MARU_OK);
    CHECK_INT(error.code, MARU_OK);
    CHECK_STR(error.text, "");
    lock_drop(&l);
    waitpid(child, NULL, 0);
    waitpid(killer, NULL, 0);
    child = hold_elsewhere(path, "ipc:///x");
    CHECK_INT(lock_take_patiently(&l, path, "cart", 30000, &error), MARU_ALREADY_EXISTS);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void check_told_to_stop(const char *folder)
{
    char       path[256];
    lock       l;
    maru_error error = {0};
    pid_t      child;

    test_begin("who waits for one that is stopping gives up where it is told to stop itself");
    snprintf(path, sizeof path, "%s/told.lock", folder);
    child = hold_elsewhere(path, LOCK_STOPPING);
    signals_hold();
    CHECK(!signals_waiting());
    CHECK_INT(kill(getpid(), SIGTERM), 0);
    CHECK(signals_waiting());
    CHECK_INT(lock_take_patiently(&l, path, "cart", 30000, &error), MARU_CANCELLED);
    CHECK_CONTAINS(error.text, "told to stop while it waited for the end of process ");
    signal(SIGTERM, SIG_IGN); /* gone */
    CHECK(!signals_waiting());
    signal(SIGTERM, SIG_DFL);
    signals_release();
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void check_stale_text(const char *folder)
{
    char        path[256];
    lock_holder holder, old = {.pid = 1, .start = 1, .since_ms = 1};
    char        text[4096], who[96];
    lock        l;
    maru_error  error = {0};

    test_begin("what a holder before left in the file is not taken for the one that has it now (ids are used again)");
    snprintf(path, sizeof path, "%s/stale.lock", folder);
    CHECK_INT(lock_take(&l, path, "cart", NULL, &error), MARU_OK);
    CHECK(pwrite(l.fd, text, (size_t)lock_format(&old, text, sizeof text), 0) > 0);
    CHECK_INT(lock_look(path, &holder, &error), MARU_OK);
    CHECK_INT(holder.pid, 0);
    CHECK(!holder.strange);
    CHECK_STR(lock_who(&holder, who), "a process that has just started");
    test_begin("nor are words that are none of a lock's taken for one that has just started");
    CHECK(pwrite(l.fd, "mine\n", 5, 0) == 5);
    CHECK_INT(lock_look(path, &holder, &error), MARU_OK);
    CHECK_INT(holder.pid, 0);
    CHECK(holder.strange);
    CHECK_STR(lock_who(&holder, who), "a process that is not known: the words there are not its own");
    CHECK_INT(lock_take(&(lock){.fd = -1}, path, "cart", NULL, &error), MARU_ALREADY_EXISTS);
    CHECK_CONTAINS(error.text, "runs already: a process that is not known: the words there are not its own (");
    lock_drop(&l);
}

static int bind_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int                fd = socket(AF_UNIX, SOCK_STREAM, 0);

    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    CHECK_INT(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void check_sockets(const char *folder)
{
    char       path[64];
    maru_error error = {0};
    FILE      *file;
    int        fd;

    test_begin("a socket that nobody answers on is removed; a live one, and a file, are refused");
    snprintf(path, sizeof path, "%s/a.sock", folder);
    CHECK_INT(listen_clear(path, &error), MARU_OK);
    fd = bind_socket(path);
    CHECK_INT(listen(fd, 1), 0);
    CHECK_INT(listen_clear(path, &error), MARU_ALREADY_EXISTS);
    CHECK_CONTAINS(error.text, "another program listens there");
    close(fd);
    CHECK_INT(access(path, F_OK), 0);
    CHECK_INT(listen_clear(path, &error), MARU_OK);
    CHECK(access(path, F_OK) != 0);
    if (!CHECK((file = fopen(path, "w")) != NULL))
        return;
    fclose(file);
    CHECK_INT(listen_clear(path, &error), MARU_FAILED_PRECONDITION);
    CHECK_INT(access(path, F_OK), 0);
}

static void put_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    if (CHECK(file != NULL)) {
        fputs(text, file);
        fclose(file);
    }
}

static void check_text_is(const char *path, const char *want)
{
    char  text[64] = "";
    FILE *file = fopen(path, "r");

    if (CHECK(file != NULL)) {
        text[fread(text, 1, sizeof text - 1, file)] = '\0';
        fclose(file);
    }
    CHECK_STR(text, want);
}

static void check_others(const char *folder)
{
    static const char *const others[] = {"[[package]]\n", "pid 12 or so\n", "1234\n", "{}", " "};
    static const char *const parts[] = {"", "p", "pid 12", "pid 12\nstart 34\nsin",
                                        "pid 1\nstart 2\nsince_ms 3\nwords a b\nend\nof one before"};
    char                     path[128], url[160];
    lock                     l;
    maru_error               error = {0};

    test_begin("a lock file that another program made is refused by name, and keeps its bytes");
    snprintf(path, sizeof path, "%s/poetry.lock", folder);
    snprintf(url, sizeof url, "ipc://%s/poetry.sock", folder);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        put_text(path, others[i]);
        CHECK_INT(listen_on(NULL, url, NULL, &l, &error), MARU_FAILED_PRECONDITION);
        CHECK_CONTAINS(error.text, path);
        CHECK_CONTAINS(error.text, "want nothing, or a lock file that begins with");
        CHECK_INT(l.fd, -1);
        check_text_is(path, others[i]);
    }
    test_begin("what one of ours has left there, whole or in part, is none such");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        put_text(path, parts[i]);
        CHECK_INT(lock_take(&l, path, "cart", NULL, &error), MARU_OK);
        lock_drop(&l);
    }
    test_begin("where a file is in the place of the socket, no lock is left beside it");
    snprintf(path, sizeof path, "%s/mine", folder);
    snprintf(url, sizeof url, "ipc://%s", path);
    put_text(path, "precious");
    CHECK_INT(listen_on(NULL, url, NULL, &l, &error), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(error.text, "want a socket or nothing there");
    check_text_is(path, "precious");
    snprintf(path, sizeof path, "%s/mine.lock", folder);
    CHECK(access(path, F_OK) != 0);
    test_begin("a process that has a lock is not told that it is another");
    CHECK_INT(lock_take(&l, path, "cart", NULL, &error), MARU_OK);
    CHECK_INT(lock_take(&(lock){.fd = -1}, path, "cart", NULL, &error), MARU_ALREADY_EXISTS);
    CHECK_CONTAINS(error.text, "cart: this process itself holds its lock already");
    lock_drop(&l);
}

int main(void)
{
    char folder[] = "/tmp/maru-test-XXXXXX", command[64];

    CHECK(mkdtemp(folder) != NULL);
    check_text();
    check_two(folder);
    check_supervisor();
    check_patience(folder);
    check_told_to_stop(folder);
    check_stale_text(folder);
    check_sockets(folder);
    check_others(folder);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    CHECK_INT(system(command), 0);
    return test_end();
}
