/* maru/json.h: protobuf's JSON, both ways, straight between text and serialized bytes.
 *
 * Driven by a schema (maru/schema.h); no message is built. Follows the ProtoJSON specification: 64-bit integers are
 * strings, exact; the well-known types have their own forms; input is strict RFC 8259 in UTF-8. Pure: reads its input,
 * takes memory from arena, never blocks. An error leaves the arena with what was taken so far.
 *
 * Both directions have the same bounds: JSON_DEPTH_MAX nested objects and arrays, JSON_WIRE_DEPTH_MAX nested messages
 * (of which an entry of a map is one), and max_size bytes in and out. So what one direction makes the other takes.
 */
#ifndef MARU_JSON_H
#define MARU_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "maru/arena.h"
#include "maru/decls.h"
#include "maru/schema.h"
#include "maru/status.h"

MARU_BEGIN_DECLS

enum {
    JSON_DEPTH_MAX = 100,
    JSON_WIRE_DEPTH_MAX = 100,
    JSON_SIZE_MAX = 64 << 20, /* bytes, where max_size is 0; it may be at most 1 GiB */
};

typedef struct json_read_options {
    bool   ignore_unknown; /* unknown fields, and unknown names of enum values, are left out and no error */
    bool   refuse_nul;     /* a string with a NUL, which JSON may have, and no service takes, is an error */
    size_t max_size;       /* of the text and of the message, bytes; 0: JSON_SIZE_MAX */
} json_read_options;

typedef struct json_write_options {
    unsigned indent;        /* spaces a level; 0: one line without spaces */
    bool     proto_names;   /* unit_price instead of unitPrice */
    bool     emit_defaults; /* also the fields without presence that are zero or empty */
    bool     enums_as_numbers;
    bool     hide_secrets; /* of what has option (maru.secret): that it is set, as "(secret)", whatever its type */
    size_t   max_size;     /* of the message and of the text, bytes; 0: JSON_SIZE_MAX */
} json_write_options;

/* json_to_wire reads one JSON value as a message of type and serializes it into arena, as *bytes and *size. options may
 * be NULL. INVALID_ARGUMENT where the text is no such message: error says where and what was expected, as in
 *   line 3, column 14: items[2].quantity: want an integer, got "x"
 * (columns count characters, from 1). RESOURCE_EXHAUSTED past a bound or where arena has no more memory. */
maru_status json_to_wire(const schema_message *type, const char *text, size_t text_size,
                         const json_read_options *options, maru_arena *arena, const uint8_t **bytes, size_t *size,
                         maru_error *error);

/* wire_to_json writes a serialized message of type as JSON into arena, NUL-terminated; *text_size is without the NUL
 * and may be NULL. Fields are in order of declaration; unknown ones are left out; beside the "@type" of an Any a field
 * with that JSON name goes by its own, by which it is read too. INVALID_ARGUMENT where the bytes are
 * no such message or have no JSON (a string that is not UTF-8, a time out of range, an Any of a type that the pool does
 * not have), with the path; RESOURCE_EXHAUSTED as above. */
maru_status wire_to_json(const schema_message *type, const void *bytes, size_t size, const json_write_options *options,
                         maru_arena *arena, const char **text, size_t *text_size, maru_error *error);

/* json_field_to_wire reads one JSON value as the value of a field (a list, a map, a message, a scalar; null: nothing)
 * and serializes it with the field's tag: bytes that may stand behind others of a field->parent. Errors as
 * json_to_wire's. */
maru_status json_field_to_wire(const schema_field *field, const char *text, size_t text_size,
                               const json_read_options *options, maru_arena *arena, const uint8_t **bytes, size_t *size,
                               maru_error *error);

/* json_text_to_wire reads plain text, as it stands in a URL, as one value of a field, an element where it is a list,
 * with the field's tag: scalars, enums by name or number, and the well-known types whose JSON is one string or number
 * (a FieldMask with proto names too). Errors are without a place: `want an integer, got "x"`. */
bool        json_text_takes(const schema_field *field);
maru_status json_text_to_wire(const schema_field *field, const char *text, size_t text_size, maru_arena *arena,
                              const uint8_t **bytes, size_t *size, maru_error *error);

/* wire_field_to_json writes the value of one field of a serialized field->parent, as wire_to_json writes a message.
 * What is not set is its default; a message, null. */
maru_status wire_field_to_json(const schema_field *field, const void *bytes, size_t size,
                               const json_write_options *options, maru_arena *arena, const char **text,
                               size_t *text_size, maru_error *error);

MARU_END_DECLS

#endif
