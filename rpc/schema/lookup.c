/* lookup.c: what a linked pool answers about names and types (contract: maru/schema.h). */
#include <string.h>

#include "schema/pool.h"

const schema_message *schema_find_message_n(const schema_pool *pool, const char *full_name, size_t size)
{
    const symbol *found = pool_symbol(pool, full_name, size);

    return found != NULL && found->kind == SYMBOL_MESSAGE ? found->message : NULL;
}

const schema_message *schema_find_message(const schema_pool *pool, const char *full_name)
{
    return schema_find_message_n(pool, full_name, strlen(full_name));
}

const schema_enum *schema_find_enum(const schema_pool *pool, const char *full_name)
{
    const symbol *found = pool_symbol(pool, full_name, strlen(full_name));

    return found != NULL && found->kind == SYMBOL_ENUM ? found->enumeration : NULL;
}

static const schema_service *find_service(const schema_pool *pool, const char *name, size_t size)
{
    const symbol *found = pool_symbol(pool, name, size);

    return found != NULL && found->kind == SYMBOL_SERVICE ? found->service : NULL;
}

const schema_service *schema_find_service(const schema_pool *pool, const char *full_name)
{
    return find_service(pool, full_name, strlen(full_name));
}

const schema_method *schema_find_method(const schema_pool *pool, const char *path)
{
    const char           *start = path + (path[0] == '/');
    const char           *slash = strchr(start, '/');
    const schema_service *service = slash == NULL ? NULL : find_service(pool, start, (size_t)(slash - start));

    return service == NULL ? NULL : schema_service_method(service, slash + 1);
}

const schema_file *const *schema_pool_files(const schema_pool *pool, size_t *count)
{
    *count = pool->linked ? pool->file_count : 0;
    return pool->files;
}

schema_place schema_pool_place(const schema_pool *pool)
{
    return pool->at;
}

static const schema_option *find_option(const schema_option *options, size_t count, uint32_t number)
{
    for (size_t i = 0; i < count; i++)
        if (options[i].number == number)
            return &options[i];
    return NULL;
}

const schema_option *schema_method_option(const schema_method *method, uint32_t number)
{
    return find_option(method->options, method->option_count, number);
}

const schema_option *schema_service_option(const schema_service *service, uint32_t number)
{
    return find_option(service->options, service->option_count, number);
}

static const struct type_row {
    const char *keyword;
    schema_wire wire;
} type_rows[] = {
#define X(name, number, keyword, wire) [number] = {keyword, wire},
    SCHEMA_TYPE_TABLE(X)
#undef X
};

static const struct type_row *type_row(schema_type type)
{
    size_t count = sizeof type_rows / sizeof *type_rows;

    return (size_t)type < count && type_rows[type].keyword != NULL ? &type_rows[type] : NULL;
}

const char *schema_type_keyword(schema_type type)
{
    const struct type_row *row = type_row(type);

    return row == NULL ? NULL : row->keyword;
}

schema_wire schema_type_wire(schema_type type)
{
    return type_rows[type].wire;
}

bool schema_type_packable(schema_type type)
{
    const struct type_row *row = type_row(type);

    return row != NULL && row->wire != SCHEMA_WIRE_LEN && row->wire != SCHEMA_WIRE_START_GROUP;
}

static const char *plain_type_name(const schema_field *field)
{
    if (field->message != NULL)
        return field->message->full_name;
    return field->enumeration != NULL ? field->enumeration->full_name : schema_type_keyword(field->type);
}

const char *schema_type_name(const schema_field *field, maru_arena *arena)
{
    if (!field->map)
        return plain_type_name(field);
    return maru_arena_printf(arena, "map<%s, %s>", plain_type_name(&field->message->fields[0]),
                             plain_type_name(&field->message->fields[1]));
}
