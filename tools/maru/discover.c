/* discover.c: lists the programs of a folder that are services, by their note and their answer to --probe. */
#include "discover.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/config.h"
#include "app/oserror.h"
#include "names.h"
#include "note.h"
#include "program.h"

enum { PROBE_MS = 5000, ANSWER_MAX = 1024 /* tables may follow, and are cut */ };

_Static_assert((int)DISCOVER_SETTINGS == (int)CONFIG_OWN_MAX, "a service has no more of its own");

_Bool discover_parse(const char *line, char name[static STATE_NAME_MAX + 1])
{
    static const char head[] = "maru-service ";
    size_t            size;

    if (strncmp(line, head, sizeof head - 1) != 0)
        return false;
    line += sizeof head - 1;
    size = strcspn(line, " \n");
    if (size > STATE_NAME_MAX || line[size] != ' ')
        return false;
    memcpy(name, line, size);
    name[size] = '\0';
    return config_is_name(name);
}

/* "setting pack-ms" */
static void take_settings(const char *answer, found_service *found)
{
    static const char head[] = "\nsetting ";
    size_t            count = 0;

    while (count < DISCOVER_SETTINGS && (answer = strstr(answer, head)) != NULL) {
        answer += sizeof head - 1;
        snprintf(found->settings[count++], NEAREST_WORD_MAX, "%.*s", (int)strcspn(answer, "\n"), answer);
    }
}

static maru_status probe(found_service *found, maru_error *error)
{
    char        answer[ANSWER_MAX];
    char *const words[] = {found->program, (char *)"--probe", NULL};
    program_ask ask = {
        .words = words, .stream = STDOUT_FILENO, .limit_ms = PROBE_MS, .answer = answer, .size = sizeof answer};
    int         ended;
    maru_status status = program_run(&ask, &ended, error);

    if (status == MARU_OK && discover_parse(answer, found->name)) {
        take_settings(answer, found);
        return MARU_OK;
    }
    if (status != MARU_OK)
        return status;
    return maru_error_set(error, MARU_FAILED_PRECONDITION,
                          "%.300s --probe: want \"maru-service NAME VERSION\" within %d s, got \"%.*s\"",
                          found->program, PROBE_MS / 1000, (int)strcspn(answer, "\n"), answer);
}

static bool is_service(const char *path)
{
    struct stat st;
    int         fd;
    bool        yes;

    if (access(path, X_OK) != 0 || (fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) < 0)
        return false;
    yes = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && note_in_file(fd);
    close(fd);
    return yes;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const found_service *)a)->name, ((const found_service *)b)->name);
}

static maru_status check_twins(const found_service *found, size_t count, maru_error *error)
{
    for (size_t i = 1; i < count; i++)
        if (strcmp(found[i - 1].name, found[i].name) == 0)
            return maru_error_set(error, MARU_ALREADY_EXISTS, "%.200s and %.200s both say that they are \"%s\"",
                                  found[i - 1].program, found[i].program, found[i].name);
    return MARU_OK;
}

static maru_status own_folder(char folder[static PATH_MAX], maru_error *error)
{
    ssize_t size = readlink("/proc/self/exe", folder, PATH_MAX - 1);

    if (size < 0)
        return os_error(error, "/proc/self/exe");
    folder[size] = '\0';
    *strrchr(folder, '/') = '\0';
    return MARU_OK;
}

static maru_status walk(DIR *dir, const char *folder, found_service *found, size_t max, size_t *count,
                        maru_error *error)
{
    maru_status    status = MARU_OK;
    struct dirent *entry;

    while (status == MARU_OK && (entry = readdir(dir)) != NULL) {
        found_service one = {0};

        if (snprintf(one.program, sizeof one.program, "%s/%s", folder, entry->d_name) >= PATH_MAX ||
            !is_service(one.program) || (status = probe(&one, error)) != MARU_OK)
            continue;
        if (*count == max)
            return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%.300s: want at most %zu services", folder, max);
        found[(*count)++] = one;
    }
    return status;
}

static bool is_among(const found_service *found, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(found[i].name, name) == 0)
            return true;
    return false;
}

/* The edge that is installed with maru (cmake/MaruInstall.cmake) is everybody's: it knows no service. */
static maru_status add_installed_edge(const char *own, found_service *found, size_t max, size_t *count,
                                      maru_error *error)
{
    found_service one = {0};
    maru_status   status;

    if (*count == 0 || *count == max || is_among(found, *count, EDGE_NAME) ||
        snprintf(one.program, sizeof one.program, "%s/" MARU_LIBEXEC "/" EDGE_NAME, own) >= PATH_MAX ||
        !is_service(one.program))
        return MARU_OK;
    if ((status = probe(&one, error)) == MARU_OK)
        found[(*count)++] = one;
    return status;
}

maru_status discover_services(const char *folder, found_service *found, size_t max, size_t *count, maru_error *error)
{
    char        own[PATH_MAX];
    maru_status status;
    DIR        *dir;

    *count = 0;
    if ((status = own_folder(own, error)) != MARU_OK)
        return status;
    folder = folder != NULL ? folder : own;
    if ((dir = opendir(folder)) == NULL)
        return os_error(error, folder);
    status = walk(dir, folder, found, max, count, error);
    closedir(dir);
    if (status != MARU_OK || (status = add_installed_edge(own, found, max, count, error)) != MARU_OK)
        return status;
    qsort(found, *count, sizeof *found, by_name);
    return check_twins(found, *count, error);
}

const char *discover_unknown(const found_service *found, size_t count, const char *other, const char *name,
                             char out[static DISCOVER_WORDS])
{
    char        text[NAMES_TEXT] = "";
    names       list = {.out = text};
    nearest     n = {.word = name};
    const char *best;

    if (other != NULL)
        nearest_offer(&n, other);
    for (size_t i = 0; i < count; i++) {
        nearest_offer(&n, found[i].name);
        names_put(&list, found[i].name);
    }
    if ((best = nearest_best(&n)) != NULL)
        snprintf(out, DISCOVER_WORDS, "no such service; did you mean %s?", best);
    else
        snprintf(out, DISCOVER_WORDS, "no such service (there is %s)", text);
    return out;
}
