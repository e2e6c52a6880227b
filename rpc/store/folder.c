/* folder.c: a store's folder (contract: folder.h). */
#include "store/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/regular.h"
#include "store/fault.h"

static maru_status check(const char *path, const struct stat *about, maru_error *error)
{
    if (!S_ISDIR(about->st_mode))
        return fault_error(path, ENOTDIR, error);
    if ((about->st_mode & 022) != 0)
        return maru_error_set(error, MARU_PERMISSION_DENIED,
                              "%s: others may write to this folder (mode %03o); want 0700", path,
                              (unsigned)(about->st_mode & 0777));
    return MARU_OK;
}

maru_status folder_check(const char *path, maru_error *error)
{
    struct stat about;

    return stat(path, &about) == 0 ? check(path, &about, error) : fault_error(path, errno, error);
}

maru_status folder_check_fd(int fd, const char *path, maru_error *error)
{
    struct stat about;

    return fstat(fd, &about) == 0 ? check(path, &about, error) : fault_error(path, errno, error);
}

maru_status folder_file(const char *path, const char *name, char full[static PATH_MAX], maru_error *error)
{
    if (snprintf(full, PATH_MAX, "%s/%s", path, name) >= PATH_MAX)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%.100s...: the path is too long", path);
    return MARU_OK;
}

int folder_give(const char *path, int fd)
{
    struct stat folder, file;

    if (geteuid() != 0)
        return 0;
    if (stat(path, &folder) != 0 || fstat(fd, &file) != 0)
        return errno;
    if (file.st_uid == folder.st_uid && file.st_gid == folder.st_gid)
        return 0;
    return fchown(fd, folder.st_uid, folder.st_gid) == 0 ? 0 : errno;
}

static int make(const char *path, const char *full, int *fd)
{
    int rc;

    if ((*fd = open(full, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0)
        return errno;
    if ((rc = folder_give(path, *fd)) == 0)
        return 0;
    unlink(full);
    close(*fd);
    *fd = -1;
    return rc;
}

/* It may be gone again, or be there by then. */
maru_status folder_open(const char *path, const char *full, int *fd, maru_error *error)
{
    const char *is;
    int         rc = EEXIST;

    for (int i = 0; i < 2 && rc == EEXIST; i++) {
        if ((*fd = regular_open(full, O_RDWR, &is)) >= 0)
            return MARU_OK;
        if (is)
            return maru_error_set(error, MARU_PERMISSION_DENIED, "%s: want a file, is %s", full, is);
        rc = errno == ENOENT ? make(path, full, fd) : errno;
    }
    return rc ? fault_error(full, rc, error) : MARU_OK;
}
