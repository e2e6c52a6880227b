/* names.c: which names are names, their order, and which is most like a wrong one (contract: pool.h, maru/schema.h). */
#include "schema/pool.h"

#include <string.h>

enum {
    NEAREST_SIZE_MAX = 64, /* longer names are not compared: the cost is the product of the lengths */
    NEAREST_SYMBOLS_MAX = 4096,
};

int slice_order(const char *string, const char *slice, size_t size)
{
    size_t length = strlen(string);
    int    order = memcmp(string, slice, length < size ? length : size);

    return order != 0 ? order : (length > size) - (length < size);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool name_is_valid(const char *name, bool dotted)
{
    bool start = true; /* of a name or of a part of it */

    if (name == NULL)
        return false;
    for (; *name != '\0'; name++) {
        if (start && !is_letter(*name))
            return false;
        if (!start && !is_letter(*name) && !(*name >= '0' && *name <= '9') && !(dotted && *name == '.'))
            return false;
        start = !start && *name == '.';
    }
    return !start;
}

bool name_is_printable(const char *name)
{
    if (name == NULL || *name == '\0')
        return false;
    for (; *name != '\0'; name++)
        if ((unsigned char)*name < 0x20 || *name == 0x7f)
            return false;
    return true;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* How many letters must be put in, taken out or replaced to make one of the other, case aside (Levenshtein). */
static unsigned distance(const char *a, const char *slice, size_t size)
{
    unsigned row[NEAREST_SIZE_MAX + 1];

    for (size_t k = 0; k <= size; k++)
        row[k] = (unsigned)k;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        unsigned corner = row[0];

        row[0] = (unsigned)i;
        for (size_t k = 1; k <= size; k++) {
            unsigned replaced = corner + (lower(a[i - 1]) != lower(slice[k - 1]));

            corner = row[k];
            row[k] = least(least(row[k], row[k - 1]) + 1, replaced);
        }
    }
    return row[size];
}

/* The best of several candidates so far. Near is: at most a third of the letters differ, but one always may. */
typedef struct nearest {
    const char *wrong;
    size_t      size;
    unsigned    away;
    const char *name;
} nearest;

static nearest nearest_to(const char *wrong, size_t size)
{
    return (nearest){.wrong = wrong, .size = size, .away = (unsigned)(size / 3 + 2)};
}

static void consider(nearest *best, const char *name)
{
    unsigned away;

    if (best->size > NEAREST_SIZE_MAX || strlen(name) > NEAREST_SIZE_MAX)
        return;
    away = distance(name, best->wrong, best->size);
    if (away < best->away) {
        best->away = away;
        best->name = name;
    }
}

const char *schema_nearest_field(const schema_message *message, const char *name, size_t size)
{
    nearest best = nearest_to(name, size);

    for (size_t i = 0; i < message->field_count && i < NEAREST_SYMBOLS_MAX; i++) {
        const schema_field *field = &message->fields[i];

        consider(&best, field->name);
        consider(&best, field->json_name);
        if (best.name == field->json_name)
            best.name = field->name;
    }
    return best.name;
}

const char *schema_nearest_value(const schema_enum *enumeration, const char *name, size_t size)
{
    nearest best = nearest_to(name, size);

    for (size_t i = 0; i < enumeration->count && i < NEAREST_SYMBOLS_MAX; i++)
        consider(&best, enumeration->values[i].name);
    return best.name;
}

const char *schema_nearest_service(const schema_pool *pool, const char *full_name)
{
    nearest best = nearest_to(full_name, strlen(full_name));

    for (size_t i = 0; pool->symbols != NULL && i < pool->symbol_count && i < NEAREST_SYMBOLS_MAX; i++)
        if (pool->symbols[i]->kind == SYMBOL_SERVICE)
            consider(&best, pool->symbols[i]->name);
    return best.name;
}

const char *schema_nearest_symbol(const schema_pool *pool, const char *full_name)
{
    nearest best = nearest_to(full_name, strlen(full_name));

    for (size_t i = 0; pool->symbols != NULL && i < pool->symbol_count && i < NEAREST_SYMBOLS_MAX; i++)
        consider(&best, pool->symbols[i]->name);
    return best.name;
}
