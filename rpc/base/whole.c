/* whole.c: writes all bytes to a descriptor, over short writes and interruptions. */
#include "base/whole.h"

#include <errno.h>
#include <unistd.h>

int write_whole(int fd, const void *bytes, size_t size, uint64_t at)
{
    const uint8_t *from = bytes;

    while (size > 0) {
        ssize_t wrote = pwrite(fd, from, size, (off_t)at);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return wrote < 0 ? errno : ENOSPC;
        from += wrote;
        at += (uint64_t)wrote;
        size -= (size_t)wrote;
    }
    return 0;
}
