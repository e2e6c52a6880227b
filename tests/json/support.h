/* support.h: what the tests of schema and json share: descriptors from a file, text from lines, protoc.
 *
 * Everything that is returned is the arena's or lives as long as the program. A test that cannot be set up ends with a
 * message and status 2.
 */
#ifndef TESTS_JSON_SUPPORT_H
#define TESTS_JSON_SUPPORT_H

#include <stddef.h>
#include <stdint.h>

#include "maru/json.h"
#include "maru/schema.h"

typedef struct blob {
    const uint8_t *at;
    size_t         size;
} blob;

/* A whole file, with a NUL behind it. */
blob support_read_file(const char *path);

/* The files of a serialized FileDescriptorSet, one after the other; false at the end. */
bool support_next_file(blob *set, blob *file);

/* A linked pool of all files of a FileDescriptorSet. */
schema_pool *support_pool(const char *path, maru_arena *arena);

/* A message of the pool by name; "Item" means "jsontest.Item". */
const schema_message *support_type(const schema_pool *pool, const char *name);

/* Two hexadecimal digits a byte, both ways. */
blob        support_from_hex(const char *hex, maru_arena *arena);
const char *support_to_hex(blob bytes, maru_arena *arena);

/* Runs protoc --encode or --decode ("encode", "decode") of type over the descriptors in the file. */
blob support_protoc(const char *descriptors, const char *verb, const char *type, blob input, maru_arena *arena);

#endif
