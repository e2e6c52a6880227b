/* wire.h: reading protobuf fields by hand: options that protoc left as unknown fields, and the depth of a request.
 *
 * Nothing is copied; a payload points into the bytes that were given. Any bytes are safe.
 */
#ifndef PROTOC_GEN_MARU_WIRE_H
#define PROTOC_GEN_MARU_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire {
    const uint8_t *at;
    const uint8_t *end;
};

struct wire_field {
    uint32_t    number;
    uint64_t    value;   /* of a varint or a fixed-size field */
    struct wire payload; /* of a length-delimited one; at is NULL in others */
};

/* wire_next reads one field. false at the end, and where the bytes are no protobuf; then wire->at is not wire->end. */
bool wire_next(struct wire *wire, struct wire_field *field);

/* wire_request_fits is whether the messages of a CodeGeneratorRequest are nested at most max_depth deep, so that
 * protobuf-c's unpack, which has no limit of its own, can be trusted with it. */
bool wire_request_fits(const void *bytes, size_t size, unsigned max_depth);

#endif
