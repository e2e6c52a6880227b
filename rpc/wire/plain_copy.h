/* plain_copy.h: copies bytes and finds out on the way whether they are plain: ASCII without a NUL. */
#ifndef MARU_PLAIN_COPY_H
#define MARU_PLAIN_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/inlining.h"

#define PLAIN_LOW_BITS  UINT64_C(0x0101010101010101)
#define PLAIN_HIGH_BITS UINT64_C(0x8080808080808080)

/* Has a high bit where one of its bytes is a NUL or no ASCII. */
static INLINE uint64_t not_plain(uint64_t word)
{
    return word | (word - PLAIN_LOW_BITS);
}

static INLINE uint64_t copy_word(uint8_t *to, const uint8_t *from)
{
    uint64_t word;

    memcpy(&word, from, 8);
    memcpy(to, &word, 8);
    return not_plain(word);
}

/* Fewer than 8 bytes, as one word. */
static INLINE uint64_t copy_few(uint8_t *to, const uint8_t *from, size_t size)
{
    if (size >= 4) {
        uint32_t front, back;

        memcpy(&front, from, 4);
        memcpy(&back, from + size - 4, 4);
        memcpy(to, &front, 4);
        memcpy(to + size - 4, &back, 4);
        return not_plain((uint64_t)front << 32 | back);
    }
    if (size >= 2) {
        uint16_t front, back;

        memcpy(&front, from, 2);
        memcpy(&back, from + size - 2, 2);
        memcpy(to, &front, 2);
        memcpy(to + size - 2, &back, 2);
        return not_plain(PLAIN_LOW_BITS << 32 | (uint64_t)front << 16 | back);
    }
    if (size == 0)
        return 0;
    *to = *from;
    return not_plain(PLAIN_LOW_BITS << 8 | *from);
}

/* 16 bytes at a time; size is at least that. The last step overlaps the one before it. */
static INLINE uint64_t copy_many(uint8_t *to, const uint8_t *from, size_t size)
{
    typedef uint8_t pack __attribute__((vector_size(16)));

    pack     bytes, found;
    uint64_t halves[2];

    memcpy(&bytes, from + size - 16, 16);
    memcpy(to + size - 16, &bytes, 16);
    found = bytes | (bytes - 1);
    for (size_t i = 0; i < size - 16; i += 16) {
        memcpy(&bytes, from + i, 16);
        memcpy(to + i, &bytes, 16);
        found |= bytes | (bytes - 1);
    }
    memcpy(halves, &found, 16);
    return halves[0] | halves[1];
}

/* Copies, and says whether all of it is ASCII without a NUL. */
static INLINE bool copy_plain(uint8_t *to, const uint8_t *from, size_t size)
{
    uint64_t found;

    if (size >= 16)
        found = copy_many(to, from, size);
    else if (size >= 8)
        found = copy_word(to, from) | copy_word(to + size - 8, from + size - 8);
    else
        found = copy_few(to, from, size);
    return !(found & PLAIN_HIGH_BITS);
}

#endif
