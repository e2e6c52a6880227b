/* to_json.h: what the files share that read a serialized message and write JSON. Private to rpc/json. */
#ifndef MARU_JSON_TO_JSON_H
#define MARU_JSON_TO_JSON_H

#include "json/wire_in.h"
#include "json/writer.h"

/* A map's entry by its key, to see which ones a later entry replaces. */
typedef struct entry_key {
    uint64_t   bits;
    wire_bytes bytes;
    size_t     entry; /* in entries */
} entry_key;

typedef struct to_json {
    writer                    w;
    const json_write_options *options;
    const schema_message     *root;
    const schema_pool        *pool;
    unsigned                  depth;   /* of nested messages */
    uint64_t                 *entries; /* of the open messages: a stack. See parts.c */
    size_t                    entry_count, entry_capacity;
    entry_key                *keys; /* of the map that is being looked at */
    size_t                    key_capacity;
    maru_status               status;
    maru_error               *error;
} to_json;

/* Where the elements of one field are: entries [first, end) of the stack, offsets into the message. */
typedef struct field_run {
    const schema_field *field;
    size_t              first, end;
} field_run;

/* The fields of one message, by field: what parts.c makes of it and parts_next takes. */
typedef struct parts {
    wire_bytes            message;
    const schema_message *type;
    size_t                base; /* of its entries */
    size_t                at;
} parts;

/* to_json_fail sets the error, with the path, and returns false; to_json_no_memory says that memory is out. */
bool to_json_fail(to_json *c, maru_status status, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool to_json_no_memory(to_json *c);

/* parts_open sorts a message's elements by field, of which parts_next gives one after the other, in order of
 * declaration; false at the end. What protobuf's rules replace is left out: the earlier members of a oneof. Unknown
 * fields, and elements of a wrong wire type, are left out too. parts_close gives the memory back; last in, first out.
 */
bool parts_open(to_json *c, parts *p, const schema_message *type, wire_bytes message);
bool parts_next(to_json *c, parts *p, field_run *run);
void parts_close(to_json *c, const parts *p);

/* Whether an element is of its field, packed or not; and the failure of a message that is none. */
bool parts_wire_fits(const schema_field *field, schema_wire wire);
bool parts_fail(to_json *c, const schema_message *type, wire_bytes message, const wire_in *in);

/* The element of an entry, which parts_open has seen to be whole. */
wire_element parts_element(const to_json *c, const parts *p, size_t entry);

/* parts_message is the message of a singular field: the last element, or all of them, which protobuf merges by reading
 * them one after the other. */
bool parts_message(to_json *c, const parts *p, const field_run *run, wire_bytes *message);

/* parts_drop_replaced marks the entries of a map whose key comes again later; parts_is_replaced says so. */
bool parts_drop_replaced(to_json *c, const parts *p, const field_run *run);
bool parts_is_replaced(const to_json *c, size_t entry);

/* map_entry_parts finds key and value of a map's entry; has_* false: the default. More than one value is merged. */
typedef struct map_entry_parts {
    wire_element key, value;
    bool         has_key, has_value;
} map_entry_parts;

bool map_entry_read(to_json *c, const schema_message *entry, wire_bytes bytes, map_entry_parts *found);

/* Printing. message_print prints a message of any type as a value; fields_print the members of an object that is open;
 * in_any: of an Any, beside its "@type". map_print and list_print the elements of a run. */
bool message_print(to_json *c, const schema_message *type, wire_bytes message);
bool fields_print(to_json *c, const schema_message *type, wire_bytes message, bool in_any);
/* field_print prints the value of one field of a message, without its key. */
bool field_print(to_json *c, const schema_field *field, wire_bytes message);
bool list_print(to_json *c, const parts *p, const field_run *run);
bool map_print(to_json *c, const parts *p, const field_run *run);
bool scalar_print(to_json *c, const schema_field *field, const wire_element *element);
bool scalar_is_text(wire_bytes bytes); /* UTF-8 */

/* scalar_key_text writes a map's key that is no string, without quotes; returns its size. */
enum { SCALAR_KEY_MAX = 24 };
size_t scalar_key_text(const schema_field *field, const wire_element *key, char out[static SCALAR_KEY_MAX]);
bool   scalar_is_default(const schema_field *field, const wire_element *element);

/* The well-known types, in known_to_json.c: message_print for all kinds but SCHEMA_PLAIN and SCHEMA_EMPTY. */
bool known_print(to_json *c, const schema_message *type, wire_bytes message);

/* to_json_begin makes what a conversion needs; NULL where memory is out or the message too large: error says.
 * to_json_end hands out what was printed, where good; else the error's status. */
to_json    *to_json_begin(const schema_message *root, size_t size, const json_write_options *options, maru_arena *arena,
                          maru_error *error);
maru_status to_json_end(to_json *c, bool good, const char **printed, size_t *size);

/* json_print_open opens an object or list, which is bounded; message_in and message_out count nested messages. */
bool json_print_open(to_json *c, json_kind kind);
bool message_in(to_json *c);
void message_out(to_json *c);

#endif
