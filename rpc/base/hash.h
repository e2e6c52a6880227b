/* hash.h: FNV-1a, 64 bits. For names and fingerprints that travel or are stored; not against an adversary.
 * (Fowler, Noll, Vo: draft-eastlake-fnv.)
 */
#ifndef MARU_HASH_H
#define MARU_HASH_H

#include <stddef.h>
#include <stdint.h>

#define FNV1A64_START UINT64_C(0xcbf29ce484222325)

/* fnv1a64_more goes on from an earlier hash: start with FNV1A64_START. */
uint64_t fnv1a64_more(uint64_t hash, const void *bytes, size_t size);
uint64_t fnv1a64(const void *bytes, size_t size);

#endif
