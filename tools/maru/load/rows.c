/* rows.c: reads a CSV file into rows of equal width below a head of column names. */
#include "rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/file.h"

typedef struct rows_reading {
    rows       *rows;
    maru_arena *arena;
    maru_error *error;
    maru_status status;
} rows_reading;

static bool wrong(rows_reading *r, size_t line, const char *words)
{
    r->status = maru_error_set(r->error, MARU_INVALID_ARGUMENT, "%s: line %zu: %s", r->rows->file, line, words);
    return false;
}

static bool no_memory(rows_reading *r)
{
    r->status = maru_error_set(r->error, MARU_RESOURCE_EXHAUSTED, "%s: too large: its rows take more than %zu MiB",
                               r->rows->file, maru_arena_budget(r->arena) >> 20);
    return false;
}

static const char **copy_fields(rows_reading *r, const struct csv_record *record)
{
    const char **fields = maru_arena_alloc(r->arena, record->count * sizeof *fields);

    for (size_t i = 0; fields != NULL && i < record->count; i++)
        if ((fields[i] = maru_arena_strdup(r->arena, record->fields[i])) == NULL)
            return NULL;
    return fields;
}

static bool grow(rows *r)
{
    size_t      room = r->room == 0 ? 256 : r->room * 2;
    struct row *at = realloc(r->at, room * sizeof *at);

    if (at == NULL)
        return false;
    r->at = at;
    r->room = room;
    return true;
}

static bool take_row(rows_reading *r, const struct csv_record *record)
{
    rows *table = r->rows;
    char  words[100];

    if (record->count != table->column_count) {
        snprintf(words, sizeof words, "want %zu fields, as the first line has, got %zu", table->column_count,
                 record->count);
        return wrong(r, record->line, words);
    }
    if (table->count == ROWS_MAX)
        return wrong(r, record->line, "want at most 10000000 rows");
    if (table->count == table->room && !grow(table))
        return no_memory(r);
    if ((table->at[table->count].fields = copy_fields(r, record)) == NULL)
        return no_memory(r);
    table->at[table->count++].line = record->line;
    return true;
}

/* Which of two ${csv:COLUMN} would mean can't be told. Nobody means those without a name, which spreadsheets add. */
static bool check_columns(rows_reading *r, size_t line)
{
    const char *const *names = r->rows->columns;
    char               words[200];

    for (size_t i = 1; i < r->rows->column_count; i++)
        for (size_t before = 0; before < i && names[i][0] != '\0'; before++) {
            if (strcmp(names[before], names[i]) != 0)
                continue;
            snprintf(words, sizeof words, "want each column once, got %.60s as column %zu and as column %zu", names[i],
                     before + 1, i + 1);
            return wrong(r, line, words);
        }
    return true;
}

static bool take_columns(rows_reading *r, const struct csv_record *record)
{
    rows *table = r->rows;

    if ((table->columns = copy_fields(r, record)) == NULL)
        return no_memory(r);
    table->column_count = record->count;
    return check_columns(r, record->line);
}

static bool on_event(void *arg, enum csv_event event, const struct csv_record *record)
{
    rows_reading *r = arg;

    if (event == CSV_BLANK)
        return true;
    if (event == CSV_MALFORMED)
        return wrong(r, record->line, record->error);
    return r->rows->columns == NULL ? take_columns(r, record) : take_row(r, record);
}

maru_status rows_read(rows *r, const char *file, maru_arena *arena, maru_error *error)
{
    rows_reading      reading = {.rows = r, .arena = arena, .error = error, .status = MARU_OK};
    struct file_error trouble;

    *r = (rows){.file = file};
    if (!file_read(file, on_event, &reading, &trouble) && reading.status == MARU_OK)
        return maru_error_set(error, MARU_NOT_FOUND, "%s", trouble.text);
    if (reading.status == MARU_OK && r->count == 0)
        return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want a line of column names and one row at least",
                              file);
    return reading.status;
}

void rows_free(rows *r)
{
    free(r->at);
    r->at = NULL;
}
