/* decode.h: makes a message of bytes in one pass, straight into an arena. Pure; never blocks. Everything that a peer
 * can do is bounded: depth and fields as scan_default has them, memory by the arena's budget; strings are UTF-8 without
 * NUL.
 *
 * It says that something is wrong, not what: whoever wants to know where and why scans the bytes (scan.h).
 */
#ifndef MARU_DECODE_H
#define MARU_DECODE_H

#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "maru/arena.h"

typedef enum decode_fault {
    DECODE_FINE = 0,
    DECODE_BAD,      /* no message of this type, or beyond the limit of depth or fields: scan_message says why */
    DECODE_NO_ROOM,  /* the arena's budget or memory is out */
    DECODE_REQUIRED, /* a required field of proto2 is missing */
} decode_fault;

/* decode_message makes *out of bytes, which may go away afterwards; type is generated code's. *out is as protobuf-c's
 * unpack would make it, unknown fields included. On a fault *out is NULL, and what was taken of the arena is the
 * caller's to rewind. The arrays of repeated fields double as they grow: at most four times what their elements take.
 */
decode_fault decode_message(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t size,
                            maru_arena *arena, ProtobufCMessage **out);

#endif
