/* reader.h: JSON text, read one value after another: strict RFC 8259, with the place of every error.
 *
 * A caller asks what comes next and takes it. Every function that can fail returns false then and has set the error
 * ("line 3, column 14: items[2].quantity: ..."); the caller returns at once. Nesting is bounded by JSON_DEPTH_MAX, and
 * the reader itself does not recurse. A string that has no escapes is a piece of the text; others are decoded into the
 * arena.
 */
#ifndef MARU_JSON_READER_H
#define MARU_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "maru/json.h"

typedef enum json_kind { JSON_OBJECT, JSON_LIST, JSON_STRING, JSON_NUMBER, JSON_TRUE, JSON_FALSE, JSON_NULL } json_kind;

typedef struct slice {
    const char *at;
    size_t      size;
} slice;

/* An object or list that is open. */
typedef struct reader_frame {
    const char *start;
    slice       key;   /* of the member that is being read */
    uint32_t    index; /* of the element that is being read */
    bool        list;
    bool        begun; /* there was a member or element */
} reader_frame;

typedef struct reader {
    maru_arena  *arena;
    const char  *text, *at, *end;
    bool         placeless; /* errors do not say where: the text is a single value that its owner knows */
    bool         secret;    /* errors do not show what the text has, only its kind; no names from secret_depth on */
    unsigned     secret_depth;
    const char  *value; /* where the value begins that was last looked at: that is where it is wrong */
    unsigned     depth;
    reader_frame frames[JSON_DEPTH_MAX];
    maru_status  status;
    maru_error  *error;
} reader;

/* reader_start looks at all of the text once: is it UTF-8? */
bool reader_start(reader *r, const char *text, size_t size, maru_arena *arena, maru_error *error);

/* reader_end: nothing but space is left. */
bool reader_end(reader *r);

/* reader_peek says what the next value is, by its first character, and takes nothing but space. */
bool reader_peek(reader *r, json_kind *kind);

/* The next value must be what is asked for; peek has said so, or it is an error. A number is what it looks like. */
bool reader_string(reader *r, slice *string);
bool reader_number(reader *r, slice *number);
bool reader_literal(reader *r, json_kind kind);

/* reader_open enters an object or list; reader_member and reader_element go to its next one. Both set *more to false at
 * the end, which they have then left. */
bool reader_open(reader *r, json_kind kind);
bool reader_member(reader *r, slice *key, bool *more);
bool reader_element(reader *r, bool *more);

/* reader_skip passes over one value, whatever it is. reader_walk does too, and shows every member inside, at any depth,
 * with the start of its object: member may take its value, and says whether it did. */
typedef bool (*reader_member_fn)(reader *r, slice key, const char *object, void *arg, bool *taken);

bool reader_skip(reader *r);
bool reader_walk(reader *r, reader_member_fn member, void *arg);

/* reader_fail sets the error, at the value that was last looked at, and returns false. reader_want says that something
 * else was wanted than what is there. */
bool reader_fail(reader *r, maru_status status, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool reader_want(reader *r, const char *what);
bool reader_no_memory(reader *r);

/* reader_hide: what is read until *before is put back into r->secret is a secret. */
void reader_hide(reader *r, bool *before);

#endif
