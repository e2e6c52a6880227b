/* source.c: reads a file in pieces, unpacked by zlib's inflate where it is gzip. */
#include "source.h"

#include <errno.h>
#include <string.h>

enum { GZIP_ONLY = 15 + 16 }; /* the largest window, and a gzip header */

static const unsigned char MAGIC[] = {0x1f, 0x8b};

static long fail(struct source *s, const char *words)
{
    s->fault = words;
    return -1;
}

/* Where all was given: false where it cannot be read. At the end there is nothing. */
static bool refill(struct source *s)
{
    if (s->z.avail_in > 0)
        return true;
    s->z.next_in = s->piece;
    s->z.avail_in = (unsigned)fread(s->piece, 1, sizeof s->piece, s->file);
    if (!ferror(s->file))
        return true;
    s->fault = strerror(errno);
    return false;
}

bool source_open(struct source *s, const char *path)
{
    s->z = (z_stream){.next_in = NULL};
    s->packed = s->ended = false;
    s->fault = NULL;
    if ((s->file = fopen(path, "rb")) == NULL)
        return false;
    if (refill(s) && s->z.avail_in >= sizeof MAGIC && memcmp(s->piece, MAGIC, sizeof MAGIC) == 0)
        s->packed = inflateInit2(&s->z, GZIP_ONLY) == Z_OK || fail(s, "out of memory") == 0;
    return true;
}

void source_close(struct source *s)
{
    if (s->packed)
        inflateEnd(&s->z);
    if (s->file != NULL)
        fclose(s->file);
    s->file = NULL;
    s->packed = false;
}

static long copy(struct source *s, char *into, size_t room)
{
    size_t size = s->z.avail_in < room ? s->z.avail_in : room;

    if (size > 0)
        memcpy(into, s->z.next_in, size);
    s->z.next_in += size;
    s->z.avail_in -= (unsigned)size;
    return (long)size;
}

/* Some of one member; 0 where it needs more input, or has ended. */
static long unpack(struct source *s, char *into, size_t room)
{
    int code;

    if (s->z.avail_in == 0)
        return fail(s, "ends in the middle of its gzip data");
    s->z.next_out = (unsigned char *)into;
    s->z.avail_out = (unsigned)room;
    code = inflate(&s->z, Z_NO_FLUSH);
    s->ended = code == Z_STREAM_END;
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
        return fail(s, s->z.msg != NULL ? s->z.msg : zError(code));
    return (long)(room - s->z.avail_out);
}

/* Between two members. */
static bool begin_next(struct source *s)
{
    if (*s->z.next_in != MAGIC[0])
        return fail(s, "other bytes stand behind the end of its gzip data") == 0;
    s->ended = false;
    return inflateReset(&s->z) == Z_OK || fail(s, "out of memory") == 0;
}

long source_read(struct source *s, char *into, size_t room)
{
    long got = 0;

    if (s->fault != NULL)
        return -1;
    while (got == 0) {
        if (!refill(s))
            return -1;
        if (!s->packed)
            return copy(s, into, room);
        if (s->ended && s->z.avail_in == 0)
            return 0;
        if (s->ended && !begin_next(s))
            return -1;
        got = unpack(s, into, room);
    }
    return got;
}
