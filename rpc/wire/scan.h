/* scan.h: looks over a serialized message and says what is wrong with it, where and why. decode.c refuses the same,
 * without words: a scan is what comes after that (unpack.c).
 *
 * Iterative, no allocation but a stack of fixed depth; follows the message's descriptor.
 */
#ifndef MARU_SCAN_H
#define MARU_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "maru/status.h"

typedef struct scan_limits {
    size_t depth;  /* of nesting; at most SCAN_DEPTH_MAX */
    size_t fields; /* in all, repeated elements counted one by one */
    size_t memory; /* bytes that decoding takes at least */
} scan_limits;

enum { SCAN_DEPTH_MAX = 100 };

/* What the library uses: depth 64, 1 M fields, 64 MiB. */
extern const scan_limits scan_default;

/* scan_message is OK where the bytes are a message within the limits; INVALID_ARGUMENT where they are no such message
 * (truncated, a bad tag or wire type, a group, a string that is not UTF-8 or holds a NUL, a message field given twice);
 * RESOURCE_EXHAUSTED where a limit is passed. error names the field's path and the limit. *memory (may be NULL) is what
 * decoding takes at least; it may take four times as much, for its arrays double as they grow. Required fields of
 * proto2 are not looked for. */
maru_status scan_message(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t size,
                         const scan_limits *limits, size_t *memory, maru_error *error);

#endif
