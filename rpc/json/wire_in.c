/* wire_in.c: a serialized message, element after element (contract: wire_in.h). */
#include "json/wire_in.h"

static bool fail(wire_in *in, const char *problem)
{
    in->problem = problem;
    return false;
}

/* At most ten bytes; bits above the 64th are dropped, as others do. */
static bool take_long_varint(wire_in *in, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        uint8_t byte;

        if (in->at == in->end)
            return fail(in, "the message ends within a number");
        byte = *in->at++;
        *value |= shift < 64 ? (uint64_t)(byte & 0x7f) << shift : 0;
        if (byte < 0x80)
            return true;
    }
    return fail(in, "a number has more than ten bytes");
}

/* Most have one byte. */
static inline bool take_varint(wire_in *in, uint64_t *value)
{
    if (in->at == in->end || *in->at >= 0x80)
        return take_long_varint(in, value);
    *value = *in->at++;
    return true;
}

static bool take_fixed(wire_in *in, unsigned size, uint64_t *value)
{
    if ((size_t)(in->end - in->at) < size)
        return fail(in, "the message ends within a number");
    *value = 0;
    for (unsigned i = 0; i < size; i++)
        *value |= (uint64_t)*in->at++ << (8 * i);
    return true;
}

static inline bool take_bytes(wire_in *in, wire_bytes *bytes)
{
    uint64_t size;

    if (!take_varint(in, &size))
        return false;
    if (size > (size_t)(in->end - in->at))
        return fail(in, "a length goes past the end of the message");
    *bytes = (wire_bytes){.at = in->at, .size = (size_t)size};
    in->at += size;
    return true;
}

static inline bool take_tag(wire_in *in, wire_element *element)
{
    uint64_t tag;

    if (!take_varint(in, &tag))
        return false;
    if (tag > UINT32_MAX || tag >> 3 == 0)
        return fail(in, "a field number is out of range");
    *element = (wire_element){.number = (uint32_t)(tag >> 3), .wire = (schema_wire)(tag & 7)};
    return true;
}

/* A value that is no group. */
static inline bool take_value(wire_in *in, wire_element *element)
{
    switch (element->wire) {
    case SCHEMA_WIRE_VARINT:
        return take_varint(in, &element->bits);
    case SCHEMA_WIRE_I64:
        return take_fixed(in, 8, &element->bits);
    case SCHEMA_WIRE_I32:
        return take_fixed(in, 4, &element->bits);
    case SCHEMA_WIRE_LEN:
        return take_bytes(in, &element->bytes);
    default:
        return fail(in, "a wire type is none");
    }
}

/* Passes over a group that has begun, and those inside of it: each end must be of the group that is open. */
static bool pass_group(wire_in *in, uint32_t number)
{
    uint32_t     open[WIRE_GROUPS_MAX] = {number};
    unsigned     depth = 1;
    wire_element inner;

    while (depth > 0) {
        if (in->at == in->end)
            return fail(in, "the message ends within a group");
        if (!take_tag(in, &inner))
            return false;
        if (inner.wire == SCHEMA_WIRE_START_GROUP) {
            if (depth == WIRE_GROUPS_MAX)
                return fail(in, "groups are nested more than 100 deep");
            open[depth++] = inner.number;
        } else if (inner.wire == SCHEMA_WIRE_END_GROUP) {
            if (open[--depth] != inner.number)
                return fail(in, "a group ends that is not open");
        } else if (!take_value(in, &inner)) {
            return false;
        }
    }
    return true;
}

bool wire_next_any(wire_in *in, wire_element *element)
{
    if (in->at == in->end || !take_tag(in, element))
        return false;
    if (element->wire == SCHEMA_WIRE_END_GROUP)
        return fail(in, "a group ends that is not open");
    return element->wire == SCHEMA_WIRE_START_GROUP ? pass_group(in, element->number) : take_value(in, element);
}

bool wire_next_packed(wire_in *in, schema_wire wire, wire_element *element)
{
    element->wire = wire;
    return in->at != in->end && take_value(in, element);
}
