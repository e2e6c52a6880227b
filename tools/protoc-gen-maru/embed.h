/* embed.h: the descriptors that generated code carries, and their fingerprints. */
#ifndef PROTOC_GEN_MARU_EMBED_H
#define PROTOC_GEN_MARU_EMBED_H

#include "emit.h"

/* embed_all serializes every file of the request, its source info left out, and hashes each with all that it imports,
 * in order of name. Entries are in the order of the request's files; they are the pool's. */
struct embedded *embed_all(const struct schema *schema);

#endif
