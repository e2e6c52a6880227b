/* known_to_wire.c: the JSON of Google's well-known types becomes their fields (contract: to_wire.h). Field numbers are
 * the published ones, which link has checked. */
#include <string.h>

#include "json/mask.h"
#include "json/moment.h"
#include "json/number.h"
#include "json/to_wire.h"

static bool done(to_wire *c)
{
    return !c->out.failed || output_failed(c);
}

/* ---- times ---- */

static bool moment_read(to_wire *c, bool (*read)(const char *, size_t, moment *), const char *want)
{
    slice  text;
    moment m;

    if (!reader_string(&c->r, &text))
        return false;
    if (!read(text.at, text.size, &m))
        return reader_want(&c->r, want);
    if (m.seconds != 0) {
        wire_put_tag(&c->out, 1, SCHEMA_WIRE_VARINT);
        wire_put_varint(&c->out, (uint64_t)m.seconds);
    }
    if (m.nanos != 0) {
        wire_put_tag(&c->out, 2, SCHEMA_WIRE_VARINT);
        wire_put_varint(&c->out, (uint64_t)(int64_t)m.nanos);
    }
    return done(c);
}

/* ---- FieldMask ---- */

/* itemList.unitPrice becomes item_list.unit_price. What has an underscore would not come back. A * that stands for all
 * of a level is taken as it is. */
static bool mask_path(to_wire *c, const char *from, const char *end)
{
    const char *start = from;
    scalar      path = {0};
    char       *to = maru_arena_alloc(c->r.arena, (size_t)(end - from) * 2 + 1);

    if (to == NULL)
        return reader_no_memory(&c->r);
    path.bytes.at = to;
    for (; from < end; from++) {
        bool upper = *from >= 'A' && *from <= 'Z';

        if (!upper && !(*from >= 'a' && *from <= 'z') && !(*from >= '0' && *from <= '9') && *from != '.' &&
            !mask_star(start, (size_t)(end - start), (size_t)(from - start)))
            return reader_want(&c->r, "paths of letters, digits and dots, as in \"name,unitPrice\", or *");
        if (upper)
            *to++ = '_';
        *to++ = upper ? (char)(*from - 'A' + 'a') : *from;
    }
    path.bytes.size = (size_t)(to - path.bytes.at);
    wire_put_tag(&c->out, 1, SCHEMA_WIRE_LEN);
    scalar_put(&c->out, SCHEMA_STRING, &path);
    return path.bytes.size > 0 ? done(c) : reader_want(&c->r, "no empty path");
}

static bool mask_read(to_wire *c)
{
    slice       text;
    const char *at, *end, *comma;

    if (!reader_string(&c->r, &text))
        return false;
    if (text.size == 0)
        return true;
    for (at = text.at, end = at + text.size;; at = comma + 1) {
        comma = memchr(at, ',', (size_t)(end - at));
        if (!mask_path(c, at, comma == NULL ? end : comma))
            return false;
        if (comma == NULL)
            return true;
    }
}

/* ---- Value ---- */

/* A number or a string is read as its field; Infinity as a number it is not. */
static bool value_scalar(to_wire *c, const schema_message *type, json_kind kind)
{
    uint32_t            number = kind == JSON_NULL ? 1 : kind == JSON_NUMBER ? 2 : kind == JSON_STRING ? 3 : 4;
    const schema_field *field = schema_field_by_number(type, number);
    scalar              value;

    if (!scalar_read(c, field, &value))
        return false;
    wire_put_tag(&c->out, number, schema_type_wire(field->type));
    scalar_put(&c->out, field->type, &value);
    return done(c);
}

static bool value_read(to_wire *c, const schema_message *type)
{
    json_kind kind;

    if (!reader_peek(&c->r, &kind))
        return false;
    if (kind == JSON_OBJECT || kind == JSON_LIST)
        return nested_read(c, schema_field_by_number(type, kind == JSON_OBJECT ? 5 : 6));
    return value_scalar(c, type, kind);
}

static bool wrapper_read(to_wire *c, const schema_message *type)
{
    const schema_field *field = schema_field_by_number(type, 1);
    scalar              value;

    if (!scalar_read(c, field, &value))
        return false;
    if (scalar_is_zero(field->type, &value))
        return true;
    wire_put_tag(&c->out, 1, schema_type_wire(field->type));
    scalar_put(&c->out, field->type, &value);
    return done(c);
}

bool known_read(to_wire *c, const schema_message *type)
{
    switch (type->kind) {
    case SCHEMA_ANY:
        return any_read(c);
    case SCHEMA_TIMESTAMP:
        return moment_read(c, timestamp_read, "a time of the years 1 to 9999, as 2024-02-29T12:30:00.5Z");
    case SCHEMA_DURATION:
        return moment_read(c, duration_read, "seconds within 10,000 years, as 1.5s");
    case SCHEMA_FIELD_MASK:
        return mask_read(c);
    case SCHEMA_STRUCT:
        return map_read(c, schema_field_by_number(type, 1));
    case SCHEMA_VALUE:
        return value_read(c, type);
    case SCHEMA_LIST_VALUE:
        return list_read(c, schema_field_by_number(type, 1));
    case SCHEMA_WRAPPER:
        return wrapper_read(c, type);
    default:
        return fields_read(c, type, false);
    }
}
