/* scalar_to_json.c: one scalar of a message as JSON (contract: to_json.h). */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "json/base64.h"
#include "json/number.h"
#include "json/to_json.h"

static uint64_t unzigzag(uint64_t bits)
{
    return bits >> 1 ^ (0 - (bits & 1));
}

static bool integer_print(to_json *c, uint64_t value, bool negative, bool quoted)
{
    char  printed[32];
    char *end = printed + sizeof printed, *at = end;

    if (quoted)
        *--at = '"';
    do
        *--at = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    if (negative)
        *--at = '-';
    if (quoted)
        *--at = '"';
    writer_raw(&c->w, at, (size_t)(end - at));
    return true;
}

static bool signed_print(to_json *c, int64_t value, bool quoted)
{
    return integer_print(c, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0, quoted);
}

static bool unsigned_print(to_json *c, uint64_t value, bool quoted)
{
    return integer_print(c, value, false, quoted);
}

/* The value of an integer of any signed type. */
static int64_t signed_value(schema_type type, uint64_t bits)
{
    switch (type) {
    case SCHEMA_SINT32:
        return (int32_t)(uint32_t)unzigzag((uint32_t)bits);
    case SCHEMA_SINT64:
        return (int64_t)unzigzag(bits);
    case SCHEMA_INT32:
    case SCHEMA_SFIXED32:
    case SCHEMA_ENUM:
        return (int32_t)(uint32_t)bits;
    default:
        return (int64_t)bits;
    }
}

size_t scalar_key_text(const schema_field *field, const wire_element *key, char out[static SCALAR_KEY_MAX])
{
    uint64_t bits = key->bits;

    switch (field->type) {
    case SCHEMA_BOOL:
        return (size_t)snprintf(out, SCALAR_KEY_MAX, "%s", bits != 0 ? "true" : "false");
    case SCHEMA_UINT32:
    case SCHEMA_FIXED32:
        return (size_t)snprintf(out, SCALAR_KEY_MAX, "%" PRIu32, (uint32_t)bits);
    case SCHEMA_UINT64:
    case SCHEMA_FIXED64:
        return (size_t)snprintf(out, SCALAR_KEY_MAX, "%" PRIu64, bits);
    default:
        return (size_t)snprintf(out, SCALAR_KEY_MAX, "%" PRId64, signed_value(field->type, bits));
    }
}

static bool word_print(to_json *c, const char *word)
{
    writer_raw(&c->w, word, strlen(word));
    return true;
}

/* NaN and Infinity: false where it is a finite number. */
static bool not_finite_print(to_json *c, double value)
{
    if (isnan(value))
        return word_print(c, "\"NaN\"");
    return isinf(value) && word_print(c, value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
}

static bool double_print(to_json *c, uint64_t bits)
{
    char   printed[NUMBER_TEXT_MAX];
    double value;

    memcpy(&value, &bits, sizeof value);
    if (!not_finite_print(c, value))
        writer_raw(&c->w, printed, number_print_double(value, printed));
    return true;
}

static bool float_print(to_json *c, uint32_t bits)
{
    char  printed[NUMBER_TEXT_MAX];
    float value;

    memcpy(&value, &bits, sizeof value);
    if (!not_finite_print(c, (double)value))
        writer_raw(&c->w, printed, number_print_float(value, printed));
    return true;
}

static bool enum_print(to_json *c, const schema_enum *enumeration, int32_t number)
{
    const schema_value *value = schema_value_by_number(enumeration, number);

    if (enumeration->null_value)
        return word_print(c, "null");
    if (value == NULL || c->options->enums_as_numbers)
        return signed_print(c, number, false);
    writer_string(&c->w, value->name, strlen(value->name));
    return true;
}

bool scalar_is_text(wire_bytes bytes)
{
    return utf8_valid(bytes.at, bytes.size);
}

static bool string_print(to_json *c, wire_bytes bytes)
{
    if (!scalar_is_text(bytes))
        return to_json_fail(c, MARU_INVALID_ARGUMENT, "the string is not UTF-8");
    writer_string(&c->w, (const char *)bytes.at, bytes.size);
    return true;
}

static bool bytes_print(to_json *c, wire_bytes bytes)
{
    char *room;

    writer_raw(&c->w, "\"", 1);
    room = text_room(&c->w.out, base64_size(bytes.size));
    if (room != NULL) {
        base64_encode(bytes.at, bytes.size, room);
        c->w.out.size += base64_size(bytes.size);
    }
    writer_raw(&c->w, "\"", 1);
    return true;
}

bool scalar_print(to_json *c, const schema_field *field, const wire_element *element)
{
    uint64_t bits = element->bits;

    switch (field->type) {
    case SCHEMA_DOUBLE:
        return double_print(c, bits);
    case SCHEMA_FLOAT:
        return float_print(c, (uint32_t)bits);
    case SCHEMA_INT64:
    case SCHEMA_SINT64:
    case SCHEMA_SFIXED64:
        return signed_print(c, signed_value(field->type, bits), true);
    case SCHEMA_INT32:
    case SCHEMA_SINT32:
    case SCHEMA_SFIXED32:
        return signed_print(c, signed_value(field->type, bits), false);
    case SCHEMA_UINT64:
    case SCHEMA_FIXED64:
        return unsigned_print(c, bits, true);
    case SCHEMA_UINT32:
    case SCHEMA_FIXED32:
        return unsigned_print(c, (uint32_t)bits, false);
    case SCHEMA_BOOL:
        return word_print(c, bits != 0 ? "true" : "false");
    case SCHEMA_ENUM:
        return enum_print(c, field->enumeration, (int32_t)(uint32_t)bits);
    case SCHEMA_STRING:
        return string_print(c, element->bytes);
    default:
        return bytes_print(c, element->bytes);
    }
}

bool scalar_is_default(const schema_field *field, const wire_element *element)
{
    switch (field->type) {
    case SCHEMA_STRING:
    case SCHEMA_BYTES:
        return element->bytes.size == 0;
    case SCHEMA_ENUM: /* whatever the number, a NullValue says null */
        return (uint32_t)element->bits == 0 || field->enumeration->null_value;
    case SCHEMA_INT32:
    case SCHEMA_UINT32:
    case SCHEMA_SINT32:
        return (uint32_t)element->bits == 0;
    default:
        return element->bits == 0;
    }
}
