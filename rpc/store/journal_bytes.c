/* journal_bytes.c: headers, records, and the plan of a recovery (contract: journal_bytes.h). */
#include "store/journal_bytes.h"

#include <string.h>

#include "base/crc32c.h"
#include "store/record.h"
#include "store/redo.h"

enum {
    FORMAT = 1,
    HEADER_SUM = JOURNAL_HEADER - 4,
    AT_META = 56,
    AT_PAIRED = AT_META + DATAFILE_HEADER,
    AT_OTHER = AT_PAIRED + 1,
    RECORD_MAGIC = 0x31524a4d, /* "MJR1" */
    RECORD_SUM = 44,
};

static const uint8_t header_magic[8] = "MARUJRNL";

/* ---- headers ---- */

void journal_header_write(const journal_header *header, uint8_t into[static JOURNAL_HEADER])
{
    memset(into, 0, JOURNAL_HEADER);
    memcpy(into, header_magic, sizeof header_magic);
    record_put32(into + 8, FORMAT);
    record_put32(into + 12, header->state);
    record_put64(into + 16, header->generation);
    record_put64(into + 24, header->sequence);
    record_put64(into + 32, header->epoch);
    record_put64(into + 40, header->salt);
    record_put64(into + 48, header->txn);
    memcpy(into + AT_META, header->meta, sizeof header->meta);
    into[AT_PAIRED] = header->paired;
    memcpy(into + AT_OTHER, header->other, sizeof header->other);
    record_put32(into + HEADER_SUM, crc32c(0, into, HEADER_SUM));
}

bool journal_header_read(journal_header *header, const uint8_t from[static JOURNAL_HEADER])
{
    uint32_t state = record_get32(from + 12);

    if (memcmp(from, header_magic, sizeof header_magic) != 0 || record_get32(from + 8) != FORMAT ||
        record_get32(from + HEADER_SUM) != crc32c(0, from, HEADER_SUM) ||
        (state != JOURNAL_OPEN && state != JOURNAL_CLEAN))
        return false;
    *header = (journal_header){
        .state = (journal_state)state,
        .generation = record_get64(from + 16),
        .sequence = record_get64(from + 24),
        .epoch = record_get64(from + 32),
        .salt = record_get64(from + 40),
        .txn = record_get64(from + 48),
        .paired = from[AT_PAIRED] == 1,
    };
    memcpy(header->meta, from + AT_META, sizeof header->meta);
    memcpy(header->other, from + AT_OTHER, sizeof header->other);
    return true;
}

/* ---- records ---- */

size_t journal_record_room(size_t entries)
{
    return (JOURNAL_RECORD + entries + JOURNAL_BLOCK - 1) / JOURNAL_BLOCK * JOURNAL_BLOCK;
}

static uint32_t record_sum(const uint8_t *record, size_t entries)
{
    return crc32c(crc32c(0, record, RECORD_SUM), record + JOURNAL_RECORD, entries);
}

void journal_record_write(const journal_record *record, uint8_t *into)
{
    size_t size = JOURNAL_RECORD + record->size;

    record_put32(into, RECORD_MAGIC);
    record_put32(into + 4, record->kind);
    record_put64(into + 8, record->generation);
    record_put64(into + 16, record->sequence);
    record_put64(into + 24, record->salt);
    record_put64(into + 32, record->subject);
    record_put32(into + 40, (uint32_t)record->size);
    record_put32(into + RECORD_SUM, record_sum(into, record->size));
    memset(into + size, 0, journal_record_room(record->size) - size);
}

bool journal_record_read(journal_record *record, const uint8_t *from, size_t size)
{
    uint32_t kind, entries;

    if (size < JOURNAL_RECORD || record_get32(from) != RECORD_MAGIC)
        return false;
    kind = record_get32(from + 4);
    entries = record_get32(from + 40);
    if ((kind != JOURNAL_BATCH && kind != JOURNAL_VOID) || entries > size - JOURNAL_RECORD ||
        record_get32(from + RECORD_SUM) != record_sum(from, entries))
        return false;
    *record = (journal_record){
        .kind = (journal_kind)kind,
        .generation = record_get64(from + 8),
        .sequence = record_get64(from + 16),
        .salt = record_get64(from + 24),
        .subject = record_get64(from + 32),
        .entries = from + JOURNAL_RECORD,
        .size = entries,
    };
    return true;
}

/* ---- the chain of records ---- */

static bool read_at(const journal_file *file, size_t at, journal_record *record)
{
    return at < file->size && journal_record_read(record, file->bytes + at, file->size - at);
}

/* The next record, where it is of this generation and follows the one before. */
static bool step_here(journal_walk *walk, journal_record *record)
{
    if (!read_at(&walk->files[walk->generation & 1], walk->at, record) || record->generation != walk->generation ||
        record->sequence != walk->sequence || record->salt != walk->salt)
        return false;
    walk->at += journal_record_room(record->size);
    walk->sequence++;
    return true;
}

static bool step(journal_walk *walk, journal_record *record)
{
    journal_walk over = *walk;

    if (step_here(walk, record))
        return true;
    if (walk->generation != walk->header_generation)
        return false;
    over.generation++;
    over.at = JOURNAL_FIRST;
    if (!step_here(&over, record))
        return false;
    *walk = over;
    return true;
}

static journal_walk walk_from(const journal_header *header, const journal_file *files)
{
    return (journal_walk){
        .files = files,
        .header_generation = header->generation,
        .salt = header->salt,
        .generation = header->generation,
        .sequence = header->sequence,
        .at = JOURNAL_FIRST,
    };
}

void journal_walk_begin(journal_walk *walk, const journal_plan *plan, const journal_file files[static 2])
{
    *walk = walk_from(&plan->header, files);
}

bool journal_walk_next(journal_walk *walk, journal_record *record)
{
    while (step(walk, record)) {
        journal_walk   ahead = *walk;
        journal_record next;

        if (record->kind == JOURNAL_VOID)
            continue;
        if (!step(&ahead, &next) || next.kind != JOURNAL_VOID)
            return true;
        *walk = ahead;
    }
    return false;
}

/* ---- the plan ---- */

static void damaged(journal_plan *plan, uint64_t generation, const char *fault)
{
    plan->verdict = JOURNAL_DAMAGED;
    plan->file = generation & 1;
    plan->fault = fault;
}

/* The newer of both copies: a crash may have left one of them as it was before. number: of the file that it is of. */
static bool read_header(const journal_file *file, unsigned number, journal_header *header)
{
    bool has = false;

    for (size_t at = 0; at < JOURNAL_FIRST; at += JOURNAL_BLOCK) {
        journal_header copy;

        if (file->size < at + JOURNAL_HEADER || !journal_header_read(&copy, file->bytes + at) ||
            (copy.generation & 1) != number || (has && copy.generation < header->generation))
            continue;
        *header = copy;
        has = true;
    }
    return has;
}

static bool newest_header(const journal_file *files, journal_header *newest, bool *bare)
{
    journal_header headers[2];
    bool           has[2];

    for (unsigned i = 0; i < 2; i++)
        has[i] = read_header(&files[i], i, &headers[i]);
    *bare = !has[0] || !has[1];
    if (!has[0] && !has[1])
        return false;
    *newest = headers[!has[0] || (has[1] && headers[1].generation > headers[0].generation)];
    return true;
}

static bool is_swapped(const journal_file *files)
{
    journal_header header;

    return read_header(&files[0], 1, &header) && read_header(&files[1], 0, &header);
}

static bool entries_are_whole(const journal_record *record)
{
    redo_entry entry;
    size_t     at = 0;
    int        more;

    while ((more = redo_next(record->entries, record->size, &at, &entry)) > 0)
        ;
    return more == 0;
}

/* The batch that one void record is for is the one before it, of the same file. */
static const char *record_fault_in(const journal_record *record, const journal_record *before, uint64_t next_txn)
{
    if (record->kind == JOURNAL_VOID)
        return before->kind == JOURNAL_BATCH && record->subject == before->sequence &&
                       record->generation == before->generation
                   ? NULL
                   : "a record is void that was none";
    if (record->subject != next_txn)
        return "its transactions do not follow one another";
    return entries_are_whole(record) ? NULL : "a record's entries make no sense";
}

/* Goes along all records; where they end. */
static journal_walk check_chain(journal_plan *plan, const journal_file *files)
{
    journal_walk   walk = walk_from(&plan->header, files);
    journal_record record, before = {.kind = JOURNAL_VOID};

    plan->last_txn = plan->header.txn;
    while (plan->verdict != JOURNAL_DAMAGED && step(&walk, &record)) {
        const char *fault = record_fault_in(&record, &before, plan->last_txn + 1);
        bool        batch = record.kind == JOURNAL_BATCH;

        if (fault) {
            damaged(plan, record.generation, fault);
            break;
        }
        plan->last_txn = batch ? plan->last_txn + 1 : plan->last_txn - 1;
        plan->batches = batch ? plan->batches + 1 : plan->batches - 1;
        before = record;
    }
    return walk;
}

/* Whether a whole record of this generation, later than the end of the chain, is in the file. */
static bool any_beyond(const journal_walk *end, uint64_t generation, size_t from)
{
    const journal_file *file = &end->files[generation & 1];
    journal_record      record;

    for (size_t at = from; at < file->size; at += JOURNAL_BLOCK)
        if (read_at(file, at, &record) && record.generation == generation && record.salt == end->salt &&
            record.sequence > end->sequence)
            return true;
    return false;
}

static void check_beyond(journal_plan *plan, const journal_walk *end)
{
    if (any_beyond(end, end->generation, end->at) ||
        (end->generation == end->header_generation && any_beyond(end, end->generation + 1, JOURNAL_FIRST)))
        damaged(plan, end->generation, "a record is damaged, and whole ones follow it");
}

/* A record of a generation that only begins when a newer header than any that is here was complete; after a close any
 * does. */
static bool header_is_lost(journal_plan *plan, const journal_file *files)
{
    uint64_t       last = plan->header.generation + (plan->header.state == JOURNAL_OPEN);
    journal_record record;

    for (unsigned i = 0; i < 2; i++)
        if (read_at(&files[i], JOURNAL_FIRST, &record) && record.generation > last) {
            damaged(plan, record.generation, "its header is damaged");
            return true;
        }
    return false;
}

static bool header_makes_sense(const journal_header *header)
{
    datafile_header data;

    return datafile_parse(header->meta, &data) == NULL && datafile_sane(&data) && data.txn == header->txn;
}

bool journal_may_be(const journal_file *file)
{
    size_t size = file->size < sizeof header_magic ? file->size : sizeof header_magic;

    return size == 0 || file->size % JOURNAL_BLOCK == 0 || file->bytes[0] == 0 ||
           memcmp(file->bytes, header_magic, size) == 0;
}

void journal_plan_make(journal_plan *plan, const journal_file files[static 2])
{
    journal_walk end;

    *plan = (journal_plan){.verdict = JOURNAL_NONE};
    if (!newest_header(files, &plan->header, &plan->bare)) {
        plan->verdict = is_swapped(files) ? JOURNAL_SWAPPED : JOURNAL_NONE;
        return;
    }
    plan->verdict = plan->header.state == JOURNAL_CLEAN ? JOURNAL_NOTHING : JOURNAL_REPLAY;
    if (!header_makes_sense(&plan->header)) {
        damaged(plan, plan->header.generation, "its header makes no sense");
        return;
    }
    if (header_is_lost(plan, files) || plan->verdict == JOURNAL_NOTHING)
        return;
    if (plan->bare) {
        damaged(plan, plan->header.generation + 1, "it has no header, and may have held what was written last");
        return;
    }
    end = check_chain(plan, files);
    if (plan->verdict == JOURNAL_REPLAY)
        check_beyond(plan, &end);
}
