/* tests/unknown.h: what a peer of a later version sends: fields that this one's types do not have. Header only. */
#ifndef MARU_TEST_UNKNOWN_H
#define MARU_TEST_UNKNOWN_H

#include <string.h>

#include <protobuf-c/protobuf-c.h>

#include "maru/arena.h"

/* Gives message one more field, number 9999, of size bytes in all; size is at least 5. It lives in arena. */
static inline void unknown_add(maru_arena *arena, ProtobufCMessage *message, size_t size)
{
    ProtobufCMessageUnknownField *field = maru_arena_alloc(arena, sizeof *field);
    size_t                        left = size - 4;

    *field = (ProtobufCMessageUnknownField){.tag = 9999,
                                            .wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED,
                                            .len = size,
                                            .data = maru_arena_alloc(arena, size)};
    memset(field->data, 'u', size);
    for (int i = 0; i < 4; i++, left >>= 7) /* the length of what follows, in 4 bytes whatever it is */
        field->data[i] = (uint8_t)((left & 0x7f) | (i < 3 ? 0x80 : 0));
    message->unknown_fields = field;
    message->n_unknown_fields = 1;
}

#endif
