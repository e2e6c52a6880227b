/* crc32c.c: CRC-32C, by instruction or by table (contract: crc32c.h). */
#include "base/crc32c.h"

#include <stdbool.h>
#include <string.h>

/* A CRC is linear: the entry of a byte is the sum of the entries of its bits. The first of these is the polynomial,
 * reflected; each next is one shift further. */
#define ENTRY(i)                                                                                                       \
    (((i)&0x80 ? 0x82f63b78u : 0) ^ ((i)&0x40 ? 0x417b1dbcu : 0) ^ ((i)&0x20 ? 0x20bd8edeu : 0) ^                      \
     ((i)&0x10 ? 0x105ec76fu : 0) ^ ((i)&0x08 ? 0x8ad958cfu : 0) ^ ((i)&0x04 ? 0xc79a971fu : 0) ^                      \
     ((i)&0x02 ? 0xe13b70f7u : 0) ^ ((i)&0x01 ? 0xf26b8303u : 0))
#define ENTRIES4(i)  ENTRY(i), ENTRY((i) + 1), ENTRY((i) + 2), ENTRY((i) + 3)
#define ENTRIES16(i) ENTRIES4(i), ENTRIES4((i) + 4), ENTRIES4((i) + 8), ENTRIES4((i) + 12)
#define ENTRIES64(i) ENTRIES16(i), ENTRIES16((i) + 16), ENTRIES16((i) + 32), ENTRIES16((i) + 48)

static const uint32_t table[256] = {ENTRIES64(0), ENTRIES64(64), ENTRIES64(128), ENTRIES64(192)};

uint32_t crc32c_portable(uint32_t crc, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;

    crc = ~crc;
    for (const uint8_t *end = at + size; at < end; at++)
        crc = crc >> 8 ^ table[(crc ^ *at) & 0xff];
    return ~crc;
}

#if defined(__x86_64__)

__attribute__((target("sse4.2"))) static inline uint64_t add_word(uint64_t crc, const uint8_t *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof word);
    return __builtin_ia32_crc32di(crc, word);
}

__attribute__((target("sse4.2"))) static uint32_t by_instruction(uint32_t crc, const uint8_t *at, size_t size)
{
    uint64_t wide = (uint32_t)~crc;

    for (; size >= 32; at += 32, size -= 32)
        wide = add_word(add_word(add_word(add_word(wide, at), at + 8), at + 16), at + 24);
    for (; size >= 8; at += 8, size -= 8)
        wide = add_word(wide, at);
    crc = (uint32_t)wide;
    for (; size > 0; at++, size--)
        crc = __builtin_ia32_crc32qi(crc, *at);
    return ~crc;
}

uint32_t crc32c(uint32_t crc, const void *bytes, size_t size)
{
    return __builtin_cpu_supports("sse4.2") ? by_instruction(crc, bytes, size) : crc32c_portable(crc, bytes, size);
}

#else

uint32_t crc32c(uint32_t crc, const void *bytes, size_t size)
{
    return crc32c_portable(crc, bytes, size);
}

#endif
