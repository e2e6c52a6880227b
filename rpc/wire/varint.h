/* varint.h: reads varints from bytes of anybody. Each function gets where they end, and returns what follows, or NULL
 * where there is no such varint. */
#ifndef MARU_VARINT_H
#define MARU_VARINT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/inlining.h"

enum { VARINT_MAX = 10, VARINT_KEY_MAX = 5, VARINT_LENGTH_MAX = 5 };

/* A varint of more than one byte, and at most most. */
const uint8_t *read_long_varint(const uint8_t *at, const uint8_t *end, int most, uint64_t *value);

/* Reads a varint of at most most bytes; NULL where there is none. */
static INLINE const uint8_t *read_varint(const uint8_t *at, const uint8_t *end, int most, uint64_t *value)
{
    if (UNLIKELY(at >= end))
        return NULL;
    if (UNLIKELY(*at >= 0x80))
        return read_long_varint(at, end, most, value);
    *value = *at;
    return at + 1;
}

/* A bit in each byte: set where another byte follows. */
#define VARINT_GO_ON UINT64_C(0x8080808080808080)

/* The same for values, which are longer: a word at a time, of which the seven bits of each byte are pushed together.
 * The word may reach beyond end, but not beyond limit, where all bytes end. */
static INLINE const uint8_t *read_value(const uint8_t *at, const uint8_t *end, const uint8_t *limit, uint64_t *value)
{
    uint64_t word, last;

    if (UNLIKELY(at >= end))
        return NULL;
    if (*at < 0x80) {
        *value = *at;
        return at + 1;
    }
    if (limit - at < 8)
        return read_long_varint(at, end, VARINT_MAX, value);
    memcpy(&word, at, 8);
    if (!(last = ~word & VARINT_GO_ON))
        return read_long_varint(at, end, VARINT_MAX, value);
    at += __builtin_ctzll(last) / 8 + 1;
    word &= (last ^ (last - 1)) & ~VARINT_GO_ON;
    word = (word & 0x007f007f007f007f) | (word & 0x7f007f007f007f00) >> 1;
    word = (word & 0x00003fff00003fff) | (word & 0x3fff00003fff0000) >> 2;
    *value = (word & 0x0fffffff) | word >> 32 << 28;
    return at <= end ? at : NULL;
}

/* Reads the length at at; NULL where not as many bytes follow. */
static INLINE const uint8_t *read_length(const uint8_t *at, const uint8_t *end, size_t *length)
{
    uint64_t v;

    if (!(at = read_varint(at, end, VARINT_LENGTH_MAX, &v)) || v > (uint64_t)(end - at))
        return NULL;
    *length = (size_t)v;
    return at;
}

#endif
