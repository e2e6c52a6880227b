/* print.c: a type as .proto text, for people (contract: maru/schema.h). What protoc would read again as the same type.
 *
 * Recursive over nested types, whose depth link has bounded. */
#include <string.h>

#include "schema/pool.h"
#include "schema/text.h"

enum { PRINT_MAX = 16 << 20, PRINT_INDENT = 2 };

static void indent(text *out, unsigned depth)
{
    for (unsigned i = 0; i < depth * PRINT_INDENT; i++)
        text_char(out, ' ');
}

/* Whether the first part of a name means something else in a message around its use. */
static bool is_hidden(const schema_message *around, const char *name)
{
    size_t part = strcspn(name, ".");
    char   full[2 * SCHEMA_NAME_MAX + 2];

    for (; around != NULL; around = around->outer) {
        size_t scope = strlen(around->full_name);

        memcpy(full, around->full_name, scope);
        full[scope] = '.';
        memcpy(full + scope + 1, name, part);
        if (pool_symbol(around->pool, full, scope + 1 + part) != NULL)
            return true;
    }
    return false;
}

/* A type's name as it is seen from where it is used: without the package where that is the same. */
static void print_type_name(text *out, const schema_file *file, const schema_message *around, const schema_file *of,
                            const char *full_name)
{
    size_t      package = strlen(file->package);
    const char *name = full_name;

    if (package > 0 && strcmp(of->package, file->package) == 0)
        name += package + 1;
    if (is_hidden(around, name))
        text_char(out, '.');
    text_string(out, is_hidden(around, name) ? full_name : name);
}

static void print_plain_type(text *out, const schema_field *field, const schema_message *around)
{
    if (field->type == SCHEMA_GROUP)
        text_string(out, "group ");
    if (field->message != NULL)
        print_type_name(out, around->file, around, field->message->file, field->message->full_name);
    else if (field->enumeration != NULL)
        print_type_name(out, around->file, around, field->enumeration->file, field->enumeration->full_name);
    else
        text_string(out, schema_type_keyword(field->type));
}

static const char *label_of(const schema_field *field)
{
    if (field->map || field->oneof != NULL)
        return "";
    if (field->repeated)
        return "repeated ";
    if (field->required)
        return "required ";
    /* In proto3 a message needs no "optional", and says no more with it. */
    return field->presence && (!field->parent->file->proto3 || field->message == NULL) ? "optional " : "";
}

/* Whether the JSON name is the one that follows from the name. */
static bool json_name_follows(const schema_field *field)
{
    const char *json = field->json_name;
    bool        raise = false;

    for (const char *from = field->name; *from != '\0'; from++) {
        char want = raise && *from >= 'a' && *from <= 'z' ? (char)(*from - 'a' + 'A') : *from;

        if (*from == '_') {
            raise = true;
            continue;
        }
        if (*json++ != want)
            return false;
        raise = false;
    }
    return *json == '\0';
}

static void print_json_name(text *out, const char *name)
{
    text_string(out, "json_name = \"");
    for (; *name != '\0'; name++) {
        if ((unsigned char)*name < 0x20 || *name == '"' || *name == '\\' || *name == 0x7f)
            text_printf(out, "\\%03o", (unsigned)(unsigned char)*name);
        else
            text_char(out, *name);
    }
    text_char(out, '"');
}

static void print_field_options(text *out, const schema_field *field)
{
    bool packed = field->repeated && schema_type_packable(field->type) && field->packed != field->parent->file->proto3;
    const char *between = " [";

    if (packed) {
        text_string(out, between);
        text_string(out, field->packed ? "packed = true" : "packed = false");
        between = ", ";
    }
    if (!json_name_follows(field)) {
        text_string(out, between);
        print_json_name(out, field->json_name);
        between = ", ";
    }
    if (field->secret) {
        text_string(out, between);
        text_string(out, "(maru.secret) = true");
        between = ", ";
    }
    if (*between == ',')
        text_char(out, ']');
}

static void print_field(text *out, const schema_field *field, unsigned depth)
{
    indent(out, depth);
    text_string(out, label_of(field));
    if (field->map) {
        text_string(out, "map<");
        print_plain_type(out, &field->message->fields[0], field->parent);
        text_string(out, ", ");
        print_plain_type(out, &field->message->fields[1], field->parent);
        text_char(out, '>');
    } else
        print_plain_type(out, field, field->parent);
    text_printf(out, " %s = %u", field->name, field->number);
    print_field_options(out, field);
    text_string(out, ";\n");
}

static void print_oneof(text *out, const schema_message *message, const schema_oneof *oneof, unsigned depth)
{
    indent(out, depth);
    text_printf(out, "oneof %s {\n", oneof->name);
    for (size_t i = 0; i < message->field_count; i++)
        if (message->fields[i].oneof == oneof)
            print_field(out, &message->fields[i], depth + 1);
    indent(out, depth);
    text_string(out, "}\n");
}

/* A oneof stands where its first field does. */
static bool opens_oneof(const schema_message *message, const schema_field *field)
{
    for (size_t i = 0; i < field->index; i++)
        if (message->fields[i].oneof == field->oneof)
            return false;
    return true;
}

static bool has_aliases(const schema_enum *enumeration)
{
    for (size_t i = 1; i < enumeration->count; i++)
        if (enumeration->by_number[i]->number == enumeration->by_number[i - 1]->number)
            return true;
    return false;
}

static void print_enum(text *out, const schema_enum *enumeration, unsigned depth)
{
    indent(out, depth);
    text_printf(out, "enum %s {\n", enumeration->name);
    if (has_aliases(enumeration)) {
        indent(out, depth + 1);
        text_string(out, "option allow_alias = true;\n");
    }
    for (size_t i = 0; i < enumeration->count; i++) {
        indent(out, depth + 1);
        text_printf(out, "%s = %d;\n", enumeration->values[i].name, enumeration->values[i].number);
    }
    indent(out, depth);
    text_string(out, "}\n");
}

static void print_message(text *out, const schema_message *message, unsigned depth)
{
    indent(out, depth);
    text_printf(out, "message %s {\n", message->name);
    for (size_t i = 0; i < message->field_count; i++) {
        const schema_field *field = &message->fields[i];

        if (field->oneof == NULL)
            print_field(out, field, depth + 1);
        else if (opens_oneof(message, field))
            print_oneof(out, message, field->oneof, depth + 1);
    }
    for (size_t i = 0; i < message->enum_count; i++)
        print_enum(out, &message->enums[i], depth + 1);
    for (size_t i = 0; i < message->message_count; i++)
        if (!message->messages[i].map_entry)
            print_message(out, &message->messages[i], depth + 1);
    indent(out, depth);
    text_string(out, "}\n");
}

static void print_method_type(text *out, const schema_method *method, bool stream, const schema_message *type)
{
    text_string(out, stream ? "(stream " : "(");
    print_type_name(out, method->service->file, NULL, type->file, type->full_name);
    text_char(out, ')');
}

/* The flags that are options, and how a .proto says them. */
static const struct flag_text {
    uint32_t    flags; /* all of them */
    uint32_t    not_with;
    const char *option;
} flag_texts[] = {
    {MARU_METHOD_NO_SIDE_EFFECTS, 0, "idempotency_level = NO_SIDE_EFFECTS"},
    {MARU_METHOD_IDEMPOTENT, MARU_METHOD_NO_SIDE_EFFECTS, "idempotency_level = IDEMPOTENT"},
    {MARU_METHOD_EXACTLY_ONCE, 0, "(maru.method).exactly_once = true"},
    {MARU_METHOD_STORED_REPLY, 0, "(maru.method).stored_reply = true"},
    {MARU_METHOD_OPERATOR, 0, "(maru.method).audience = OPERATOR"},
};

static void print_method(text *out, const schema_method *method, unsigned depth)
{
    bool options = false;

    indent(out, depth);
    text_printf(out, "rpc %s", method->name);
    print_method_type(out, method, method->flags & MARU_METHOD_CLIENT_STREAM, method->request);
    text_string(out, " returns ");
    print_method_type(out, method, method->flags & MARU_METHOD_SERVER_STREAM, method->response);
    for (size_t i = 0; i < sizeof flag_texts / sizeof *flag_texts; i++) {
        if (!(method->flags & flag_texts[i].flags) || (method->flags & flag_texts[i].not_with))
            continue;
        text_string(out, options ? "" : " {\n");
        indent(out, depth + 1);
        text_printf(out, "option %s;\n", flag_texts[i].option);
        options = true;
    }
    indent(out, options ? depth : 0);
    text_string(out, options ? "}\n" : ";\n");
}

static void print_service(text *out, const schema_service *service)
{
    text_printf(out, "service %s {\n", service->name);
    for (size_t i = 0; i < service->method_count; i++)
        print_method(out, &service->methods[i], 1);
    text_string(out, "}\n");
}

static void print_symbol(text *out, const symbol *found)
{
    switch (found->kind) {
    case SYMBOL_MESSAGE:
        print_message(out, found->message, 0);
        break;
    case SYMBOL_ENUM:
        print_enum(out, found->enumeration, 0);
        break;
    case SYMBOL_SERVICE:
        print_service(out, found->service);
        break;
    }
}

/* "pkg.Service.Method" as well as "pkg.Service/Method". */
static const schema_method *find_method(const schema_pool *pool, const char *name)
{
    const char   *dot = strrchr(name, '.');
    const symbol *service = dot == NULL ? NULL : pool_symbol(pool, name, (size_t)(dot - name));

    if (service != NULL && service->kind == SYMBOL_SERVICE)
        return schema_service_method(service->service, dot + 1);
    return schema_find_method(pool, name);
}

maru_status schema_print(const schema_pool *pool, const char *full_name, maru_arena *arena, const char **printed,
                         maru_error *error)
{
    text                 out = text_in(arena, PRINT_MAX);
    const symbol        *found = pool_symbol(pool, full_name, strlen(full_name));
    const schema_method *method = find_method(pool, full_name);
    const char          *nearest = schema_nearest_symbol(pool, full_name);

    if (found == NULL && method == NULL)
        return maru_error_set(error, MARU_NOT_FOUND, "there is no message, enum, service or method %.200s%s%s",
                              full_name, nearest != NULL ? "; the nearest is " : "", nearest != NULL ? nearest : "");
    if (found == NULL)
        print_method(&out, method, 0);
    else
        print_symbol(&out, found);
    *printed = text_end(&out);
    return *printed != NULL
               ? MARU_OK
               : maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%.200s: no memory to print it", full_name);
}
