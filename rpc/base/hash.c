/* hash.c: FNV-1a, 64 bits (contracts: hash.h, maru/hash.h), and the method id that is made with it (maru/service.h). */
#include "base/hash.h"

#include <string.h>

#include "maru/hash.h"
#include "maru/service.h"

#define FNV1A64_PRIME UINT64_C(0x100000001b3)

uint64_t fnv1a64_more(uint64_t hash, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;

    for (const uint8_t *end = at + size; at < end; at++)
        hash = (hash ^ *at) * FNV1A64_PRIME;
    return hash;
}

uint64_t fnv1a64(const void *bytes, size_t size)
{
    return fnv1a64_more(FNV1A64_START, bytes, size);
}

uint64_t maru_hash64(const void *bytes, size_t size)
{
    return fnv1a64(bytes, size);
}

uint64_t maru_method_id(const char *path)
{
    return fnv1a64(path, strlen(path));
}
