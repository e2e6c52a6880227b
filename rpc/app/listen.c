/* listen.c: clears away the ipc socket of a killed process, under its lock, and listens in its place. */
#include "app/listen.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/oserror.h"
#include "app/paths.h"
#include "transport/socket_lock.h"

/* Whether someone accepts on a socket; a full backlog is someone too. */
static bool answers(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int                fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool               yes;

    if (fd < 0)
        return true; /* not known: leave it alone */
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    yes = connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 || errno != ECONNREFUSED;
    close(fd);
    return yes;
}

maru_status listen_clear(const char *path, maru_error *error)
{
    struct stat st;
    maru_status status;

    if (lstat(path, &st) != 0)
        return errno == ENOENT ? MARU_OK : os_error(error, path);
    if ((status = socket_path_check(path, error)) != MARU_OK)
        return status;
    if (answers(path))
        return maru_error_set(error, MARU_ALREADY_EXISTS, "%.200s: another program listens there", path);
    return unlink(path) == 0 || errno == ENOENT ? MARU_OK : os_error(error, path);
}

const char *listen_path(const char *url)
{
    return strncmp(url, "ipc://", strlen("ipc://")) == 0 ? url + strlen("ipc://") : NULL;
}

maru_status listen_on(maru_server *server, const char *url, const lock *already, lock *held, maru_error *error)
{
    const char *path = listen_path(url);
    char        lock_path[PATH_MAX];
    maru_status status = MARU_OK;

    held->fd = -1;
    if (path == NULL)
        return maru_server_listen(server, url, error);
    if ((status = socket_path_check(path, error)) != MARU_OK)
        return status; /* before a lock is left beside somebody's file */
    paths_lock_of(path, lock_path);
    if (already == NULL || strcmp(already->path, lock_path) != 0)
        status = lock_take(held, lock_path, url, NULL, error);
    if (status == MARU_OK && (status = listen_clear(path, error)) == MARU_OK)
        status = maru_server_listen(server, url, error);
    return status;
}
