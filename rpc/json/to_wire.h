/* to_wire.h: what the files share that read JSON and write a serialized message. Private to rpc/json. */
#ifndef MARU_JSON_TO_WIRE_H
#define MARU_JSON_TO_WIRE_H

#include "json/reader.h"
#include "json/wire_out.h"

/* A key of a map, to see whether it comes twice: its bytes in the output, and where it stands in the text. */
typedef struct map_key {
    uint32_t    at, size;
    const char *text;
} map_key;

/* The @type of an object of the text. */
typedef struct any_type {
    const char *object; /* where it begins */
    slice       url;
} any_type;

typedef struct to_wire {
    reader             r;
    wire_out           out;
    const schema_pool *pool;
    bool               ignore_unknown, refuse_nul;
    unsigned           depth; /* of nested messages */
    uint64_t          *bits;  /* what each open object has seen: a stack */
    size_t             bit_words, bit_capacity;
    map_key           *keys; /* of the open maps: a stack */
    size_t             key_count, key_capacity;
    any_type          *any_types; /* of all objects before any_end that are in the Any looked at last, sorted */
    size_t             any_count, any_capacity;
    const char        *any_end;
} to_wire;

/* A scalar as it travels. */
typedef struct scalar {
    uint64_t bits;     /* a varint before zigzag, or fixed bits */
    slice    bytes;    /* of STRING and BYTES */
    bool     left_out; /* an enum name that is unknown and to be ignored */
} scalar;

/* scalar_read reads the next value as one of the field's type; null only where it is a NullValue. */
bool scalar_read(to_wire *c, const schema_field *field, scalar *value);

/* scalar_read_key reads a map's key, which JSON has as a string. */
bool scalar_read_key(to_wire *c, const schema_field *field, slice key, scalar *value);

bool scalar_is_zero(schema_type type, const scalar *value);
void scalar_put(wire_out *out, schema_type type, const scalar *value);

/* message_read reads the next value as a message of type and writes its fields; the caller has written what goes
 * before them. member_read reads the value of one field; list_read and map_read are it for lists and maps. */
bool message_read(to_wire *c, const schema_message *type);
bool fields_read(to_wire *c, const schema_message *type, bool in_any);
bool list_read(to_wire *c, const schema_field *field);
bool map_read(to_wire *c, const schema_field *field);

/* field_read reads the next value as a field's, as if it were the one member of an object. */
bool field_read(to_wire *c, const schema_field *field);

/* to_wire_begin makes what a conversion needs; NULL where memory is out or the text is too long: error says. */
to_wire *to_wire_begin(const schema_pool *pool, size_t text_size, const json_read_options *options, maru_arena *arena,
                       maru_error *error);
/* to_wire_end hands out what was read, where good; else the error's status. */
maru_status to_wire_end(to_wire *c, bool good, const uint8_t **bytes, size_t *size);

/* nested_read is message_read with the tag and length of the field that holds it. */
bool nested_read(to_wire *c, const schema_field *field);

/* The well-known types, in known_to_wire.c. known_read is message_read for all kinds but SCHEMA_PLAIN and SCHEMA_EMPTY.
 */
bool known_read(to_wire *c, const schema_message *type);
bool any_read(to_wire *c);

/* enter and leave a nested message, which is bounded. */
bool message_enter(to_wire *c);
void message_leave(to_wire *c);

/* After the output has failed: says why. Returns false. */
bool output_failed(to_wire *c);

#endif
