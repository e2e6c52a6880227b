/* segment.c: a file of the journal (contract: segment.h). */
#include "store/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/whole.h"

enum { ZEROS = 8192 };

const char *segment_name(unsigned number)
{
    return number == 0 ? "journal.0" : "journal.1";
}

int segment_open(segment *s, const char *path, unsigned number)
{
    char        full[PATH_MAX];
    struct stat about;

    *s = (segment){.fd = -1};
    if (snprintf(full, sizeof full, "%s/%s", path, segment_name(number)) >= (int)sizeof full)
        return ENAMETOOLONG;
    if ((s->fd = open(full, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) < 0)
        return errno;
    if (fstat(s->fd, &about) != 0)
        return errno;
    s->size = (uint64_t)about.st_size / JOURNAL_BLOCK * JOURNAL_BLOCK;
    return 0;
}

void segment_close(segment *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}

int segment_write(const segment *s, const void *bytes, size_t size, uint64_t at)
{
    return write_whole(s->fd, bytes, size, at);
}

int segment_grow(segment *s, uint64_t size)
{
    static const uint8_t zeros[ZEROS];
    int                  failed = 0;

    for (uint64_t at = s->size; at < size && !failed; at += ZEROS)
        failed = segment_write(s, zeros, size - at < ZEROS ? size - at : ZEROS, at);
    if (!failed)
        s->size = size;
    else if (ftruncate(s->fd, (off_t)s->size) != 0)
        return errno;
    return failed;
}

int segment_flush(const segment *s)
{
    return fdatasync(s->fd) == 0 ? 0 : errno;
}

int segment_write_header(const segment *s, const journal_header *header)
{
    uint8_t blocks[JOURNAL_FIRST] = {0};
    int     failed;

    journal_header_write(header, blocks);
    memcpy(blocks + JOURNAL_BLOCK, blocks, JOURNAL_HEADER);
    if ((failed = segment_write(s, blocks, sizeof blocks, 0)) != 0)
        return failed;
    return segment_flush(s);
}
