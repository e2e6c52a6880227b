/* ident.c: collects every C name that a request generates, and refuses two that are the same. */
#include "ident.h"

#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "option.h"
#include "proto2.h"
#include "taken.h"
#include "words.h"

enum { MESSAGE_FIELD = 2, MESSAGE_ONEOF = 8, ENUM_VALUE = 2 };

void idents_add(struct idents *idents, const char *name, const char *what, const struct place *place)
{
    if (idents->count == idents->room) {
        size_t        room = idents->room == 0 ? 64 : 2 * idents->room;
        struct ident *list = pool_take(idents->pool, room * sizeof *list);

        if (idents->count > 0)
            memcpy(list, idents->list, idents->count * sizeof *list);
        idents->list = list;
        idents->room = room;
    }
    idents->list[idents->count++] = (struct ident){.name = name, .what = what, .place = *place};
}

/* By name, then in the order of the .proto, so that the later one is refused. */
static int compare_idents(const void *left, const void *right)
{
    const struct ident *a = *(const struct ident *const *)left;
    const struct ident *b = *(const struct ident *const *)right;
    int                 order = strcmp(a->name, b->name);

    if (order == 0)
        order = strcmp(a->place.file->name, b->place.file->name);
    for (size_t i = 0; order == 0 && i < a->place.depth && i < b->place.depth; i++)
        order = (a->place.path[i] > b->place.path[i]) - (a->place.path[i] < b->place.path[i]);
    return order != 0 ? order : (a->place.depth > b->place.depth) - (a->place.depth < b->place.depth);
}

/* Of two that share a name, the later has the earlier as its rival; but one that is to be generated comes last. */
static void find_rivals(struct idents *idents, const struct schema *schema)
{
    struct ident **sorted = pool_take(idents->pool, idents->count * sizeof *sorted);

    for (size_t i = 0; i < idents->count; i++)
        sorted[i] = &idents->list[i];
    qsort(sorted, idents->count, sizeof *sorted, compare_idents);
    for (size_t i = 1; i < idents->count; i++) {
        struct ident *first = sorted[i - 1];
        struct ident *second = sorted[i];

        if (strcmp(first->name, second->name) != 0)
            continue;
        if (schema_generates(schema, second->place.file))
            second->rival = first;
        else
            first->rival = second;
    }
}

/* Two messages of one name share a dozen of them: one line is enough. */
static bool is_said(const struct schema *schema, const struct ident *ident)
{
    const char *start =
        pool_printf(schema->pool, "%s: %s becomes ", place_text(schema->pool, &ident->place), ident->what);

    return schema->refusals.bytes != NULL && strstr(schema->refusals.bytes, start) != NULL;
}

/* Why a name is not to be had; NULL: it is. */
static const char *why_not(const struct idents *idents, const struct ident *ident)
{
    if (!names_usable(ident->name) || (!idents->members && words_cplusplus(ident->name)))
        return "reserved there or no name";
    if (!idents->members && taken_by_protobuf_c(ident->name) && !proto2_is_known(ident->place.file))
        return "a name of protobuf-c";
    return NULL;
}

/* In the order in which they were added: a type's own name before those of its functions. */
void idents_check(struct idents *idents, struct schema *schema)
{
    if (idents->count > 0)
        find_rivals(idents, schema);
    for (size_t i = 0; i < idents->count; i++) {
        const struct ident *ident = &idents->list[i];
        const struct ident *rival = ident->rival;
        const char         *why = why_not(idents, ident);

        if ((why == NULL && rival == NULL) || !schema_generates(schema, ident->place.file) || is_said(schema, ident))
            continue;
        if (why != NULL)
            schema_refuse(schema, &ident->place, "%s becomes \"%s\" in C, which is %s", ident->what, ident->name, why);
        else
            schema_refuse(schema, &ident->place, "%s becomes %s in C, and so does %s (%s): rename one", ident->what,
                          ident->name, rival->what, place_text(schema->pool, &rival->place));
    }
}

static void add_suffixes(struct idents *idents, const char *stem, const char *const *suffixes, size_t count,
                         const char *what, const struct place *place)
{
    for (size_t i = 0; i < count; i++)
        idents_add(idents, pool_printf(idents->pool, "%s%s", stem, suffixes[i]), what, place);
}

static void add_oneof(struct idents *idents, const struct type *type, size_t index, const struct place *message)
{
    struct pool *pool = idents->pool;
    const char  *name = type->message->oneof_decl[index]->name;
    const char  *full = pool_printf(pool, "%s.%s", type->name, name);
    const char  *what = pool_printf(pool, "oneof %s", full + 1);
    const char  *upper = names_upper(pool, full, type->file);
    struct place place = place_in(message, MESSAGE_ONEOF, (int32_t)index);

    idents_add(idents, pool_printf(pool, "%sCase", names_type(pool, full, type->file)), what, &place);
    idents_add(idents, pool_printf(pool, "%s__NOT_SET", upper), what, &place);
    idents_add(idents, pool_printf(pool, "_%s__CASE_IS_INT_SIZE", upper), what, &place);
    for (size_t i = 0; i < type->message->n_field; i++) {
        const Field *field = type->message->field[i];

        if (field->has_oneof_index && (size_t)field->oneof_index == index)
            idents_add(idents, pool_printf(pool, "%s_%s", upper, names_camel_upper(pool, field->name)), what, &place);
    }
}

/* The variable that holds the default of a proto2 field; of bytes, the one that it points to, too. */
static void add_default(struct idents *idents, const struct type *type, size_t index, const struct place *message)
{
    struct pool *pool = idents->pool;
    const Field *field = type->message->field[index];
    const char  *full = pool_printf(pool, "%s.%s", type->name, field->name);
    const char  *what = pool_printf(pool, "the default of field %s", full + 1);
    const char  *stem = names_lower(pool, full, type->file);
    struct place place = place_in(message, MESSAGE_FIELD, (int32_t)index);

    idents_add(idents, pool_printf(pool, "%s__default_value", stem), what, &place);
    if (option_is_bytes(field))
        idents_add(idents, pool_printf(pool, "%s__default_value_data", stem), what, &place);
}

static void add_message(struct idents *idents, const struct type *type, const struct place *place)
{
    static const char *const types[] = {"", "_Closure"};
    static const char *const symbols[] = {
        "__init",
        "__get_packed_size",
        "__pack",
        "__pack_to_buffer",
        "__unpack",
        "__free_unpacked",
        "__descriptor",
        "__field_descriptors",
        "__field_indices_by_name",
        "__number_ranges",
    };
    static const char *const macros[] = {"__INIT"};
    struct pool             *pool = idents->pool;
    const char              *what = pool_printf(pool, "message %s", type->name + 1);

    add_suffixes(idents, names_type(pool, type->name, type->file), types, 2, what, place);
    add_suffixes(idents, names_lower(pool, type->name, type->file), symbols, sizeof symbols / sizeof *symbols, what,
                 place);
    add_suffixes(idents, names_upper(pool, type->name, type->file), macros, 1, what, place);
    for (size_t i = 0; i < type->message->n_oneof_decl; i++)
        add_oneof(idents, type, i, place);
    for (size_t i = 0; i < type->message->n_field; i++)
        if (type->message->field[i]->default_value != NULL)
            add_default(idents, type, i, place);
}

static void add_enum(struct idents *idents, const struct type *type, const struct place *place)
{
    static const char *const symbols[] = {"__descriptor", "__enum_values_by_number", "__enum_values_by_name",
                                          "__value_ranges"};
    struct pool             *pool = idents->pool;
    const char              *what = pool_printf(pool, "enum %s", type->name + 1);
    const char              *upper = names_upper(pool, type->name, type->file);

    idents_add(idents, names_type(pool, type->name, type->file), what, place);
    idents_add(idents, pool_printf(pool, "_%s", names_type(pool, type->name, type->file)), what, place); /* its tag */
    idents_add(idents, pool_printf(pool, "_%s_IS_INT_SIZE", upper), what, place);
    add_suffixes(idents, names_lower(pool, type->name, type->file), symbols, 4, what, place);
    for (size_t i = 0; i < type->enumeration->n_value; i++) {
        struct place value = place_in(place, ENUM_VALUE, (int32_t)i);
        const char  *name = type->enumeration->value[i]->name;

        idents_add(idents, pool_printf(pool, "%s__%s", upper, name),
                   pool_printf(pool, "value %s of enum %s", name, type->name + 1), &value);
    }
}

void idents_of_type(struct idents *idents, const struct type *type, const struct place *place)
{
    if (type->message != NULL)
        add_message(idents, type, place);
    else
        add_enum(idents, type, place);
}

static void add_method(struct idents *idents, const struct service *service, const struct method *method)
{
    struct pool *pool = idents->pool;
    const char  *what = pool_printf(pool, "method %s.%s", service->name, method->proto->name);

    if (method->streams)
        return;
    idents_add(idents, method->function, what, &method->place);
    idents_add(idents, pool_printf(pool, "%s_async", method->function), what, &method->place);
    idents_add(idents, pool_printf(pool, "dispatch_%s", method->function), what, &method->place);
}

void idents_of_model(struct idents *idents, const struct model *model)
{
    struct pool *pool = idents->pool;
    struct place top = {.file = model->file};

    idents_add(idents, names_file(pool, model->file->name), pool_printf(pool, "file %s", model->file->name), &top);
    for (size_t s = 0; s < model->count; s++) {
        const struct service *service = &model->services[s];
        const char           *what = pool_printf(pool, "service %s", service->name);
        const char *const     suffixes[] = {"_maru_service", "_handlers", "_serve"};

        if (service->refused)
            continue;
        add_suffixes(idents, service->prefix, suffixes, 3, what, &service->place);
        idents_add(idents, pool_printf(pool, "methods_of_%s", service->prefix), what, &service->place);
        idents_add(idents, pool_printf(pool, "dispatch_of_%s", service->prefix), what, &service->place);
        for (size_t m = 0; m < service->count; m++)
            add_method(idents, service, &service->methods[m]);
    }
}
