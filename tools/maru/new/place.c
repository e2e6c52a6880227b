/* place.c: finds the project around the working folder, and checks that a service's name is free there. */
#include "place.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/oserror.h"
#include "app/sections.h"
#include "base/log.h"
#include "discover.h"

/* Headers of C17 and POSIX whose names could be a service's, and those of a service and of its test. */
static const char *const header_names[] = {
    "aio",     "assert",   "complex", "cpio",        "ctype",    "dirent",  "dlfcn",     "errno",    "fcntl",
    "fenv",    "float",    "fmtmsg",  "fnmatch",     "ftw",      "glob",    "grp",       "iconv",    "inttypes",
    "iso646",  "langinfo", "libgen",  "limits",      "locale",   "main",    "math",      "monetary", "mqueue",
    "ndbm",    "netdb",    "poll",    "pthread",     "pwd",      "regex",   "sched",     "search",   "semaphore",
    "serving", "setjmp",   "signal",  "spawn",       "stdalign", "stdarg",  "stdatomic", "stdbool",  "stddef",
    "stdint",  "stdio",    "stdlib",  "stdnoreturn", "store",    "string",  "strings",   "stropts",  "syslog",
    "tar",     "telling",  "termios", "test",        "tgmath",   "threads", "time",      "trace",    "uchar",
    "ulimit",  "unistd",   "utime",   "utmpx",       "wchar",    "wctype",  "wordexp",
};
static const char *const target_names[] = {
    "all", "clean", "codegen", "depend", "help", "install", "maru", "package", "preinstall",
};
static const char *const edge_names[] = {EDGE_NAME};
static const char *const section_names[] = {UP_SECTION};
/* Packages of others, whose files a .proto imports: a part of one's own of that name would hide them. */
static const char *const imported_names[] = {"google", "grpc", "maru"};
/* What begins the names of libraries that are linked: protoc-gen-maru refuses them as prefixes. */
static const char *const library_names[] = {"mbedtls", "mdb", "nn", "nng", "psa", "uv"};

/* C's libraries, by the names under which programs are linked with them: CMake would take the target for that. */
static const char *const linked_names[] = {"c", "dl", "m", "rt"};

#define NAMES(names) names, sizeof names / sizeof *names
static const struct taken {
    const char *const *names;
    size_t             count;
    const char        *why;
} taken[] = {
    {NAMES(header_names), "its header would hide another one of that name, of C, of POSIX or of every service"},
    {NAMES(target_names), "the build has a target of that name already"},
    {NAMES(edge_names), "that is Maru's own service, which serves HTTP"},
    {NAMES(imported_names), "that is a package whose .proto files services import"},
    {NAMES(library_names), "the functions of a library that every service is linked with begin with it"},
};

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

bool place_is_name(const char *text)
{
    size_t size = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789");

    return text[size] == '\0' && size >= 1 && size <= NEW_NAME_MAX && (text[0] < '0' || text[0] > '9');
}

const char *place_taken(const char *name)
{
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (is_one_of(name, taken[i].names, taken[i].count))
            return taken[i].why;
    return NULL;
}

/* What maru log-level takes for levels, rather than for a TARGET. */
static bool is_level(const char *name)
{
    log_levels levels;
    char       words[LOG_LEVELS_TEXT];

    return log_levels_parse(name, &levels, words);
}

const char *place_service_taken(const char *name)
{
    if (is_level(name))
        return "maru log-level would take it for a level of the log";
    if (is_one_of(name, NAMES(section_names)))
        return "[" UP_SECTION "] in a configuration file is the section of maru up";
    if (is_one_of(name, NAMES(linked_names)))
        return "programs are linked with a library of C under that name";
    return place_taken(name);
}

static bool is_there(const char *folder, const char *name)
{
    char        path[PATH_MAX + 32];
    struct stat st;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return stat(path, &st) == 0;
}

static bool is_project(const char *folder)
{
    return is_there(folder, "CMakeLists.txt") && is_there(folder, "proto") && is_there(folder, "svc");
}

/* folder becomes the nearest project from it upwards; false where there is none. */
static bool go_up(char *folder)
{
    char *slash;

    while (!is_project(folder)) {
        if ((slash = strrchr(folder, '/')) == NULL || slash == folder)
            return false;
        *slash = '\0';
    }
    return true;
}

static bool is_own(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && strlen(entry->d_name) <= NEW_NAME_MAX &&
           !is_one_of(entry->d_name, imported_names, sizeof imported_names / sizeof *imported_names);
}

static maru_status only_package(new_place *place, maru_error *error)
{
    char           path[PATH_MAX + 32];
    struct dirent *entry;
    DIR           *dir;

    snprintf(path, sizeof path, "%s/proto", place->root);
    if ((dir = opendir(path)) == NULL)
        return os_error(error, path);
    maru_error_set(error, MARU_OK, "%s", "");
    while (error->code == MARU_OK && (entry = readdir(dir)) != NULL) {
        if (!is_own(entry) || entry->d_type == DT_REG)
            continue;
        if (place->package[0] != '\0')
            maru_error_set(error, MARU_INVALID_ARGUMENT, "%.300s has %s and %s: want --package, which of them", path,
                           place->package, entry->d_name);
        else
            snprintf(place->package, sizeof place->package, "%.*s", NEW_NAME_MAX, entry->d_name);
    }
    closedir(dir);
    if (error->code == MARU_OK && place->package[0] != '\0' &&
        (!place_is_name(place->package) || place_taken(place->package) != NULL))
        maru_error_set(error, MARU_INVALID_ARGUMENT, "%.300s/%s can't be a package's name; want --package, another",
                       path, place->package);
    return error->code;
}

maru_status place_find(const char *name, const char *package, new_place *place, maru_error *error)
{
    maru_status status = MARU_OK;

    *place = (new_place){.is_new = false};
    if (getcwd(place->root, sizeof place->root) == NULL)
        return os_error(error, "the working folder");
    place->is_new = !go_up(place->root);
    if (place->is_new)
        snprintf(place->root, sizeof place->root, "%s", name);
    if (package != NULL)
        snprintf(place->package, sizeof place->package, "%s", package);
    else if (!place->is_new)
        status = only_package(place, error);
    if (place->package[0] == '\0')
        snprintf(place->package, sizeof place->package, "app");
    return status;
}
