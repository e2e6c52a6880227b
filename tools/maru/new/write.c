/* write.c: makes the folders and files of a new service, after a look whether any is there. */
#include "write.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/oserror.h"
#include "new/blueprint.h"

/* A file of a service: where it goes, and what it is made from. Holes in both. */
typedef struct new_file {
    const char *path, *from;
} new_file;

static const new_file project_files[] = {
    {"CMakeLists.txt", "project.cmake"},
    {".gitignore", "gitignore"},
};
static const new_file service_files[] = {
    {"proto/@package@/@name@.proto", "service.proto"},
    {"docs/services/@name@.md", "page.md"},
    {"svc/@name@/CMakeLists.txt", "CMakeLists.txt"},
    {"svc/@name@/@name@.h", "service.h"},
    {"svc/@name@/@name@.c", "service.c"},
    {"svc/@name@/store.h", "store.h"},
    {"svc/@name@/store.c", "store.c"},
    {"svc/@name@/main.c", "main.c"},
    {"svc/@name@/@name@_test.c", "service_test.c"},
};

enum { PATH_ROOM = PATH_MAX + 128 };

typedef struct writing {
    const new_place      *place;
    const blueprint_hole *holes;
    FILE                 *out;
    maru_error           *error;
} writing;

static maru_status path_of(const writing *w, const char *path, char full[static PATH_ROOM])
{
    FILE *out = fmemopen(full, PATH_ROOM, "w");
    bool  good = out != NULL && fprintf(out, "%s/", w->place->root) > 0 && blueprint_fill_name(path, w->holes, out);

    if (out == NULL || fclose(out) != 0 || !good)
        return maru_error_set(w->error, MARU_INVALID_ARGUMENT, "%.300s: the path is too long", w->place->root);
    return MARU_OK;
}

static maru_status make_folders(char *path, maru_error *error)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        bool made;

        *slash = '\0';
        made = mkdir(path, 0777) == 0 || errno == EEXIST;
        if (!made)
            os_error(error, path);
        *slash = '/';
        if (!made)
            return error->code;
    }
    return MARU_OK;
}

static maru_status write_file(const writing *w, const new_file *file)
{
    char        path[PATH_ROOM];
    maru_status status;
    FILE       *out;
    bool        good;

    if ((status = path_of(w, file->path, path)) != MARU_OK || (status = make_folders(path, w->error)) != MARU_OK)
        return status;
    if ((out = fopen(path, "wxe")) == NULL)
        return os_error(w->error, path);
    good = blueprint_fill(blueprint_find(file->from), w->holes, out);
    if (fclose(out) != 0 || !good)
        return os_error(w->error, path);
    fprintf(w->out, "%s\n", path);
    return MARU_OK;
}

static maru_status write_files(const writing *w, const new_file *files, size_t count)
{
    maru_status status = MARU_OK;

    for (size_t i = 0; i < count && status == MARU_OK; i++)
        status = write_file(w, &files[i]);
    return status;
}

/* A new project is a new folder; in one that is there, the service's folder and its .proto are. */
static maru_status check_free(const writing *w)
{
    static const char *const in_project[] = {"proto/@package@/@name@.proto", "svc/@name@"};
    static const char *const in_new[] = {""};
    const char *const       *paths = w->place->is_new ? in_new : in_project;
    size_t                   count = w->place->is_new ? 1 : 2;
    char                     path[PATH_ROOM];
    maru_status              status = MARU_OK;
    struct stat              st;

    for (size_t i = 0; i < count && status == MARU_OK; i++)
        if ((status = path_of(w, paths[i], path)) == MARU_OK && lstat(path, &st) == 0)
            return maru_error_set(w->error, MARU_ALREADY_EXISTS, "%.400s: is there already", path);
    return status;
}

static void to_upper(char *to, const char *from)
{
    while ((*to++ = (char)toupper((unsigned char)*from++)) != '\0')
        ;
}

maru_status write_service(const new_place *place, const char *name, const char *version, FILE *out, maru_error *error)
{
    char                 upper[NEW_NAME_MAX + 1], camel[NEW_NAME_MAX + 1], guard[NEW_NAME_MAX + 1];
    const blueprint_hole holes[] = {
        {"name", name},     {"Name", camel},      {"NAME", upper}, {"package", place->package},
        {"PACKAGE", guard}, {"version", version}, {NULL, NULL}};
    const writing w = {.place = place, .holes = holes, .out = out, .error = error};
    maru_status   status;

    to_upper(upper, name);
    to_upper(guard, place->package);
    snprintf(camel, sizeof camel, "%c%s", upper[0], name + 1);
    if ((status = check_free(&w)) != MARU_OK)
        return status;
    if (place->is_new &&
        (status = write_files(&w, project_files, sizeof project_files / sizeof *project_files)) != MARU_OK)
        return status;
    return write_files(&w, service_files, sizeof service_files / sizeof *service_files);
}
