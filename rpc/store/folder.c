/* folder.c: who may write to a store's folder (contract: folder.h). */
#include "store/folder.h"

#include <errno.h>
#include <sys/stat.h>

#include "store/fault.h"

static maru_status errno_at(const char *path, int number, maru_error *error)
{
    return maru_error_set(error, fault_status(number), "%s: %s", path, fault_words(number));
}

static maru_status check(const char *path, const struct stat *about, maru_error *error)
{
    if (!S_ISDIR(about->st_mode))
        return errno_at(path, ENOTDIR, error);
    if ((about->st_mode & 022) != 0)
        return maru_error_set(error, MARU_PERMISSION_DENIED,
                              "%s: others may write to this folder (mode %03o); want 0700", path,
                              (unsigned)(about->st_mode & 0777));
    return MARU_OK;
}

maru_status folder_check(const char *path, maru_error *error)
{
    struct stat about;

    return stat(path, &about) == 0 ? check(path, &about, error) : errno_at(path, errno, error);
}

maru_status folder_check_fd(int fd, const char *path, maru_error *error)
{
    struct stat about;

    return fstat(fd, &about) == 0 ? check(path, &about, error) : errno_at(path, errno, error);
}
