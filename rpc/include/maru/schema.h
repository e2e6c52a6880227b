/* maru/schema.h: .proto files at run time. A pool of descriptors, what is in it, its text, and what breaks between two.
 *
 * For those who know a message only by its descriptor: the command line, the edge, the hello. A pool is filled with
 * serialized google.protobuf.FileDescriptorProto in any order, then linked once, then only read: a linked pool may be
 * read by any number of threads. Everything that it hands out is constant and lives as long as its arena; what is added
 * is copied. Nothing here blocks or does I/O.
 *
 * The bytes may come from a peer: every error is a status and one line that names file, type and field. A pool takes
 * memory from its arena alone, whose budget bounds it. After an error the pool is of no use but for other errors.
 */
#ifndef MARU_SCHEMA_H
#define MARU_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "maru/arena.h"
#include "maru/decls.h"
#include "maru/service.h"
#include "maru/status.h"

MARU_BEGIN_DECLS

/* The types of fields by their numbers in FieldDescriptorProto.Type: name, number, keyword, wire type. */
#define SCHEMA_TYPE_TABLE(X)                                                                                           \
    X(DOUBLE, 1, "double", SCHEMA_WIRE_I64)                                                                            \
    X(FLOAT, 2, "float", SCHEMA_WIRE_I32)                                                                              \
    X(INT64, 3, "int64", SCHEMA_WIRE_VARINT)                                                                           \
    X(UINT64, 4, "uint64", SCHEMA_WIRE_VARINT)                                                                         \
    X(INT32, 5, "int32", SCHEMA_WIRE_VARINT)                                                                           \
    X(FIXED64, 6, "fixed64", SCHEMA_WIRE_I64)                                                                          \
    X(FIXED32, 7, "fixed32", SCHEMA_WIRE_I32)                                                                          \
    X(BOOL, 8, "bool", SCHEMA_WIRE_VARINT)                                                                             \
    X(STRING, 9, "string", SCHEMA_WIRE_LEN)                                                                            \
    X(GROUP, 10, "group", SCHEMA_WIRE_START_GROUP)                                                                     \
    X(MESSAGE, 11, "message", SCHEMA_WIRE_LEN)                                                                         \
    X(BYTES, 12, "bytes", SCHEMA_WIRE_LEN)                                                                             \
    X(UINT32, 13, "uint32", SCHEMA_WIRE_VARINT)                                                                        \
    X(ENUM, 14, "enum", SCHEMA_WIRE_VARINT)                                                                            \
    X(SFIXED32, 15, "sfixed32", SCHEMA_WIRE_I32)                                                                       \
    X(SFIXED64, 16, "sfixed64", SCHEMA_WIRE_I64)                                                                       \
    X(SINT32, 17, "sint32", SCHEMA_WIRE_VARINT)                                                                        \
    X(SINT64, 18, "sint64", SCHEMA_WIRE_VARINT)

typedef enum schema_type {
#define X(name, number, keyword, wire) SCHEMA_##name = number,
    SCHEMA_TYPE_TABLE(X)
#undef X
} schema_type;

typedef enum schema_wire {
    SCHEMA_WIRE_VARINT = 0,
    SCHEMA_WIRE_I64 = 1,
    SCHEMA_WIRE_LEN = 2,
    SCHEMA_WIRE_START_GROUP = 3,
    SCHEMA_WIRE_END_GROUP = 4,
    SCHEMA_WIRE_I32 = 5,
} schema_wire;

/* What a message is beyond its fields: Google's well-known types have a JSON of their own. Their fields have been
 * checked against the published ones, so that whoever reads them by number need not look again. */
typedef enum schema_kind {
    SCHEMA_PLAIN,
    SCHEMA_ANY,
    SCHEMA_TIMESTAMP,
    SCHEMA_DURATION,
    SCHEMA_FIELD_MASK,
    SCHEMA_STRUCT,
    SCHEMA_VALUE,
    SCHEMA_LIST_VALUE,
    SCHEMA_WRAPPER, /* one field, number 1 */
    SCHEMA_EMPTY,
} schema_kind;

enum {
    SCHEMA_NESTING_MAX = 32,             /* of definitions of types within types */
    SCHEMA_NUMBER_MAX = (1 << 29) - 1,   /* of a field */
    SCHEMA_NAME_MAX = 512,               /* bytes of a full name */
    SCHEMA_COMPAT_PAIRS_MAX = 64 * 1024, /* of message types that schema_compat compares for one method */
};

typedef struct schema_pool    schema_pool;
typedef struct schema_file    schema_file;
typedef struct schema_message schema_message;
typedef struct schema_field   schema_field;
typedef struct schema_oneof   schema_oneof;
typedef struct schema_enum    schema_enum;
typedef struct schema_value   schema_value;
typedef struct schema_service schema_service;
typedef struct schema_method  schema_method;
typedef struct schema_option  schema_option;

struct schema_file {
    const char               *name;    /* "shop/cart.proto" */
    const char               *package; /* "shop.cart.v1", or "" */
    bool                      proto3;
    const schema_file *const *imports;
    size_t                    import_count;
    const schema_message     *messages; /* at the top of the file, in order of declaration; as all below */
    size_t                    message_count;
    const schema_enum        *enums;
    size_t                    enum_count;
    const schema_service     *services;
    size_t                    service_count;
};

struct schema_field {
    const char           *name;      /* "unit_price" */
    const char           *json_name; /* "unitPrice" */
    const schema_message *parent;
    const schema_message *message;     /* of MESSAGE and GROUP; of a map, its entry type */
    const schema_enum    *enumeration; /* of ENUM */
    const schema_oneof   *oneof;       /* NULL; the hidden oneof of a proto3 optional does not count */
    uint32_t              number;
    uint32_t              index; /* parent->fields[index] */
    schema_type           type;
    bool                  repeated; /* maps too */
    bool                  map;
    bool                  packed;   /* how it is written; both forms are read */
    bool                  presence; /* set to zero differs from not set: messages, oneofs, optional, proto2 */
    bool                  required; /* proto2 */
    bool                  secret;   /* option (maru.secret) */
};

struct schema_oneof {
    const char *name;
    uint32_t    count; /* of its fields; 0: hidden, of a proto3 optional */
    uint32_t    index; /* in its message's oneofs */
};

struct schema_message {
    const char                *full_name; /* "shop.cart.v1.Cart.Item" */
    const char                *name;      /* "Item" */
    const schema_pool         *pool;
    const schema_file         *file;
    const schema_message      *outer; /* NULL at the top of a file */
    schema_kind                kind;
    bool                       map_entry; /* fields[0] is key, number 1; fields[1] is value, number 2 */
    const schema_field        *fields;
    size_t                     field_count;
    const schema_oneof        *oneofs;
    size_t                     oneof_count;
    const schema_message      *messages;
    size_t                     message_count;
    const schema_enum         *enums;
    size_t                     enum_count;
    const schema_field *const *by_number;    /* sorted */
    const schema_field *const *by_json_name; /* sorted */
    const schema_field *const *by_name;      /* sorted */
};

struct schema_value {
    const char *name;
    int32_t     number;
};

struct schema_enum {
    const char                *full_name;
    const char                *name;
    const schema_file         *file;
    const schema_message      *outer;
    bool                       null_value; /* google.protobuf.NullValue, whose JSON is null */
    const schema_value        *values;
    size_t                     count;
    const schema_value *const *by_number; /* sorted; of aliases, the first declared is the first here */
    const schema_value *const *by_name;   /* sorted */
};

/* An option that the pool does not interpret: an extension such as google.api.http (72295728). bytes are the payload
 * where it is length-delimited (of repeated occurrences one after the other, which is how protobuf merges messages),
 * else the value as it travels. */
struct schema_option {
    uint32_t       number;
    schema_wire    wire;
    const uint8_t *bytes;
    size_t         size;
};

struct schema_method {
    const char           *name; /* "AddItem" */
    const char           *path; /* "/shop.cart.v1.Cart/AddItem" */
    const schema_service *service;
    const schema_message *request;
    const schema_message *response;
    uint32_t              flags; /* MARU_METHOD_*, from streaming, idempotency_level and option (maru.method) */
    const schema_option  *options;
    size_t                option_count;
};

struct schema_service {
    const char                 *full_name; /* "shop.cart.v1.Cart" */
    const char                 *name;
    const schema_file          *file;
    const schema_method        *methods;
    size_t                      method_count;
    const schema_option        *options;
    size_t                      option_count;
    const schema_method *const *by_name; /* sorted */
};

/* schema_pool_new makes an empty pool in arena, which must outlive it. NULL where memory is out. */
schema_pool *schema_pool_new(maru_arena *arena);

/* schema_pool_add takes one serialized FileDescriptorProto. The same bytes may come twice. INVALID_ARGUMENT where they
 * are none, RESOURCE_EXHAUSTED past a limit, FAILED_PRECONDITION after link. */
maru_status schema_pool_add(schema_pool *pool, const void *bytes, size_t size, maru_error *error);

/* schema_pool_add_file takes a generated file and all that it imports. */
maru_status schema_pool_add_file(schema_pool *pool, const maru_file *file, maru_error *error);

/* schema_pool_link builds the types and resolves every name. INVALID_ARGUMENT where a file, a type or a field is wrong:
 * an import that is missing or circular, a type that is missing or defined twice, a number or name used twice, a
 * well-known type that is not as published, syntax other than proto2 and proto3. */
maru_status schema_pool_link(schema_pool *pool, maru_error *error);

/* What an add or a link that failed was looking at: for whoever knows the lines of a .proto. NULL: not of any. The
 * names live as long as the pool. */
typedef struct schema_place {
    const char *file;   /* "shop/cart.proto" */
    const char *type;   /* "shop.cart.v1.Cart", a message, enum or service */
    const char *member; /* a field or method of it */
} schema_place;

schema_place schema_pool_place(const schema_pool *pool);

/* By full name, without a leading dot. NULL where there is none, or before link. A method by "/package.Service/Method",
 * the first slash may be left out. */
const schema_message *schema_find_message(const schema_pool *pool, const char *full_name);
const schema_message *schema_find_message_n(const schema_pool *pool, const char *full_name, size_t size);
const schema_enum    *schema_find_enum(const schema_pool *pool, const char *full_name);
const schema_service *schema_find_service(const schema_pool *pool, const char *full_name);
const schema_method  *schema_find_method(const schema_pool *pool, const char *path);
const schema_method  *schema_service_method(const schema_service *service, const char *name);

/* The files of a linked pool, sorted by name. */
const schema_file *const *schema_pool_files(const schema_pool *pool, size_t *count);

/* NULL where there is none. By text: the JSON name of one field goes before the name of another; the name need not end
 * with a NUL. */
const schema_field *schema_field_by_number(const schema_message *message, uint32_t number);
const schema_field *schema_field_by_text(const schema_message *message, const char *name, size_t size);
const schema_value *schema_value_by_number(const schema_enum *enumeration, int32_t number);
const schema_value *schema_value_by_text(const schema_enum *enumeration, const char *name, size_t size);

/* The name that is most like the wrong one, for "did you mean"; NULL where none is near. Of a field it
 * is like either name, and the one that the .proto has is given: words are about the contract. */
const char *schema_nearest_field(const schema_message *message, const char *name, size_t size);
const char *schema_nearest_value(const schema_enum *enumeration, const char *name, size_t size);
const char *schema_nearest_symbol(const schema_pool *pool, const char *full_name);
const char *schema_nearest_service(const schema_pool *pool, const char *full_name);

/* The option with this number, or NULL. */
const schema_option *schema_method_option(const schema_method *method, uint32_t number);
const schema_option *schema_service_option(const schema_service *service, uint32_t number);

/* The keyword of a type ("int32"), its wire type where it is not packed, and whether repeated values may be packed. */
const char *schema_type_keyword(schema_type type);
schema_wire schema_type_wire(schema_type type);
bool        schema_type_packable(schema_type type);

/* schema_type_name is how a .proto would write the type of a field: "int32", "shop.money.v1.Money",
 * "map<string, int64>". In arena; NULL where memory is out. */
const char *schema_type_name(const schema_field *field, maru_arena *arena);

/* schema_print writes the message, enum, service or method of that name as .proto text, NUL-terminated, into arena.
 * NOT_FOUND where the pool has none, with the nearest name. */
maru_status schema_print(const schema_pool *pool, const char *full_name, maru_arena *arena, const char **text,
                         maru_error *error);

/* One thing that breaks between two versions of a service. */
typedef struct schema_break {
    const char *method; /* "AddItem" */
    const char *text;   /* "request items.quantity (field 2): int32 here, string there" */
} schema_break;

/* schema_compat compares a service as we know it with the same one as the peer knows it: can each side read what the
 * other writes? breaks are in order of our methods, in arena; none where all can be called. Follows protobuf's rules
 * for updating a message: fields and methods that only one side has, and other names, break nothing; types may change
 * within varints (int32, int64, uint32, uint64, bool, enum), zigzag (sint32, sint64), fixed 32, fixed 64, string and
 * bytes, bytes and message; singular and repeated may change but for packed numbers; fields that exclude each other (a
 * oneof) on one side only break. Types are compared by what is in them, not by name. RESOURCE_EXHAUSTED past
 * SCHEMA_COMPAT_PAIRS_MAX, or where arena has no more memory. */
maru_status schema_compat(const schema_service *ours, const schema_service *theirs, maru_arena *arena,
                          const schema_break **breaks, size_t *count, maru_error *error);

MARU_END_DECLS

#endif
