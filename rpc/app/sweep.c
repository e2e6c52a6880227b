/* sweep.c: looks through the run folders beside this one, and removes those that nobody holds. */
#include "app/sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/listen.h"
#include "app/lock.h"
#include "app/paths.h"

enum { SWEEP_MAX = 4096, LEFT_TRIES = 200, LEFT_WAIT_MS = 5 };

/* The folder, open and locked; -1 where another has it too (EWOULDBLOCK), or it can't be opened. */
static int hold_alone(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    if (fd >= 0) {
        int why = errno;

        close(fd);
        errno = why;
    }
    return -1;
}

static bool is_run_name(const char *name)
{
    return strlen(name) == PATHS_HASH && strspn(name, "0123456789abcdef") == PATHS_HASH;
}

static bool ends_with(const char *name, const char *tail)
{
    size_t size = strlen(name), tail_size = strlen(tail);

    return size > tail_size && strcmp(name + size - tail_size, tail) == 0;
}

/* A lock that nobody holds, or a socket on which nobody listens: those are removed here, as a start would. */
static bool is_left(const char *path)
{
    lock_holder holder;

    if (ends_with(path, ".lock") || ends_with(path, ".sock.bound"))
        return lock_look(path, &holder, NULL) == MARU_NOT_FOUND;
    return ends_with(path, ".sock") && listen_clear(path, NULL) == MARU_OK;
}

typedef bool (*entry_fn)(const char *path);

/* Whether fn held for every entry of the folder. */
static bool each_entry(const char *folder, entry_fn fn)
{
    DIR           *entries = opendir(folder);
    struct dirent *entry;
    char           path[PATH_MAX + sizeof entry->d_name + 1];
    bool           held = entries != NULL;

    while (held && (entry = readdir(entries)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        held = fn(path);
    }
    if (entries != NULL)
        closedir(entries);
    return held;
}

static bool is_removed(const char *path)
{
    return unlink(path) == 0;
}

/* Whoever is in it holds it too. */
static void sweep_one(const char *run)
{
    int fd = hold_alone(run);

    if (fd >= 0 && each_entry(run, is_left) && each_entry(run, is_removed))
        rmdir(run);
    if (fd >= 0)
        close(fd);
}

static void sweep_all(DIR *entries, const char *base)
{
    struct dirent *entry;
    char           path[PATH_MAX + PATHS_HASH + 2];

    for (int looked = 0; looked < SWEEP_MAX && (entry = readdir(entries)) != NULL; looked++) {
        snprintf(path, sizeof path, "%s/%.*s", base, PATHS_HASH, entry->d_name);
        if (is_run_name(entry->d_name))
            sweep_one(path);
    }
}

static void base_of(const char *run, char base[static PATH_MAX])
{
    snprintf(base, PATH_MAX, "%.*s", (int)(strrchr(run, '/') - run), run);
}

/* Of those that end together each tries, and may hold up the other for a moment: the last one must get it. */
void sweep_leave(rundir *dir)
{
    char base[PATH_MAX];
    int  fd, tries = 0;

    if (dir->held < 0)
        return;
    rundir_leave(dir);
    base_of(dir->run, base);
    while ((fd = hold_alone(base)) < 0 && errno == EWOULDBLOCK && ++tries < LEFT_TRIES)
        poll(NULL, 0, LEFT_WAIT_MS);
    if (fd < 0)
        return;
    sweep_one(dir->run);
    close(fd);
}

/* With all of them held by us alone, nobody makes one or goes into one; where someone is about to, the next start
 * sweeps. */
void sweep_runs(const char *run)
{
    char base[PATH_MAX];
    DIR *entries;
    int  fd;

    base_of(run, base);
    if ((fd = hold_alone(base)) < 0)
        return;
    if ((entries = opendir(base)) != NULL) {
        sweep_all(entries, base);
        closedir(entries);
    }
    close(fd);
}
