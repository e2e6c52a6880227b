/* redo.h: the changes of a batch, as bytes that make them again: what a journal's record holds. Pure.
 *
 * Each entry is absolute, so that doing all of them again in order gives the same, from wherever one begins:
 *
 *   0      1: put, 2: delete
 *   1      0
 *   2..3   bytes of the key (little-endian, as all numbers)
 *   4..7   bytes of the value; 0 where it is a delete
 *   8..    the key with its table, the value with its header
 */
#ifndef MARU_REDO_H
#define MARU_REDO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REDO_PUT = 1, REDO_DELETE = 2, REDO_ENTRY = 8 };

/* One thread's. The bytes begin with room for the header of the record. */
typedef struct redo {
    uint8_t *bytes;
    size_t   size, room;
    size_t   entries;
} redo;

typedef struct redo_mark {
    size_t size, entries;
} redo_mark;

/* redo_begin forgets what was in it, and gives back memory that only a rare large batch needs. False: no memory. */
bool redo_begin(redo *r);
void redo_free(redo *r);

/* redo_reserve makes room for an entry, and for the padding behind the last. False: no memory. */
bool redo_reserve(redo *r, size_t key_size, size_t value_size);

/* After redo_reserve. Copies. */
void redo_put(redo *r, const void *key, size_t key_size, const void *value, size_t value_size);
void redo_delete(redo *r, const void *key, size_t key_size);

/* What came after a mark is forgotten: its transaction was rolled back. */
redo_mark redo_now(const redo *r);
void      redo_rewind(redo *r, redo_mark mark);

typedef struct redo_entry {
    bool           put;
    const uint8_t *key, *value;
    size_t         key_size, value_size;
} redo_entry;

/* redo_next reads the entry at *at and moves it behind: 1; 0 at the end; -1 where there is no entry. */
int redo_next(const uint8_t *entries, size_t size, size_t *at, redo_entry *entry);

#endif
