/* index.c: the sorted tables by which fields, values and methods are found (contract: pool.h, maru/schema.h).
 *
 * Binary search, not hashing: the names are a peer's, and no choice of names makes it slow. A message whose numbers
 * are 1 to n, as most are, is not even searched.
 */
#include "schema/pool.h"

#include <stdlib.h>
#include <string.h>

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

static const schema_field *field_at(const void *element)
{
    return *(const schema_field *const *)element;
}

static int order_field_number(const void *a, const void *b)
{
    return ORDER(field_at(a)->number, field_at(b)->number);
}

static int order_field_name(const void *a, const void *b)
{
    return strcmp(field_at(a)->name, field_at(b)->name);
}

static int order_field_json_name(const void *a, const void *b)
{
    return strcmp(field_at(a)->json_name, field_at(b)->json_name);
}

/* Two fields that are equal in an order; second is declared after first. NULL: none are. */
typedef struct field_clash {
    const schema_field *first;
    const schema_field *second;
} field_clash;

static field_clash clash_of(const schema_field *a, const schema_field *b)
{
    return a->index < b->index ? (field_clash){a, b} : (field_clash){b, a};
}

/* The fields in an order, or NULL where memory is out. */
static const schema_field **sorted_fields(schema_pool *pool, const schema_message               *message,
                                          int (*order)(const void *, const void *), field_clash *clash)
{
    const schema_field **sorted = pool_array(pool, message->field_count, sizeof *sorted);

    *clash = (field_clash){NULL, NULL};
    if (sorted == NULL)
        return NULL;
    for (size_t i = 0; i < message->field_count; i++)
        sorted[i] = &message->fields[i];
    qsort(sorted, message->field_count, sizeof *sorted, order);
    for (size_t i = 1; i < message->field_count; i++)
        if (order(&sorted[i - 1], &sorted[i]) == 0)
            *clash = clash_of(sorted[i - 1], sorted[i]);
    return sorted;
}

maru_status index_message(schema_pool *pool, schema_message *message)
{
    const char *file = message->file->name, *full = message->full_name;
    field_clash clash;

    pool_look(pool, file, full, NULL);
    message->by_number = sorted_fields(pool, message, order_field_number, &clash);
    if (message->by_number != NULL && clash.second != NULL)
        return pool_fail(pool, "%s: %s: field number %u is used twice, the second time by %s", file, full,
                         clash.second->number, clash.second->name);
    message->by_name = sorted_fields(pool, message, order_field_name, &clash);
    if (message->by_name != NULL && clash.second != NULL)
        return pool_fail(pool, "%s: %s: field name %s is used twice", file, full, clash.second->name);
    message->by_json_name = sorted_fields(pool, message, order_field_json_name, &clash);
    if (message->by_json_name != NULL && clash.second != NULL) {
        pool_look(pool, file, full, clash.second->name);
        return pool_fail(pool, "%s: %s: JSON name %s is used twice, by %s and by %s: want another json_name", file,
                         full, clash.second->json_name, clash.first->name, clash.second->name);
    }
    return message->by_number == NULL || message->by_name == NULL || message->by_json_name == NULL
               ? pool_no_memory(pool)
               : MARU_OK;
}

static const schema_value *value_at(const void *element)
{
    return *(const schema_value *const *)element;
}

/* Of aliases the one that was declared first: the values are one array, so its address says which. */
static int order_value_number(const void *a, const void *b)
{
    int order = ORDER(value_at(a)->number, value_at(b)->number);

    return order != 0 ? order : ORDER(value_at(a), value_at(b));
}

static int order_value_name(const void *a, const void *b)
{
    return strcmp(value_at(a)->name, value_at(b)->name);
}

static const schema_value **sorted_values(schema_pool *pool, const schema_enum *enumeration,
                                          int (*order)(const void *, const void *))
{
    const schema_value **sorted = pool_array(pool, enumeration->count, sizeof *sorted);

    if (sorted == NULL)
        return NULL;
    for (size_t i = 0; i < enumeration->count; i++)
        sorted[i] = &enumeration->values[i];
    qsort(sorted, enumeration->count, sizeof *sorted, order);
    return sorted;
}

maru_status index_enum(schema_pool *pool, schema_enum *enumeration, bool aliases)
{
    enumeration->by_number = sorted_values(pool, enumeration, order_value_number);
    enumeration->by_name = sorted_values(pool, enumeration, order_value_name);
    if (enumeration->by_number == NULL || enumeration->by_name == NULL)
        return pool_no_memory(pool);
    for (size_t i = 1; i < enumeration->count; i++) {
        const schema_value *number = enumeration->by_number[i], *name = enumeration->by_name[i];

        if (!aliases && number->number == enumeration->by_number[i - 1]->number)
            return pool_fail(pool, "%s: %s: value %d is used twice, by %s and by %s, without allow_alias",
                             enumeration->file->name, enumeration->full_name, number->number,
                             enumeration->by_number[i - 1]->name, number->name);
        if (strcmp(name->name, enumeration->by_name[i - 1]->name) == 0)
            return pool_fail(pool, "%s: %s: value name %s is used twice", enumeration->file->name,
                             enumeration->full_name, name->name);
    }
    return MARU_OK;
}

static int order_method_name(const void *a, const void *b)
{
    return strcmp((*(const schema_method *const *)a)->name, (*(const schema_method *const *)b)->name);
}

maru_status index_methods(schema_pool *pool, schema_service *service)
{
    const schema_method **sorted = pool_array(pool, service->method_count, sizeof *sorted);

    if (sorted == NULL)
        return pool_no_memory(pool);
    for (size_t i = 0; i < service->method_count; i++)
        sorted[i] = &service->methods[i];
    qsort(sorted, service->method_count, sizeof *sorted, order_method_name);
    for (size_t i = 1; i < service->method_count; i++)
        if (order_method_name(&sorted[i - 1], &sorted[i]) == 0)
            return pool_fail(pool, "%s: %s: method %s is defined twice", service->file->name, service->full_name,
                             sorted[i]->name);
    service->by_name = sorted;
    return MARU_OK;
}

const schema_field *schema_field_by_number(const schema_message *message, uint32_t number)
{
    size_t low = 0, high = message->field_count;

    if (number >= 1 && number <= high && message->by_number[number - 1]->number == number)
        return message->by_number[number - 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (message->by_number[middle]->number == number)
            return message->by_number[middle];
        if (message->by_number[middle]->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const schema_field *schema_field_by_text(const schema_message *message, const char *name, size_t size)
{
    for (int json = 1; json >= 0; json--) {
        const schema_field *const *sorted = json ? message->by_json_name : message->by_name;
        size_t                     low = 0, high = message->field_count;

        while (low < high) {
            size_t middle = low + (high - low) / 2;
            int    order = slice_order(json ? sorted[middle]->json_name : sorted[middle]->name, name, size);

            if (order == 0)
                return sorted[middle];
            if (order < 0)
                low = middle + 1;
            else
                high = middle;
        }
    }
    return NULL;
}

const schema_value *schema_value_by_number(const schema_enum *enumeration, int32_t number)
{
    size_t low = 0, high = enumeration->count;

    while (low < high) { /* the first that is not below */
        size_t middle = low + (high - low) / 2;

        if (enumeration->by_number[middle]->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < enumeration->count && enumeration->by_number[low]->number == number ? enumeration->by_number[low]
                                                                                     : NULL;
}

const schema_value *schema_value_by_text(const schema_enum *enumeration, const char *name, size_t size)
{
    size_t low = 0, high = enumeration->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int    order = slice_order(enumeration->by_name[middle]->name, name, size);

        if (order == 0)
            return enumeration->by_name[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const schema_method *schema_service_method(const schema_service *service, const char *name)
{
    size_t low = 0, high = service->method_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int    order = strcmp(service->by_name[middle]->name, name);

        if (order == 0)
            return service->by_name[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
