/* any_to_wire.c: the JSON of google.protobuf.Any becomes a type URL and a serialized message (contract: to_wire.h). */
#include <stdlib.h>
#include <string.h>

#include "json/to_wire.h"

enum { FIRST_TYPES = 8 };

static bool is_key(slice key, const char *name)
{
    return key.size == strlen(name) && memcmp(key.at, name, key.size) == 0;
}

/* Notes the @type of every object that reader_walk passes. */
static bool note_type(reader *r, slice key, const char *object, void *arg, bool *taken)
{
    to_wire  *c = arg;
    json_kind kind;
    slice     url;

    *taken = false;
    if (!is_key(key, "@type"))
        return true;
    if (!reader_peek(r, &kind))
        return false;
    if (kind != JSON_STRING)
        return true; /* an error only where that object is an Any */
    *taken = true;
    if (!reader_string(r, &url))
        return false;
    if (c->any_count == c->any_capacity) {
        size_t    capacity = c->any_capacity > 0 ? c->any_capacity * 2 : FIRST_TYPES;
        any_type *types = maru_arena_alloc(r->arena, capacity * sizeof *types);

        if (types == NULL)
            return reader_no_memory(r);
        if (c->any_count > 0)
            memcpy(types, c->any_types, c->any_count * sizeof *types);
        c->any_types = types;
        c->any_capacity = capacity;
    }
    c->any_types[c->any_count++] = (any_type){.object = object, .url = url};
    return true;
}

static int order_types(const void *a, const void *b)
{
    const any_type *x = a, *y = b;

    if (x->object != y->object)
        return x->object < y->object ? -1 : 1;
    return (x->url.at > y->url.at) - (x->url.at < y->url.at);
}

/* What the members of an Any mean depends on its @type, wherever it stands. One look at the outermost Any finds those
 * of all that are inside it too, so that nesting costs no second look. */
static bool scan_types(to_wire *c)
{
    const char *start = c->r.at;

    c->any_count = 0;
    if (!reader_walk(&c->r, note_type, c))
        return false;
    c->any_end = c->r.at;
    c->r.at = c->r.value = start;
    if (c->any_count > 1)
        qsort(c->any_types, c->any_count, sizeof *c->any_types, order_types);
    return true;
}

/* The @type of the object that the reader is at; url->at is NULL where it has none. */
static bool find_type(to_wire *c, slice *url)
{
    size_t    low = 0, high;
    json_kind kind;

    *url = (slice){0};
    if (!reader_peek(&c->r, &kind))
        return false;
    if (kind != JSON_OBJECT)
        return reader_want(&c->r, "an object");
    if (c->r.at >= c->any_end && !scan_types(c))
        return false;
    for (high = c->any_count; low < high;) { /* the first that is not of an object before */
        size_t middle = low + (high - low) / 2;

        if (c->any_types[middle].object < c->r.at)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == c->any_count || c->any_types[low].object != c->r.at)
        return true;
    *url = c->any_types[low].url;
    if (low + 1 < c->any_count && c->any_types[low + 1].object == c->r.at)
        return reader_fail(&c->r, MARU_INVALID_ARGUMENT, "\"@type\" is given twice");
    return true;
}

static bool find_any_message(to_wire *c, slice url, const schema_message **type)
{
    const char *slash = url.at == NULL ? NULL : memrchr(url.at, '/', url.size);

    if (c->r.secret && (slash == NULL || slash + 1 == url.at + url.size))
        return reader_fail(&c->r, MARU_INVALID_ARGUMENT,
                           "\"@type\": want a URL as type.googleapis.com/package.Message");
    if (slash == NULL || slash + 1 == url.at + url.size)
        return reader_fail(&c->r, MARU_INVALID_ARGUMENT,
                           "\"@type\": want a URL as type.googleapis.com/package.Message, got \"%.*s\"",
                           (int)(url.size < 80 ? url.size : 80), url.at);
    slash++;
    *type = schema_find_message_n(c->pool, slash, (size_t)(url.at + url.size - slash));
    if (c->r.secret && (*type == NULL || (*type)->map_entry))
        return reader_fail(&c->r, MARU_INVALID_ARGUMENT, "\"@type\": no such message is known here");
    if (*type == NULL || (*type)->map_entry)
        return reader_fail(&c->r, MARU_INVALID_ARGUMENT, "\"@type\": no message %.*s is known here",
                           (int)(url.at + url.size - slash < 120 ? url.at + url.size - slash : 120), slash);
    return true;
}

/* A well-known type in an Any: its own JSON is the member "value". An Empty may do without. */
static bool any_value_read(to_wire *c, const schema_message *type)
{
    slice key;
    bool  more, found = false;

    if (!reader_open(&c->r, JSON_OBJECT))
        return false;
    while (true) {
        if (!reader_member(&c->r, &key, &more))
            return false;
        if (!more)
            break;
        if (is_key(key, "value") && found)
            return reader_fail(&c->r, MARU_INVALID_ARGUMENT, "the field is given twice");
        if (is_key(key, "value")) {
            found = true;
            if (!message_read(c, type))
                return false;
        } else if (!is_key(key, "@type") && !c->ignore_unknown) {
            return reader_fail(&c->r, MARU_INVALID_ARGUMENT, "beside \"@type\", an Any of %.120s has only \"value\"",
                               type->full_name);
        } else if (!reader_skip(&c->r)) {
            return false;
        }
    }
    if (found || type->kind == SCHEMA_EMPTY)
        return true;
    return reader_fail(&c->r, MARU_INVALID_ARGUMENT, "want \"value\" beside \"@type\" %.120s", type->full_name);
}

/* An Any without @type: only {} is one. */
static bool empty_read(to_wire *c)
{
    const char *object = c->r.at;
    slice       key;
    bool        more;

    if (!reader_open(&c->r, JSON_OBJECT) || !reader_member(&c->r, &key, &more))
        return false;
    if (!more)
        return true;
    c->r.value = object; /* the fault is the object's, not its member's */
    c->r.depth--;
    return reader_fail(&c->r, MARU_INVALID_ARGUMENT, "want \"@type\" too, a string: what this Any holds");
}

bool any_read(to_wire *c)
{
    const schema_message *type = NULL;
    scalar                url = {0};
    size_t                hole;

    if (!find_type(c, &url.bytes))
        return false;
    if (url.bytes.at == NULL)
        return empty_read(c);
    if (!find_any_message(c, url.bytes, &type))
        return false;
    wire_put_tag(&c->out, 1, SCHEMA_WIRE_LEN);
    scalar_put(&c->out, SCHEMA_STRING, &url);
    wire_put_tag(&c->out, 2, SCHEMA_WIRE_LEN);
    hole = wire_open(&c->out);
    if (!message_enter(c) || !(type->kind == SCHEMA_PLAIN ? fields_read(c, type, true) : any_value_read(c, type)))
        return false;
    message_leave(c);
    wire_close(&c->out, hole);
    return !c->out.failed || output_failed(c);
}
