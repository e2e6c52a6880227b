/* known_to_json.c: Google's well-known types in their own JSON (contract: to_json.h). Field numbers are the published
 * ones, which link has checked. */
#include <math.h>
#include <string.h>

#include "json/mask.h"
#include "json/moment.h"
#include "json/to_json.h"

/* The last element of field 1 and of field 2, which is what counts of scalars. A number of 0: there is none. */
typedef struct two_fields {
    wire_element of[2];
} two_fields;

static bool two_read(to_json *c, const schema_message *type, wire_bytes message, two_fields *found)
{
    wire_in      in = wire_read(message);
    wire_element element;

    *found = (two_fields){0};
    while (wire_next(&in, &element)) {
        const schema_field *field = schema_field_by_number(type, element.number);

        if (field != NULL && parts_wire_fits(field, element.wire))
            found->of[field->number - 1] = element;
    }
    return in.problem == NULL || parts_fail(c, type, message, &in);
}

/* ---- times ---- */

static bool moment_print(to_json *c, const schema_message *type, wire_bytes message)
{
    bool       stamp = type->kind == SCHEMA_TIMESTAMP;
    char       printed[MOMENT_TEXT_MAX];
    two_fields found;
    moment     m;

    if (!two_read(c, type, message, &found))
        return false;
    m = (moment){.seconds = (int64_t)found.of[0].bits, .nanos = (int32_t)(uint32_t)found.of[1].bits};
    if (!(stamp ? timestamp_valid(m) : duration_valid(m)))
        return to_json_fail(c, MARU_INVALID_ARGUMENT, "%lld s and %d ns are no %s", (long long)m.seconds, m.nanos,
                            stamp ? "time of the years 1 to 9999" : "duration of one sign within 10,000 years");
    writer_plain(&c->w, printed, stamp ? timestamp_print(m, printed) : duration_print(m, printed));
    return true;
}

/* ---- FieldMask ---- */

/* item_list.unit_price becomes itemList.unitPrice, where that would come back as it was. */
static bool mask_path(to_json *c, text *out, wire_bytes path)
{
    for (size_t i = 0; i < path.size; i++) {
        char from = (char)path.at[i], next = i + 1 < path.size ? (char)path.at[i + 1] : '\0';
        bool lower = from >= 'a' && from <= 'z', digit = from >= '0' && from <= '9';

        if (from == '_' && next >= 'a' && next <= 'z') {
            text_char(out, (char)(next - 'a' + 'A'));
            i++;
        } else if (lower || digit || from == '.' || mask_star((const char *)path.at, path.size, i)) {
            text_char(out, from);
        } else {
            return to_json_fail(c, MARU_INVALID_ARGUMENT,
                                "a path of the mask is not made of lower_case names: it has no JSON");
        }
    }
    return path.size > 0 || to_json_fail(c, MARU_INVALID_ARGUMENT, "a path of the mask is empty");
}

static bool mask_print(to_json *c, const schema_message *type, wire_bytes message)
{
    text      joined = text_in(c->w.out.arena, c->w.out.max);
    parts     p;
    field_run run = {.field = NULL};

    if (!parts_open(c, &p, type, message))
        return false;
    parts_next(c, &p, &run);
    for (size_t i = run.first; i < run.end; i++) {
        if (i > run.first)
            text_char(&joined, ',');
        if (!mask_path(c, &joined, parts_element(c, &p, i).bytes))
            return false;
    }
    parts_close(c, &p);
    if (joined.failed)
        return to_json_no_memory(c);
    writer_string(&c->w, joined.data, joined.size);
    return true;
}

/* ---- Struct, Value, ListValue ---- */

static bool collection_print(to_json *c, const schema_message *type, wire_bytes message)
{
    bool      is_struct = type->kind == SCHEMA_STRUCT;
    parts     p;
    field_run run;

    if (!parts_open(c, &p, type, message))
        return false;
    if (!parts_next(c, &p, &run)) {
        if (!json_print_open(c, is_struct ? JSON_OBJECT : JSON_LIST))
            return false;
        writer_close(&c->w);
    } else if (!(is_struct ? map_print(c, &p, &run) : list_print(c, &p, &run))) {
        return false;
    }
    parts_close(c, &p);
    return true;
}

static bool value_member_print(to_json *c, const parts *p, const field_run *run)
{
    const schema_field *field = run->field;
    wire_element        element = parts_element(c, p, run->end - 1);
    wire_bytes          message;
    double              number;

    if (field->message != NULL) {
        if (!parts_message(c, p, run, &message) || !message_in(c) || !message_print(c, field->message, message))
            return false;
        message_out(c);
        return true;
    }
    memcpy(&number, &element.bits, sizeof number);
    if (field->type == SCHEMA_DOUBLE && !isfinite(number))
        return to_json_fail(c, MARU_INVALID_ARGUMENT, "a google.protobuf.Value cannot be NaN or infinite");
    return scalar_print(c, field, &element);
}

/* A Value that says nothing prints as null. */
static bool value_print(to_json *c, const schema_message *type, wire_bytes message)
{
    parts     p;
    field_run run;

    if (!parts_open(c, &p, type, message))
        return false;
    if (!parts_next(c, &p, &run))
        writer_raw(&c->w, "null", 4);
    else if (!value_member_print(c, &p, &run))
        return false;
    parts_close(c, &p);
    return true;
}

static bool wrapper_print(to_json *c, const schema_message *type, wire_bytes message)
{
    two_fields found;

    return two_read(c, type, message, &found) && scalar_print(c, schema_field_by_number(type, 1), &found.of[0]);
}

/* ---- Any ---- */

static bool any_type_of(to_json *c, wire_bytes url, const schema_message **type)
{
    const char *start = (const char *)url.at;
    const char *slash = url.size > 0 ? memrchr(start, '/', url.size) : NULL;
    int         shown = (int)(url.size < 120 ? url.size : 120);

    if (!scalar_is_text(url) || slash == NULL || slash + 1 == start + url.size)
        return to_json_fail(c, MARU_INVALID_ARGUMENT,
                            "the type URL of an Any is not as type.googleapis.com/package.Message");
    slash++;
    *type = schema_find_message_n(c->pool, slash, (size_t)(start + url.size - slash));
    if (*type == NULL || (*type)->map_entry)
        return to_json_fail(c, MARU_INVALID_ARGUMENT, "an Any holds %.*s, which is not known here", shown, start);
    return true;
}

static bool any_print(to_json *c, const schema_message *any, wire_bytes message)
{
    const schema_message *type = NULL;
    two_fields            found;
    wire_bytes            url;
    bool                  plain;

    if (!two_read(c, any, message, &found) || !json_print_open(c, JSON_OBJECT))
        return false;
    url = found.of[0].bytes;
    if (url.size == 0 && found.of[1].bytes.size == 0) {
        writer_close(&c->w);
        return true;
    }
    if (!any_type_of(c, url, &type) || !message_in(c))
        return false;
    writer_key(&c->w, "@type", 5);
    writer_string(&c->w, (const char *)url.at, url.size);
    plain = type->kind == SCHEMA_PLAIN || type->kind == SCHEMA_EMPTY;
    if (!plain)
        writer_key(&c->w, "value", 5);
    if (!(plain ? fields_print(c, type, found.of[1].bytes, true) : message_print(c, type, found.of[1].bytes)))
        return false;
    writer_close(&c->w);
    message_out(c);
    return true;
}

bool known_print(to_json *c, const schema_message *type, wire_bytes message)
{
    switch (type->kind) {
    case SCHEMA_ANY:
        return any_print(c, type, message);
    case SCHEMA_TIMESTAMP:
    case SCHEMA_DURATION:
        return moment_print(c, type, message);
    case SCHEMA_FIELD_MASK:
        return mask_print(c, type, message);
    case SCHEMA_STRUCT:
    case SCHEMA_LIST_VALUE:
        return collection_print(c, type, message);
    case SCHEMA_VALUE:
        return value_print(c, type, message);
    default:
        return wrapper_print(c, type, message);
    }
}
