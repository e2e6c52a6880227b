/* varint.c: varints byte by byte (contract: varint.h). */
#include "wire/varint.h"

const uint8_t *read_long_varint(const uint8_t *at, const uint8_t *end, int most, uint64_t *value)
{
    uint64_t v = 0;

    for (int i = 0; i < most && at < end; i++) {
        uint8_t byte = *at++;

        v |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            *value = v;
            return at;
        }
    }
    return NULL;
}
