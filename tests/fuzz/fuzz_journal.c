/* fuzz_journal.c: two files of a journal. The input is a script: each step writes a header or a record that is whole
 * (sums and salt are right, the rest is the input's), or changes bytes; then the plan is made, and the walk must agree
 * with it. */
#include "fuzz.h"

#include <string.h>

#include "store/journal_bytes.h"
#include "store/record.h"
#include "store/redo.h"

enum { BLOCKS = 6, SIZE = JOURNAL_FIRST + BLOCKS * JOURNAL_BLOCK, STEP = 8 };

/* LMDB's header of a transaction, as far as datafile.h looks. */
static void write_header(uint8_t *file, const uint8_t *step)
{
    static const uint8_t start[] = {[10] = 8, [16] = 0xde, [17] = 0xc0, [18] = 0xef, [19] = 0xbe, [20] = 1};
    journal_header       header = {
              .state = step[1] & 1 ? JOURNAL_OPEN : JOURNAL_CLEAN,
              .generation = step[2],
              .sequence = step[3],
              .txn = step[4],
    };

    memcpy(header.meta, start, sizeof start);
    record_put64(header.meta + 40, 4096);
    record_put64(header.meta + 80, DATAFILE_NO_PAGE);
    record_put64(header.meta + 128, 2);
    record_put64(header.meta + 136, 9);
    record_put64(header.meta + 144, step[5] ? step[4] : 0);
    journal_header_write(&header, file + (step[6] & 1) * JOURNAL_BLOCK);
}

/* Entries are the bytes that follow the step, as they are. */
static void write_record(uint8_t *file, const uint8_t *step, const uint8_t *rest, size_t left)
{
    uint8_t       *at = file + JOURNAL_FIRST + step[1] % BLOCKS * JOURNAL_BLOCK;
    journal_record record = {
        .kind = step[5] & 1 ? JOURNAL_VOID : JOURNAL_BATCH,
        .generation = step[2],
        .sequence = step[3],
        .subject = step[4],
        .size = step[6] < left ? step[6] : left,
    };

    memcpy(at + JOURNAL_RECORD, rest, record.size);
    journal_record_write(&record, at);
}

static void take_step(uint8_t *const files[2], const uint8_t *step, const uint8_t *rest, size_t left)
{
    uint8_t *file = files[step[0] & 1];

    switch (step[0] >> 1 & 3) {
    case 0:
        write_header(file, step);
        break;
    case 1:
        file[(step[1] | (size_t)step[2] << 8) % SIZE] ^= step[3];
        break;
    default:
        write_record(file, step, rest, left);
    }
}

static void check_record(const journal_record *record, const journal_plan *plan)
{
    redo_entry entry;
    size_t     at = 0;
    int        more;

    MUST(record->kind == JOURNAL_BATCH && record->salt == plan->header.salt);
    MUST(record->generation - plan->header.generation <= 1);
    while ((more = redo_next(record->entries, record->size, &at, &entry)) > 0)
        MUST(entry.value + entry.value_size <= record->entries + record->size);
    MUST(more == 0);
}

static void check_plan(const journal_file files[2])
{
    journal_plan   plan;
    journal_walk   walk;
    journal_record record;
    size_t         batches = 0;

    journal_plan_make(&plan, files);
    MUST(plan.file <= 1 && (plan.verdict == JOURNAL_DAMAGED) == (plan.fault != NULL));
    if (plan.verdict != JOURNAL_REPLAY)
        return;
    for (journal_walk_begin(&walk, &plan, files); journal_walk_next(&walk, &record); batches++)
        check_record(&record, &plan);
    MUST(batches == plan.batches && plan.last_txn == plan.header.txn + batches);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t     *bytes[2] = {calloc(1, SIZE), calloc(1, SIZE)};
    journal_file files[2];

    for (size_t at = 1; at + STEP <= size; at += STEP)
        take_step(bytes, data + at, data + at + STEP, size - at - STEP);
    for (int i = 0; i < 2; i++) {
        /* Of just this size: AddressSanitizer sees a read past it. */
        files[i].size = size > 0 && data[0] >> i & 1 ? SIZE - (size_t)(data[0] >> 2) * 100 : SIZE;
        files[i].bytes = bytes[i] = realloc(bytes[i], files[i].size);
    }
    check_plan(files);
    free(bytes[0]);
    free(bytes[1]);
    return 0;
}
