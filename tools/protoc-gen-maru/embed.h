/* embed.h: the descriptors that generated code carries, and their fingerprints. */
#ifndef PROTOC_GEN_MARU_EMBED_H
#define PROTOC_GEN_MARU_EMBED_H

#include "emit.h"

/* embed_all serializes every file of the request, its source info left out, and hashes each with all that it imports,
 * in order of name. Entries are in the order of the request's files; they are the pool's. */
struct embedded *embed_all(const struct schema *schema);

/* embed_closure marks the file of that index and all that it imports, directly or not; marked has room for every file
 * of the request. */
void embed_closure(const Request *request, size_t index, bool *marked);

#endif
