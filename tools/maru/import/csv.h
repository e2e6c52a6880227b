/* csv.h: CSV as in RFC 4180, bytes in and records out. Pure: no file, no clock.
 *
 *   struct csv csv;
 *   csv_begin(&csv);
 *   for each piece of the file: csv_feed(&csv, bytes, size);
 *                               while (csv_next(&csv, &record) != CSV_MORE) ...
 *   csv_finish(&csv); the same loop once more; csv_free(&csv);
 *
 * Lines end with LF or CR LF, the last may end with nothing. A quoted field may hold line ends and doubled quotes.
 * A byte order mark (U+FEFF in UTF-8) before all is passed over, so that the first field may be quoted behind it. All
 * other bytes are passed on as they are, whatever the encoding. A record that is none (a quote inside an unquoted
 * field, text after a closing quote, a quote that is never closed, more than CSV_RECORD_MAX bytes or CSV_FIELDS_MAX
 * fields, a NUL) costs its first line only: reading goes on with the next.
 */
#ifndef IMPORT_CSV_H
#define IMPORT_CSV_H

#include <stdbool.h>
#include <stddef.h>

enum { CSV_RECORD_MAX = 65536, CSV_FIELDS_MAX = 64, CSV_ERROR_MAX = 128 };

enum csv_event {
    CSV_MORE,      /* feed more; after csv_finish: that was all */
    CSV_RECORD,    /* fields */
    CSV_BLANK,     /* an empty line */
    CSV_MALFORMED, /* error */
};

/* Valid until the next call on its csv. */
struct csv_record {
    const char *fields[CSV_FIELDS_MAX]; /* each with a NUL at its end */
    size_t      count;
    size_t      line; /* on which it begins, from 1 */
    const char
        *error; /* of CSV_MALFORMED: what was expected, without the file; with the line where it is not that one */
};

struct csv {
    char  *bytes; /* not yet parsed: from at to size */
    size_t at;
    size_t size;
    size_t room;
    size_t line; /* that at begins */
    bool   finished;
    bool   began;                /* what may be a mark before all was passed */
    bool   skipping;             /* to the end of a malformed line */
    char  *text;                 /* the fields of the last record */
    char   error[CSV_ERROR_MAX]; /* where it names a line */
};

/* False where memory is out, as csv_feed. */
bool csv_begin(struct csv *csv);
void csv_free(struct csv *csv);

bool           csv_feed(struct csv *csv, const void *bytes, size_t size);
void           csv_finish(struct csv *csv);
enum csv_event csv_next(struct csv *csv, struct csv_record *record);

#endif
