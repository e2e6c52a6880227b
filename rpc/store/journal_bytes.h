/* journal_bytes.h: the bytes of a journal, and what to do with those that a crash left. Pure.
 *
 * A journal is two files that are written in turn: generation g is in file g & 1. A file begins with two copies of its
 * header, a block each; records follow, each from the start of a block, so that no block that was flushed is written
 * again. All numbers are little-endian. A header:
 *
 *   0..7    "MARUJRNL"
 *   8..11   format, 1
 *   12..15  state: 1 open, 2 clean
 *   16..23  generation
 *   24..31  sequence number of the first record that follows it
 *   32..39  epoch of the store
 *   40..47  salt
 *   48..55  number of LMDB's transaction at the checkpoint
 *   56..207 LMDB's header of that transaction
 *   208     clean: 1 where what follows is there. Earlier versions write 0 here, and read over it
 *   209..360 LMDB's other header: of the transaction before
 *   508..   CRC-32C of all before it
 *
 * A record:
 *
 *   0..3    "MJR1"
 *   4..7    kind: 1 a batch, 2 void: the record before it counts for nothing
 *   8..15   generation
 *   16..23  sequence number
 *   24..31  salt
 *   32..39  a batch: the number of the LMDB transaction that it became; void: the sequence number of what is void
 *   40..43  bytes of its entries
 *   44..47  CRC-32C of all but itself
 *   48..    entries (redo.h)
 *
 * The salt is drawn when a store is opened, and repeated in each record, so that nothing that a caller has stored can
 * pass for one. The records after a header are those of its generation in its own file, and then those of the next
 * generation in the other file, whose header comes only when its checkpoint is complete.
 *
 * Before the first record after an opening both files have an open header, and after a close both have a clean one. So
 * one file alone tells, where the other is damaged, whether that may have held records that nothing else has.
 */
#ifndef MARU_JOURNAL_BYTES_H
#define MARU_JOURNAL_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/datafile.h"

enum {
    JOURNAL_BLOCK = 4096,
    JOURNAL_COPIES = 2,
    JOURNAL_FIRST = JOURNAL_COPIES * JOURNAL_BLOCK, /* where records begin */
    JOURNAL_HEADER = 512,
    JOURNAL_RECORD = 48,
};

typedef enum journal_state { JOURNAL_OPEN = 1, JOURNAL_CLEAN = 2 } journal_state;

typedef struct journal_header {
    journal_state state;
    uint64_t      generation, sequence, epoch, salt, txn;
    uint8_t       meta[DATAFILE_HEADER];
    bool          paired; /* other is there: clean, and of a version that makes both headers those of data.mdb */
    uint8_t       other[DATAFILE_HEADER];
} journal_header;

void journal_header_write(const journal_header *header, uint8_t into[static JOURNAL_HEADER]);
bool journal_header_read(journal_header *header, const uint8_t from[static JOURNAL_HEADER]);

typedef enum journal_kind { JOURNAL_BATCH = 1, JOURNAL_VOID = 2 } journal_kind;

typedef struct journal_record {
    journal_kind   kind;
    uint64_t       generation, sequence, salt, subject;
    const uint8_t *entries;
    size_t         size;
} journal_record;

/* journal_record_room is the bytes that a record with so many bytes of entries takes: whole blocks. */
size_t journal_record_room(size_t entries);

/* journal_record_write fills the header of a record whose entries are in place behind it, and the padding. into has
 * journal_record_room bytes. */
void journal_record_write(const journal_record *record, uint8_t *into);

/* journal_record_read is false where no whole record is there. Its entries are within from. */
bool journal_record_read(journal_record *record, const uint8_t *from, size_t size);

/* ---- after a crash ---- */

typedef struct journal_file {
    const uint8_t *bytes;
    size_t         size; /* 0: missing, or empty */
} journal_file;

typedef enum journal_verdict {
    JOURNAL_NONE,    /* no header: nothing was ever written by it */
    JOURNAL_NOTHING, /* closed cleanly: data.mdb is all there is */
    JOURNAL_REPLAY,  /* go back to the checkpoint, and make the records' changes again */
    JOURNAL_DAMAGED,
    JOURNAL_SWAPPED, /* each file has the header of the other */
} journal_verdict;

typedef struct journal_plan {
    journal_verdict verdict;
    const char     *fault; /* what is wrong with file, where damaged */
    unsigned        file;
    journal_header  header;   /* the newest */
    uint64_t        last_txn; /* what the last record became */
    size_t          batches;  /* to be replayed */
    bool            bare;     /* the other file has no header: damage, but at generation 1, the first of all */
} journal_plan;

/* journal_plan_make looks at both files. A last record that is not whole is what a crash leaves: it was never answered.
 * One with whole ones behind it is damage; so is, in a store that was not closed, a file without a header, which no
 * crash leaves: of its two copies one is whole at any moment. */
void journal_plan_make(journal_plan *plan, const journal_file files[static 2]);

/* journal_may_be is false where the file was surely never a journal's, however a crash left it: it begins neither as
 * one does nor with the zeros that are written first, and is not of whole blocks. */
bool journal_may_be(const journal_file *file);

/* A walk over the batches that count, in order. */
typedef struct journal_walk {
    const journal_file *files;
    uint64_t            header_generation, salt, generation, sequence;
    size_t              at;
} journal_walk;

void journal_walk_begin(journal_walk *walk, const journal_plan *plan, const journal_file files[static 2]);
bool journal_walk_next(journal_walk *walk, journal_record *record);

#endif
