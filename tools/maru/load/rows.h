/* rows.h: a CSV file as a table: what ${csv:COLUMN} of a template takes from. Blocks while it reads. */
#ifndef LOAD_ROWS_H
#define LOAD_ROWS_H

#include <stddef.h>

#include "maru/arena.h"
#include "maru/status.h"

typedef struct rows {
    const char  *file;
    const char **columns; /* the first line */
    size_t       column_count;
    size_t       count;
    size_t       room;
    /* One a row: its fields, and the line that it stands on. */
    struct row {
        const char **fields;
        size_t       line;
    } * at;
} rows;

enum { ROWS_MAX = 10000000 };

/* rows_read reads the file, plain or gzip, into arena. The first line has no name twice, and every row has as many
 * fields. Errors name file and line: INVALID_ARGUMENT for what is no such table, NOT_FOUND where it can't be read.
 * rows_free afterwards, after an error too. */
maru_status rows_read(rows *r, const char *file, maru_arena *arena, maru_error *error);
void        rows_free(rows *r);

#endif
