/* resolve.c: gives fields and methods the types that they name, and checks maps and well-known types, which is possible
 * only now (contract: pool.h). */
#include <string.h>

#include "schema/pool.h"

/* protoc writes a leading dot: the name is full. */
static const symbol *find_type(const schema_pool *pool, const char *type_name)
{
    return type_name[0] == '.' ? pool_symbol(pool, type_name + 1, strlen(type_name + 1)) : NULL;
}

static maru_status fail_field(schema_pool *pool, const schema_field *field, const char *problem, const char *name)
{
    return pool_fail(pool, "%s: %s.%s: %s %.200s", field->parent->file->name, field->parent->full_name, field->name,
                     problem, name);
}

static maru_status resolve_field(schema_pool *pool, const pending_field *pending)
{
    schema_field *field = pending->field;
    const symbol *found = find_type(pool, pending->type_name);

    pool_look(pool, field->parent->file->name, field->parent->full_name, field->name);
    if (found == NULL)
        return fail_field(pool, field, "there is no type", pending->type_name);
    if (found->kind != (field->type == SCHEMA_ENUM ? SYMBOL_ENUM : SYMBOL_MESSAGE))
        return fail_field(pool, field,
                          field->type == SCHEMA_ENUM ? "is no enum:" : "is no message:", pending->type_name);
    if (field->type == SCHEMA_ENUM) {
        field->enumeration = found->enumeration;
        return MARU_OK;
    }
    field->message = found->message;
    field->map = found->message->map_entry;
    if (field->map && (!field->repeated || field->type == SCHEMA_GROUP))
        return fail_field(pool, field, "only a repeated field can be of the map entry", pending->type_name);
    return MARU_OK;
}

static maru_status resolve_method(schema_pool *pool, const pending_method *pending)
{
    const char   *names[] = {pending->request, pending->response};
    const symbol *found[2];

    pool_look(pool, pending->method->service->file->name, pending->method->service->full_name, pending->method->name);
    for (int i = 0; i < 2; i++) {
        found[i] = find_type(pool, names[i]);
        if (found[i] == NULL || found[i]->kind != SYMBOL_MESSAGE)
            return pool_fail(pool, "%s: %s: there is no message %.200s", pending->method->service->file->name,
                             pending->method->path, names[i]);
    }
    pending->method->request = found[0]->message;
    pending->method->response = found[1]->message;
    return MARU_OK;
}

static bool is_map_key(const schema_field *field)
{
    switch (field->type) {
    case SCHEMA_DOUBLE:
    case SCHEMA_FLOAT:
    case SCHEMA_BYTES:
    case SCHEMA_ENUM:
    case SCHEMA_MESSAGE:
    case SCHEMA_GROUP:
        return false;
    default:
        return field->number == 1 && !field->repeated && field->oneof == NULL;
    }
}

static bool is_map_value(const schema_field *field)
{
    return field->number == 2 && !field->repeated && field->oneof == NULL && field->type != SCHEMA_GROUP;
}

static maru_status check_map_entry(schema_pool *pool, const schema_message *entry)
{
    if (entry->field_count == 2 && is_map_key(&entry->fields[0]) && is_map_value(&entry->fields[1]))
        return MARU_OK;
    return pool_fail(pool,
                     "%s: %s: a map entry has a key, number 1, that is an integer, a bool or a string, and a "
                     "value, number 2; this one has not",
                     entry->file->name, entry->full_name);
}

static maru_status check_message(schema_pool *pool, schema_message *message)
{
    maru_status status;

    pool_look(pool, message->file->name, message->full_name, NULL);
    status = message->map_entry ? check_map_entry(pool, message) : MARU_OK;
    return status == MARU_OK ? well_known_check(pool, message) : status;
}

maru_status resolve_references(schema_pool *pool)
{
    maru_status status = MARU_OK;

    for (const pending_field *at = pool->fields; status == MARU_OK && at != NULL; at = at->next)
        status = resolve_field(pool, at);
    for (const pending_method *at = pool->methods; status == MARU_OK && at != NULL; at = at->next)
        status = resolve_method(pool, at);
    for (symbol *at = pool->listed; status == MARU_OK && at != NULL; at = at->next)
        if (at->kind == SYMBOL_MESSAGE)
            status = check_message(pool, at->message);
    return status;
}
