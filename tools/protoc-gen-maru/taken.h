/* taken.h: names that a library has which every program of Maru links. A function of a service that had one would be
 * refused by the compiler where a header is included, or would take that function's place in the whole program, for
 * libmaru and for the other libraries too. */
#ifndef PROTOC_GEN_MARU_TAKEN_H
#define PROTOC_GEN_MARU_TAKEN_H

#include "model.h"
#include "schema.h"

/* taken_by is the library that has name, or keeps all names that begin so: "LMDB", "libc"; NULL: none. */
const char *taken_by(const char *name);

/* taken_by_protobuf_c is whether name, of a type or a constant, is one that protobuf-c keeps: "ProtobufCMessage". */
bool taken_by_protobuf_c(const char *name);

/* taken_check refuses the services and methods of model, a file that is to be generated, whose functions are taken. */
void taken_check(struct schema *schema, const struct model *model);

#endif
