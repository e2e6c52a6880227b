/* copyfile.c: one file's bytes: copied, and flushed (contract: care_impl.h). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/regular.h"
#include "store/care_impl.h"
#include "store/fault.h"
#include "store/folder.h"

enum { COPY_CHUNK = 64 << 10 };

maru_status copy_sync(const char *path, maru_error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc = fd < 0 || fsync(fd) != 0 ? errno : 0;

    if (fd >= 0)
        close(fd);
    return rc == 0 ? MARU_OK : fault_error(path, rc, error);
}

const char *copy_above(const char *path, char above[static PATH_MAX])
{
    char *slash;

    snprintf(above, PATH_MAX, "%s", path);
    while ((slash = strrchr(above, '/')) != NULL && slash > above && slash[1] == '\0')
        *slash = '\0';
    if (slash != NULL)
        slash[slash == above] = '\0';
    return slash != NULL ? above : ".";
}

maru_status copy_sync_above(const char *path, maru_error *error)
{
    char above[PATH_MAX];

    return copy_sync(copy_above(path, above), error);
}

static int write_all(int fd, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t wrote = write(fd, bytes, size);

        if (wrote < 0 && errno != EINTR)
            return errno;
        bytes += wrote > 0 ? wrote : 0;
        size -= wrote > 0 ? (size_t)wrote : 0;
    }
    return 0;
}

static int copy_bytes(int from, int to)
{
    uint8_t chunk[COPY_CHUNK];
    ssize_t got;
    int     rc;

    while ((got = read(from, chunk, sizeof chunk)) != 0) {
        if (got < 0 && errno != EINTR)
            return errno;
        if (got > 0 && (rc = write_all(to, chunk, (size_t)got)) != 0)
            return rc;
    }
    return fsync(to) == 0 ? 0 : errno;
}

static int copy_given(int from, int to, const char *folder)
{
    int rc = folder_give(folder, to);

    return rc != 0 ? rc : copy_bytes(from, to);
}

maru_status copy_file(const char *from, const char *folder, const char *name, maru_error *error)
{
    char        to[PATH_MAX];
    maru_status status = folder_file(folder, name, to, error);
    const char *is;
    int         in, out, rc;

    if (status != MARU_OK)
        return status;
    in = regular_open(from, O_RDONLY, &is); /* a backup may be anybody's: a FIFO, say */
    out = in < 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    rc = in < 0 || out < 0 ? errno : copy_given(in, out, folder);
    if (rc != 0)
        fault_error(in < 0 ? from : to, rc, error);
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return rc == 0 ? MARU_OK : fault_status(rc);
}
