/* bytes.h: protobuf written by hand, for the tests of what no serializer would write. */
#ifndef TEST_BYTES_H
#define TEST_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct bytes {
    uint8_t *at;
    size_t   size, room;
} bytes;

static inline void put(bytes *b, const void *from, size_t size)
{
    if (!b->at || b->size + size > b->room)
        b->at = realloc(b->at, b->room = 2 * (b->size + size) + 16);
    if (!b->at)
        abort();
    if (size)
        memcpy(b->at + b->size, from, size);
    b->size += size;
}

static inline void put_byte(bytes *b, uint8_t byte)
{
    put(b, &byte, 1);
}

static inline void put_varint(bytes *b, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        put_byte(b, (uint8_t)(v | 0x80));
    put_byte(b, (uint8_t)v);
}

static inline void put_tag(bytes *b, uint32_t number, int wire)
{
    put_varint(b, (uint64_t)number << 3 | (unsigned)wire);
}

static inline void put_delimited(bytes *b, uint32_t number, const void *from, size_t size)
{
    put_tag(b, number, 2);
    put_varint(b, size);
    put(b, from, size);
}

/* Puts what is in b into a sub-message of this number, whose only content it then is. */
static inline void wrap(bytes *b, uint32_t number)
{
    bytes outer = {0};

    put_delimited(&outer, number, b->at, b->size);
    free(b->at);
    *b = outer;
}

#endif
