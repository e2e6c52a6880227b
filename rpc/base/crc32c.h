/* crc32c.h: the checksum of stored records: CRC-32C (Castagnoli), as in RFC 3720, by SSE4.2 where the processor has it.
 * Finds damage, not malice. Pure.
 */
#ifndef MARU_CRC32C_H
#define MARU_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* crc32c goes on from the checksum of what came before: start with 0. "123456789" has e3069283. */
uint32_t crc32c(uint32_t crc, const void *bytes, size_t size);

/* The same without the processor's help, for machines that have none, and for the test that both agree. */
uint32_t crc32c_portable(uint32_t crc, const void *bytes, size_t size);

#endif
