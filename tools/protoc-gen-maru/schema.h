/* schema.h: what protoc handed over: its files, their types by name, where each thing stands, and what was refused.
 *
 * Everything here points into the request and the pool and lives as long as they do. Paths are those of
 * google.protobuf.SourceCodeInfo: field numbers and indices from the file down.
 */
#ifndef PROTOC_GEN_MARU_SCHEMA_H
#define PROTOC_GEN_MARU_SCHEMA_H

#include <stdbool.h>
#include <stdint.h>

#include "google/protobuf/compiler/plugin.pb-c.h"
#include "google/protobuf/descriptor.pb-c.h"

#include "pool.h"
#include "text.h"

typedef Google__Protobuf__Compiler__CodeGeneratorRequest  Request;
typedef Google__Protobuf__Compiler__CodeGeneratorResponse Response;
typedef Google__Protobuf__FileDescriptorProto             File;
typedef Google__Protobuf__DescriptorProto                 Message;
typedef Google__Protobuf__FieldDescriptorProto            Field;
typedef Google__Protobuf__EnumDescriptorProto             Enum;
typedef Google__Protobuf__ServiceDescriptorProto          Service;
typedef Google__Protobuf__MethodDescriptorProto           Method;

enum { SCHEMA_MAX_DEPTH = 64, SCHEMA_MAX_PATH = 2 * SCHEMA_MAX_DEPTH + 8 };

/* Where a thing stands in its file. Small enough to be copied. */
struct place {
    const File *file;
    size_t      depth;
    int32_t     path[SCHEMA_MAX_PATH];
};

/* A message or an enum: one of the two is set. */
struct type {
    const char    *name; /* with a dot before it: ".shop.cart.v1.Cart" */
    const File    *file;
    const Message *message;
    const Enum    *enumeration;
};

/* The places of a file, in order of path. */
struct comments {
    const Google__Protobuf__SourceCodeInfo__Location **locations;
    size_t                                             count;
};

struct schema {
    struct pool *pool;
    Request     *request;
    struct type *types; /* in order of name */
    size_t       type_count;
    struct text  refusals;      /* lines "FILE:LINE:COLUMN: words", no end of line after the last */
    size_t       refusal_count; /* of all, also of those that no line is kept of */
    struct text  warnings;      /* lines too, each with its end */
};

/* schema_open indexes request. false, with a refusal, where a file that is to be generated is not in it. */
bool schema_open(struct schema *schema, struct pool *pool, Request *request);

const File        *schema_file(const struct schema *schema, const char *name); /* NULL: none */
const struct type *schema_type(const struct schema *schema, const char *name); /* with its dot; NULL: none */
bool               schema_generates(const struct schema *schema, const File *file);

/* schema_walk calls visit for every message and enum of file, outer before inner. place is that of the type. */
typedef void (*schema_visit)(void *arg, const struct type *type, const struct place *place);
void schema_walk(struct pool *pool, const File *file, schema_visit visit, void *arg);

/* place_of is a place from count numbers; place_in one further down. */
struct place place_of(const File *file, size_t count, ...);
struct place place_in(const struct place *outer, int32_t field, int32_t index);

/* schema_comments finds what of file is said where, so that a service of many methods asks it for each of them. */
struct comments schema_comments(struct pool *pool, const File *file);

/* place_comment is the comment before a thing, else the one after it; "" where there is none. */
const char *place_comment(const struct comments *comments, const struct place *place);
/* place_text is "FILE:LINE:COLUMN" of the thing, or of the nearest one around it that is known. */
const char *place_text(struct pool *pool, const struct place *place);

/* schema_refuse notes one line; generation then ends without output. */
void schema_refuse(struct schema *schema, const struct place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* schema_warn notes one line for the user to read; generation goes on. */
void schema_warn(struct schema *schema, const struct place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* schema_refused is what protoc shall print, after the name of its option: how many things were refused, then the
 * lines. */
const char *schema_refused(const struct schema *schema);

#endif
