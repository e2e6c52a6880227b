/* limits.h: the limits of maru/limits.h as settings: names, texts, and what was wanted. Pure.
 *
 * Bytes are read as "4194304", "512KiB", "4MiB", "1GiB"; counts and milliseconds as digits. Printed as they are read.
 */
#ifndef MARU_APP_LIMITS_H
#define MARU_APP_LIMITS_H

#include <stdbool.h>

#include "maru/http.h"
#include "maru/limits.h"
#include "maru/server.h"
#include "maru/store.h"

typedef enum limit_group { LIMITS_SERVER, LIMITS_STORE, LIMITS_HTTP, LIMIT_GROUPS } limit_group;

typedef struct limit {
    const char *field;
    maru_unit   unit;
    int64_t     fallback, least, most;
    const char *words;
    size_t      offset, size; /* in the group's struct of options */
} limit;

enum { LIMIT_TEXT = 96 };

/* The rows of a group; count of them. */
const limit *limits_of(limit_group group, size_t *count);

/* "store-max-queue". */
void limit_name(limit_group group, const limit *row, char out[static LIMIT_TEXT]);
/* What it takes, as --help calls it: "BYTES", "COUNT", "MS". */
const char *limit_takes(const limit *row);
/* limit_parse is true where text is a value of row. */
bool limit_parse(const limit *row, const char *text, int64_t *value);
/* "64KiB..1GiB (bytes)": what limit_parse wants. */
void limit_want(const limit *row, char out[static LIMIT_TEXT]);
void limit_text(maru_unit unit, int64_t value, char out[static LIMIT_TEXT]);
/* Puts value into the struct of options of its group. */
void limit_put(const limit *row, void *options, int64_t value);

#endif
