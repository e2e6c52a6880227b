/* goods.c: a line of a catalogue file as a product (goods.h). */
#include "goods.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "maru/shown.h"
#include "text.h"

enum { FIELD_MAX = 4096 };

static const struct {
    const char *name;
    bool        required;
} COLUMNS[] = {
#define X(id, name, required) {name, required},
    GOODS_TABLE(X)
#undef X
};

static const char NAMES[] =
#define X(id, name, required) ", " name
    GOODS_TABLE(X)
#undef X
    ;

static int column_of(const char *name)
{
    for (int i = 0; i < GOODS_COLUMNS; i++)
        if (strcmp(COLUMNS[i].name, name) == 0)
            return i;
    return -1;
}

maru_status goods_columns(const struct csv_record *header, struct goods_columns *columns, maru_error *error)
{
    columns->count = header->count;
    for (int i = 0; i < GOODS_COLUMNS; i++)
        columns->at[i] = SIZE_MAX;
    for (size_t i = 0; i < header->count; i++) {
        int column = column_of(header->fields[i]);

        if (column < 0)
            return maru_error_set(error, MARU_INVALID_ARGUMENT, "column %zu: want one of %s, got \"%s\"", i + 1,
                                  NAMES + 2, maru_shown(header->fields[i]).text);
        if (columns->at[column] != SIZE_MAX)
            return maru_error_set(error, MARU_INVALID_ARGUMENT,
                                  "want each column once, got %s as column %zu and as column %zu", COLUMNS[column].name,
                                  columns->at[column] + 1, i + 1);
        columns->at[column] = i;
    }
    for (int i = 0; i < GOODS_COLUMNS; i++)
        if (COLUMNS[i].required && columns->at[i] == SIZE_MAX)
            return maru_error_set(error, MARU_INVALID_ARGUMENT, "want a column %s, got none", COLUMNS[i].name);
    return MARU_OK;
}

static maru_status no_memory(maru_error *error)
{
    return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "out of memory");
}

/* A field as clean text in arena; "" where the column is not there. */
static maru_status read_text(const struct csv_record *record, const struct goods_columns *columns,
                             enum goods_column column, maru_arena *arena, char **text, maru_error *error)
{
    char        clean[FIELD_MAX];
    const char *wrong;

    clean[0] = '\0';
    if (columns->at[column] != SIZE_MAX &&
        (wrong = text_clean(record->fields[columns->at[column]], false, clean, sizeof clean)) != NULL)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: %s", COLUMNS[column].name, wrong);
    return (*text = maru_arena_strdup(arena, clean)) == NULL ? no_memory(error) : MARU_OK;
}

static size_t count_parts(const char *text)
{
    size_t count = text[0] != '\0';

    for (; *text != '\0'; text++)
        count += *text == '|';
    return count;
}

/* Without the spaces around it, in place. */
static char *trim(char *text)
{
    size_t size;

    text += strspn(text, " ");
    for (size = strlen(text); size > 0 && text[size - 1] == ' ';)
        text[--size] = '\0';
    return text;
}

static maru_status read_other_titles(char *text, maru_arena *arena, Catalog__Product *product, maru_error *error)
{
    product->other_titles = maru_arena_alloc(arena, (count_parts(text) + 1) * sizeof(char *));
    if (product->other_titles == NULL)
        return no_memory(error);
    for (char *part, *rest = text; text[0] != '\0' && (part = strsep(&rest, "|")) != NULL;)
        product->other_titles[product->n_other_titles++] = trim(part);
    return MARU_OK;
}

static maru_status add_attribute(char *part, maru_arena *arena, Catalog__Product *product, maru_error *error)
{
    Catalog__Product__AttributesEntry *entry = maru_arena_alloc(arena, sizeof *entry);
    char                              *value = strchr(part, '=');

    if (entry == NULL)
        return no_memory(error);
    if (value == NULL)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "attributes: want key=value, got \"%s\"",
                              maru_shown(part).text);
    *value++ = '\0';
    *entry = (Catalog__Product__AttributesEntry)CATALOG__PRODUCT__ATTRIBUTES_ENTRY__INIT;
    entry->key = trim(part);
    entry->value = trim(value);
    product->attributes[product->n_attributes++] = entry;
    return MARU_OK;
}

static maru_status read_attributes(char *text, maru_arena *arena, Catalog__Product *product, maru_error *error)
{
    maru_status status = MARU_OK;

    product->attributes = maru_arena_alloc(arena, (count_parts(text) + 1) * sizeof(void *));
    if (product->attributes == NULL)
        return no_memory(error);
    for (char *part, *rest = text; status == MARU_OK && text[0] != '\0' && (part = strsep(&rest, "|")) != NULL;)
        status = add_attribute(part, arena, product, error);
    return status;
}

static maru_status read_price(char *currency, const char *minor, maru_arena *arena, Catalog__Product *product,
                              maru_error *error)
{
    char *end;

    if ((product->price = maru_arena_alloc(arena, sizeof *product->price)) == NULL)
        return no_memory(error);
    *product->price = (Shop__Money)SHOP__MONEY__INIT;
    product->price->currency = currency;
    errno = 0;
    product->price->minor = strtoll(minor, &end, 10);
    if (end == minor || *end != '\0' || errno != 0)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "minor: want a whole number, got \"%s\"",
                              maru_shown(minor).text);
    return MARU_OK;
}

maru_status goods_read(const struct csv_record *record, const struct goods_columns *columns, maru_arena *arena,
                       Catalog__Product *product, maru_error *error)
{
    char       *texts[GOODS_COLUMNS];
    maru_status status = MARU_OK;

    if (record->count != columns->count)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "want %zu columns as in the first line, got %zu",
                              columns->count, record->count);
    for (int i = 0; i < GOODS_COLUMNS && status == MARU_OK; i++)
        status = read_text(record, columns, i, arena, &texts[i], error);
    if (status != MARU_OK)
        return status;
    *product = (Catalog__Product)CATALOG__PRODUCT__INIT;
    product->name = texts[GOODS_NAME];
    product->title = texts[GOODS_TITLE];
    product->description = texts[GOODS_DESCRIPTION];
    if ((status = read_price(texts[GOODS_CURRENCY], texts[GOODS_MINOR], arena, product, error)) != MARU_OK ||
        (status = read_other_titles(texts[GOODS_OTHER_TITLES], arena, product, error)) != MARU_OK)
        return status;
    return read_attributes(texts[GOODS_ATTRIBUTES], arena, product, error);
}
