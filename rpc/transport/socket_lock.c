/* socket_lock.c: takes PATH.bound before a socket's path is bound, and gives it back when that is removed. */
#include "transport/socket_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { NAME_SIZE = sizeof(((struct sockaddr_un *)0)->sun_path) + 8 };

static void name_of(const char *path, char name[static NAME_SIZE])
{
    snprintf(name, NAME_SIZE, "%s.bound", path);
}

/* The one before removed its file, perhaps between our open and our lock: then we hold what nobody else will open. */
static bool still_there(int fd, const char *name)
{
    struct stat ours, there;

    return fstat(fd, &ours) == 0 && stat(name, &there) == 0 && ours.st_ino == there.st_ino &&
           ours.st_dev == there.st_dev;
}

static bool has_bytes(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && st.st_size > 0;
}

static int try_once(const char *name)
{
    struct flock whole = {.l_type = F_WRLCK};
    int          fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int          failed = 0;

    if (fd < 0)
        return -errno;
    if (fcntl(fd, F_OFD_SETLK, &whole) != 0)
        failed = errno == EACCES || errno == EAGAIN ? EADDRINUSE : errno;
    else if (!still_there(fd, name))
        failed = EAGAIN;
    else if (has_bytes(fd))
        failed = EEXIST; /* no lock of ours has any */
    if (failed == 0)
        return fd;
    close(fd);
    return -failed;
}

int socket_lock_take(const char *path)
{
    char name[NAME_SIZE];
    int  fd;

    name_of(path, name);
    do
        fd = try_once(name);
    while (fd == -EAGAIN);
    return fd;
}

maru_status socket_path_check(const char *path, maru_error *error)
{
    struct stat st;

    if (lstat(path, &st) != 0 || S_ISSOCK(st.st_mode))
        return MARU_OK; /* what else is wrong with it, who binds it is told */
    return maru_error_set(error, MARU_FAILED_PRECONDITION, "%.200s: want a socket or nothing there, is neither", path);
}

void socket_lock_drop(int fd, const char *path)
{
    char name[NAME_SIZE];

    if (fd < 0)
        return;
    name_of(path, name);
    unlink(name);
    close(fd);
}
