/* goods.h: a line of a catalogue file as a product. Pure.
 *
 * Columns, by the names in the file's first line: name, title, currency, minor (the price in minor units); and, where
 * they are there, description, other_titles (separated by |) and attributes (key=value, separated by |). Text is UTF-8
 * and becomes NFC.
 */
#ifndef IMPORT_GOODS_H
#define IMPORT_GOODS_H

#include "maru/arena.h"
#include "maru/status.h"
#include "shop/catalog.pb-c.h"

#include "csv.h"

#define GOODS_TABLE(X)                                                                                                 \
    X(NAME, "name", true)                                                                                              \
    X(TITLE, "title", true)                                                                                            \
    X(CURRENCY, "currency", true)                                                                                      \
    X(MINOR, "minor", true)                                                                                            \
    X(DESCRIPTION, "description", false)                                                                               \
    X(OTHER_TITLES, "other_titles", false)                                                                             \
    X(ATTRIBUTES, "attributes", false)

enum goods_column {
#define X(id, name, required) GOODS_##id,
    GOODS_TABLE(X)
#undef X
        GOODS_COLUMNS
};

struct goods_columns {
    size_t at[GOODS_COLUMNS]; /* index of each column in a record, SIZE_MAX: not there */
    size_t count;
};

/* goods_columns finds the columns. INVALID_ARGUMENT where one is missing, unknown or there twice. */
maru_status goods_columns(const struct csv_record *header, struct goods_columns *columns, maru_error *error);

/* goods_read makes the product in arena; what may stand in it is the catalogue's to judge. INVALID_ARGUMENT with words.
 */
maru_status goods_read(const struct csv_record *record, const struct goods_columns *columns, maru_arena *arena,
                       Catalog__Product *product, maru_error *error);

#endif
