/* to_json.c: a serialized message becomes JSON text (contract: maru/json.h).
 *
 * Recursive over what is nested, which message_in and json_print_open bound; a level takes a few hundred bytes of
 * stack. Each message is looked over once to sort its fields (parts.c), then printed.
 */
#include "json/to_json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "json/place.h"

#define SECRET "(secret)"

enum { SIZE_MOST = 1 << 30, INDENT_MOST = 16 };

bool to_json_fail(to_json *c, maru_status status, const char *format, ...)
{
    char    words[320], path[PLACE_PATH_MAX] = "";
    va_list args;

    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    if (!c->w.out.failed)
        writer_path(&c->w, path, sizeof path);
    c->status = maru_error_set(c->error, status, "%.120s: %s%s%s", c->root->full_name, path,
                               path[0] != '\0' ? ": " : "", words);
    return false;
}

bool to_json_no_memory(to_json *c)
{
    return to_json_fail(c, MARU_RESOURCE_EXHAUSTED, "no memory left of the %zu bytes that its JSON may take",
                        maru_arena_budget(c->w.out.arena));
}

static bool output_failed(to_json *c)
{
    if (c->w.out.too_big)
        return to_json_fail(c, MARU_RESOURCE_EXHAUSTED, "its JSON is larger than %zu bytes", c->w.out.max);
    return to_json_no_memory(c);
}

static inline bool output_good(to_json *c)
{
    return !c->w.out.failed || output_failed(c);
}

bool json_print_open(to_json *c, json_kind kind)
{
    return writer_open(&c->w, kind) ||
           to_json_fail(c, MARU_RESOURCE_EXHAUSTED, "objects and lists are nested more than %d deep", JSON_DEPTH_MAX);
}

bool message_in(to_json *c)
{
    if (c->depth == JSON_WIRE_DEPTH_MAX)
        return to_json_fail(c, MARU_RESOURCE_EXHAUSTED, "messages are nested more than %d deep", JSON_WIRE_DEPTH_MAX);
    c->depth++;
    return true;
}

void message_out(to_json *c)
{
    c->depth--;
}

static bool nested_print(to_json *c, const schema_message *type, wire_bytes message)
{
    if (!message_in(c) || !message_print(c, type, message))
        return false;
    message_out(c);
    return true;
}

static bool element_print(to_json *c, const schema_field *field, const wire_element *element)
{
    if (field->message != NULL)
        return nested_print(c, field->message, element->bytes);
    return scalar_print(c, field, element);
}

/* ---- lists ---- */

static bool packed_print(to_json *c, const schema_field *field, wire_bytes packed)
{
    wire_in      in = wire_read(packed);
    wire_element element = {0};

    while (wire_next_packed(&in, schema_type_wire(field->type), &element)) {
        writer_element(&c->w);
        if (!scalar_print(c, field, &element))
            return false;
    }
    return in.problem == NULL || to_json_fail(c, MARU_INVALID_ARGUMENT, "%s, in packed values", in.problem);
}

bool list_print(to_json *c, const parts *p, const field_run *run)
{
    if (!json_print_open(c, JSON_LIST))
        return false;
    for (size_t i = run->first; i < run->end; i++) {
        wire_element element = parts_element(c, p, i);

        if (element.wire == SCHEMA_WIRE_LEN && schema_type_packable(run->field->type)) {
            if (!packed_print(c, run->field, element.bytes))
                return false;
            continue;
        }
        writer_element(&c->w);
        if (!element_print(c, run->field, &element) || !output_good(c))
            return false;
    }
    writer_close(&c->w);
    return true;
}

/* ---- maps ---- */

/* Keys are strings in JSON, those of numbers too. */
static bool key_print(to_json *c, const schema_field *field, const wire_element *key)
{
    char printed[SCALAR_KEY_MAX];

    if (field->type != SCHEMA_STRING) {
        writer_key(&c->w, printed, scalar_key_text(field, key, printed));
        return true;
    }
    if (!scalar_is_text(key->bytes))
        return to_json_fail(c, MARU_INVALID_ARGUMENT, "a key of this map is not UTF-8");
    writer_key(&c->w, (const char *)key->bytes.at, key->bytes.size);
    return true;
}

static bool entry_print(to_json *c, const schema_message *entry, wire_bytes bytes)
{
    const schema_field *value = schema_field_by_number(entry, 2);
    map_entry_parts     found;

    if (!message_in(c) || !map_entry_read(c, entry, bytes, &found) ||
        !key_print(c, schema_field_by_number(entry, 1), &found.key))
        return false;
    if (!found.has_value && value->enumeration != NULL)
        found.value.bits = (uint64_t)(int64_t)value->enumeration->values[0].number;
    if (!element_print(c, value, &found.value))
        return false;
    message_out(c);
    return output_good(c);
}

bool map_print(to_json *c, const parts *p, const field_run *run)
{
    if (!json_print_open(c, JSON_OBJECT) || !parts_drop_replaced(c, p, run))
        return false;
    for (size_t i = run->first; i < run->end; i++)
        if (!parts_is_replaced(c, i) && !entry_print(c, run->field->message, parts_element(c, p, i).bytes))
            return false;
    writer_close(&c->w);
    return true;
}

/* ---- messages ---- */

/* The "@type" of an Any is its own: there a field of that name goes by that of the .proto, by which it is read too. */
static void field_key(to_json *c, const schema_field *field, bool in_any)
{
    const char *name = c->options->proto_names ? field->name : field->json_name;

    if (in_any && strcmp(name, "@type") == 0)
        name = field->name;
    writer_key(&c->w, name, strlen(name));
}

/* Whether there is nothing in a list but packed values of which there are none: then it is as good as not there. */
static bool is_empty_list(const to_json *c, const parts *p, const field_run *run)
{
    if (!schema_type_packable(run->field->type))
        return false;
    for (size_t i = run->first; i < run->end; i++) {
        wire_element element = parts_element(c, p, i);

        if (element.wire != SCHEMA_WIRE_LEN || element.bytes.size > 0)
            return false;
    }
    return true;
}

static bool value_print(to_json *c, const parts *p, const field_run *run)
{
    const schema_field *field = run->field;
    wire_element        element;
    wire_bytes          message;

    if (field->repeated)
        return field->map ? map_print(c, p, run) : list_print(c, p, run);
    if (field->message != NULL)
        return parts_message(c, p, run, &message) && nested_print(c, field->message, message);
    element = parts_element(c, p, run->end - 1);
    return scalar_print(c, field, &element);
}

/* Whether it is as good as not there. */
static bool is_default(const to_json *c, const parts *p, const field_run *run)
{
    const schema_field *field = run->field;
    wire_element        element;

    if (c->options->emit_defaults)
        return false;
    if (field->repeated)
        return is_empty_list(c, p, run);
    element = parts_element(c, p, run->end - 1);
    return field->message == NULL && !field->presence && scalar_is_default(field, &element);
}

static bool run_print(to_json *c, const parts *p, const field_run *run, bool in_any)
{
    if (is_default(c, p, run))
        return true;
    field_key(c, run->field, in_any);
    if (c->options->hide_secrets && run->field->secret) {
        writer_string(&c->w, SECRET, strlen(SECRET));
        return true;
    }
    return value_print(c, p, run);
}

static bool default_value_print(to_json *c, const schema_field *field)
{
    const wire_element zero = {.wire = SCHEMA_WIRE_VARINT};

    if (!field->repeated)
        return scalar_print(c, field, &zero);
    if (!json_print_open(c, field->map ? JSON_OBJECT : JSON_LIST))
        return false;
    writer_close(&c->w);
    return true;
}

static bool default_print(to_json *c, const schema_field *field, bool in_any)
{
    field_key(c, field, in_any);
    return default_value_print(c, field);
}

/* The fields from one to before another that the message does not have and that print all the same. */
static bool defaults_print(to_json *c, const schema_message *type, size_t from, size_t to, bool in_any)
{
    for (size_t i = from; i < to; i++)
        if (!type->fields[i].presence && type->fields[i].type != SCHEMA_GROUP &&
            !default_print(c, &type->fields[i], in_any))
            return false;
    return output_good(c);
}

bool fields_print(to_json *c, const schema_message *type, wire_bytes message, bool in_any)
{
    parts     p;
    field_run run;
    size_t    next = 0;

    if (!parts_open(c, &p, type, message))
        return false;
    while (parts_next(c, &p, &run)) {
        if ((c->options->emit_defaults && !defaults_print(c, type, next, run.field->index, in_any)) ||
            !run_print(c, &p, &run, in_any) || !output_good(c))
            return false;
        next = run.field->index + 1;
    }
    parts_close(c, &p);
    return c->options->emit_defaults ? defaults_print(c, type, next, type->field_count, in_any) : output_good(c);
}

bool field_print(to_json *c, const schema_field *field, wire_bytes message)
{
    parts     p;
    field_run run;

    if (!parts_open(c, &p, field->parent, message))
        return false;
    while (parts_next(c, &p, &run))
        if (run.field == field)
            return value_print(c, &p, &run);
    parts_close(c, &p);
    if (field->message != NULL && !field->repeated) {
        writer_raw(&c->w, "null", strlen("null"));
        return true;
    }
    return default_value_print(c, field);
}

bool message_print(to_json *c, const schema_message *type, wire_bytes message)
{
    if (type->kind != SCHEMA_PLAIN && type->kind != SCHEMA_EMPTY)
        return known_print(c, type, message);
    if (!json_print_open(c, JSON_OBJECT) || !fields_print(c, type, message, false))
        return false;
    writer_close(&c->w);
    return true;
}

to_json *to_json_begin(const schema_message *root, size_t size, const json_write_options *options, maru_arena *arena,
                       maru_error *error)
{
    static const json_write_options defaults = {.indent = 0};
    size_t                          max;
    to_json                        *c = maru_arena_alloc(arena, sizeof *c);

    options = options == NULL ? &defaults : options;
    max = options->max_size == 0 ? JSON_SIZE_MAX : options->max_size > SIZE_MOST ? SIZE_MOST : options->max_size;
    if (size > max)
        maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "the message has %zu bytes, more than %zu", size, max);
    else if (c == NULL)
        maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "no memory left to write JSON");
    if (size > max || c == NULL)
        return NULL;
    *c = (to_json){
        .w = {.out = text_in(arena, max), .indent = options->indent > INDENT_MOST ? INDENT_MOST : options->indent},
        .options = options,
        .root = root,
        .pool = root->pool,
        .error = error};
    return c;
}

maru_status to_json_end(to_json *c, bool good, const char **printed, size_t *size)
{
    if (!good || !output_good(c))
        return c->status;
    if (size != NULL)
        *size = c->w.out.size;
    *printed = text_end(&c->w.out);
    if (*printed == NULL)
        to_json_no_memory(c);
    return c->status;
}

maru_status wire_to_json(const schema_message *type, const void *bytes, size_t size, const json_write_options *options,
                         maru_arena *arena, const char **printed, size_t *text_size, maru_error *error)
{
    to_json *c = to_json_begin(type, size, options, arena, error);

    if (c == NULL)
        return MARU_RESOURCE_EXHAUSTED;
    return to_json_end(c, message_in(c) && message_print(c, type, (wire_bytes){.at = bytes, .size = size}), printed,
                       text_size);
}
