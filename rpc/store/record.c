/* record.c: the bytes of records (contract: record.h). */
#include "store/record.h"

#include <stdio.h>
#include <string.h>

#include "base/crc32c.h"

bool record_key_make(record_key *into, uint8_t table, maru_key key)
{
    if (key.size > MARU_KEY_MAX)
        return false;
    into->size = key.size + 1;
    into->bytes[0] = table;
    if (key.size > 0)
        memcpy(into->bytes + 1, key.data, key.size);
    return true;
}

void record_put32(uint8_t *into, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        into[i] = (uint8_t)(number >> 8 * i);
}

uint32_t record_get32(const uint8_t *from)
{
    return from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

void record_put64(uint8_t *into, uint64_t number)
{
    for (int i = 0; i < 8; i++)
        into[i] = (uint8_t)(number >> 8 * i);
}

uint64_t record_get64(const uint8_t *from)
{
    return record_get32(from) | (uint64_t)record_get32(from + 4) << 32;
}

void record_put64_ordered(uint8_t *into, uint64_t number)
{
    record_put64(into, __builtin_bswap64(number));
}

uint64_t record_get64_ordered(const uint8_t *from)
{
    return __builtin_bswap64(record_get64(from));
}

static uint32_t sum(uint32_t key_sum, const uint8_t *value, size_t size)
{
    return crc32c(key_sum, value + RECORD_HEADER, size - RECORD_HEADER);
}

void record_seal(const void *key, size_t key_size, uint8_t *value, size_t size)
{
    record_put32(value, RECORD_FORMAT); /* and three zeros */
    record_put32(value + 4, sum(crc32c(0, key, key_size), value, size));
}

uint32_t record_key_sum(const record_key *key)
{
    return crc32c(0, key->bytes, key->size);
}

const char *record_fault_of(uint32_t key_sum, const uint8_t *value, size_t size)
{
    if (size < RECORD_HEADER)
        return "it is shorter than its header";
    if (record_get32(value) != RECORD_FORMAT)
        return "its format is not 1";
    if (record_get32(value + 4) != sum(key_sum, value, size))
        return "its checksum is wrong";
    return NULL;
}

const char *record_fault(const void *key, size_t key_size, const uint8_t *value, size_t size)
{
    if (key_size < 1 || key_size > RECORD_KEY_MAX)
        return "its key is of a wrong size";
    return record_fault_of(crc32c(0, key, key_size), value, size);
}

/* What a changed byte changes of the sum, one byte further from the end. */
static uint32_t further(uint32_t change)
{
    return ~crc32c(~change, "", 1);
}

static bool is_of_byte(uint32_t wrong, const uint32_t bits[static 8])
{
    for (unsigned byte = 1; byte < 256; byte++) {
        uint32_t change = 0;

        for (int i = 0; i < 8; i++)
            change ^= byte >> i & 1 ? bits[i] : 0;
        if (change == wrong)
            return true;
    }
    return false;
}

/* A sum is linear: which bit was changed tells what changed of the sum, wherever it lies. */
static bool is_of_bit(uint32_t wrong, size_t bytes)
{
    uint32_t bits[8];                            /* what each bit of a byte changes, from the last byte on */
    bool     found = (wrong & (wrong - 1)) == 0; /* a bit of the sum as it is stored */

    for (int i = 0; i < 8; i++)
        bits[i] = further(1u << i);
    for (; bytes > 0; bytes--)
        for (int i = 0; i < 8; i++) {
            found = found || bits[i] == wrong;
            bits[i] = further(bits[i]);
        }
    return found && !is_of_byte(wrong, bits); /* they are of the byte before, the table's number, now */
}

bool record_table_is_sure(const void *key, size_t key_size, const uint8_t *value, size_t size)
{
    uint32_t wrong;

    if (key_size < 1 || key_size > RECORD_KEY_MAX || size < RECORD_HEADER)
        return false;
    wrong = record_get32(value + 4) ^ sum(crc32c(0, key, key_size), value, size);
    if (wrong == 0) /* it is the format that is damaged */
        return true;
    return record_get32(value) == RECORD_FORMAT && is_of_bit(wrong, key_size - 1 + size - RECORD_HEADER);
}

void record_key_show(const void *key, size_t size, char into[static RECORD_KEY_SHOWN])
{
    const unsigned char *bytes = key;
    size_t               used = 0;

    for (size_t i = 0; i < size; i++) {
        bool plain = bytes[i] >= ' ' && bytes[i] <= '~' && bytes[i] != '\\';

        if (used + 8 > RECORD_KEY_SHOWN) { /* room for \xNN, the dots and the NUL */
            memcpy(into + used, "...", 4);
            return;
        }
        used += (size_t)snprintf(into + used, RECORD_KEY_SHOWN - used, plain ? "%c" : "\\x%02x", bytes[i]);
    }
    into[used] = '\0';
}

size_t store_record_write(const store_record *record, uint8_t into[static STORE_RECORD_FIXED + STORE_SERVICE_MAX])
{
    record_put32(into, record->version);
    record_put64(into + 4, record->epoch);
    record_put64(into + 12, (uint64_t)record->made_ms);
    memcpy(into + STORE_RECORD_FIXED, record->service, record->service_size);
    return STORE_RECORD_FIXED + record->service_size;
}

bool store_record_read(store_record *record, const uint8_t *from, size_t size)
{
    if (size <= STORE_RECORD_FIXED || size > STORE_RECORD_FIXED + STORE_SERVICE_MAX)
        return false;
    *record = (store_record){
        .version = record_get32(from),
        .epoch = record_get64(from + 4),
        .made_ms = (int64_t)record_get64(from + 12),
        .service = (const char *)from + STORE_RECORD_FIXED,
        .service_size = size - STORE_RECORD_FIXED,
    };
    return true;
}
