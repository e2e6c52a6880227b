/* wire_out.c: a serialized message that grows (contract: wire_out.h). */
#include "json/wire_out.h"

#include <string.h>

enum { FIRST_BYTES = 256, FIRST_HOLES = 16 };

static size_t varint_size(uint64_t value)
{
    size_t size = 1;

    for (; value >= 0x80; value >>= 7)
        size++;
    return size;
}

static uint8_t *put_varint(uint8_t *to, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *to++ = (uint8_t)(value | 0x80);
    *to++ = (uint8_t)value;
    return to;
}

/* Memory for more of something, what is there copied; NULL and failed where there is none. */
static void *regrow(wire_out *out, const void *from, size_t used, size_t need)
{
    void *to = maru_arena_alloc(out->arena, need);

    if (to == NULL)
        out->failed = true;
    else if (used > 0)
        memcpy(to, from, used);
    return to;
}

static bool room_for(wire_out *out, size_t size)
{
    size_t   capacity = out->capacity > 0 ? out->capacity * 2 : FIRST_BYTES;
    uint8_t *bytes;

    if (out->failed)
        return false;
    if (size > out->max - out->size) {
        out->failed = out->too_big = true;
        return false;
    }
    if (size <= out->capacity - out->size)
        return true;
    capacity = capacity < out->size + size ? out->size + size : capacity;
    bytes = regrow(out, out->bytes, out->size, capacity);
    if (bytes == NULL)
        return false;
    out->bytes = bytes;
    out->capacity = capacity;
    return true;
}

void wire_put_varint(wire_out *out, uint64_t value)
{
    if (room_for(out, varint_size(value)))
        out->size = (size_t)(put_varint(out->bytes + out->size, value) - out->bytes);
}

void wire_put_tag(wire_out *out, uint32_t number, schema_wire wire)
{
    wire_put_varint(out, (uint64_t)number << 3 | (uint64_t)wire);
}

void wire_put_bytes(wire_out *out, const void *bytes, size_t size)
{
    if (size == 0 || !room_for(out, size))
        return;
    memcpy(out->bytes + out->size, bytes, size);
    out->size += size;
}

void wire_put_fixed32(wire_out *out, uint32_t value)
{
    uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24)};

    wire_put_bytes(out, bytes, sizeof bytes);
}

void wire_put_fixed64(wire_out *out, uint64_t value)
{
    wire_put_fixed32(out, (uint32_t)value);
    wire_put_fixed32(out, (uint32_t)(value >> 32));
}

size_t wire_open(wire_out *out)
{
    if (!out->failed && out->hole_count == out->hole_capacity) {
        size_t     more = out->hole_capacity > 0 ? out->hole_capacity * 2 : FIRST_HOLES;
        wire_hole *holes = regrow(out, out->holes, out->hole_count * sizeof *holes, more * sizeof *holes);

        if (holes != NULL) {
            out->holes = holes;
            out->hole_capacity = more;
        }
    }
    if (out->failed)
        return 0;
    out->holes[out->hole_count] = (wire_hole){.at = (uint32_t)out->size, .length = (uint32_t)out->length_bytes};
    return out->hole_count++;
}

void wire_close(wire_out *out, size_t hole)
{
    wire_hole *closed;

    if (out->failed)
        return;
    closed = &out->holes[hole];
    closed->length = (uint32_t)(out->size - closed->at + out->length_bytes) - closed->length;
    out->length_bytes += varint_size(closed->length);
}

wire_mark wire_here(const wire_out *out)
{
    return (wire_mark){.size = out->size, .hole_count = out->hole_count, .length_bytes = out->length_bytes};
}

void wire_back(wire_out *out, wire_mark mark)
{
    if (out->failed)
        return;
    out->size = mark.size;
    out->hole_count = mark.hole_count;
    out->length_bytes = mark.length_bytes;
}

bool wire_finish(wire_out *out, const uint8_t **bytes, size_t *size)
{
    uint8_t *whole, *to;
    size_t   from = 0;

    if (!out->failed && out->length_bytes > out->max - out->size)
        out->failed = out->too_big = true;
    if (out->failed)
        return false;
    to = whole = maru_arena_alloc(out->arena, out->size + out->length_bytes + 1);
    if (whole == NULL)
        return false;
    for (size_t i = 0; i < out->hole_count; i++) {
        const wire_hole *hole = &out->holes[i];

        memcpy(to, out->bytes + from, hole->at - from);
        to = put_varint(to + (hole->at - from), hole->length);
        from = hole->at;
    }
    if (out->size > from)
        memcpy(to, out->bytes + from, out->size - from);
    *bytes = whole;
    *size = out->size + out->length_bytes;
    return true;
}
