/* proto2.h: what of proto2 is taken: files of options, which have code like any other since whoever imports them wants
 * it, and whose types are nobody's but theirs. */
#ifndef PROTOC_GEN_MARU_PROTO2_H
#define PROTOC_GEN_MARU_PROTO2_H

#include "schema.h"

/* Whether file is no proto3 file, and what it is ("proto2"). */
bool        proto2_is(const File *file);
const char *proto2_syntax(const File *file);

/* Whether file is one of those whose code libmaru carries. */
bool proto2_is_known(const File *file);
/* Whether file declares options, with the types that they need, and no service. */
bool proto2_has_options(const File *file);
/* Whether there is, or can be, code of file, whatever its syntax. */
bool proto2_is_taken(const File *file);

/* Whether there is C for the default of field, if it has one: protoc-gen-c writes inf and nan as these words, and C has
 * none of them. */
bool proto2_default_is_c(const Field *field);

/* What a field of file, or a method in it, that wants type is told: "with.Two is of two.proto, which is proto2: want a
 * proto3 type". NULL where it can have it. */
const char *proto2_unusable(const struct schema *schema, const File *file, const struct type *type);

#endif
