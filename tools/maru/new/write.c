/* write.c: makes the folders and files of a new service, after a look whether any is there. */
#include "write.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/oserror.h"
#include "new/blueprint.h"
#include "new/targets.h"

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
    written              *made;
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

static maru_status note(const writing *w, const char *path)
{
    return written_note(w->made, path)
               ? MARU_OK
               : maru_error_set(w->error, MARU_RESOURCE_EXHAUSTED, "%.400s: out of memory", path);
}

static maru_status make_folder(const writing *w, const char *path)
{
    if (mkdir(path, 0777) == 0)
        return note(w, path);
    return errno == EEXIST ? MARU_OK : os_error(w->error, path);
}

static maru_status make_folders(const writing *w, char *path)
{
    maru_status status = MARU_OK;

    for (char *slash = strchr(path + 1, '/'); slash != NULL && status == MARU_OK; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        status = make_folder(w, path);
        *slash = '/';
    }
    return status;
}

static maru_status write_file(const writing *w, const new_file *file)
{
    char        path[PATH_ROOM];
    maru_status status;
    FILE       *out;
    bool        good;

    if ((status = path_of(w, file->path, path)) != MARU_OK || (status = make_folders(w, path)) != MARU_OK)
        return status;
    if ((out = fopen(path, "wxe")) == NULL)
        return os_error(w->error, path);
    status = note(w, path);
    good = status == MARU_OK && blueprint_fill(blueprint_find(file->from), w->holes, out);
    if ((fclose(out) != 0 || !good) && status == MARU_OK)
        status = os_error(w->error, path);
    if (status != MARU_OK)
        return status;
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

static maru_status write_all(const writing *w)
{
    maru_status status = MARU_OK;

    if (w->place->is_new)
        status = write_files(w, project_files, sizeof project_files / sizeof *project_files);
    return status != MARU_OK ? status : write_files(w, service_files, sizeof service_files / sizeof *service_files);
}

maru_status write_service(const new_place *place, const char *name, const char *version, FILE *out, written *made,
                          maru_error *error)
{
    char                 upper[NEW_NAME_MAX + 1], camel[NEW_NAME_MAX + 1], guard[NEW_NAME_MAX + 1];
    const blueprint_hole holes[] = {
        {"name", name},     {"Name", camel},      {"NAME", upper}, {"package", place->package},
        {"PACKAGE", guard}, {"version", version}, {NULL, NULL}};
    const writing w = {.place = place, .holes = holes, .out = out, .made = made, .error = error};
    maru_status   status;

    made->count = 0;
    to_upper(upper, name);
    to_upper(guard, place->package);
    snprintf(camel, sizeof camel, "%c%s", upper[0], name + 1);
    if ((status = check_free(&w)) == MARU_OK && !place->is_new)
        status = targets_check(place->root, name, error);
    if (status == MARU_OK && (status = write_all(&w)) != MARU_OK)
        written_remove(made);
    return status;
}
