/* wire.c: reads protobuf varints, fixed numbers and payloads, and measures a request's depth. */
#include "wire.h"

#include <string.h>

enum { VARINT = 0, FIXED64 = 1, DELIMITED = 2, FIXED32 = 5 };
enum { REQUEST_PROTO_FILE = 15, FILE_MESSAGE = 4, MESSAGE_NESTED = 3 };

static bool read_varint(struct wire *wire, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 70 && wire->at < wire->end; shift += 7) {
        uint8_t byte = *wire->at++;

        if (shift < 64)
            *value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

static bool read_fixed(struct wire *wire, size_t size, uint64_t *value)
{
    if ((size_t)(wire->end - wire->at) < size)
        return false;
    *value = 0;
    for (size_t i = 0; i < size; i++)
        *value |= (uint64_t)wire->at[i] << (8 * i);
    wire->at += size;
    return true;
}

static bool read_payload(struct wire *wire, struct wire *payload)
{
    uint64_t size;

    if (!read_varint(wire, &size) || size > (size_t)(wire->end - wire->at))
        return false;
    *payload = (struct wire){.at = wire->at, .end = wire->at + size};
    wire->at += size;
    return true;
}

bool wire_next(struct wire *wire, struct wire_field *field)
{
    const uint8_t *start = wire->at;
    uint64_t       tag;
    bool           read = false;

    *field = (struct wire_field){0};
    if (wire->at == wire->end)
        return false;
    if (read_varint(wire, &tag) && tag >> 3 != 0 && tag >> 3 <= INT32_MAX) {
        field->number = (uint32_t)(tag >> 3);
        if ((tag & 7) == VARINT)
            read = read_varint(wire, &field->value);
        else if ((tag & 7) == DELIMITED)
            read = read_payload(wire, &field->payload);
        else if ((tag & 7) == FIXED64 || (tag & 7) == FIXED32)
            read = read_fixed(wire, (tag & 7) == FIXED64 ? 8 : 4, &field->value);
    }
    if (!read)
        wire->at = start;
    return read;
}

/* Recursive, at most depth_left deep. Bytes that are no protobuf are left to unpack, which refuses them. */
static bool messages_fit(struct wire wire, uint32_t number, unsigned depth_left)
{
    struct wire_field field;

    if (depth_left == 0)
        return false;
    while (wire_next(&wire, &field))
        if (field.number == number && field.payload.at != NULL &&
            !messages_fit(field.payload, MESSAGE_NESTED, depth_left - 1))
            return false;
    return true;
}

bool wire_request_fits(const void *bytes, size_t size, unsigned max_depth)
{
    struct wire       wire = {.at = bytes, .end = (const uint8_t *)bytes + size};
    struct wire_field field;

    while (wire_next(&wire, &field))
        if (field.number == REQUEST_PROTO_FILE && field.payload.at != NULL &&
            !messages_fit(field.payload, FILE_MESSAGE, max_depth + 1))
            return false;
    return true;
}
