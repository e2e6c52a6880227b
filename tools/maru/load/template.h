/* template.h: a request as JSON with places that each call fills anew. Pure.
 *
 *   {"name": "products/P${counter:1000}", "quantity": ${random:1..5}, "title": "${csv:Description}"}
 *
 *   ${counter}, ${counter:FROM}   counts the calls, from 0 or FROM
 *   ${random:LOW..HIGH}           a whole number, both ends included
 *   ${text:N}                     N letters and digits, 1..65536
 *   ${one:A|B|C}                  one of these
 *   ${uuid}                       a random UUID
 *   ${csv:COLUMN}                 of the row of this call: rows are taken in turn, and again from the first
 *   $${                           the characters ${
 *
 * Inside a JSON string a value is escaped; outside of one it stands as it is.
 */
#ifndef LOAD_TEMPLATE_H
#define LOAD_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "maru/arena.h"
#include "maru/status.h"
#include "random.h"

/* The columns that ${csv:...} may name; count 0: there is no CSV. */
typedef struct template_columns {
    const char *const *names;
    size_t             count;
} template_columns;

typedef struct template template;

/* template_read makes one in arena, which it lives as long as; text is copied. INVALID_ARGUMENT with line and column:
 *   line 1, column 14: ${conter}: no such value; did you mean counter? */
maru_status template_read(const char *text, size_t size, const template_columns *columns, maru_arena *arena,
                          const template **out, maru_error *error);

/* What its text depends on beside itself: on nothing it is always the same; with rows only, the same for each row. */
bool template_varies(const template *t);
bool template_has_rows(const template *t);

/* template_write makes the text of one call in arena: n counts the calls from 0; row has a field a column, where
 * template_has_rows. RESOURCE_EXHAUSTED where the arena has no more memory. */
maru_status template_write(const template *t, uint64_t n, const char *const *row, random_state *random,
                           maru_arena *arena, const char **text, size_t *size, maru_error *error);

#endif
