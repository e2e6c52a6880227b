/* random_wire.c: random serialized messages (contract: random_wire.h). */
#include "random_wire.h"

#include <string.h>

enum { ELEMENTS = 8 };

static void put_string(wire_out *out, const char *string)
{
    wire_put_varint(out, strlen(string));
    wire_put_bytes(out, string, strlen(string));
}

/* Mostly small, now and then any 64 bits. */
static uint64_t number(rng *r)
{
    return rng_next(r) >> (rng_below(r, 4) == 0 ? rng_below(r, 64) : 56);
}

static const char *string_for(rng *r, const schema_field *field)
{
    static const char *const words[] = {"", "a", "장터", "\"\\\n", "😀\x7f", "a_b", "a.b_c"};
    static const char *const urls[] = {"x/jsontest.Item", "x/jsontest.Tree", "x/google.protobuf.Value",
                                       "x/google.protobuf.Duration", "x/jsontest.Maps"};

    if (field->parent->kind == SCHEMA_ANY)
        return urls[rng_below(r, 5)];
    return words[field->parent->kind == SCHEMA_FIELD_MASK ? 5 + rng_below(r, 2) : rng_below(r, 7)];
}

static uint64_t double_bits(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static uint64_t bits_for(rng *r, const schema_field *field)
{
    if (field->type == SCHEMA_BOOL)
        return rng_below(r, 3);
    if (field->type == SCHEMA_DOUBLE && rng_below(r, 2))
        return double_bits((double)(int64_t)rng_below(r, 2000) / 8 - 100);
    /* A time must be in range, or its message has no JSON. */
    return field->parent->kind == SCHEMA_TIMESTAMP || field->parent->kind == SCHEMA_DURATION ? number(r) >> 34
                                                                                             : number(r);
}

static void put_value(rng *r, const schema_field *field, wire_out *out)
{
    switch (schema_type_wire(field->type)) {
    case SCHEMA_WIRE_I32:
        wire_put_fixed32(out, (uint32_t)bits_for(r, field));
        break;
    case SCHEMA_WIRE_I64:
        wire_put_fixed64(out, bits_for(r, field));
        break;
    case SCHEMA_WIRE_VARINT:
        wire_put_varint(out, bits_for(r, field));
        break;
    default:
        put_string(out, string_for(r, field));
        break;
    }
}

static void put_packed(rng *r, const schema_field *field, wire_out *out)
{
    size_t hole;

    wire_put_tag(out, field->number, SCHEMA_WIRE_LEN);
    hole = wire_open(out);
    for (size_t i = rng_below(r, 4); i > 0; i--)
        put_value(r, field, out);
    wire_close(out, hole);
}

static void put_element(rng *r, const schema_field *field, unsigned depth, wire_out *out)
{
    size_t hole;

    if (field->message == NULL) {
        wire_put_tag(out, field->number, schema_type_wire(field->type));
        put_value(r, field, out);
        return;
    }
    wire_put_tag(out, field->number, SCHEMA_WIRE_LEN);
    hole = wire_open(out);
    random_wire(r, field->message, depth - 1, out);
    wire_close(out, hole);
}

static void put_unknown(rng *r, wire_out *out)
{
    uint32_t tag = (uint32_t)(100 + rng_below(r, 1000));

    if (rng_below(r, 2)) {
        wire_put_tag(out, tag, SCHEMA_WIRE_VARINT);
        wire_put_varint(out, rng_next(r));
        return;
    }
    wire_put_tag(out, tag, SCHEMA_WIRE_START_GROUP);
    wire_put_tag(out, 1, SCHEMA_WIRE_LEN);
    put_string(out, "in a group");
    wire_put_tag(out, tag, SCHEMA_WIRE_END_GROUP);
}

void random_wire(rng *r, const schema_message *type, unsigned depth, wire_out *out)
{
    for (size_t i = type->field_count > 0 ? rng_below(r, ELEMENTS) : 0; i > 0; i--) {
        const schema_field *field = &type->fields[rng_below(r, type->field_count)];

        if (rng_below(r, 20) == 0)
            put_unknown(r, out);
        else if (field->repeated && schema_type_packable(field->type) && rng_below(r, 2))
            put_packed(r, field, out);
        else if (field->message == NULL || depth > 0)
            put_element(r, field, depth, out);
    }
}
