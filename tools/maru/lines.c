/* lines.c: cuts bytes that come in pieces into lines, and long lines into parts. */
#include "lines.h"

#include <string.h>

static void give(lines *l)
{
    l->held[l->used] = '\0';
    l->take(l->arg, l->held, l->used);
    l->used = 0;
}

void lines_put(lines *l, const char *bytes, size_t size)
{
    while (size > 0) {
        const char *end = memchr(bytes, '\n', size);
        size_t      part = end != NULL ? (size_t)(end - bytes) : size;
        size_t      room = LINES_MAX - l->used;

        if (room == 0) {
            give(l);
            continue;
        }
        if (part > room) {
            part = room;
            end = NULL;
        }
        memcpy(l->held + l->used, bytes, part);
        l->used += part;
        if (end != NULL)
            give(l);
        part += end != NULL;
        bytes += part;
        size -= part;
    }
}

void lines_end(lines *l)
{
    if (l->used > 0)
        give(l);
}
