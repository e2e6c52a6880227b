/* buffer.c: makes room at the end of a growing buffer by doubling, and drops bytes from its front. */
#include "base/buffer.h"

#include "base/mapped.h"

bool buffer_room(buffer *b, size_t more)
{
    size_t   room = b->room == 0 ? BUFFER_FIRST : b->room;
    uint8_t *bytes;

    if (b->room - b->size >= more)
        return true;
    while (room - b->size < more)
        room *= 2;
    if ((bytes = mapped_grow(b->bytes, b->room, room)) == NULL)
        return false;
    *b = (buffer){.bytes = bytes, .size = b->size, .room = room};
    return true;
}

void buffer_drop(buffer *b)
{
    mapped_give(b->bytes, b->room);
    *b = (buffer){0};
}

void buffer_empty(buffer *b)
{
    b->size = 0;
    if (b->room > BUFFER_KEPT)
        buffer_drop(b);
}
