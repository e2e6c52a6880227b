/* proto2.c: which proto2 files are taken, and where their types can't be used. See proto2.h. */
#include "proto2.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "option.h"

bool proto2_is(const File *file)
{
    return strcmp(proto2_syntax(file), "proto3") != 0;
}

const char *proto2_syntax(const File *file)
{
    return file->syntax == NULL || file->syntax[0] == 0 ? "proto2" : file->syntax;
}

bool proto2_is_known(const File *file)
{
    return strcmp(file->name, "google/protobuf/descriptor.proto") == 0 ||
           strcmp(file->name, "protobuf-c/protobuf-c.proto") == 0;
}

/* ".google.protobuf.FieldOptions", and whatever else of Google's ends like that. */
static bool extends_options(Field *const *extensions, size_t count)
{
    static const char package[] = ".google.protobuf.", end[] = "Options";

    for (size_t i = 0; i < count; i++) {
        const char *name = extensions[i]->extendee == NULL ? "" : extensions[i]->extendee;
        size_t      size = strlen(name);

        if (strncmp(name, package, sizeof package - 1) == 0 && size > sizeof end - 1 &&
            strcmp(name + size - (sizeof end - 1), end) == 0)
            return true;
    }
    return false;
}

/* Recursive: the request was seen to be at most SCHEMA_MAX_DEPTH deep before it was parsed. */
static bool message_extends_options(const Message *message)
{
    for (size_t i = 0; i < message->n_nested_type; i++)
        if (message_extends_options(message->nested_type[i]))
            return true;
    return extends_options(message->extension, message->n_extension);
}

bool proto2_has_options(const File *file)
{
    if (strcmp(proto2_syntax(file), "proto2") != 0 || file->n_service > 0)
        return false;
    for (size_t i = 0; i < file->n_message_type; i++)
        if (message_extends_options(file->message_type[i]))
            return true;
    return extends_options(file->extension, file->n_extension);
}

bool proto2_is_taken(const File *file)
{
    return !proto2_is(file) || proto2_is_known(file) || proto2_has_options(file);
}

/* By value: protoc writes inf for what is too big, others may write it as it stood in the .proto. */
bool proto2_default_is_c(const Field *field)
{
    if (field->default_value == NULL)
        return true;
    if (field->type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_DOUBLE)
        return isfinite(strtod(field->default_value, NULL));
    if (field->type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_FLOAT)
        return isfinite(strtof(field->default_value, NULL));
    return true;
}

const char *proto2_unusable(const struct schema *schema, const File *file, const struct type *type)
{
    if (option_of_file(schema->pool, type->file).no_generate)
        return pool_printf(schema->pool, "%s is of %s, for which no C code is made: its option no_generate says so",
                           type->name + 1, type->file->name);
    if (!proto2_is(type->file) || proto2_is(file) || proto2_is_known(type->file))
        return NULL;
    return pool_printf(schema->pool, "%s is of %s, which is %s: want a proto3 type", type->name + 1, type->file->name,
                       proto2_syntax(type->file));
}
