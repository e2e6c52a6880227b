/* field.c: the value of one field as JSON, both ways, and as plain text (contract: maru/json.h). */
#include <string.h>

#include "base/utf8.h"
#include "json/number.h"
#include "json/to_json.h"
#include "json/to_wire.h"

maru_status json_field_to_wire(const schema_field *field, const char *from, size_t from_size,
                               const json_read_options *options, maru_arena *arena, const uint8_t **bytes, size_t *size,
                               maru_error *error)
{
    to_wire *c = to_wire_begin(field->parent->pool, from_size, options, arena, error);

    if (c == NULL)
        return MARU_RESOURCE_EXHAUSTED;
    return to_wire_end(c,
                       reader_start(&c->r, from, from_size, arena, error) && message_enter(c) && field_read(c, field) &&
                           reader_end(&c->r),
                       bytes, size);
}

maru_status wire_field_to_json(const schema_field *field, const void *bytes, size_t size,
                               const json_write_options *options, maru_arena *arena, const char **printed,
                               size_t *text_size, maru_error *error)
{
    to_json *c = to_json_begin(field->parent, size, options, arena, error);

    if (c == NULL)
        return MARU_RESOURCE_EXHAUSTED;
    return to_json_end(c, message_in(c) && field_print(c, field, (wire_bytes){.at = bytes, .size = size}), printed,
                       text_size);
}

/* Plain text. */

bool json_text_takes(const schema_field *field)
{
    if (field->map || field->type == SCHEMA_GROUP)
        return false;
    if (field->message == NULL)
        return true;
    switch (field->message->kind) {
    case SCHEMA_TIMESTAMP:
    case SCHEMA_DURATION:
    case SCHEMA_FIELD_MASK:
    case SCHEMA_WRAPPER:
        return true;
    default:
        return false;
    }
}

/* The type of the scalar that the text is: of a wrapper, what it wraps. */
static const schema_field *scalar_of(const schema_field *field)
{
    return field->message != NULL && field->message->kind == SCHEMA_WRAPPER ? &field->message->fields[0] : field;
}

/* What JSON has without quotes: true, false, and the number of an enum value. */
static bool is_bare(const schema_field *field, slice plain)
{
    if (field->type == SCHEMA_ENUM)
        return plain.size > 0 && number_size(plain.at, plain.size) == plain.size;
    return field->type == SCHEMA_BOOL && ((plain.size == 4 && memcmp(plain.at, "true", 4) == 0) ||
                                          (plain.size == 5 && memcmp(plain.at, "false", 5) == 0));
}

/* unit_price becomes unitPrice: JSON's paths have no underscores, people's have. */
static slice mask_words(slice plain, char *to)
{
    slice words = {.at = to};

    for (size_t i = 0; i < plain.size; i++) {
        bool up = plain.at[i] == '_' && i + 1 < plain.size && plain.at[i + 1] >= 'a' && plain.at[i + 1] <= 'z';

        i += up;
        to[words.size++] = up ? (char)(plain.at[i] - 'a' + 'A') : plain.at[i];
    }
    return words;
}

/* The text as a JSON value. */
static bool quote(const schema_field *field, slice plain, maru_arena *arena, slice *json)
{
    writer w = {.out = text_in(arena, JSON_SIZE_MAX)};

    if (field->message != NULL && field->message->kind == SCHEMA_FIELD_MASK) {
        char *room = maru_arena_alloc(arena, plain.size + 1);

        if (room == NULL)
            return false;
        plain = mask_words(plain, room);
    }
    if (is_bare(scalar_of(field), plain))
        writer_raw(&w, plain.at, plain.size);
    else
        writer_string(&w, plain.at, plain.size);
    *json = (slice){.at = w.out.data, .size = w.out.size};
    return !w.out.failed;
}

/* A string needs no JSON. */
static maru_status string_to_wire(const schema_field *field, slice plain, maru_arena *arena, const uint8_t **bytes,
                                  size_t *size, maru_error *error)
{
    wire_out out = {.arena = arena, .max = JSON_SIZE_MAX};
    scalar   value = {.bytes = plain};

    wire_put_tag(&out, field->number, SCHEMA_WIRE_LEN);
    scalar_put(&out, SCHEMA_STRING, &value);
    if (wire_finish(&out, bytes, size))
        return MARU_OK;
    return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "no memory left of the %zu bytes that reading may take",
                          maru_arena_budget(arena));
}

maru_status json_text_to_wire(const schema_field *field, const char *from, size_t from_size, maru_arena *arena,
                              const uint8_t **bytes, size_t *size, maru_error *error)
{
    slice        plain = {.at = from, .size = from_size}, json;
    schema_field one = *field;
    to_wire     *c;

    if (utf8_text_size((const uint8_t *)from, from_size) != from_size)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "want UTF-8 without a NUL");
    if (field->type == SCHEMA_STRING)
        return string_to_wire(field, plain, arena, bytes, size, error);
    if ((c = to_wire_begin(field->parent->pool, from_size, NULL, arena, error)) == NULL)
        return MARU_RESOURCE_EXHAUSTED;
    if (!quote(field, plain, arena, &json))
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
    one.repeated = one.packed = false; /* one element */
    one.presence = true;
    return to_wire_end(c,
                       reader_start(&c->r, json.at, json.size, arena, error) && (c->r.placeless = true) &&
                           message_enter(c) && field_read(c, &one) && reader_end(&c->r),
                       bytes, size);
}
