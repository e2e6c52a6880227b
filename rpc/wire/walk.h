/* walk.h: steps over fields that were found good before. For the rooms' own files that look at bytes a second time. */
#ifndef MARU_WALK_H
#define MARU_WALK_H

#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

static inline uint64_t walk_varint(const uint8_t **at)
{
    uint64_t v = 0;

    for (int shift = 0;; shift += 7) {
        uint8_t byte = *(*at)++;

        if (shift < 64)
            v |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return v;
    }
}

/* Where the value of a field that came as wire, at at, ends. */
static inline const uint8_t *walk_value(const uint8_t *at, int wire)
{
    uint64_t length;

    switch (wire) {
    case PROTOBUF_C_WIRE_TYPE_64BIT:
        return at + 8;
    case PROTOBUF_C_WIRE_TYPE_32BIT:
        return at + 4;
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
        length = walk_varint(&at);
        return at + length;
    default:
        walk_varint(&at);
        return at;
    }
}

#endif
