/* random_message.c: see random_message.h. */
#include "random_message.h"

#include <stdbool.h>

enum { MOST_FIELDS = 12, MOST_ELEMENTS = 9, MOST_TEXT = 40 };

static void put_random_varint(rng *r, bytes *out)
{
    put_varint(out, rng_next(r) >> rng_below(r, 64));
}

static void put_random_bytes(rng *r, bytes *out, size_t size)
{
    while (size-- > 0)
        put_byte(out, (uint8_t)rng_next(r));
}

/* Characters of one to four bytes. */
static void put_random_text(rng *r, bytes *out)
{
    static const char *const characters[] = {"a", "Z", " ", "\xc3\xa9", "\xec\x9e\xa5", "\xf0\x9f\x9b\x92"};
    size_t                   count = rng_below(r, MOST_TEXT);

    while (count-- > 0) {
        const char *c = characters[rng_below(r, rng_below(r, 2) ? 2 : 6)];

        put(out, c, strlen(c));
    }
}

static int wire_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return 5;
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return 1;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return 2;
    default:
        return 0;
    }
}

static void put_scalar(rng *r, int wire, bytes *out)
{
    if (wire == 0)
        put_random_varint(r, out);
    else
        put_random_bytes(r, out, wire == 1 ? 8 : 4);
}

static void put_packed(rng *r, uint32_t number, int wire, bytes *out)
{
    bytes  elements = {0};
    size_t count = rng_below(r, MOST_ELEMENTS);

    while (count-- > 0)
        put_scalar(r, wire, &elements);
    put_delimited(out, number, elements.at, elements.size);
    free(elements.at);
}

static size_t put_field(rng *r, const ProtobufCFieldDescriptor *field, int depth, bytes *out)
{
    int    wire = wire_of(field->type);
    bytes  content = {0};
    size_t fields = 1;

    if (wire != 2 && field->label == PROTOBUF_C_LABEL_REPEATED && rng_below(r, 2)) {
        put_packed(r, field->id, wire, out);
        return fields;
    }
    if (wire != 2) {
        put_tag(out, field->id, wire);
        put_scalar(r, wire, out);
        return fields;
    }
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        fields += random_message(r, field->descriptor, depth - 1, &content);
    else if (field->type == PROTOBUF_C_TYPE_STRING)
        put_random_text(r, &content);
    else
        put_random_bytes(r, &content, rng_below(r, MOST_TEXT));
    put_delimited(out, field->id, content.at, content.size);
    free(content.at);
    return fields;
}

static void put_unknown(rng *r, bytes *out)
{
    uint32_t number = 1000 + (uint32_t)rng_below(r, 100000);
    int      wire = (int[]){0, 1, 2, 5}[rng_below(r, 4)];

    if (wire == 2) {
        put_packed(r, number, 0, out);
        return;
    }
    put_tag(out, number, wire);
    put_scalar(r, wire, out);
}

size_t random_message(rng *r, const ProtobufCMessageDescriptor *type, int depth, bytes *out)
{
    size_t count = rng_below(r, MOST_FIELDS * (rng_below(r, 5) == 0 ? 6 : 1));
    size_t fields = 0;
    bool   seen[64] = {false};

    for (size_t i = 0; i < count; i++) {
        unsigned                        index = type->n_fields ? (unsigned)rng_below(r, type->n_fields) : 0;
        const ProtobufCFieldDescriptor *field = type->fields + index;
        bool                            message = type->n_fields && field->type == PROTOBUF_C_TYPE_MESSAGE;

        if (type->n_fields == 0 || rng_below(r, 10) == 0) {
            put_unknown(r, out);
            fields++;
        } else if (!message || (depth > 1 && (field->label == PROTOBUF_C_LABEL_REPEATED || !seen[index % 64]))) {
            seen[index % 64] |= message;
            fields += put_field(r, field, depth, out);
        }
    }
    return fields;
}
