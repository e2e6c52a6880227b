/* scalar_to_wire.c: one scalar of JSON, as its type wants it (contract: to_wire.h). */
#include <string.h>

#include "json/base64.h"
#include "json/number.h"
#include "json/to_wire.h"

static const char *integer_words(schema_type type)
{
    switch (type) {
    case SCHEMA_UINT32:
    case SCHEMA_FIXED32:
        return "an integer in 0..4294967295";
    case SCHEMA_UINT64:
    case SCHEMA_FIXED64:
        return "an integer in 0..18446744073709551615";
    case SCHEMA_INT64:
    case SCHEMA_SINT64:
    case SCHEMA_SFIXED64:
        return "an integer in -9223372036854775808..9223372036854775807";
    default:
        return "an integer in -2147483648..2147483647";
    }
}

/* The type's bits, 32 or 64; 0 where it is no integer. */
static unsigned integer_bits(schema_type type, bool *is_signed)
{
    *is_signed = type != SCHEMA_UINT32 && type != SCHEMA_FIXED32 && type != SCHEMA_UINT64 && type != SCHEMA_FIXED64;
    switch (type) {
    case SCHEMA_INT32:
    case SCHEMA_SINT32:
    case SCHEMA_SFIXED32:
    case SCHEMA_UINT32:
    case SCHEMA_FIXED32:
        return 32;
    case SCHEMA_INT64:
    case SCHEMA_SINT64:
    case SCHEMA_SFIXED64:
    case SCHEMA_UINT64:
    case SCHEMA_FIXED64:
        return 64;
    default:
        return 0;
    }
}

static bool integer_from(to_wire *c, schema_type type, slice text, uint64_t *value)
{
    bool     is_signed;
    unsigned bits = integer_bits(type, &is_signed);

    switch (number_integer(text.at, text.size, is_signed, bits, value)) {
    case NUMBER_OK:
        return true;
    case NUMBER_RANGE:
        return reader_want(&c->r, integer_words(type));
    default:
        return reader_want(&c->r, "an integer");
    }
}

/* A number, or a string that holds one. */
static bool number_text(to_wire *c, const char *want, slice *text)
{
    json_kind kind;

    if (!reader_peek(&c->r, &kind))
        return false;
    if (kind == JSON_NUMBER)
        return reader_number(&c->r, text);
    return kind == JSON_STRING ? reader_string(&c->r, text) : reader_want(&c->r, want);
}

static bool integer_read(to_wire *c, schema_type type, scalar *value)
{
    slice text;

    return number_text(c, "an integer", &text) && integer_from(c, type, text, &value->bits);
}

static bool is_text(slice text, const char *word)
{
    return text.size == strlen(word) && memcmp(text.at, word, text.size) == 0;
}

/* The numbers that JSON has only as words, in quotes. */
static bool word_value(slice text, double *value)
{
    if (is_text(text, "NaN"))
        *value = __builtin_nan("");
    else if (is_text(text, "Infinity"))
        *value = __builtin_inf();
    else if (is_text(text, "-Infinity"))
        *value = -__builtin_inf();
    else
        return false;
    return true;
}

static bool float_failed(to_wire *c, number_result result, const char *want)
{
    if (result == NUMBER_NO_MEMORY)
        return reader_no_memory(&c->r);
    return reader_want(&c->r, result == NUMBER_RANGE ? want : "a number");
}

static bool double_read(to_wire *c, scalar *value)
{
    slice         text;
    double        number;
    number_result result;

    if (!number_text(c, "a number", &text))
        return false;
    if (!word_value(text, &number)) {
        result = number_double(text.at, text.size, c->r.arena, &number);
        if (result != NUMBER_OK)
            return float_failed(c, result, "a number that a double can hold");
    }
    memcpy(&value->bits, &number, sizeof number);
    return true;
}

static bool float_read(to_wire *c, scalar *value)
{
    slice         text;
    double        word;
    float         number;
    uint32_t      bits;
    number_result result;

    if (!number_text(c, "a number", &text))
        return false;
    if (word_value(text, &word)) {
        number = (float)word;
    } else {
        result = number_float(text.at, text.size, c->r.arena, &number);
        if (result != NUMBER_OK)
            return float_failed(c, result, "a number that a float can hold");
    }
    memcpy(&bits, &number, sizeof number);
    value->bits = bits;
    return true;
}

static bool bool_read(to_wire *c, scalar *value)
{
    json_kind kind;

    if (!reader_peek(&c->r, &kind))
        return false;
    if (kind != JSON_TRUE && kind != JSON_FALSE)
        return reader_want(&c->r, "true or false");
    value->bits = kind == JSON_TRUE;
    return reader_literal(&c->r, kind);
}

static bool unknown_value(to_wire *c, const schema_enum *enumeration, slice name, scalar *value)
{
    const char *nearest = schema_nearest_value(enumeration, name.at, name.size);

    value->left_out = c->ignore_unknown;
    if (c->ignore_unknown)
        return true;
    if (c->r.secret)
        return reader_fail(&c->r, MARU_INVALID_ARGUMENT, "%.120s has no such value", enumeration->full_name);
    return reader_fail(&c->r, MARU_INVALID_ARGUMENT, "%.120s has no value \"%.*s\"%s%.80s", enumeration->full_name,
                       (int)(name.size < 60 ? name.size : 60), name.at, nearest != NULL ? "; the nearest is " : "",
                       nearest != NULL ? nearest : "");
}

static bool enum_read(to_wire *c, const schema_enum *enumeration, scalar *value)
{
    const schema_value *known;
    json_kind           kind;
    slice               name;

    if (!reader_peek(&c->r, &kind))
        return false;
    if (kind == JSON_NULL && enumeration->null_value)
        return reader_literal(&c->r, JSON_NULL);
    if (kind == JSON_NUMBER)
        return integer_read(c, SCHEMA_INT32, value); /* an unknown number is a value all the same */
    if (kind != JSON_STRING)
        return reader_want(&c->r, "the name or number of an enum value");
    if (!reader_string(&c->r, &name))
        return false;
    known = schema_value_by_text(enumeration, name.at, name.size);
    if (known == NULL)
        return unknown_value(c, enumeration, name, value);
    value->bits = (uint64_t)(int64_t)known->number;
    return true;
}

static bool bytes_read(to_wire *c, scalar *value)
{
    slice    text;
    uint8_t *bytes;

    if (!reader_string(&c->r, &text))
        return false;
    bytes = maru_arena_alloc(c->r.arena, text.size / 4 * 3 + 3);
    if (bytes == NULL)
        return reader_no_memory(&c->r);
    if (!base64_decode(text.at, text.size, bytes, &value->bytes.size))
        return reader_want(&c->r, "base64");
    value->bytes.at = (const char *)bytes;
    return true;
}

static bool check_nul(to_wire *c, slice text)
{
    return !c->refuse_nul || memchr(text.at, '\0', text.size) == NULL ||
           reader_fail(&c->r, MARU_INVALID_ARGUMENT, "want UTF-8 without a NUL");
}

bool scalar_read(to_wire *c, const schema_field *field, scalar *value)
{
    *value = (scalar){0};
    switch (field->type) {
    case SCHEMA_DOUBLE:
        return double_read(c, value);
    case SCHEMA_FLOAT:
        return float_read(c, value);
    case SCHEMA_BOOL:
        return bool_read(c, value);
    case SCHEMA_STRING:
        return reader_string(&c->r, &value->bytes) && check_nul(c, value->bytes);
    case SCHEMA_BYTES:
        return bytes_read(c, value);
    case SCHEMA_ENUM:
        return enum_read(c, field->enumeration, value);
    default:
        return integer_read(c, field->type, value);
    }
}

bool scalar_read_key(to_wire *c, const schema_field *field, slice key, scalar *value)
{
    *value = (scalar){.bytes = key};
    if (field->type == SCHEMA_STRING)
        return check_nul(c, key);
    if (field->type != SCHEMA_BOOL)
        return integer_from(c, field->type, key, &value->bits);
    value->bits = is_text(key, "true");
    return value->bits || is_text(key, "false") || reader_want(&c->r, "the key \"true\" or \"false\"");
}

bool scalar_is_zero(schema_type type, const scalar *value)
{
    return type == SCHEMA_STRING || type == SCHEMA_BYTES ? value->bytes.size == 0 : value->bits == 0;
}

static uint64_t zigzag(uint64_t value)
{
    return value << 1 ^ (0 - (value >> 63));
}

static void put_length_delimited(wire_out *out, slice bytes)
{
    wire_put_varint(out, bytes.size);
    wire_put_bytes(out, bytes.at, bytes.size);
}

void scalar_put(wire_out *out, schema_type type, const scalar *value)
{
    switch (schema_type_wire(type)) {
    case SCHEMA_WIRE_I32:
        wire_put_fixed32(out, (uint32_t)value->bits);
        break;
    case SCHEMA_WIRE_I64:
        wire_put_fixed64(out, value->bits);
        break;
    case SCHEMA_WIRE_VARINT:
        wire_put_varint(out, type == SCHEMA_SINT32 || type == SCHEMA_SINT64 ? zigzag(value->bits) : value->bits);
        break;
    default:
        put_length_delimited(out, value->bytes);
        break;
    }
}
