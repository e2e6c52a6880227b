/* regular.c: opens what is a regular file, or says what it is (contract: regular.h). */
#include "base/regular.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *kind_of(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFDIR:
        return "a folder";
    case S_IFLNK:
        return "a symbolic link";
    case S_IFIFO:
        return "a FIFO";
    case S_IFSOCK:
        return "a socket";
    default:
        return "a device";
    }
}

int regular_open(const char *path, int flags, const char **is)
{
    struct stat st;
    int         fd = open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    int         failed = fd < 0 ? errno : 0;

    *is = NULL;
    if ((fd < 0 ? lstat(path, &st) : fstat(fd, &st)) == 0 && !S_ISREG(st.st_mode)) {
        *is = kind_of(st.st_mode);
        failed = failed ? failed : EINVAL;
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    errno = failed;
    return fd;
}
