/* record.h: the bytes of a record, and of the library's own records. Pure.
 *
 * On disk a record's key is its table's number and the key that its service gave; its value is
 *
 *   0      format, 1
 *   1..3   0
 *   4..7   CRC-32C (little-endian) of the key and of the payload
 *   8..    payload: a protobuf message, or in the library's own tables what stands below
 *
 * The key is part of the sum, so that a record that turns up in another's place is noticed.
 */
#ifndef MARU_RECORD_H
#define MARU_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "maru/store.h"

enum {
    RECORD_FORMAT = 1,
    RECORD_HEADER = 8,
    RECORD_KEY_MAX = 511,  /* LMDB's limit */
    RECORD_KEY_SHOWN = 64, /* of a key in an error */

    TABLE_USER_MAX = 200,
    TABLE_ONCE_LARGE = 245, /* those of TABLE_ONCE_TIME whose replies can lose their bytes: how many, 8 bytes */
    TABLE_LATER = 246,      /* these are rpc/events' own: see events/tables.h */
    TABLE_LATER_DUE = 247,
    TABLE_PENDING = 248,
    TABLE_APPLIED = 249,
    TABLE_INBOX = 250,
    TABLE_AGGREGATES = 251,
    TABLE_LOG = 252,
    TABLE_ONCE_TIME = 253, /* 8 bytes of time (ms, big-endian), the key in TABLE_ONCE without its table: no payload */
    TABLE_ONCE = 254,      /* who, id: once_record */
    TABLE_STORE = 255,     /* "store": store_record; "replies": the sum of TABLE_ONCE_LARGE, 8 bytes little-endian */
    TABLE_COUNT = 256,
};

typedef struct record_key {
    size_t  size;
    uint8_t bytes[RECORD_KEY_MAX];
} record_key;

/* record_key_make is false where the key is longer than MARU_KEY_MAX. */
bool record_key_make(record_key *into, uint8_t table, maru_key key);

/* The library's own keys hold what callers made up, such as a request's id: no error shows them. */
static inline bool record_is_own(unsigned table)
{
    return table > TABLE_USER_MAX;
}

/* record_seal fills the header of value, whose payload is in place already; size is of both. */
void record_seal(const void *key, size_t key_size, uint8_t *value, size_t size);

/* record_fault is NULL where the value is whole and belongs to key, else what is wrong. Of a key from a file, whose
 * size LMDB believes, nothing is read where that size can't be. */
const char *record_fault(const void *key, size_t key_size, const uint8_t *value, size_t size);

/* record_table_is_sure: of a record with a fault, that one bit explains it which is not of the first byte of the key,
 * the table's number: so this is what it was. No other number may explain it too. Reads all bytes several times. */
bool record_table_is_sure(const void *key, size_t key_size, const uint8_t *value, size_t size);

/* record_fault in two steps: what the key adds to the sum, and what is wrong with a value of that key. */
uint32_t    record_key_sum(const record_key *key);
const char *record_fault_of(uint32_t key_sum, const uint8_t *value, size_t size);

/* record_key_show writes a key for people: printable characters as they are, others as \xNN, cut where too long. */
void record_key_show(const void *key, size_t size, char into[static RECORD_KEY_SHOWN]);

/* The store's own record: whose it is. The name is not NUL-terminated. */
typedef struct store_record {
    uint32_t    version;
    uint64_t    epoch; /* differs between a store and one restored from its backup */
    int64_t     made_ms;
    const char *service;
    size_t      service_size;
} store_record;

enum { STORE_RECORD_FIXED = 20, STORE_SERVICE_MAX = 100 };

size_t store_record_write(const store_record *record, uint8_t into[static STORE_RECORD_FIXED + STORE_SERVICE_MAX]);
bool   store_record_read(store_record *record, const uint8_t *from, size_t size);

/* A stored reply: payload is 8 bytes of time (ms, little-endian), 8 of the hash of what was asked, the reply. What is
 * left of one that lost its bytes: 8 of that hash, 4 of how many bytes it had. */
enum { ONCE_FIXED = 16, ONCE_LEFT = 12 };

void     record_put32(uint8_t *into, uint32_t number);
uint32_t record_get32(const uint8_t *from);
void     record_put64(uint8_t *into, uint64_t number); /* little-endian */
uint64_t record_get64(const uint8_t *from);
void     record_put64_ordered(uint8_t *into, uint64_t number); /* big-endian: sorts as the number does */
uint64_t record_get64_ordered(const uint8_t *from);

#endif
