/* rundir.c: finds or makes data and run folder, checks that they are private, and holds the run folder's lock. */
#include "app/rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/oserror.h"
#include "base/regular.h"

static paths_env env_now(void)
{
    return (paths_env){.state_home = getenv("XDG_STATE_HOME"),
                       .home = getenv("HOME"),
                       .runtime_dir = getenv("XDG_RUNTIME_DIR"),
                       .uid = getuid()};
}

/* OUT/NAME, in out. */
static maru_status append(char out[static PATH_MAX], const char *name, maru_error *error)
{
    size_t size = strcmp(out, "/") == 0 ? 0 : strlen(out);

    if (snprintf(out + size, PATH_MAX - size, "/%s", name) < (int)(PATH_MAX - size))
        return MARU_OK;
    return maru_error_set(error, MARU_INVALID_ARGUMENT, "%.100s...: want a path of at most %d bytes", out,
                          PATH_MAX - 1);
}

/* The path without the slashes that it ends with; there is one in it. */
static void trim(const char *path, char out[static PATH_MAX])
{
    size_t size = strlen(path);

    while (size > 1 && path[size - 1] == '/')
        size--;
    snprintf(out, PATH_MAX, "%s%.*s", memchr(path, '/', size) != NULL ? "" : "./", (int)size, path);
}

static maru_status absolute(const char *path, char out[static PATH_MAX], maru_error *error);

/* What is missing is put behind what is there. A link that leads nowhere stands for no folder: what it leads to is not
 * made. */
static maru_status absolute_missing(const char *path, char out[static PATH_MAX], maru_error *error)
{
    char        parent[PATH_MAX];
    char       *slash;
    ssize_t     led;
    maru_status status;

    trim(path, parent);
    if ((led = readlink(parent, out, PATH_MAX)) >= 0)
        return maru_error_set(error, MARU_NOT_FOUND, "%.200s: leads to %.*s, which is not there", path,
                              led < 200 ? (int)led : 200, out);
    slash = strrchr(parent, '/');
    *slash = '\0';
    if (strcmp(slash + 1, "..") == 0)
        return maru_error_set(error, MARU_NOT_FOUND, "%.400s: no such folder", path);
    if ((status = absolute(slash == parent ? "/" : parent, out, error)) != MARU_OK || strcmp(slash + 1, ".") == 0)
        return status;
    return append(out, slash + 1, error);
}

/* The path without links, as far as it is there. A working folder that was removed has none. */
static maru_status absolute(const char *path, char out[static PATH_MAX], maru_error *error)
{
    bool here = strcmp(path, ".") == 0;

    if (realpath(path, out) != NULL)
        return MARU_OK;
    if (errno != ENOENT || here)
        return os_error(error, here ? "the working folder" : path);
    return absolute_missing(path, out, error);
}

static maru_status make_folder(const char *path, maru_error *error)
{
    struct stat st;

    if (mkdir(path, 0700) == 0)
        return MARU_OK;
    if (errno != EEXIST)
        return os_error_doing(error, path, "make the folder");
    if (stat(path, &st) != 0)
        return os_error(error, path);
    return S_ISDIR(st.st_mode)
               ? MARU_OK
               : maru_error_set(error, MARU_FAILED_PRECONDITION, "%.400s: want a folder, is none", path);
}

static maru_status make_folders(const char *path, maru_error *error)
{
    char        part[PATH_MAX];
    maru_status status = MARU_OK;

    for (const char *at = strchr(path + 1, '/'); at != NULL && status == MARU_OK; at = strchr(at + 1, '/')) {
        snprintf(part, sizeof part, "%.*s", (int)(at - path), path);
        if (access(part, F_OK) != 0)
            status = make_folder(part, error);
    }
    return status == MARU_OK ? make_folder(path, error) : status;
}

/* Ours alone: in /tmp anyone could have made it before us. */
static maru_status check_private(const char *path, maru_error *error)
{
    struct stat st;

    if (lstat(path, &st) != 0)
        return os_error(error, path);
    if (!S_ISDIR(st.st_mode))
        return maru_error_set(error, MARU_FAILED_PRECONDITION, "%.400s: want a folder, is none", path);
    if (st.st_uid != getuid())
        return maru_error_set(error, MARU_FAILED_PRECONDITION,
                              "%.400s: belongs to user %u, want %u; remove it, or set XDG_RUNTIME_DIR", path, st.st_uid,
                              getuid());
    if ((st.st_mode & 077) != 0)
        return maru_error_set(error, MARU_FAILED_PRECONDITION, "%.400s: others may get into it (mode %o), want 700",
                              path, st.st_mode & 0777);
    return MARU_OK;
}

static bool is_private(const char *path)
{
    return check_private(path, NULL) == MARU_OK;
}

/* The runtime folder is used only where it is ours (sudo keeps that of another user), and where its path can stand in a
 * list of URLs. */
static void choose_run(const char *data, char run[static PATH_MAX])
{
    paths_env env = env_now();
    char      base[PATH_MAX], hash[PATHS_HASH + 1];

    if (!paths_runtime_base(&env, base) || !is_private(env.runtime_dir) || strpbrk(base, " \t\n") != NULL)
        paths_tmp_base(&env, base);
    paths_hash(data, hash);
    if (snprintf(run, PATH_MAX, "%s/%s", base, hash) >= PATH_MAX)
        run[0] = '\0';
}

/* What .run says holds only where it is a folder of ours with this data folder's name. */
static bool is_run_of(const char *run, const char *data)
{
    char        hash[PATHS_HASH + 1];
    const char *slash = strrchr(run, '/');

    paths_hash(data, hash);
    return run[0] == '/' && strcmp(slash + 1, hash) == 0 && is_private(run);
}

/* run stays as it is where it says nothing that holds; *holds is whether it does. What is no .run is somebody's. */
static maru_status read_run(int fd, const char *file, const char *data, char run[static PATH_MAX], bool *holds,
                            maru_error *error)
{
    char    text[PATH_MAX + 1] = "";
    ssize_t size = pread(fd, text, sizeof text, 0);

    *holds = false;
    if (size <= 0)
        return MARU_OK;
    if (size == (ssize_t)sizeof text || !paths_may_be_run(text, (size_t)size))
        return maru_error_set(error, MARU_FAILED_PRECONDITION,
                              "%.400s: want nothing, or the file that says where the run folder is; there is another "
                              "file, which is left as it is",
                              file);
    text[strcspn(text, "\n")] = '\0';
    if ((*holds = is_run_of(text, data)))
        memcpy(run, text, PATH_MAX);
    return MARU_OK;
}

/* Where there is none, or it is for others to read, the run folder is the one that would be made. */
static maru_status look_up_run(const char *data, char run[static PATH_MAX], maru_error *error)
{
    char        file[PATH_MAX + 8];
    const char *is;
    maru_status status;
    bool        holds;
    int         fd;

    choose_run(data, run);
    snprintf(file, sizeof file, "%s/.run", data);
    if ((fd = regular_open(file, O_RDONLY, &is)) < 0)
        return is != NULL ? os_error_at(error, file, is, NULL) : MARU_OK;
    status = read_run(fd, file, data, run, &holds, error);
    close(fd);
    return status;
}

maru_status rundir_find(const char *given, rundir *dir, maru_error *error)
{
    paths_env   env = env_now();
    char        data[PATH_MAX];
    maru_status status;

    dir->held = -1;
    if ((status = paths_data(given, &env, data, error)) != MARU_OK ||
        (status = absolute(data, dir->data, error)) != MARU_OK)
        return status;
    return look_up_run(dir->data, dir->run, error);
}

/* Opens it with a shared lock; *held is -1 where it can't. */
static maru_status hold_folder(const char *path, int *held, maru_error *error)
{
    maru_status status = MARU_OK;

    *held = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*held < 0 || flock(*held, LOCK_SH) != 0)
        status = os_error(error, path);
    if (status != MARU_OK && *held >= 0) {
        close(*held);
        *held = -1;
    }
    return status;
}

static maru_status make_held(rundir *dir, maru_error *error)
{
    maru_status status = make_folder(dir->run, error);

    if (status != MARU_OK || (status = check_private(dir->run, error)) != MARU_OK)
        return status;
    return hold_folder(dir->run, &dir->held, error);
}

/* With the folder that it stands in held, no sweep is under way (sweep.c): it can't go between being made and held. */
static maru_status make_run(rundir *dir, maru_error *error)
{
    char        base[PATH_MAX];
    maru_status status;
    int         fd;

    snprintf(base, sizeof base, "%s", dir->run);
    *strrchr(base, '/') = '\0';
    if ((status = make_folders(base, error)) != MARU_OK || (status = check_private(base, error)) != MARU_OK)
        return status;
    if ((status = hold_folder(base, &fd, error)) != MARU_OK)
        return status;
    status = make_held(dir, error);
    close(fd);
    return status;
}

/* Under the lock of .run: two processes that start at once agree. */
static maru_status settle_run(int fd, const char *file, rundir *dir, maru_error *error)
{
    struct flock whole = {.l_type = F_WRLCK};
    char         line[PATH_MAX + 1];
    maru_status  status;
    bool         holds;
    int          size;

    if (fcntl(fd, F_OFD_SETLKW, &whole) != 0)
        return os_error(error, file);
    choose_run(dir->data, dir->run);
    if ((status = read_run(fd, file, dir->data, dir->run, &holds, error)) != MARU_OK ||
        (status = make_run(dir, error)) != MARU_OK || holds)
        return status;
    size = snprintf(line, sizeof line, "%s\n", dir->run);
    if (ftruncate(fd, 0) != 0 || pwrite(fd, line, (size_t)size, 0) != size)
        return os_error_doing(error, file, "note where the run folder is");
    return MARU_OK;
}

maru_status rundir_make(const char *given, rundir *dir, maru_error *error)
{
    char        file[PATH_MAX + 8];
    maru_status status = rundir_find(given, dir, error);
    const char *is;
    int         fd;

    if (status != MARU_OK || (status = make_folders(dir->data, error)) != MARU_OK)
        return status;
    snprintf(file, sizeof file, "%s/.run", dir->data);
    if ((fd = regular_open(file, O_RDWR | O_CREAT, &is)) < 0)
        return os_error_at(error, file, is, "make the file that says where the run folder is");
    status = settle_run(fd, file, dir, error);
    close(fd);
    return status;
}

/* Cuts the last name off a path of size bytes: 0 where that leaves the root. */
static size_t above(const char *path, size_t size)
{
    while (size > 0 && path[size - 1] != '/')
        size--;
    return size > 0 ? size - 1 : 0;
}

static bool is_there(const char *path, size_t size)
{
    char part[PATH_MAX];

    snprintf(part, sizeof part, "%.*s", (int)size, path);
    return size == 0 || access(part, F_OK) == 0;
}

maru_status rundir_make_data(const char *given, rundir *dir, size_t *kept, maru_error *error)
{
    maru_status status = rundir_find(given, dir, error);

    if (status != MARU_OK)
        return status;
    for (*kept = strlen(dir->data); !is_there(dir->data, *kept);)
        *kept = above(dir->data, *kept);
    if ((status = make_folders(dir->data, error)) != MARU_OK)
        rundir_remove_data(dir, *kept);
    return status;
}

void rundir_remove_data(const rundir *dir, size_t kept)
{
    char part[PATH_MAX];

    for (size_t size = strlen(dir->data); size > kept; size = above(dir->data, size)) {
        snprintf(part, sizeof part, "%.*s", (int)size, dir->data);
        if (rmdir(part) != 0 && errno != ENOENT)
            return;
    }
}

void rundir_leave(rundir *dir)
{
    if (dir->held >= 0)
        close(dir->held);
    dir->held = -1;
}

maru_status rundir_check(const rundir *dir, maru_error *error)
{
    struct stat st;

    if (stat(dir->data, &st) != 0)
        return os_error(error, dir->data);
    if (!S_ISDIR(st.st_mode)) /* first: a file is rarely one that can be entered */
        return maru_error_set(error, MARU_FAILED_PRECONDITION, "%.400s: want a folder, is %s", dir->data,
                              S_ISREG(st.st_mode) ? "a file" : "none");
    return access(dir->data, R_OK | X_OK) == 0 ? MARU_OK : os_error(error, dir->data);
}
