/* well_known.c: Google's well-known types, as published (contract: pool.h).
 *
 * A peer may send a google.protobuf.Timestamp of its own making. The JSON code reads these types by field number, so
 * what carries such a name must have just these fields.
 */
#include <string.h>

#include "schema/pool.h"

enum { WELL_KNOWN_FIELDS_MAX = 6 };

typedef struct field_shape {
    schema_type type;
    bool        repeated;
    const char *of; /* full name of a message or enum */
} field_shape;

/* The fields are numbered from 1, in order of declaration. */
typedef struct well_known_shape {
    const char *name; /* after "google.protobuf." */
    schema_kind kind;
    field_shape fields[WELL_KNOWN_FIELDS_MAX + 1]; /* ended by a type of 0 */
} well_known_shape;

static const well_known_shape shapes[] = {
    {"Any", SCHEMA_ANY, {{SCHEMA_STRING, false, NULL}, {SCHEMA_BYTES, false, NULL}}},
    {"Timestamp", SCHEMA_TIMESTAMP, {{SCHEMA_INT64, false, NULL}, {SCHEMA_INT32, false, NULL}}},
    {"Duration", SCHEMA_DURATION, {{SCHEMA_INT64, false, NULL}, {SCHEMA_INT32, false, NULL}}},
    {"FieldMask", SCHEMA_FIELD_MASK, {{SCHEMA_STRING, true, NULL}}},
    {"Struct", SCHEMA_STRUCT, {{SCHEMA_MESSAGE, true, "google.protobuf.Struct.FieldsEntry"}}},
    {"Struct.FieldsEntry",
     SCHEMA_PLAIN,
     {{SCHEMA_STRING, false, NULL}, {SCHEMA_MESSAGE, false, "google.protobuf.Value"}}},
    {"Value",
     SCHEMA_VALUE,
     {{SCHEMA_ENUM, false, "google.protobuf.NullValue"},
      {SCHEMA_DOUBLE, false, NULL},
      {SCHEMA_STRING, false, NULL},
      {SCHEMA_BOOL, false, NULL},
      {SCHEMA_MESSAGE, false, "google.protobuf.Struct"},
      {SCHEMA_MESSAGE, false, "google.protobuf.ListValue"}}},
    {"ListValue", SCHEMA_LIST_VALUE, {{SCHEMA_MESSAGE, true, "google.protobuf.Value"}}},
    {"DoubleValue", SCHEMA_WRAPPER, {{SCHEMA_DOUBLE, false, NULL}}},
    {"FloatValue", SCHEMA_WRAPPER, {{SCHEMA_FLOAT, false, NULL}}},
    {"Int64Value", SCHEMA_WRAPPER, {{SCHEMA_INT64, false, NULL}}},
    {"UInt64Value", SCHEMA_WRAPPER, {{SCHEMA_UINT64, false, NULL}}},
    {"Int32Value", SCHEMA_WRAPPER, {{SCHEMA_INT32, false, NULL}}},
    {"UInt32Value", SCHEMA_WRAPPER, {{SCHEMA_UINT32, false, NULL}}},
    {"BoolValue", SCHEMA_WRAPPER, {{SCHEMA_BOOL, false, NULL}}},
    {"StringValue", SCHEMA_WRAPPER, {{SCHEMA_STRING, false, NULL}}},
    {"BytesValue", SCHEMA_WRAPPER, {{SCHEMA_BYTES, false, NULL}}},
    {"Empty", SCHEMA_EMPTY, {{0, false, NULL}}},
};

static const well_known_shape *shape_of(const char *full_name)
{
    static const char prefix[] = "google.protobuf.";

    if (strncmp(full_name, prefix, strlen(prefix)) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (strcmp(full_name + strlen(prefix), shapes[i].name) == 0)
            return &shapes[i];
    return NULL;
}

static bool field_fits(const schema_field *field, const field_shape *shape, size_t number)
{
    const char *of = field->message != NULL ? field->message->full_name : NULL;

    if (field->enumeration != NULL)
        of = field->enumeration->full_name;
    if (field->type != shape->type || field->repeated != shape->repeated || field->number != number)
        return false;
    return shape->of == NULL || strcmp(of, shape->of) == 0;
}

/* A map's entry must be one; that it is well made is seen where it is checked itself. */
static bool shape_fits(const schema_message *message, const well_known_shape *shape)
{
    size_t count = 0;

    while (shape->fields[count].type != 0)
        count++;
    if (message->field_count != count || (message->kind == SCHEMA_STRUCT && !message->fields[0].map))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!field_fits(&message->fields[i], &shape->fields[i], i + 1))
            return false;
    return true;
}

maru_status well_known_check(schema_pool *pool, schema_message *message)
{
    const well_known_shape *shape = shape_of(message->full_name);

    if (shape == NULL)
        return MARU_OK;
    message->kind = shape->kind;
    if (shape_fits(message, shape))
        return MARU_OK;
    return pool_fail(pool, "%s: %s has not the fields that it is published with", message->file->name,
                     message->full_name);
}
