/* paths.c: makes the paths of data folder, run folder, sockets and locks from flags and environment. */
#include "app/paths.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/url.h"
#include "maru/shown.h"

static maru_status join(char *out, const char *a, const char *b, maru_error *error)
{
    if (snprintf(out, PATH_MAX, "%s%s", a, b) < PATH_MAX)
        return MARU_OK;
    return maru_error_set(error, MARU_INVALID_ARGUMENT,
                          "data folder: want a path of at most %d bytes, got %zu bytes that begin with \"%s\"",
                          PATH_MAX - 1, strlen(a) + strlen(b), maru_shown(a).text);
}

static _Bool is_folder_name(const char *text)
{
    return text != NULL && text[0] == '/';
}

maru_status paths_data(const char *given, const paths_env *env, char out[static PATH_MAX], maru_error *error)
{
    if (given != NULL && given[0] != '\0')
        return join(out, given, "", error);
    if (is_folder_name(env->state_home))
        return join(out, env->state_home, "/maru", error);
    if (is_folder_name(env->home))
        return join(out, env->home, "/.local/state/maru", error);
    return maru_error_set(error, MARU_INVALID_ARGUMENT,
                          "no data folder: want --data DIR, or MARU_DATA, XDG_STATE_HOME or HOME in the environment");
}

void paths_hash(const char *data, char out[static PATHS_HASH + 1])
{
    uint64_t hash = fnv1a64(data, strlen(data));

    snprintf(out, PATHS_HASH + 1, "%012" PRIx64, (hash ^ hash >> 48) & 0xffffffffffff);
}

/* The name of a run folder, and a line's end. */
static _Bool ends_line(const char *name)
{
    return strspn(name, "0123456789abcdef") == PATHS_HASH && strcmp(name + PATHS_HASH, "\n") == 0;
}

_Bool paths_may_be_run(const char *text, size_t size)
{
    char        line[PATH_MAX + 1];
    size_t      length = strnlen(text, size);
    const char *end;

    for (size_t i = length; i < size; i++)
        if (text[i] != '\0')
            return 0;
    if (length == 0)
        return 1;
    if (text[0] != '/' || length >= sizeof line)
        return 0;
    snprintf(line, sizeof line, "%.*s", (int)length, text);
    end = strchr(line, '\n');
    return end == NULL || (end == line + length - 1 && ends_line(strrchr(line, '/') + 1));
}

_Bool paths_runtime_base(const paths_env *env, char out[static PATH_MAX])
{
    return is_folder_name(env->runtime_dir) && join(out, env->runtime_dir, "/maru", NULL) == MARU_OK;
}

void paths_tmp_base(const paths_env *env, char out[static PATH_MAX])
{
    snprintf(out, PATH_MAX, "/tmp/maru-%u", env->uid);
}

maru_status paths_in_run(const char *run, const char *name, const char *instance, const char *suffix,
                         char out[static PATH_MAX], maru_error *error)
{
    int size = snprintf(out, PATH_MAX, "%s/%s%s%s%s", run, name, instance != NULL ? "@" : "",
                        instance != NULL ? instance : "", suffix);

    if (size <= SOCKET_PATH_MAX || (strcmp(suffix, ".sock") != 0 && size < PATH_MAX))
        return MARU_OK;
    return maru_error_set(error, MARU_INVALID_ARGUMENT,
                          "%.200s: a socket's path has at most %d bytes, this one %d; set XDG_RUNTIME_DIR to a shorter "
                          "folder",
                          out, SOCKET_PATH_MAX, size);
}

void paths_lock_of(const char *socket, char out[static PATH_MAX])
{
    size_t size = strlen(socket), tail = strlen(".sock");

    if (size > tail && strcmp(socket + size - tail, ".sock") == 0)
        size -= tail;
    snprintf(out, PATH_MAX, "%.*s.lock", (int)size, socket);
}
