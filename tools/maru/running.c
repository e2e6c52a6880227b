/* running.c: lists the lock files of a run folder that are held, and finds a TARGET among them. */
#include "running.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/config.h"
#include "app/config_check.h"
#include "app/nearest.h"
#include "app/oserror.h"
#include "app/procfs.h"
#include "names.h"
#include "state.h"

enum { LOOK_MS = 20 }; /* between two looks, where something is waited for */

/* "cart" of "cart.lock"; false for other files. */
static bool name_of(const char *file, char name[static RUNNING_NAME_MAX])
{
    size_t size = strlen(file), tail = strlen(".lock");

    if (size <= tail || size - tail >= RUNNING_NAME_MAX || strcmp(file + size - tail, ".lock") != 0)
        return false;
    snprintf(name, RUNNING_NAME_MAX, "%.*s", (int)(size - tail), file);
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const running *)a)->name, ((const running *)b)->name);
}

static void look_at(const rundir *dir, const char *file, running *list, size_t *count)
{
    char    path[PATH_MAX * 2];
    running one;

    snprintf(path, sizeof path, "%s/%s", dir->run, file);
    if (name_of(file, one.name) && lock_look(path, &one.holder, NULL) == MARU_OK)
        list[(*count)++] = one;
}

maru_status running_list(const rundir *dir, running *list, size_t max, size_t *count, maru_error *error)
{
    DIR           *folder = opendir(dir->run);
    struct dirent *entry;
    maru_status    status;

    *count = 0;
    if (folder == NULL)
        return errno == ENOENT ? MARU_OK : os_error(error, dir->run);
    if ((status = procfs_check(error)) != MARU_OK) {
        closedir(folder);
        return status;
    }
    while (*count < max && (entry = readdir(folder)) != NULL)
        look_at(dir, entry->d_name, list, count);
    closedir(folder);
    qsort(list, *count, sizeof *list, by_name);
    return MARU_OK;
}

maru_status running_strange(const rundir *dir, const running *one, maru_error *error)
{
    char path[PATH_MAX + RUNNING_NAME_MAX + 8];

    snprintf(path, sizeof path, "%s/%s.lock", dir->run, one->name);
    return lock_strange(path, error);
}

bool running_is_of(const running *one, const char *service)
{
    size_t size = strlen(service);

    return strncmp(one->name, service, size) == 0 && strchr("@", one->name[size]) != NULL;
}

static bool serves(const rundir *dir, const char *service)
{
    running *list = calloc(RUNNING_MAX, sizeof *list);
    size_t   count = 0;
    bool     found = false;

    if (list != NULL && running_list(dir, list, RUNNING_MAX, &count, NULL) == MARU_OK)
        for (size_t i = 0; i < count; i++)
            found = found || (running_is_of(&list[i], service) && strchr(list[i].holder.words, ':') != NULL);
    free(list);
    return found;
}

bool running_wait(const rundir *dir, const char *service, int64_t ms)
{
    for (; !serves(dir, service); ms -= LOOK_MS) {
        if (ms < LOOK_MS)
            return false;
        poll(NULL, 0, LOOK_MS);
    }
    return true;
}

maru_status running_folder(const char *given, rundir *dir, maru_error *error)
{
    maru_status status = rundir_find(given != NULL ? given : getenv("MARU_DATA"), dir, error);

    if (status == MARU_OK && (status = rundir_check(dir, error)) == MARU_NOT_FOUND)
        status = maru_error_set(error, MARU_NOT_FOUND, "%.400s: no such data folder (maru up makes it)", dir->data);
    return status;
}

/* What the person may have meant, or what there is. */
static maru_status not_running(const rundir *dir, const char *target, const running *list, size_t count,
                               maru_error *error)
{
    nearest     n = {.word = target};
    char        text[NAMES_TEXT] = "";
    names       all = {.out = text};
    const char *best;

    for (size_t i = 0; i < count; i++) {
        nearest_offer(&n, list[i].name);
        names_put(&all, list[i].name);
    }
    if ((best = nearest_best(&n)) != NULL)
        return maru_error_set(error, MARU_UNAVAILABLE, "%.64s: does not run on %.200s; did you mean %s?", target,
                              dir->data, best);
    return maru_error_set(error, MARU_UNAVAILABLE, "%.64s: does not run on %.200s (%s%s)", target, dir->data,
                          count > 0 ? "there is " : "nothing does: maru up starts it", text);
}

/* Its first socket on this machine, else its first URL. */
static void choose_url(const char *words, char url[static LOCK_WORDS_MAX])
{
    const char *at = strstr(words, "ipc://");

    at = at != NULL ? at : words;
    snprintf(url, LOCK_WORDS_MAX, "%.*s", (int)strcspn(at, " "), at);
}

static maru_status still(const running *one, bool starting, maru_error *error)
{
    if (one->holder.pid == 0) /* it has not written who it is yet */
        return maru_error_set(error, MARU_UNAVAILABLE, "%.64s: it is starting", one->name);
    return maru_error_set(error, MARU_UNAVAILABLE, "%.64s: process %lld is %s", one->name, (long long)one->holder.pid,
                          starting ? "starting" : "stopping");
}

static maru_status find_running(const rundir *dir, const char *target, char url[static LOCK_WORDS_MAX], bool *starting,
                                maru_error *error)
{
    running    *list = calloc(RUNNING_MAX, sizeof *list);
    size_t      count = 0, i = 0;
    maru_status status;

    *starting = false;
    if (list == NULL)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    status = running_list(dir, list, RUNNING_MAX, &count, error);
    while (i < count && strcmp(list[i].name, target) != 0)
        i++;
    if (status == MARU_OK && i == count)
        status = not_running(dir, target, list, count, error);
    else if (status == MARU_OK && list[i].holder.strange)
        status = running_strange(dir, &list[i], error);
    else if (status == MARU_OK && strchr(list[i].holder.words, ':') == NULL) {
        *starting = list[i].holder.words[0] == '\0';
        status = still(&list[i], *starting, error);
    } else if (status == MARU_OK)
        choose_url(list[i].holder.words, url);
    free(list);
    return status;
}

static bool is_service_name(const char *target)
{
    char        name[RUNNING_NAME_MAX];
    const char *at = strchr(target, '@');

    if (snprintf(name, sizeof name, "%s", target) >= (int)sizeof name)
        return false;
    name[strcspn(name, "@")] = '\0';
    return config_is_name(name) && (at == NULL || config_is_instance(at + 1));
}

/* NULL where it may be one, else what was wanted. */
static const char *not_target(const char *target)
{
    if (strstr(target, "://") != NULL)
        return config_check_call_url(target);
    return is_service_name(target) ? NULL : "a service's name, tcp://HOST:PORT or ipc:///PATH";
}

int running_check_target(const command *self, const char *target)
{
    const char *want = not_target(target);

    return want == NULL ? -1 : complain_usage(self, "TARGET: want %s, got \"%.200s\"", want, target);
}

/* A supervisor that is not stopping itself has it in its list, and has not given it up. */
static bool is_supervised(const rundir *dir, const char *target)
{
    lock_holder holder;
    state_row  *rows = calloc(STATE_MAX, sizeof *rows);
    char        path[PATH_MAX + 16];
    size_t      count = 0;
    bool        found = false;

    snprintf(path, sizeof path, "%s/up.lock", dir->data);
    if (rows != NULL && lock_look(path, &holder, NULL) == MARU_OK && strcmp(holder.words, LOCK_STOPPING) != 0) {
        snprintf(path, sizeof path, "%s/up.state", dir->data);
        if (state_read(path, rows, STATE_MAX, &count, NULL) != MARU_OK)
            count = 0;
    }
    for (size_t i = 0; i < count; i++)
        found = found || (strcmp(rows[i].name, target) == 0 && rows[i].state != CHILD_ENDED);
    free(rows);
    return found;
}

/* Waits a moment; false where it would be in vain, or no time is left. */
static bool worth_waiting(const rundir *dir, const char *target, bool starting, int64_t *left_ms)
{
    if (*left_ms < LOOK_MS || (!starting && !is_supervised(dir, target)))
        return false;
    poll(NULL, 0, LOOK_MS);
    *left_ms -= LOOK_MS;
    return true;
}

maru_status running_target(const char *data, const char *target, int64_t *left_ms, char url[static LOCK_WORDS_MAX],
                           maru_error *error)
{
    const char *want = not_target(target);
    rundir      dir;
    bool        starting = false;
    maru_status status;

    if (want != NULL)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "TARGET: want %s, got \"%.200s\"", want, target);
    if (strstr(target, "://") != NULL) {
        snprintf(url, LOCK_WORDS_MAX, "%s", target);
        return MARU_OK;
    }
    if ((status = running_folder(data, &dir, error)) != MARU_OK)
        return status == MARU_NOT_FOUND ? (error->code = MARU_UNAVAILABLE) : status;
    do
        status = find_running(&dir, target, url, &starting, error);
    while (status == MARU_UNAVAILABLE && worth_waiting(&dir, target, starting, left_ms));
    return status;
}
