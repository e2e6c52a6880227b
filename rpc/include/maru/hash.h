/* maru/hash.h: a sum that tells versions apart, as in an etag. It proves nothing against someone who wants two to be
 * one. 64-bit FNV-1a (Fowler, Noll, Vo: draft-eastlake-fnv): it may be stored and sent, and does not change.
 */
#ifndef MARU_PUBLIC_HASH_H
#define MARU_PUBLIC_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "maru/decls.h"

MARU_BEGIN_DECLS

/* maru_hash64 is the sum of size bytes; of none, cbf29ce484222325. Pure. */
uint64_t maru_hash64(const void *bytes, size_t size);

MARU_END_DECLS

#endif
