/* check.c: walks a request's files, and refuses what Maru or protobuf-c does not support. */
#include "check.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "ident.h"
#include "names.h"
#include "option.h"
#include "proto2.h"
#include "taken.h"
#include "words.h"

enum {
    FILE_DEPENDENCY = 3,
    FILE_EXTENSION = 7,
    FILE_SYNTAX = 12,
    FILE_OPTIONS = 8,
    FILE_SERVICE = 6,
    MESSAGE_FIELD = 2,
    MESSAGE_OPTIONS = 7
};
enum { MESSAGE_ONEOF = 8, MESSAGE_EXTENSION = 6 };

typedef Google__Protobuf__FieldDescriptorProto__Type FieldType;

static void check_syntax(struct schema *schema, const File *file)
{
    struct place place = place_of(file, 1, FILE_SYNTAX);

    if (!proto2_is_taken(file))
        schema_refuse(schema, &place, "is %s: want `syntax = \"proto3\";`", proto2_syntax(file));
}

/* What includes the header of a file, and links its descriptor, is not made where those can't be. */
static void check_imports(struct schema *schema, const File *file)
{
    for (size_t i = 0; i < file->n_dependency; i++) {
        struct place place = place_of(file, 2, FILE_DEPENDENCY, (int)i);
        const File  *imported = schema_file(schema, file->dependency[i]);

        if (imported != NULL && !proto2_is_taken(imported))
            schema_refuse(schema, &place, "imports %s, which is %s: want proto3, or a file of options and no services",
                          imported->name, proto2_syntax(imported));
    }
}

/* They are nobody's members, but protoc-gen-c is not known to be right about them. */
static void check_extension(struct schema *schema, const Field *extension, const struct place *place)
{
    if (extension->type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_GROUP)
        schema_refuse(schema, place, "extension %s is a group: want a message", extension->name);
}

/* The name is between quotes in an #include, and in a comment. */
static void check_file_name(struct schema *schema, const File *file)
{
    struct place place = {.file = file};

    for (const char *at = file->name; *at != 0; at++)
        if (*at == '"' || *at == '\\' || iscntrl((unsigned char)*at)) {
            schema_refuse(
                schema, &place,
                "the name of the file is no name of a header: want one without \", \\ and control characters");
            return;
        }
}

static void check_file_options(struct schema *schema, const File *file)
{
    struct file_options options = option_of_file(schema->pool, file);
    struct place        place = place_of(file, 3, FILE_OPTIONS, OPTION_PB_C, OPTION_PB_C_USE_ONEOF_NAME);

    if (options.use_oneof_field_name)
        schema_refuse(schema, &place, "option (pb_c_file).use_oneof_field_name: protoc-gen-c crashes on it");
    place = place_of(file, 2, FILE_SERVICE, 0);
    if (options.no_generate && file->n_service > 0)
        schema_refuse(schema, &place, "service %s is in a file whose option no_generate asks for no C code",
                      file->service[0]->name);
}

/* A member of the struct that a message becomes. */
static void add_member(struct idents *members, const char *name, const char *what, const struct place *place)
{
    idents_add(members, name, what, place);
}

/* In proto2: whether a pointer that is NULL, or the case of its oneof, does not say that it is not set. */
static bool has_flag(const Field *field)
{
    bool pointer =
        field->type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_MESSAGE ||
        (field->type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_STRING && !option_is_bytes(field));

    return field->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_OPTIONAL && !field->has_oneof_index &&
           !pointer;
}

static void add_field_members(struct schema *schema, struct idents *members, const struct type *type, size_t index,
                              const struct place *place)
{
    struct pool *pool = schema->pool;
    const Field *field = type->message->field[index];
    const char  *member = names_field(pool, field->name);
    const char  *what = pool_printf(pool, "field %s.%s", type->name + 1, field->name);

    add_member(members, member, what, place);
    if (words_cplusplus(member))
        schema_warn(schema, place,
                    "%s becomes %s in C, which C++ reserves: a C++ program cannot include its header; another name "
                    "helps",
                    what, member);
    if (field->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED)
        add_member(members, pool_printf(pool, "n_%s", member), what, place);
    else if (proto2_is(type->file) && has_flag(field))
        add_member(members, pool_printf(pool, "has_%s", member), what, place);
}

static void check_members(struct schema *schema, const struct type *type, const struct place *place)
{
    struct pool   *pool = schema->pool;
    struct idents  members = {.pool = pool, .members = true};
    const Message *message = type->message;
    struct place   option = place_in(place, MESSAGE_OPTIONS, OPTION_PB_C);

    add_member(
        &members, option_base_field(pool, message),
        pool_printf(pool, "the base of message %s (option (pb_c_msg).base_field_name sets its name)", type->name + 1),
        strcmp(option_base_field(pool, message), "base") == 0 ? place : &option);
    for (size_t i = 0; i < message->n_field; i++) {
        struct place field = place_in(place, MESSAGE_FIELD, (int32_t)i);

        add_field_members(schema, &members, type, i, &field);
    }
    for (size_t i = 0; i < message->n_oneof_decl; i++) {
        const char  *name = message->oneof_decl[i]->name;
        struct place oneof = place_in(place, MESSAGE_ONEOF, (int32_t)i);

        add_member(&members, pool_printf(pool, "%s_case", names_camel_lower(pool, name)),
                   pool_printf(pool, "oneof %s.%s", type->name + 1, name), &oneof);
    }
    idents_check(&members, schema);
}

/* Whether the code of a type will be there: its file is one of ours, or known. */
static void check_field_type(struct schema *schema, const Field *field, const struct place *place)
{
    const struct type *type = field->type_name == NULL ? NULL : schema_type(schema, field->type_name);
    const char        *unusable;

    if (field->type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_GROUP)
        schema_refuse(schema, place, "field %s is a group: want a message", field->name);
    else if (type == NULL)
        return;
    else if ((unusable = proto2_unusable(schema, place->file, type)) != NULL)
        schema_refuse(schema, place, "field %s: %s", field->name, unusable);
}

static void check_default(struct schema *schema, const Field *field, const struct place *place)
{
    if (!proto2_default_is_c(field))
        schema_refuse(schema, place,
                      "the default of field %s is infinite or not a number, for which protoc-gen-c makes no C: want a "
                      "finite number",
                      field->name);
}

static void check_type(void *arg, const struct type *type, const struct place *place)
{
    struct schema *schema = arg;

    if (type->message == NULL)
        return;
    for (size_t i = 0; i < type->message->n_field; i++) {
        struct place field = place_in(place, MESSAGE_FIELD, (int32_t)i);

        check_field_type(schema, type->message->field[i], &field);
        check_default(schema, type->message->field[i], &field);
    }
    for (size_t i = 0; i < type->message->n_extension; i++) {
        struct place extension = place_in(place, MESSAGE_EXTENSION, (int32_t)i);

        check_extension(schema, type->message->extension[i], &extension);
    }
    check_members(schema, type, place);
}

static void check_file(struct schema *schema, const File *file)
{
    check_file_name(schema, file);
    check_syntax(schema, file);
    check_imports(schema, file);
    check_file_options(schema, file);
    for (size_t i = 0; i < file->n_extension; i++) {
        struct place place = place_of(file, 2, FILE_EXTENSION, (int)i);

        check_extension(schema, file->extension[i], &place);
    }
    /* What no C code is made for, and the one proto2 file that protoc-gen-c is known to be right about, need no look.
     */
    if (!option_of_file(schema->pool, file).no_generate && !proto2_is_known(file))
        schema_walk(schema->pool, file, check_type, schema);
}

static void add_type(void *arg, const struct type *type, const struct place *place)
{
    idents_of_type(arg, type, place);
}

bool check_request(struct schema *schema, const struct model *models)
{
    const Request *request = schema->request;
    struct idents  idents = {.pool = schema->pool};

    for (size_t i = 0; i < request->n_proto_file; i++) {
        const File *file = request->proto_file[i];

        if (schema_generates(schema, file)) {
            check_file(schema, file);
            taken_check(schema, &models[i]);
        }
        if (!option_of_file(schema->pool, file).no_generate)
            schema_walk(schema->pool, file, add_type, &idents);
        idents_of_model(&idents, &models[i]);
    }
    idents_check(&idents, schema);
    return schema->refusal_count == 0;
}
