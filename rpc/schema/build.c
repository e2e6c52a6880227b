/* build.c: one file's types out of its FileDescriptorProto: names, numbers and shapes, but not yet what refers to what
 * (contract: pool.h). Recursive over nested types, SCHEMA_NESTING_MAX deep at most. */
#include "schema/pool.h"

#include <string.h>

/* Where a type is defined: its file and the type around it. */
typedef struct place {
    schema_file          *file;
    const schema_message *outer;
    unsigned              depth;
} place;

static const char *full_name(schema_pool *pool, place at, const char *name)
{
    const char *scope = at.outer != NULL ? at.outer->full_name : at.file->package;

    return maru_arena_printf(pool->arena, "%s%s%s", scope, scope[0] != '\0' ? "." : "", name);
}

/* Checks the name of a type and makes the full one. */
static maru_status name_type(schema_pool *pool, place at, const char *name, const char **full)
{
    pool_look(pool, at.file->name, at.outer != NULL ? at.outer->full_name : NULL, NULL);
    if (!name_is_valid(name, false))
        return pool_fail(pool, "%s: \"%.80s\" is no name of a type", at.file->name, name == NULL ? "" : name);
    *full = full_name(pool, at, name);
    if (*full == NULL)
        return pool_no_memory(pool);
    pool_look(pool, at.file->name, *full, NULL);
    if (strlen(*full) > SCHEMA_NAME_MAX)
        return pool_fail(pool, "%s: the name %.80s... is longer than %d bytes", at.file->name, *full, SCHEMA_NAME_MAX);
    return MARU_OK;
}

/* unit_price becomes unitPrice: how protoc makes a JSON name where the .proto gives none. */
static const char *json_name_of(schema_pool *pool, const char *name)
{
    char *made = maru_arena_strdup(pool->arena, name), *to = made;
    bool  raise = false;

    if (made == NULL)
        return NULL;
    for (const char *from = name; *from != '\0'; from++) {
        if (*from == '_') {
            raise = true;
            continue;
        }
        *to++ = raise && *from >= 'a' && *from <= 'z' ? (char)(*from - 'a' + 'A') : *from;
        raise = false;
    }
    *to = '\0';
    return made;
}

static maru_status build_enum(schema_pool *pool, place at, const enum_proto *from, schema_enum *to)
{
    schema_value *values = pool_array(pool, from->n_value, sizeof *values);
    const char   *full;
    maru_status   status = name_type(pool, at, from->name, &full);

    if (status != MARU_OK)
        return status;
    if (values == NULL)
        return pool_no_memory(pool);
    for (size_t i = 0; i < from->n_value; i++) {
        if (!name_is_valid(from->value[i]->name, false))
            return pool_fail(pool, "%s: %s: value %zu has no name", at.file->name, full, i + 1);
        values[i] = (schema_value){.name = from->value[i]->name, .number = from->value[i]->number};
    }
    if (from->n_value == 0)
        return pool_fail(pool, "%s: %s has no values", at.file->name, full);
    if (at.file->proto3 && values[0].number != 0)
        return pool_fail(pool, "%s: %s: the first value of a proto3 enum must be 0, %s is %d", at.file->name, full,
                         values[0].name, values[0].number);
    *to = (schema_enum){.full_name = full,
                        .name = from->name,
                        .file = at.file,
                        .outer = at.outer,
                        .null_value = strcmp(full, "google.protobuf.NullValue") == 0,
                        .values = values,
                        .count = from->n_value};
    status = index_enum(pool, to, from->options != NULL && from->options->allow_alias);
    return status != MARU_OK
               ? status
               : pool_list(pool, (symbol){.name = full, .kind = SYMBOL_ENUM, .file = at.file, .enumeration = to});
}

static bool is_packed(const schema_file *file, const field_proto *from)
{
    if (from->label != GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED ||
        !schema_type_packable((schema_type)from->type))
        return false;
    return from->options != NULL && from->options->has_packed ? from->options->packed : file->proto3;
}

static bool names_a_type(const field_proto *from)
{
    return from->type == (int)SCHEMA_MESSAGE || from->type == (int)SCHEMA_ENUM || from->type == (int)SCHEMA_GROUP;
}

static maru_status check_field(schema_pool *pool, const schema_message *parent, const field_proto *from)
{
    if (!name_is_valid(from->name, false))
        return pool_fail(pool, "%s: %s: \"%.80s\" is no name of a field", parent->file->name, parent->full_name,
                         from->name == NULL ? "" : from->name);
    if (from->number < 1 || from->number > SCHEMA_NUMBER_MAX)
        return pool_fail(pool, "%s: %s.%s: want a field number in 1..%d, got %d", parent->file->name, parent->full_name,
                         from->name, SCHEMA_NUMBER_MAX, from->number);
    if (!from->has_type || schema_type_keyword((schema_type)from->type) == NULL)
        return pool_fail(pool, "%s: %s.%s has no known type (%d)", parent->file->name, parent->full_name, from->name,
                         from->has_type ? (int)from->type : 0);
    if (names_a_type(from) && from->type_name == NULL)
        return pool_fail(pool, "%s: %s.%s does not say which %s it is", parent->file->name, parent->full_name,
                         from->name, schema_type_keyword((schema_type)from->type));
    if (from->has_oneof_index && (from->oneof_index < 0 || (size_t)from->oneof_index >= parent->oneof_count))
        return pool_fail(pool, "%s: %s.%s: there is no oneof %d", parent->file->name, parent->full_name, from->name,
                         from->oneof_index);
    if (from->has_oneof_index && from->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED)
        return pool_fail(pool, "%s: %s.%s: a repeated field cannot be in a oneof", parent->file->name,
                         parent->full_name, from->name);
    return MARU_OK;
}

static maru_status build_pending(schema_pool *pool, schema_field *field, const char *type_name)
{
    pending_field *pending = maru_arena_alloc(pool->arena, sizeof *pending);

    if (pending == NULL)
        return pool_no_memory(pool);
    *pending = (pending_field){.field = field, .type_name = type_name, .next = pool->fields};
    pool->fields = pending;
    return MARU_OK;
}

static maru_status build_field(schema_pool *pool, const schema_message *parent, schema_oneof *oneofs,
                               const field_proto *from, schema_field *to)
{
    const char   *json_name = from->json_name != NULL ? from->json_name : json_name_of(pool, from->name);
    bool          repeated = from->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED;
    bool          shown = from->has_oneof_index && !from->proto3_optional;
    schema_oneof *oneof = shown ? &oneofs[from->oneof_index] : NULL;

    if (json_name == NULL)
        return pool_no_memory(pool);
    if (!name_is_printable(json_name))
        return pool_fail(pool, "%s: %s.%s: its JSON name %s: want another json_name", parent->file->name,
                         parent->full_name, from->name, *json_name == '\0' ? "is empty" : "has a control character");
    if (oneof != NULL)
        oneof->count++;
    *to = (schema_field){
        .name = from->name,
        .json_name = json_name,
        .parent = parent,
        .oneof = oneof,
        .number = (uint32_t)from->number,
        .index = (uint32_t)(to - parent->fields),
        .type = (schema_type)from->type,
        .repeated = repeated,
        .packed = is_packed(parent->file, from),
        .presence = !repeated && (!parent->file->proto3 || from->has_oneof_index || from->proto3_optional ||
                                  from->type == (int)SCHEMA_MESSAGE || from->type == (int)SCHEMA_GROUP),
        .required = from->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REQUIRED,
        .secret = options_secret(from),
    };
    return names_a_type(from) ? build_pending(pool, to, from->type_name) : MARU_OK;
}

static maru_status build_fields(schema_pool *pool, const message_proto *from, schema_message *to)
{
    schema_field *fields = pool_array(pool, from->n_field, sizeof *fields);
    schema_oneof *oneofs = pool_array(pool, from->n_oneof_decl, sizeof *oneofs);

    if (fields == NULL || oneofs == NULL)
        return pool_no_memory(pool);
    for (size_t i = 0; i < from->n_oneof_decl; i++) {
        if (!name_is_valid(from->oneof_decl[i]->name, false))
            return pool_fail(pool, "%s: %s: oneof %zu has no name", to->file->name, to->full_name, i + 1);
        oneofs[i] = (schema_oneof){.name = from->oneof_decl[i]->name, .index = (uint32_t)i};
    }
    to->fields = fields;
    to->field_count = from->n_field;
    to->oneofs = oneofs;
    to->oneof_count = from->n_oneof_decl;
    for (size_t i = 0; i < from->n_field; i++) {
        maru_status status;

        pool_look(pool, to->file->name, to->full_name, from->field[i]->name);
        status = check_field(pool, to, from->field[i]);
        if (status == MARU_OK)
            status = build_field(pool, to, oneofs, from->field[i], &fields[i]);
        if (status != MARU_OK)
            return status;
    }
    return MARU_OK;
}

static maru_status build_message(schema_pool *pool, place at, const message_proto *from, schema_message *to);

static maru_status build_nested(schema_pool *pool, place at, const message_proto *from, schema_message *to)
{
    schema_message *messages = pool_array(pool, from->n_nested_type, sizeof *messages);
    schema_enum    *enums = pool_array(pool, from->n_enum_type, sizeof *enums);
    maru_status     status = MARU_OK;

    if (messages == NULL || enums == NULL)
        return pool_no_memory(pool);
    to->messages = messages;
    to->message_count = from->n_nested_type;
    to->enums = enums;
    to->enum_count = from->n_enum_type;
    at = (place){.file = at.file, .outer = to, .depth = at.depth + 1};
    for (size_t i = 0; status == MARU_OK && i < from->n_nested_type; i++)
        status = build_message(pool, at, from->nested_type[i], &messages[i]);
    for (size_t i = 0; status == MARU_OK && i < from->n_enum_type; i++)
        status = build_enum(pool, at, from->enum_type[i], &enums[i]);
    return status;
}

static maru_status build_message(schema_pool *pool, place at, const message_proto *from, schema_message *to)
{
    const char *full;
    maru_status status = name_type(pool, at, from->name, &full);

    if (status != MARU_OK)
        return status;
    if (at.depth >= SCHEMA_NESTING_MAX)
        return pool_fail(pool, "%s: %s: types nested more than %d deep", at.file->name, full, SCHEMA_NESTING_MAX);
    *to = (schema_message){.full_name = full,
                           .name = from->name,
                           .pool = pool,
                           .file = at.file,
                           .outer = at.outer,
                           .map_entry = from->options != NULL && from->options->map_entry};
    status = build_fields(pool, from, to);
    if (status == MARU_OK)
        status = build_nested(pool, at, from, to);
    if (status == MARU_OK)
        status = index_message(pool, to);
    if (status == MARU_OK)
        status = pool_list(pool, (symbol){.name = full, .kind = SYMBOL_MESSAGE, .file = at.file, .message = to});
    return status;
}

static maru_status build_method(schema_pool *pool, const schema_service *service, const method_proto *from,
                                schema_method *to)
{
    pending_method *pending = maru_arena_alloc(pool->arena, sizeof *pending);

    pool_look(pool, service->file->name, service->full_name, from->name);
    if (!name_is_valid(from->name, false))
        return pool_fail(pool, "%s: %s: a method has no name", service->file->name, service->full_name);
    if (from->input_type == NULL || from->output_type == NULL)
        return pool_fail(pool, "%s: %s.%s does not say what it takes and returns", service->file->name,
                         service->full_name, from->name);
    *to = (schema_method){
        .name = from->name,
        .path = maru_arena_printf(pool->arena, "/%s/%s", service->full_name, from->name),
        .service = service,
    };
    if (pending == NULL || to->path == NULL)
        return pool_no_memory(pool);
    *pending = (pending_method){
        .method = to, .request = from->input_type, .response = from->output_type, .next = pool->methods};
    pool->methods = pending;
    return options_method_flags(pool, from, to);
}

static maru_status build_service(schema_pool *pool, place at, const service_proto *from, schema_service *to)
{
    schema_method *methods = pool_array(pool, from->n_method, sizeof *methods);
    const char    *full;
    maru_status    status = name_type(pool, at, from->name, &full);

    if (status != MARU_OK)
        return status;
    if (methods == NULL)
        return pool_no_memory(pool);
    *to = (schema_service){
        .full_name = full, .name = from->name, .file = at.file, .methods = methods, .method_count = from->n_method};
    if (from->options != NULL)
        status = options_of(pool, &from->options->base, &to->options, &to->option_count);
    for (size_t i = 0; status == MARU_OK && i < from->n_method; i++)
        status = build_method(pool, to, from->method[i], &methods[i]);
    if (status == MARU_OK)
        status = index_methods(pool, to);
    return status != MARU_OK
               ? status
               : pool_list(pool, (symbol){.name = full, .kind = SYMBOL_SERVICE, .file = at.file, .service = to});
}

static maru_status build_types(schema_pool *pool, const file_proto *from, schema_file *to)
{
    schema_message *messages = pool_array(pool, from->n_message_type, sizeof *messages);
    schema_enum    *enums = pool_array(pool, from->n_enum_type, sizeof *enums);
    schema_service *services = pool_array(pool, from->n_service, sizeof *services);
    maru_status     status = MARU_OK;
    place           at = {.file = to};

    if (messages == NULL || enums == NULL || services == NULL)
        return pool_no_memory(pool);
    to->messages = messages;
    to->enums = enums;
    to->services = services;
    for (size_t i = 0; status == MARU_OK && i < to->message_count; i++)
        status = build_message(pool, at, from->message_type[i], &messages[i]);
    for (size_t i = 0; status == MARU_OK && i < to->enum_count; i++)
        status = build_enum(pool, at, from->enum_type[i], &enums[i]);
    for (size_t i = 0; status == MARU_OK && i < to->service_count; i++)
        status = build_service(pool, at, from->service[i], &services[i]);
    return status;
}

maru_status build_file(schema_pool *pool, added_file *added)
{
    const file_proto *from = added->proto;
    const char       *syntax = from->syntax == NULL ? "proto2" : from->syntax;
    const char       *package = from->package == NULL ? "" : from->package;

    pool_look(pool, from->name, NULL, NULL);
    if (strcmp(syntax, "proto2") != 0 && strcmp(syntax, "proto3") != 0)
        return pool_fail(pool, "%s: want syntax proto2 or proto3, got \"%.80s\"", from->name, syntax);
    if (package[0] != '\0' && !name_is_valid(package, true))
        return pool_fail(pool, "%s: \"%.80s\" is no name of a package", from->name, package);
    added->file = maru_arena_alloc(pool->arena, sizeof *added->file);
    if (added->file == NULL)
        return pool_no_memory(pool);
    *added->file = (schema_file){.name = from->name,
                                 .package = package,
                                 .proto3 = strcmp(syntax, "proto3") == 0,
                                 .message_count = from->n_message_type,
                                 .enum_count = from->n_enum_type,
                                 .service_count = from->n_service};
    return build_types(pool, from, added->file);
}
