/* reader.h: libmaru's reader of descriptors, as it is at run time (rpc/schema).
 *
 * Its names and those of schema.h are the same for other things: no file includes both.
 */
#ifndef PROTOC_GEN_MARU_READER_H
#define PROTOC_GEN_MARU_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "pool.h"

/* A serialized FileDescriptorProto. */
struct reader_file {
    const uint8_t *bytes;
    size_t         size;
};

/* What could not be read, and where; what is not known of the place is NULL. */
struct reader_fault {
    const char *words; /* one line */
    const char *file;
    const char *type;   /* the full name of a message, an enum or a service */
    const char *member; /* a field or a method of it */
};

/* reader_read reads files and what they import of each other. false, with the first fault, where libmaru would refuse
 * them; the texts of fault are the pool's. */
bool reader_read(struct pool *pool, const struct reader_file *files, size_t count, struct reader_fault *fault);

#endif
