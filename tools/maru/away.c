/* away.c: finds the stores of a data folder whose service does not run. */
#include "away.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/config.h"
#include "app/config_check.h"
#include "app/oserror.h"

bool running_serves(const running *list, size_t count, const char *service)
{
    size_t size = strlen(service);

    for (size_t i = 0; i < count; i++)
        if (strncmp(list[i].name, service, size) == 0 && strchr("@", list[i].name[size]) != NULL)
            return true;
    return false;
}

static bool has_store(const rundir *dir, const char *name)
{
    char path[PATH_MAX * 2];

    snprintf(path, sizeof path, "%s/%s/data.mdb", dir->data, name);
    return strlen(name) < RUNNING_NAME_MAX && config_is_name(name) && access(path, F_OK) == 0;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

maru_status away_list(const rundir *dir, const running *list, size_t count, away *a, maru_error *error)
{
    DIR           *folder = opendir(dir->data);
    struct dirent *entry;

    a->count = 0;
    if (folder == NULL)
        return os_error(error, dir->data);
    while (a->count < RUNNING_MAX && (entry = readdir(folder)) != NULL)
        if (has_store(dir, entry->d_name) && !running_serves(list, count, entry->d_name))
            snprintf(a->names[a->count++], RUNNING_NAME_MAX, "%.*s", RUNNING_NAME_MAX - 1, entry->d_name);
    closedir(folder);
    qsort(a->names, a->count, sizeof a->names[0], by_text);
    return MARU_OK;
}
