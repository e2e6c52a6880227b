/* found.h: where records were found in one snapshot, so that the next read of them need not search again. Strand only.
 *
 * A snapshot never changes, so whatever was found in it lies there as long as it is the one that is read: until the
 * next commit, of whichever process. Then all of it is forgotten at once, at no cost. What lies there is checked by its
 * checksum at each read all the same.
 *
 * Only records are kept whose key stands right before the value, as LMDB has them in its leaves: a place is found again
 * by comparing that key, so that a hash that two keys share does no harm. FOUND_LINES lines of 64 bytes, 7 places each;
 * a full one forgets one place for a new one.
 */
#ifndef MARU_FOUND_H
#define MARU_FOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/record.h"

enum { FOUND_LINES = 4096, FOUND_PLACES = 7 };

typedef struct found_line {
    uint64_t snapshot; /* of another one than found's: it is empty */
    uint64_t places[FOUND_PLACES];
} found_line;

/* Zeroed is empty and holds no memory. */
typedef struct found {
    uint64_t       snapshot;
    const uint8_t *middle; /* places are counted from it; NULL: none is known yet */
    found_line    *lines;  /* NULL: no memory, or not asked for yet */
    void          *memory;
    unsigned       turn; /* whose turn it is to be forgotten */
} found;

void found_free(found *f);

/* found_in says which snapshot is read from now on: its number is above 0, and never used for another one. */
void found_in(found *f, uint64_t snapshot);

/* found_get is the value of key in this snapshot, NULL where its place is not known. hash is any hash of the key, the
 * same each time. */
const uint8_t *found_get(const found *f, const record_key *key, uint32_t hash, size_t *size);

/* found_put notes where the value of key lies; one that can't be kept is left out. */
void found_put(found *f, const record_key *key, uint32_t hash, const uint8_t *value, size_t size);

#endif
