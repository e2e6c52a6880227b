/* settings.c: reads a service's settings from all sources, answers --help and --print-config, fills in defaults. */
#include "app/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/listen.h"
#include "app/nearest.h"
#include "app/oserror.h"
#include "app/parent.h"
#include "app/paths.h"
#include "app/peers.h"
#include "app/sections.h"

static maru_status read_whole(int fd, const char *path, char *bytes, size_t *size, maru_error *error)
{
    ssize_t got;

    for (*size = 0; (got = read(fd, bytes + *size, CONFIG_FILE_MAX + 1 - *size)) > 0;)
        *size += (size_t)got;
    if (got < 0)
        return os_error(error, path);
    return *size <= CONFIG_FILE_MAX
               ? MARU_OK
               : maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: want at most %d bytes", path, CONFIG_FILE_MAX);
}

static maru_status no_regular_file(const char *path, const char *got, maru_error *error)
{
    return maru_error_set(error, MARU_FAILED_PRECONDITION,
                          "%.400s: want a regular file, which can be read more than once, got %s", path, got);
}

/* maru up and each of its services read the same file, and each service again when it is started anew: of a pipe only
 * the first would read anything. /dev/null is the empty one by its name alone: under maru up, /dev/stdin is that device
 * to a service. */
static maru_status check_kind(int fd, const char *path, maru_error *error)
{
    struct stat about;

    if (fstat(fd, &about) != 0)
        return os_error(error, path);
    if (S_ISREG(about.st_mode) || strcmp(path, "/dev/null") == 0)
        return MARU_OK;
    return no_regular_file(path,
                           S_ISFIFO(about.st_mode)  ? "a pipe"
                           : S_ISDIR(about.st_mode) ? "a folder"
                                                    : "a device",
                           error);
}

static maru_status open_file(const char *path, int *fd, maru_error *error)
{
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO that nobody writes would hold us */
    if (*fd < 0)
        return errno == ENXIO ? no_regular_file(path, "a socket", error) : os_error(error, path);
    return check_kind(*fd, path, error);
}

maru_status settings_put_file(config *c, const char *path, maru_error *error)
{
    int         fd;
    char       *bytes = malloc(CONFIG_FILE_MAX + 1);
    maru_status status = open_file(path, &fd, error);
    size_t      size;

    if (status == MARU_OK && bytes == NULL)
        status = maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: out of memory", path);
    else if (status == MARU_OK && (status = read_whole(fd, path, bytes, &size, error)) == MARU_OK)
        status = config_put_file(c, path, bytes, size, error);
    free(bytes);
    if (fd >= 0)
        close(fd);
    return status;
}

/* A flag that names a peer which the service does not have is a slip; a file or an environment may serve many services.
 */
static maru_status check_peers(const config *c, const maru_app *app, maru_error *error)
{
    for (const config_value *v = app->any_peers ? NULL : c->values[CONFIG_PEER]; v != NULL; v = v->next) {
        char        name[CONFIG_NAME_MAX + 1];
        nearest     n = {.word = name};
        bool        known = v->source != CONFIG_FLAG;
        const char *best;

        snprintf(name, sizeof name, "%.*s", (int)strcspn(v->text, "="), v->text);
        for (size_t i = 0; peers_at(app, i) != NULL; i++) {
            known = known || strcmp(peers_at(app, i), name) == 0;
            nearest_offer(&n, peers_at(app, i));
        }
        best = nearest_best(&n);
        if (!known)
            return maru_error_set(error, MARU_INVALID_ARGUMENT, "--peer: %s calls no service \"%s\"%s%s%s", app->name,
                                  name, best != NULL ? "; did you mean " : "", best != NULL ? best : "",
                                  best != NULL ? "?" : "");
    }
    return MARU_OK;
}

/* Two that could only be in each other's way: the same URL, or two sockets with one lock. Each tcp port 0 is another.
 */
static bool collide(const char *a, const char *b)
{
    char lock_a[PATH_MAX], lock_b[PATH_MAX];

    if (listen_path(a) == NULL || listen_path(b) == NULL)
        return strcmp(a, b) == 0 && strcmp(strrchr(a, ':'), ":0") != 0;
    paths_lock_of(listen_path(a), lock_a);
    paths_lock_of(listen_path(b), lock_b);
    return strcmp(lock_a, lock_b) == 0;
}

static maru_status check_listens(const config *c, maru_error *error)
{
    for (const config_value *v = c->values[CONFIG_LISTEN]; v != NULL; v = v->next)
        for (const config_value *w = v->next; w != NULL; w = w->next)
            if (strcmp(v->text, w->text) == 0 && collide(v->text, w->text))
                return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want each address once, got \"%.150s\" twice",
                                      w->where, v->text);
            else if (collide(v->text, w->text))
                return maru_error_set(
                    error, MARU_INVALID_ARGUMENT,
                    "%s: want sockets whose locks differ, got \"%.150s\" and \"%.150s\", which have one (NAME.lock)",
                    w->where, v->text, w->text);
    return MARU_OK;
}

static void print_peers(const maru_app *app)
{
    if (peers_at(app, 0) == NULL)
        return;
    printf("\nIt calls, or hears the events of:");
    for (size_t i = 0; peers_at(app, i) != NULL; i++)
        printf("%s %s", i == 0 ? "" : ",", peers_at(app, i));
    printf(". Each is looked for on the same data folder, or where --peer says.\n");
}

static void print_help(const config *c, const maru_app *app)
{
    printf("%s - %s\n\nusage: %s [FLAG...]\n\n", app->name, app->summary != NULL ? app->summary : "a service",
           app->name);
    flags_help(stdout, c->flags, c->keys);
    print_peers(app);
    printf(
        "\nEvery setting may also come from the environment (--listen as MARU_LISTEN) or from a file (listen = URL); a "
        "flag\n"
        "wins over the environment, and that over the file. Without any it serves on a socket that others on the same "
        "data\n"
        "folder find, as under maru up.\n"
        "It prints `ready %s URL...` when it serves. Exit status: 0 stopped as told, 1 could not run, 2 wrong usage.\n",
        app->name);
}

static maru_status print_config(config *c, const maru_app *app, maru_error *error)
{
    rundir      dir;
    maru_status status = rundir_find(config_get(c, CONFIG_DATA), &dir, error);

    if (status == MARU_OK)
        status = settings_defaults(c, app, &dir, error);
    if (status == MARU_OK)
        config_print(c, stdout);
    return status;
}

static int settings_fail(const maru_app *app, const maru_error *error, int result)
{
    fprintf(stderr, "%s: %s\n", app->name, error->text);
    return result;
}

static int finish_output(const maru_app *app)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return EXIT_RAN;
    fprintf(stderr, "%s: stdout: %s\n", app->name, strerror(errno));
    return EXIT_CANNOT_RUN;
}

/* For those who look for services (the first line), for those who start them with an environment that is not for one of
 * them alone, and for those who read their stores. */
static void print_probe(const maru_app *app)
{
    printf("maru-service %s %s\n", app->name, app->version);
    for (const maru_app_flag *own = app->flags; own != NULL && own->name != NULL; own++)
        printf("setting %s\n", own->name);
    for (const maru_table *const *at = app->tables; at != NULL && *at != NULL; at++)
        printf("table %u %s %s\n", (*at)->number, (*at)->record->name, (*at)->name);
}

/* What is asked for by a flag and is answered without serving; false where nothing is. */
static bool print_asked(const config *c, const maru_app *app)
{
    if (config_is_set(c, CONFIG_HELP))
        print_help(c, app);
    else if (config_is_set(c, CONFIG_VERSION))
        printf("%s %s\n", app->name, app->version);
    else if (config_is_set(c, CONFIG_PROBE))
        print_probe(app);
    else
        return false;
    return true;
}

static const char *own_help(config *c, const maru_app_flag *own)
{
    const char *help =
        own->fallback == NULL ? NULL : maru_arena_printf(c->arena, "%s (default: %s)", own->help, own->fallback);

    return help != NULL ? help : own->help;
}

static maru_status add_own(config *c, const maru_app *app, maru_error *error)
{
    maru_status status = config_add_limits(c, LIMITS_SERVER, error);

    if (status == MARU_OK && app->tables != NULL)
        status = config_add_limits(c, LIMITS_STORE, error);
    if (status == MARU_OK && app->http)
        status = config_add_limits(c, LIMITS_HTTP, error);
    for (const maru_app_flag *own = app->flags; own != NULL && own->name != NULL && status == MARU_OK; own++)
        status = config_add(c, own->name, own->value, own_help(c, own), own->check, error);
    return status;
}

int settings_read(config *c, const maru_app *app, int argc, char **argv)
{
    maru_error  error = {0};
    const char *path;

    c->section = app->name;
    if (add_own(c, app, &error) != MARU_OK)
        return settings_fail(app, &error, EXIT_CANNOT_RUN);

    if (config_put_flags(c, argc, argv, &error) != MARU_OK)
        return settings_fail(app, &error, EXIT_USAGE);
    if (print_asked(c, app))
        return finish_output(app);
    if (config_put_environment(c, environ, &error) != MARU_OK)
        return settings_fail(app, &error, EXIT_USAGE);
    if ((path = config_get(c, CONFIG_CONFIG)) != NULL && settings_put_file(c, path, &error) != MARU_OK)
        return settings_fail(app, &error, error.code == MARU_INVALID_ARGUMENT ? EXIT_USAGE : EXIT_CANNOT_RUN);
    if (sections_check(c, app, &error) != MARU_OK || check_peers(c, app, &error) != MARU_OK ||
        check_listens(c, &error) != MARU_OK)
        return settings_fail(app, &error, EXIT_USAGE);
    if (config_is_set(c, CONFIG_PRINT_CONFIG))
        return print_config(c, app, &error) == MARU_OK ? finish_output(app)
                                                       : settings_fail(app, &error, EXIT_CANNOT_RUN);
    if (config_get(c, CONFIG_SUPERVISED) != NULL && parent_follow(config_get(c, CONFIG_SUPERVISED), &error) != MARU_OK)
        return settings_fail(app, &error, EXIT_CANNOT_RUN);
    return SETTINGS_SERVE;
}

enum { URL_SIZE = PATH_MAX + 8 };

static maru_status default_socket(const rundir *dir, const char *name, const char *instance, char url[static URL_SIZE],
                                  maru_error *error)
{
    char        path[PATH_MAX];
    maru_status status = paths_in_run(dir->run, name, instance, ".sock", path, error);

    snprintf(url, URL_SIZE, "ipc://%s", path);
    return status;
}

static maru_status put_default(config *c, config_key key, const char *text, maru_error *error)
{
    return config_get(c, key) != NULL ? MARU_OK : config_put(c, key, CONFIG_DEFAULT, "default", text, error);
}

maru_status settings_defaults(config *c, const maru_app *app, const rundir *dir, maru_error *error)
{
    char        url[URL_SIZE], peer[URL_SIZE + CONFIG_NAME_MAX];
    maru_status status = config_put_limits(c, error);

    if (status == MARU_OK)
        status = put_default(c, CONFIG_LOG_LEVEL, "info", error);
    if (status == MARU_OK)
        status = put_default(c, CONFIG_LOG_FORMAT, "logfmt", error);
    if (status == MARU_OK && config_get(c, CONFIG_DATA) == NULL)
        status = config_put(c, CONFIG_DATA, CONFIG_DEFAULT, "default", dir->data, error);
    if (status == MARU_OK && config_get(c, CONFIG_LISTEN) == NULL &&
        (status = default_socket(dir, app->name, config_get(c, CONFIG_INSTANCE), url, error)) == MARU_OK)
        status = config_put(c, CONFIG_LISTEN, CONFIG_DEFAULT, "default", url, error);
    for (const maru_app_flag *own = app->flags; own != NULL && own->name != NULL && status == MARU_OK; own++)
        if (own->fallback != NULL && config_get(c, config_find(c, own->name)) == NULL)
            status = config_put(c, config_find(c, own->name), CONFIG_DEFAULT, "default", own->fallback, error);
    for (size_t i = 0; peers_at(app, i) != NULL && status == MARU_OK; i++) {
        const char *name = peers_at(app, i);

        if (config_peer(c, name) != NULL || (status = default_socket(dir, name, NULL, url, error)) != MARU_OK)
            continue;
        snprintf(peer, sizeof peer, "%s=%s", name, url);
        status = config_put(c, CONFIG_PEER, CONFIG_DEFAULT, "default", peer, error);
    }
    return status;
}
