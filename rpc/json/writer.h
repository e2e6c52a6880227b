/* writer.h: JSON text, one value after another: commas, lines and indents are its own. Pure.
 *
 * It remembers where in the text the open members and elements are, and so can say where an error is. What does not fit
 * is dropped and noted (schema/text.h).
 */
#ifndef MARU_JSON_WRITER_H
#define MARU_JSON_WRITER_H

#include "schema/text.h"
#include "json/reader.h"

typedef struct writer_frame {
    uint32_t key_at, key_size; /* in the text, as it is escaped there; of the last member */
    uint32_t count;            /* of members or elements so far */
    bool     list;
} writer_frame;

typedef struct writer {
    text         out;
    unsigned     indent; /* spaces a level; 0: one line */
    unsigned     depth;
    writer_frame frames[JSON_DEPTH_MAX];
} writer;

/* writer_open begins an object or list; false where JSON_DEPTH_MAX are open. */
bool writer_open(writer *w, json_kind kind);
void writer_close(writer *w);

/* writer_key begins a member: a value follows. writer_element begins an element of a list: a value follows. */
void writer_key(writer *w, const char *key, size_t size);
void writer_element(writer *w);

/* Values. A string must be UTF-8. Raw is JSON already. */
void writer_string(writer *w, const char *string, size_t size);
/* One in which nothing must be escaped. */
void writer_plain(writer *w, const char *string, size_t size);
void writer_raw(writer *w, const char *json, size_t size);

/* writer_path writes where it is, as place_path does. */
void writer_path(const writer *w, char *path, size_t size);

#endif
