/* tree.c: the CMake files of a project, looked through for the targets that they make (targets.h). */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/oserror.h"
#include "new/targets.h"

enum { DEPTH_MAX = 32, FILE_MAX = 4 << 20 };

typedef struct walk {
    size_t      root_size; /* of paths, what is not told */
    const char *name;
    maru_error *error;
} walk;

static bool is_cmake_file(const char *name)
{
    const char *dot = strrchr(name, '.');

    return strcmp(name, "CMakeLists.txt") == 0 || (dot != NULL && strcmp(dot, ".cmake") == 0);
}

static maru_status look(const walk *w, const char *path, const char *text)
{
    target_clash clash;

    if (!targets_clash(text, w->name, &clash))
        return MARU_OK;
    return maru_error_set(
        w->error, MARU_ALREADY_EXISTS,
        "NAME: \"%s\" can't be a service's name here: %s:%zu %s %s, and the service would be a target of "
        "that name",
        w->name, path + w->root_size, clash.line, clash.links ? "links" : "makes", clash.target);
}

static maru_status look_in_file(const walk *w, const char *path)
{
    FILE       *file = fopen(path, "re");
    char       *text = file == NULL ? NULL : malloc(FILE_MAX + 1);
    maru_status status = MARU_OK;
    size_t      size;

    if (file != NULL && text != NULL) {
        size = fread(text, 1, FILE_MAX, file);
        text[ferror(file) ? 0 : size] = '\0';
    }
    if (file == NULL || text == NULL || ferror(file))
        status = os_error(w->error, path);
    else
        status = look(w, path, text);
    free(text);
    if (file != NULL)
        fclose(file);
    return status;
}

static bool is_build(const char *folder)
{
    char path[PATH_MAX];

    return snprintf(path, sizeof path, "%s/CMakeCache.txt", folder) < (int)sizeof path && access(path, F_OK) == 0;
}

static maru_status look_in_folder(const walk *w, const char *folder, int depth);

static maru_status look_at(const walk *w, const char *folder, const char *name, int depth)
{
    char        path[PATH_MAX];
    struct stat st;

    if (name[0] == '.' || snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path ||
        lstat(path, &st) != 0)
        return MARU_OK;
    if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
        return look_in_folder(w, path, depth + 1);
    return S_ISREG(st.st_mode) && is_cmake_file(name) ? look_in_file(w, path) : MARU_OK;
}

/* In order of names, so that the same is told every time. */
static maru_status look_in_folder(const walk *w, const char *folder, int depth)
{
    struct dirent **entries;
    maru_status     status = MARU_OK;
    int             count;

    if (is_build(folder))
        return MARU_OK;
    if ((count = scandir(folder, &entries, NULL, alphasort)) < 0)
        return errno == EACCES ? MARU_OK : os_error(w->error, folder);
    for (int i = 0; i < count; i++) {
        if (status == MARU_OK)
            status = look_at(w, folder, entries[i]->d_name, depth);
        free(entries[i]);
    }
    free(entries);
    return status;
}

maru_status targets_check(const char *root, const char *name, maru_error *error)
{
    const walk w = {.root_size = strlen(root) + 1, .name = name, .error = error};

    return look_in_folder(&w, root, 0);
}
