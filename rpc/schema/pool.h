/* pool.h: what the files of this room share: a pool while it is built and after. Private to rpc/schema. */
#ifndef MARU_SCHEMA_POOL_H
#define MARU_SCHEMA_POOL_H

#include <google/protobuf/descriptor.pb-c.h>

#include "maru/schema.h"

typedef Google__Protobuf__FileDescriptorProto    file_proto;
typedef Google__Protobuf__DescriptorProto        message_proto;
typedef Google__Protobuf__FieldDescriptorProto   field_proto;
typedef Google__Protobuf__EnumDescriptorProto    enum_proto;
typedef Google__Protobuf__ServiceDescriptorProto service_proto;
typedef Google__Protobuf__MethodDescriptorProto  method_proto;

typedef enum symbol_kind { SYMBOL_MESSAGE, SYMBOL_ENUM, SYMBOL_SERVICE } symbol_kind;

/* A name of the pool. Symbols are listed as they are built and sorted by link. */
typedef struct symbol {
    const char        *name;
    symbol_kind        kind;
    const schema_file *file;
    union {
        schema_message *message;
        schema_enum    *enumeration;
        schema_service *service;
    };
    struct symbol *next;
} symbol;

/* A file that was added: what it was unpacked from, so that a repeat is known for one. */
typedef struct added_file {
    const uint8_t     *bytes;
    size_t             size;
    const file_proto  *proto;
    schema_file       *file;      /* from link on */
    size_t             waits_for; /* imports that link has not yet put in order */
    struct added_file *next;
} added_file;

/* A field or method whose types have names only, until all types are built. */
typedef struct pending_field {
    schema_field         *field;
    const char           *type_name;
    struct pending_field *next;
} pending_field;

typedef struct pending_method {
    schema_method         *method;
    const char            *request;
    const char            *response;
    struct pending_method *next;
} pending_method;

struct schema_pool {
    maru_arena         *arena;
    bool                linked;
    added_file         *added; /* newest first */
    size_t              added_count;
    added_file        **by_name; /* sorted, repeats removed */
    const schema_file **files;   /* the same, for those who ask */
    size_t              file_count;
    symbol             *listed; /* newest first */
    size_t              symbol_count;
    const symbol      **symbols; /* sorted */
    pending_field      *fields;
    pending_method     *methods;
    schema_place        at;    /* what is looked at, so that an error says where it was */
    maru_error         *error; /* of the call that is under way; may be NULL */
};

/* pool_look notes what is looked at next; what is not known of it is NULL. */
static inline void pool_look(schema_pool *pool, const char *file, const char *type, const char *member)
{
    pool->at = (schema_place){.file = file, .type = type, .member = member};
}

/* pool_fail sets the error of the call under way and returns INVALID_ARGUMENT; pool_no_memory, RESOURCE_EXHAUSTED. */
maru_status pool_fail(schema_pool *pool, const char *format, ...) __attribute__((format(printf, 2, 3)));
maru_status pool_no_memory(schema_pool *pool);

/* pool_array is zeroed memory of the pool for count things; NULL where memory is out. Not NULL for none. */
void *pool_array(schema_pool *pool, size_t count, size_t size);

/* pool_symbol finds a name among the sorted ones, or NULL. */
const symbol *pool_symbol(const schema_pool *pool, const char *name, size_t size);

/* pool_list adds a name to those that link will sort. */
maru_status pool_list(schema_pool *pool, symbol what);

/* imports.c: gives each file its imports; refuses a missing one, and a circle. After all files are built. */
maru_status imports_link(schema_pool *pool);

/* build.c: one file's types, without their references. */
maru_status build_file(schema_pool *pool, added_file *added);

/* index.c: the sorted tables of a message or enum, and that no number or name is in them twice. */
maru_status index_message(schema_pool *pool, schema_message *message);
maru_status index_enum(schema_pool *pool, schema_enum *enumeration, bool aliases);
maru_status index_methods(schema_pool *pool, schema_service *service);

/* options.c: what a pool keeps of the options that it does not know. */
maru_status options_of(schema_pool *pool, const ProtobufCMessage *from, const schema_option **options, size_t *count);
bool        options_secret(const field_proto *from);
maru_status options_method_flags(schema_pool *pool, const method_proto *from, schema_method *method);

/* resolve.c: what refers to what. After all files are built and the symbols are sorted. */
maru_status resolve_references(schema_pool *pool);

/* well_known.c: gives Google's well-known types their kind, where they are as published. */
maru_status well_known_check(schema_pool *pool, schema_message *message);

/* The order of a string and a slice of text, as strcmp's. */
int slice_order(const char *string, const char *slice, size_t size);

/* Whether name is letters, digits and underscores, and starts with no digit; with dots between such where dotted. */
bool name_is_valid(const char *name, bool dotted);

/* Whether a name that may be anything else is not empty and has no control characters: errors name it, in one line. */
bool name_is_printable(const char *name);

#endif
