/* wire_in.h: a serialized message, element after element. Pure, takes no memory, does not recurse. */
#ifndef MARU_JSON_WIRE_IN_H
#define MARU_JSON_WIRE_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "maru/schema.h"

enum { WIRE_GROUPS_MAX = 100 }; /* nested groups that are passed over */

typedef struct wire_bytes {
    const uint8_t *at;
    size_t         size;
} wire_bytes;

/* One element as it travels: a field's number, and a varint or fixed value, or bytes. A group is passed over whole. */
typedef struct wire_element {
    uint32_t    number;
    schema_wire wire;
    uint64_t    bits;
    wire_bytes  bytes; /* of SCHEMA_WIRE_LEN */
} wire_element;

typedef struct wire_in {
    const uint8_t *at, *end;
    const char    *problem; /* why next was false; NULL: the end */
} wire_in;

static inline wire_in wire_read(wire_bytes bytes)
{
    return (wire_in){.at = bytes.at, .end = bytes.size > 0 ? bytes.at + bytes.size : bytes.at};
}

/* wire_next takes one element; false at the end, and where the bytes are wrong. */
bool wire_next_any(wire_in *in, wire_element *element);

/* Nearly all have a tag of one byte, and a length or number of one more. */
static inline bool wire_next(wire_in *in, wire_element *element)
{
    size_t   left = (size_t)(in->end - in->at);
    unsigned tag = left < 2 ? 0 : in->at[0], more = left < 2 ? 0 : in->at[1];

    if (tag < 8 || tag >= 0x80 || more >= 0x80)
        return wire_next_any(in, element);
    if ((tag & 7) == SCHEMA_WIRE_LEN && more <= left - 2) {
        *element =
            (wire_element){.number = tag >> 3, .wire = SCHEMA_WIRE_LEN, .bytes = {.at = in->at + 2, .size = more}};
        in->at += 2 + more;
        return true;
    }
    if ((tag & 7) != SCHEMA_WIRE_VARINT)
        return wire_next_any(in, element);
    *element = (wire_element){.number = tag >> 3, .wire = SCHEMA_WIRE_VARINT, .bits = more};
    in->at += 2;
    return true;
}

/* wire_next_packed takes one value of a packed field, of this wire type. */
bool wire_next_packed(wire_in *in, schema_wire wire, wire_element *element);

#endif
