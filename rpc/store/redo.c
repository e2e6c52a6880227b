/* redo.c: changes that can be made again (contract: redo.h). */
#include "store/redo.h"

#include <stdlib.h>
#include <string.h>

#include "store/journal_bytes.h"
#include "store/record.h"

enum { ROOM_FIRST = 64 << 10, ROOM_KEPT = 4 << 20 };

static bool widen(redo *r, size_t room)
{
    uint8_t *bytes = realloc(r->bytes, room);

    if (!bytes)
        return false;
    r->bytes = bytes;
    r->room = room;
    return true;
}

bool redo_begin(redo *r)
{
    if (r->room > ROOM_KEPT)
        redo_free(r);
    r->size = JOURNAL_RECORD;
    r->entries = 0;
    return r->bytes || widen(r, ROOM_FIRST);
}

void redo_free(redo *r)
{
    free(r->bytes);
    *r = (redo){.bytes = NULL};
}

bool redo_reserve(redo *r, size_t key_size, size_t value_size)
{
    size_t need = r->size + REDO_ENTRY + key_size + value_size + JOURNAL_BLOCK;

    return need <= r->room || widen(r, need > r->room * 2 ? need : r->room * 2);
}

static void add(redo *r, uint8_t kind, const void *key, size_t key_size, const void *value, size_t value_size)
{
    uint8_t *at = r->bytes + r->size;

    record_put64(at, kind | (uint64_t)key_size << 16 | (uint64_t)value_size << 32);
    memcpy(at + REDO_ENTRY, key, key_size);
    if (value_size > 0)
        memcpy(at + REDO_ENTRY + key_size, value, value_size);
    r->size += REDO_ENTRY + key_size + value_size;
    r->entries++;
}

void redo_put(redo *r, const void *key, size_t key_size, const void *value, size_t value_size)
{
    add(r, REDO_PUT, key, key_size, value, value_size);
}

void redo_delete(redo *r, const void *key, size_t key_size)
{
    add(r, REDO_DELETE, key, key_size, NULL, 0);
}

redo_mark redo_now(const redo *r)
{
    return (redo_mark){.size = r->size, .entries = r->entries};
}

void redo_rewind(redo *r, redo_mark mark)
{
    r->size = mark.size;
    r->entries = mark.entries;
}

static bool is_entry(uint64_t head, size_t room)
{
    size_t   key_size = head >> 16 & 0xffff, value_size = head >> 32;
    unsigned kind = head & 0xffff;

    return (kind == REDO_PUT || (kind == REDO_DELETE && value_size == 0)) && key_size >= 1 &&
           key_size <= RECORD_KEY_MAX && key_size + value_size <= room;
}

int redo_next(const uint8_t *entries, size_t size, size_t *at, redo_entry *entry)
{
    uint64_t head;

    if (*at == size)
        return 0;
    if (size - *at < REDO_ENTRY)
        return -1;
    head = record_get64(entries + *at);
    if (!is_entry(head, size - *at - REDO_ENTRY))
        return -1;
    *entry = (redo_entry){
        .put = (head & 0xffff) == REDO_PUT,
        .key = entries + *at + REDO_ENTRY,
        .key_size = head >> 16 & 0xffff,
        .value_size = head >> 32,
    };
    entry->value = entry->key + entry->key_size;
    *at += REDO_ENTRY + entry->key_size + entry->value_size;
    return 1;
}
