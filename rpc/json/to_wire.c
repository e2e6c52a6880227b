/* to_wire.c: JSON text becomes a serialized message (contract: maru/json.h).
 *
 * One pass over the text, recursive over what is nested, which reader and message_enter bound; a level takes a few
 * hundred bytes of stack. Fields are written as they come. Those without presence that are zero are left out, as other
 * writers do.
 */
#include "json/to_wire.h"

#include <stdlib.h>
#include <string.h>

enum { SIZE_MOST = 1 << 30, FIRST_WORDS = 64, FIRST_KEYS = 32 };

bool output_failed(to_wire *c)
{
    if (c->out.too_big)
        return reader_fail(&c->r, MARU_RESOURCE_EXHAUSTED, "the message is larger than %zu bytes", c->out.max);
    return reader_no_memory(&c->r);
}

bool message_enter(to_wire *c)
{
    if (c->depth == JSON_WIRE_DEPTH_MAX)
        return reader_fail(&c->r, MARU_RESOURCE_EXHAUSTED, "messages are nested more than %d deep",
                           JSON_WIRE_DEPTH_MAX);
    c->depth++;
    return true;
}

void message_leave(to_wire *c)
{
    c->depth--;
}

/* ---- which fields an object has had ---- */

/* Takes count cleared bits from the stack; *base is where they begin. */
static bool bits_push(to_wire *c, size_t count, size_t *base)
{
    size_t words = (count + 63) / 64, need = c->bit_words + words;

    if (need > c->bit_capacity) {
        size_t    capacity = c->bit_capacity > 0 ? c->bit_capacity * 2 : FIRST_WORDS;
        uint64_t *bits;

        capacity = capacity < need ? need : capacity;
        bits = maru_arena_alloc(c->r.arena, capacity * sizeof *bits);
        if (bits == NULL)
            return reader_no_memory(&c->r);
        if (c->bit_words > 0)
            memcpy(bits, c->bits, c->bit_words * sizeof *bits);
        c->bits = bits;
        c->bit_capacity = capacity;
    }
    *base = c->bit_words;
    if (words > 0)
        memset(c->bits + *base, 0, words * sizeof *c->bits);
    c->bit_words = need;
    return true;
}

/* Sets a bit; whether it was set before. */
static bool bit_was_set(to_wire *c, size_t base, size_t bit)
{
    uint64_t *word = &c->bits[base + bit / 64], mask = UINT64_C(1) << (bit % 64);
    bool      was = *word & mask;

    *word |= mask;
    return was;
}

/* ---- one field ---- */

/* Whether null is a value of the field, and does not mean that it is not set. */
static bool takes_null(const schema_field *field)
{
    return (field->message != NULL && field->message->kind == SCHEMA_VALUE) ||
           (field->enumeration != NULL && field->enumeration->null_value);
}

static bool is_message(const schema_field *field)
{
    return field->message != NULL;
}

bool nested_read(to_wire *c, const schema_field *field)
{
    size_t hole;

    if (field->type == SCHEMA_GROUP)
        return reader_fail(&c->r, MARU_INVALID_ARGUMENT, "groups have no JSON");
    wire_put_tag(&c->out, field->number, SCHEMA_WIRE_LEN);
    hole = wire_open(&c->out);
    if (!message_enter(c) || !message_read(c, field->message))
        return false;
    message_leave(c);
    wire_close(&c->out, hole);
    return !c->out.failed || output_failed(c);
}

/* A value with its tag. zero: whether it is written even when it is zero. */
static bool singular_read(to_wire *c, const schema_field *field, bool zero, bool *left_out)
{
    scalar value;

    *left_out = false;
    if (is_message(field))
        return nested_read(c, field);
    if (!scalar_read(c, field, &value))
        return false;
    *left_out = value.left_out;
    if (value.left_out || (!zero && scalar_is_zero(field->type, &value)))
        return true;
    wire_put_tag(&c->out, field->number, schema_type_wire(field->type));
    scalar_put(&c->out, field->type, &value);
    return !c->out.failed || output_failed(c);
}

/* ---- lists ---- */

/* In a list or map null is no value but of the types that have one. */
static bool refuse_null(to_wire *c, const schema_field *field, const char *where)
{
    json_kind kind;

    if (!reader_peek(&c->r, &kind))
        return false;
    if (kind == JSON_NULL && !takes_null(field))
        return reader_fail(&c->r, MARU_INVALID_ARGUMENT, "null is no value in a %s", where);
    return true;
}

static bool packed_read(to_wire *c, const schema_field *field)
{
    wire_mark before = wire_here(&c->out);
    size_t    hole, start;
    scalar    value;
    bool      more;

    wire_put_tag(&c->out, field->number, SCHEMA_WIRE_LEN);
    hole = wire_open(&c->out);
    start = c->out.size;
    while (true) {
        if (!reader_element(&c->r, &more))
            return false;
        if (!more)
            break;
        if (!refuse_null(c, field, "list") || !scalar_read(c, field, &value))
            return false;
        if (!value.left_out)
            scalar_put(&c->out, field->type, &value);
        if (c->out.failed)
            return output_failed(c);
    }
    wire_close(&c->out, hole);
    if (c->out.size == start)
        wire_back(&c->out, before);
    return !c->out.failed || output_failed(c);
}

static bool unpacked_read(to_wire *c, const schema_field *field)
{
    bool more, left_out;

    while (true) {
        if (!reader_element(&c->r, &more))
            return false;
        if (!more)
            return true;
        if (!refuse_null(c, field, "list") || !singular_read(c, field, true, &left_out))
            return false;
    }
}

bool list_read(to_wire *c, const schema_field *field)
{
    if (!reader_open(&c->r, JSON_LIST))
        return false;
    return field->packed ? packed_read(c, field) : unpacked_read(c, field);
}

/* ---- maps ---- */

static int order_keys(const void *a, const void *b, void *bytes)
{
    const map_key *x = a, *y = b;
    int order = memcmp((uint8_t *)bytes + x->at, (uint8_t *)bytes + y->at, x->size < y->size ? x->size : y->size);

    if (order == 0)
        order = (x->size > y->size) - (x->size < y->size);
    return order != 0 ? order : (x->text > y->text) - (x->text < y->text);
}

/* The keys of the map that ends here, from base on. They are compared as they travel: "1" and "01" would be one. */
static bool refuse_repeats(to_wire *c, size_t base)
{
    map_key *keys;
    size_t   count = c->key_count - base;

    c->key_count = base;
    if (count < 2)
        return true;
    keys = c->keys + base;
    qsort_r(keys, count, sizeof *keys, order_keys, c->out.bytes);
    for (size_t i = 1; i < count; i++) {
        if (keys[i].size != keys[i - 1].size ||
            memcmp(c->out.bytes + keys[i].at, c->out.bytes + keys[i - 1].at, keys[i].size) != 0)
            continue;
        c->r.value = keys[i].text;
        return reader_want(&c->r, "each key of a map once");
    }
    return true;
}

static bool note_key(to_wire *c, size_t at, const char *text)
{
    if (c->key_count == c->key_capacity) {
        size_t   capacity = c->key_capacity > 0 ? c->key_capacity * 2 : FIRST_KEYS;
        map_key *keys = maru_arena_alloc(c->r.arena, capacity * sizeof *keys);

        if (keys == NULL)
            return reader_no_memory(&c->r);
        if (c->key_count > 0)
            memcpy(keys, c->keys, c->key_count * sizeof *keys);
        c->keys = keys;
        c->key_capacity = capacity;
    }
    c->keys[c->key_count++] = (map_key){.at = (uint32_t)at, .size = (uint32_t)(c->out.size - at), .text = text};
    return true;
}

static bool entry_read(to_wire *c, const schema_field *field, slice key)
{
    const schema_field *fields = field->message->fields;
    wire_mark           before = wire_here(&c->out);
    const char         *text = c->r.value;
    size_t              hole, at;
    scalar              value;
    bool                left_out;

    wire_put_tag(&c->out, field->number, SCHEMA_WIRE_LEN);
    hole = wire_open(&c->out);
    at = c->out.size;
    if (!message_enter(c) || !scalar_read_key(c, &fields[0], key, &value))
        return false;
    wire_put_tag(&c->out, fields[0].number, schema_type_wire(fields[0].type));
    scalar_put(&c->out, fields[0].type, &value);
    if (c->out.failed)
        return output_failed(c);
    if (!note_key(c, at, text) || !refuse_null(c, &fields[1], "map"))
        return false;
    if (!singular_read(c, &fields[1], true, &left_out))
        return false;
    message_leave(c);
    wire_close(&c->out, hole);
    if (left_out) {
        wire_back(&c->out, before);
        c->key_count--;
    }
    return true;
}

bool map_read(to_wire *c, const schema_field *field)
{
    size_t base = c->key_count;
    slice  key;
    bool   more;

    if (!reader_open(&c->r, JSON_OBJECT))
        return false;
    while (true) {
        if (!reader_member(&c->r, &key, &more))
            return false;
        if (!more)
            return refuse_repeats(c, base);
        if (!entry_read(c, field, key))
            return false;
    }
}

/* ---- messages ---- */

static bool unknown_field(to_wire *c, const schema_message *type, slice key)
{
    const char *nearest = schema_nearest_field(type, key.at, key.size);

    if (c->ignore_unknown)
        return reader_skip(&c->r);
    if (type->field_count == 0)
        return reader_fail(&c->r, MARU_INVALID_ARGUMENT, "%.120s has no fields", type->full_name);
    return reader_fail(&c->r, MARU_INVALID_ARGUMENT, "%.120s has no such field%s%.80s", type->full_name,
                       nearest != NULL ? "; the nearest is " : "", nearest != NULL ? nearest : "");
}

static bool value_read(to_wire *c, const schema_field *field)
{
    bool left_out;

    if (field->map)
        return map_read(c, field);
    return field->repeated ? list_read(c, field) : singular_read(c, field, field->presence, &left_out);
}

/* One member of an object. base: the bits of the object, one a field and one a oneof. */
static bool open_member(to_wire *c, const schema_field *field, size_t base)
{
    const schema_message *type = field->parent;
    const char           *at = c->r.value;
    json_kind             kind;

    if (bit_was_set(c, base, field->index))
        return reader_fail(&c->r, MARU_INVALID_ARGUMENT, "the field is given twice");
    if (!reader_peek(&c->r, &kind))
        return false;
    if (kind == JSON_NULL && (field->repeated || !takes_null(field)))
        return reader_literal(&c->r, JSON_NULL);
    if (field->oneof != NULL && bit_was_set(c, base, type->field_count + field->oneof->index)) {
        c->r.value = at;
        return reader_fail(&c->r, MARU_INVALID_ARGUMENT, "a second field of oneof %.80s, of which only one can be set",
                           field->oneof->name);
    }
    return value_read(c, field);
}

static bool member_read(to_wire *c, const schema_field *field, size_t base)
{
    bool before, good;

    if (!field->secret)
        return open_member(c, field, base);
    reader_hide(&c->r, &before);
    good = open_member(c, field, base);
    c->r.secret = before;
    return good;
}

static bool has_secret(const schema_message *type)
{
    for (size_t i = 0; i < type->field_count; i++)
        if (type->fields[i].secret)
            return true;
    return false;
}

/* What stands in the place of a message that has a secret may be the secret. */
static bool fields_open(to_wire *c, const schema_message *type)
{
    json_kind kind;
    bool      before;

    if (!reader_peek(&c->r, &kind))
        return false;
    if (kind != JSON_OBJECT && has_secret(type))
        reader_hide(&c->r, &before); /* for good: it fails */
    return reader_open(&c->r, JSON_OBJECT);
}

static bool is_key(slice key, const char *name)
{
    return key.size == strlen(name) && memcmp(key.at, name, key.size) == 0;
}

bool fields_read(to_wire *c, const schema_message *type, bool in_any)
{
    const schema_field *field;
    size_t              base = 0;
    slice               key;
    bool                more, good;

    if (!bits_push(c, type->field_count + type->oneof_count, &base) || !fields_open(c, type))
        return false;
    while (true) {
        if (!reader_member(&c->r, &key, &more))
            return false;
        if (!more)
            break;
        field = schema_field_by_text(type, key.at, key.size);
        if (in_any && is_key(key, "@type"))
            good = reader_skip(&c->r); /* it was read before */
        else
            good = field != NULL ? member_read(c, field, base) : unknown_field(c, type, key);
        if (!good)
            return false;
    }
    c->bit_words = base;
    return true;
}

bool message_read(to_wire *c, const schema_message *type)
{
    if (type->kind == SCHEMA_PLAIN || type->kind == SCHEMA_EMPTY)
        return fields_read(c, type, false);
    return known_read(c, type);
}

bool field_read(to_wire *c, const schema_field *field)
{
    const schema_message *type = field->parent;
    size_t                base;

    return bits_push(c, type->field_count + type->oneof_count, &base) && member_read(c, field, base);
}

to_wire *to_wire_begin(const schema_pool *pool, size_t text_size, const json_read_options *options, maru_arena *arena,
                       maru_error *error)
{
    size_t   max = options == NULL || options->max_size == 0 ? JSON_SIZE_MAX : options->max_size;
    to_wire *c = maru_arena_alloc(arena, sizeof *c);

    max = max > SIZE_MOST ? SIZE_MOST : max;
    if (text_size > max)
        maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "the JSON has %zu bytes, more than %zu", text_size, max);
    else if (c == NULL)
        maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "no memory left to read JSON");
    if (text_size > max || c == NULL)
        return NULL;
    *c = (to_wire){.out = {.arena = arena, .max = max},
                   .pool = pool,
                   .ignore_unknown = options != NULL && options->ignore_unknown,
                   .refuse_nul = options != NULL && options->refuse_nul};
    return c;
}

maru_status to_wire_end(to_wire *c, bool good, const uint8_t **bytes, size_t *size)
{
    if (!good)
        return c->r.status;
    if (wire_finish(&c->out, bytes, size))
        return MARU_OK;
    output_failed(c);
    return c->r.status;
}

maru_status json_to_wire(const schema_message *type, const char *text, size_t text_size,
                         const json_read_options *options, maru_arena *arena, const uint8_t **bytes, size_t *size,
                         maru_error *error)
{
    to_wire *c = to_wire_begin(type->pool, text_size, options, arena, error);

    if (c == NULL)
        return MARU_RESOURCE_EXHAUSTED;
    return to_wire_end(c,
                       reader_start(&c->r, text, text_size, arena, error) && message_enter(c) &&
                           message_read(c, type) && reader_end(&c->r),
                       bytes, size);
}
