/* wire_out.h: a serialized message that grows, with nested messages whose length is known only at their end.
 *
 * Lengths are left out while the message grows, and only noted: a hole is where one goes, and how much it says. The end
 * copies everything once and fills the holes. So a message of n bytes costs 2n, however deep it is, and comes out as
 * short as it can be. (Room for a length in advance would need the contents moved where it is too small, once a level;
 * or lengths padded with empty bytes, which other writers do not make. Writing backwards needs the text read
 * backwards.)
 */
#ifndef MARU_JSON_WIRE_OUT_H
#define MARU_JSON_WIRE_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "maru/arena.h"
#include "maru/schema.h"

typedef struct wire_hole {
    uint32_t at;     /* how many of the bytes go before the length */
    uint32_t length; /* while it is open: the lengths' own bytes that were known when it was opened */
} wire_hole;

typedef struct wire_out {
    maru_arena *arena;
    uint8_t    *bytes;
    size_t      size, capacity;
    size_t      max; /* of bytes, without the lengths; at most 1 GiB */
    wire_hole  *holes;
    size_t      hole_count, hole_capacity;
    size_t      length_bytes; /* of the lengths of all closed holes */
    bool        failed;       /* past max, or no memory: nothing more is written */
    bool        too_big;      /* it is past max */
} wire_out;

/* What was written up to some moment, to go back to. */
typedef struct wire_mark {
    size_t size, hole_count, length_bytes;
} wire_mark;

void wire_put_varint(wire_out *out, uint64_t value);
void wire_put_tag(wire_out *out, uint32_t number, schema_wire wire);
void wire_put_bytes(wire_out *out, const void *bytes, size_t size);
void wire_put_fixed32(wire_out *out, uint32_t value);
void wire_put_fixed64(wire_out *out, uint64_t value);

/* wire_open begins something length-delimited, after its tag; what it returns closes it. In pairs, like brackets. */
size_t wire_open(wire_out *out);
void   wire_close(wire_out *out, size_t hole);

wire_mark wire_here(const wire_out *out);
void      wire_back(wire_out *out, wire_mark mark);

/* wire_finish makes the message, in the arena. false where it has failed. */
bool wire_finish(wire_out *out, const uint8_t **bytes, size_t *size);

#endif
