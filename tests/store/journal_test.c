/* journal_test.c: the bytes of a journal, and what is made of them after a crash. No file, no LMDB. */
#include <stdlib.h>

#include "base/crc32c.h"
#include "store/journal_bytes.h"
#include "store/record.h"
#include "store/redo.h"

#include "test.h"

enum { BLOCKS = 16, SIZE = JOURNAL_FIRST + BLOCKS * JOURNAL_BLOCK, SALT = 77, TXN = 40 };

/* LMDB's header of a transaction, as far as datafile.h looks. */
static void make_meta(uint8_t meta[static DATAFILE_HEADER], uint64_t txn)
{
    static const uint8_t start[] = {[10] = 8, [16] = 0xde, [17] = 0xc0, [18] = 0xef, [19] = 0xbe, [20] = 1};

    memset(meta, 0, DATAFILE_HEADER);
    memcpy(meta, start, sizeof start);
    record_put64(meta + 40, 4096 | (uint64_t)8 << 32);
    record_put64(meta + 80, DATAFILE_NO_PAGE);
    record_put64(meta + 128, 2);
    record_put64(meta + 136, 9);
    record_put64(meta + 144, txn);
}

typedef struct pair {
    uint8_t      bytes[2][SIZE];
    journal_file files[2];
} pair;

static void header(pair *p, journal_state state, uint64_t generation, uint64_t sequence, uint64_t txn)
{
    journal_header h = {
        .state = state, .generation = generation, .sequence = sequence, .epoch = 5, .salt = SALT, .txn = txn};

    make_meta(h.meta, txn);
    for (size_t at = 0; at < JOURNAL_FIRST; at += JOURNAL_BLOCK)
        journal_header_write(&h, p->bytes[generation & 1] + at);
}

/* A record with one entry, at the n-th block. */
static uint8_t *record(pair *p, int block, journal_kind kind, uint64_t generation, uint64_t sequence, uint64_t subject)
{
    uint8_t       *at = p->bytes[generation & 1] + JOURNAL_FIRST + block * JOURNAL_BLOCK;
    journal_record r = {.kind = kind, .generation = generation, .sequence = sequence, .salt = SALT, .subject = subject};
    redo           changes = {.bytes = at, .size = JOURNAL_RECORD, .room = JOURNAL_BLOCK};

    if (kind == JOURNAL_BATCH)
        redo_put(&changes, "key", 3, &sequence, sizeof sequence);
    r.size = changes.size - JOURNAL_RECORD;
    journal_record_write(&r, at);
    return at;
}

static pair *make_pair(void)
{
    pair *p = calloc(1, sizeof *p);

    for (int i = 0; i < 2; i++)
        p->files[i] = (journal_file){.bytes = p->bytes[i], .size = SIZE};
    return p;
}

/* Generation 6 in file 0, with three records; its checkpoint is transaction 40. File 1 has the one before. */
static pair *make_three(void)
{
    pair *p = make_pair();

    header(p, JOURNAL_OPEN, 5, 90, TXN - 10);
    header(p, JOURNAL_OPEN, 6, 100, TXN);
    for (int i = 0; i < 3; i++)
        record(p, i, JOURNAL_BATCH, 6, 100 + (uint64_t)i, TXN + 1 + (uint64_t)i);
    return p;
}

static journal_plan plan_of(const pair *p)
{
    journal_plan plan;

    journal_plan_make(&plan, p->files);
    return plan;
}

/* The sequence numbers of what would be replayed, as one number of three digits each. */
static int64_t replayed(const pair *p)
{
    journal_plan   plan = plan_of(p);
    journal_walk   walk;
    journal_record r;
    int64_t        all = 0;
    size_t         count = 0;

    journal_walk_begin(&walk, &plan, p->files);
    for (; journal_walk_next(&walk, &r); count++)
        all = all * 1000 + (int64_t)r.sequence;
    CHECK_INT(count, plan.batches);
    return all;
}

static void check_damaged(const pair *p, unsigned file, const char *fault)
{
    journal_plan plan = plan_of(p);

    CHECK_INT(plan.verdict, JOURNAL_DAMAGED);
    CHECK_INT(plan.file, file);
    CHECK_STR(plan.fault ? plan.fault : "", fault);
}

static void entries(void)
{
    redo       r = {.bytes = NULL};
    redo_entry entry;
    redo_mark  mark;
    size_t     at = 0, size;
    char       big[100000] = "big";

    test_begin("changes are read as they were noted, and those that were rolled back are not there");
    CHECK(redo_begin(&r) && redo_reserve(&r, 3, 5));
    redo_put(&r, "\1ab", 3, "value", 5);
    mark = redo_now(&r);
    CHECK(redo_reserve(&r, 2, sizeof big));
    redo_put(&r, "\1c", 2, big, sizeof big);
    redo_rewind(&r, mark);
    CHECK(redo_reserve(&r, 2, 0));
    redo_delete(&r, "\1c", 2);
    CHECK_INT(r.entries, 2);
    size = r.size - JOURNAL_RECORD;
    CHECK_INT(redo_next(r.bytes + JOURNAL_RECORD, size, &at, &entry), 1);
    CHECK(entry.put && entry.key_size == 3 && entry.value_size == 5 && memcmp(entry.value, "value", 5) == 0);
    CHECK_INT(redo_next(r.bytes + JOURNAL_RECORD, size, &at, &entry), 1);
    CHECK(!entry.put && entry.key_size == 2 && memcmp(entry.key, "\1c", 2) == 0);
    CHECK_INT(redo_next(r.bytes + JOURNAL_RECORD, size, &at, &entry), 0);

    test_begin("an entry that is cut short, or of no kind, is none");
    for (size_t shorter = 1; shorter < size; shorter++) {
        at = 0;
        while (redo_next(r.bytes + JOURNAL_RECORD, shorter, &at, &entry) > 0)
            ;
        CHECK(at <= shorter);
    }
    at = 0;
    CHECK_INT(redo_next(r.bytes + JOURNAL_RECORD, 15, &at, &entry), -1);
    r.bytes[JOURNAL_RECORD] = 3;
    CHECK_INT(redo_next(r.bytes + JOURNAL_RECORD, size, &at, &entry), -1);
    redo_free(&r);
}

static void golden(void)
{
    static const uint8_t want_record[] = {'M', 'J', 'R', '1', 1, 0, 0, 0, 6, 0,    0,  0, 0, 0, 0,
                                          0,   100, 0,   0,   0, 0, 0, 0, 0, SALT, 0,  0, 0, 0, 0,
                                          0,   0,   41,  0,   0, 0, 0, 0, 0, 0,    19, 0, 0, 0};
    static const uint8_t want_entry[] = {1, 0, 3, 0, 8, 0, 0, 0, 'k', 'e', 'y', 100, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t want_header[] = {'M', 'A', 'R', 'U', 'J', 'R', 'N', 'L', 1,    0, 0, 0, 1, 0, 0, 0,
                                          6,   0,   0,   0,   0,   0,   0,   0,   100,  0, 0, 0, 0, 0, 0, 0,
                                          5,   0,   0,   0,   0,   0,   0,   0,   SALT, 0, 0, 0, 0, 0, 0, 0,
                                          40,  0,   0,   0,   0,   0,   0,   0,   0,    0, 0, 0, 0, 0, 0, 0};
    pair                *p = make_three();
    journal_header       h;

    test_begin("a header and a record are these bytes");
    CHECK(memcmp(p->bytes[0], want_header, sizeof want_header) == 0);
    CHECK_INT(record_get64(p->bytes[0] + 504) >> 32, crc32c(0, p->bytes[0], 508));
    CHECK(memcmp(p->bytes[0] + JOURNAL_FIRST, want_record, sizeof want_record) == 0);
    CHECK(memcmp(p->bytes[0] + JOURNAL_FIRST + JOURNAL_RECORD, want_entry, sizeof want_entry) == 0);
    CHECK_INT(journal_record_room(0), JOURNAL_BLOCK);
    CHECK_INT(journal_record_room(JOURNAL_BLOCK - JOURNAL_RECORD), JOURNAL_BLOCK);
    CHECK_INT(journal_record_room(JOURNAL_BLOCK - JOURNAL_RECORD + 1), 2 * JOURNAL_BLOCK);

    test_begin("every changed bit of a header is noticed");
    for (size_t bit = 0; bit < 8 * JOURNAL_HEADER; bit++) {
        p->bytes[0][bit / 8] ^= (uint8_t)(1u << bit % 8);
        CHECK(!journal_header_read(&h, p->bytes[0]));
        p->bytes[0][bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    CHECK(journal_header_read(&h, p->bytes[0]));
    free(p);
}

/* Whatever bit of the last record is changed, it does not count; of one before, it is damage. */
static void bits(void)
{
    pair    *p = make_three();
    uint8_t *last = p->bytes[0] + JOURNAL_FIRST + 2 * JOURNAL_BLOCK, *first = p->bytes[0] + JOURNAL_FIRST;
    size_t   whole = JOURNAL_RECORD + 19;

    test_begin("a last record of which any bit is wrong was never finished");
    CHECK_INT(replayed(p), 100101102);
    for (size_t bit = 0; bit < 8 * whole; bit++) {
        last[bit / 8] ^= (uint8_t)(1u << bit % 8);
        CHECK_INT(replayed(p), 100101);
        CHECK_INT(plan_of(p).verdict, JOURNAL_REPLAY);
        last[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }

    test_begin("one of which any bit is wrong, with whole ones behind it, is damage");
    for (size_t bit = 0; bit < 8 * whole; bit++) {
        first[bit / 8] ^= (uint8_t)(1u << bit % 8);
        check_damaged(p, 0, "a record is damaged, and whole ones follow it");
        first[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }

    test_begin("a file that ends within its last record, or before, is as good as one where it was never finished");
    p->files[0].size = JOURNAL_FIRST + 2 * JOURNAL_BLOCK + 60;
    CHECK_INT(replayed(p), 100101);
    p->files[0].size = JOURNAL_FIRST + 2 * JOURNAL_BLOCK;
    CHECK_INT(replayed(p), 100101);
    p->files[0].size = JOURNAL_FIRST;
    CHECK_INT(replayed(p), 0);
    free(p);
}

static void generations(void)
{
    pair *p = make_three();

    test_begin("the next generation's records follow, whether its checkpoint was finished or not");
    record(p, 0, JOURNAL_BATCH, 7, 103, TXN + 4);
    record(p, 1, JOURNAL_BATCH, 7, 104, TXN + 5);
    CHECK_INT(replayed(p), 100101102103104);
    CHECK_INT(plan_of(p).last_txn, TXN + 5);
    header(p, JOURNAL_OPEN, 7, 103, TXN + 3);
    CHECK_INT(plan_of(p).header.generation, 7);
    CHECK_INT(replayed(p), 103104);

    test_begin("one copy of a header is enough");
    memset(p->bytes[1], 'x', JOURNAL_BLOCK);
    CHECK_INT(replayed(p), 103104);

    test_begin("one file without a header is damage where the other is open, whatever records are in it");
    memset(p->bytes[1] + JOURNAL_BLOCK, 'x', JOURNAL_BLOCK);
    check_damaged(p, 1, "it has no header, and may have held what was written last");
    memset(p->bytes[1], 'x', SIZE);
    check_damaged(p, 1, "it has no header, and may have held what was written last");
    memset(p->bytes[1], 0, SIZE);
    check_damaged(p, 1, "it has no header, and may have held what was written last");

    test_begin("a gap between generations is damage");
    header(p, JOURNAL_OPEN, 5, 90, TXN - 10);
    record(p, 0, JOURNAL_BATCH, 7, 103, TXN + 4);
    CHECK_INT(replayed(p), 100101102103);
    memset(p->bytes[0] + JOURNAL_FIRST + 2 * JOURNAL_BLOCK, 0, JOURNAL_BLOCK);
    record(p, 1, JOURNAL_BATCH, 7, 104, TXN + 5);
    check_damaged(p, 0, "a record is damaged, and whole ones follow it");
    free(p);

    p = make_three();
    test_begin("what an older generation, or another opening, left in the file does not count");
    record(p, 3, JOURNAL_BATCH, 4, 103, TXN + 4);
    record(p, 0, JOURNAL_BATCH, 5, 103, TXN + 4);
    CHECK_INT(replayed(p), 100101102);
    record_put64(record(p, 3, JOURNAL_BATCH, 6, 103, TXN + 4) + 24, SALT + 1);
    CHECK_INT(replayed(p), 100101102);

    test_begin("records of a generation whose header must have been there are damage");
    record(p, 0, JOURNAL_BATCH, 8, 200, TXN + 90);
    check_damaged(p, 0, "its header is damaged");
    free(p);
}

static void voids(void)
{
    pair *p = make_three();

    test_begin("a record that was made void does not count, and its transaction's number is used again");
    record(p, 2, JOURNAL_VOID, 6, 102, 101);
    record(p, 3, JOURNAL_BATCH, 6, 103, TXN + 2);
    CHECK_INT(replayed(p), 100103);
    CHECK_INT(plan_of(p).last_txn, TXN + 2);
    record(p, 4, JOURNAL_VOID, 6, 104, 103);
    CHECK_INT(replayed(p), 100);

    test_begin("a void that is for another record, or for none, is damage");
    record(p, 4, JOURNAL_VOID, 6, 104, 100);
    check_damaged(p, 0, "a record is void that was none");
    record(p, 4, JOURNAL_VOID, 6, 104, 103);
    record(p, 5, JOURNAL_VOID, 6, 105, 104);
    check_damaged(p, 0, "a record is void that was none");

    test_begin("transactions that do not follow one another are damage");
    record(p, 4, JOURNAL_BATCH, 6, 104, TXN + 4);
    check_damaged(p, 0, "its transactions do not follow one another");
    free(p);
}

static void states(void)
{
    pair *p = make_three();

    test_begin("a journal that was closed, or never begun, has nothing to replay");
    header(p, JOURNAL_CLEAN, 7, 0, TXN + 3);
    CHECK_INT(plan_of(p).verdict, JOURNAL_NOTHING);
    CHECK(!plan_of(p).bare);
    memset(p->bytes[0], 'x', SIZE);
    CHECK_INT(plan_of(p).verdict, JOURNAL_NOTHING);
    CHECK(plan_of(p).bare);

    test_begin("but for records that were begun after it was closed: their header is what is lost");
    record(p, 0, JOURNAL_BATCH, 8, 103, TXN + 4);
    check_damaged(p, 0, "its header is damaged");
    memset(p->bytes, 0, sizeof p->bytes);
    CHECK_INT(plan_of(p).verdict, JOURNAL_NONE);
    p->files[0].size = p->files[1].size = 0;
    CHECK_INT(plan_of(p).verdict, JOURNAL_NONE);
    free(p);

    p = make_three();
    test_begin("a header in the other's file counts for nothing, and one that LMDB could not read is damage");
    memcpy(p->bytes[1], p->bytes[0], SIZE);
    memset(p->bytes[0], 0, JOURNAL_FIRST);
    CHECK_INT(plan_of(p).verdict, JOURNAL_NONE);
    memcpy(p->bytes[0], p->bytes[1], JOURNAL_HEADER);
    record_put64(p->bytes[0] + 48, TXN + 1);
    record_put64(p->bytes[0] + 504, (uint64_t)crc32c(0, p->bytes[0], 508) << 32);
    check_damaged(p, 0, "its header makes no sense");
    free(p);
}

int main(void)
{
    entries();
    golden();
    bits();
    generations();
    voids();
    states();
    return test_end();
}
