/* doubt_test.c: damaged records whose table may be what is damaged: what a repair refuses, since they may be events,
 * and what is not shown of them, since they may be a caller's. */
#include "spoil.h"
#include "store/care.h"
#include "store/inside.h"
#include "store/record.h"

typedef struct placed {
    uint8_t     table;
    const char *key;
} placed;

/* One store: what is in it, what is spoiled (two bytes of it where also is not 0), and what a repair says. */
typedef struct trial {
    const char *what;
    placed      records[8];
    placed      spoiled;
    off_t       at; /* from the table's byte of the key */
    uint8_t     bits;
    off_t       also;
    unsigned    low, high;
    const char *words; /* NULL: it takes the record out */
} trial;

static const trial trials[] = {
    {.what = "the last event's table becomes one of replies: one bit, and in order",
     .records = {{1, "u1"}, {1, "u2"}, {TABLE_LOG, "e1"}, {TABLE_LOG, "e2"}, {TABLE_ONCE_TIME, "t"}},
     .spoiled = {TABLE_LOG, "e2"},
     .bits = TABLE_LOG ^ TABLE_ONCE_TIME,
     .low = TABLE_LOG,
     .high = TABLE_ONCE_TIME,
     .words = "a record that may be of an event (it lies between tables 252 and 253) is damaged, and others count on "
              "those: restore it from a backup"},
    {.what = "the only event's",
     .records = {{1, "u1"}, {TABLE_LOG, "e1"}, {TABLE_ONCE, "r"}},
     .spoiled = {TABLE_LOG, "e1"},
     .bits = TABLE_LOG ^ TABLE_ONCE_TIME,
     .low = 1,
     .high = TABLE_ONCE,
     .words = "(it lies between tables 1 and 254) is damaged, and others count on those"},
    {.what = "a timer's table becomes a service's",
     .records = {{1, "u1"}, {TABLE_LATER, "t"}},
     .spoiled = {TABLE_LATER, "t"},
     .bits = TABLE_LATER ^ 182,
     .low = 1,
     .high = TABLE_STORE,
     .words = "(it lies between tables 1 and 255) is damaged, and others count on those"},
    {.what = "so does that of a note of what was applied",
     .records = {{1, "u1"}, {TABLE_APPLIED, "a"}},
     .spoiled = {TABLE_APPLIED, "a"},
     .bits = TABLE_APPLIED ^ 185,
     .low = 1,
     .high = TABLE_STORE,
     .words = "is damaged, and others count on those"},
    {.what = "an event whose table is whole is told by it",
     .records = {{1, "u1"}, {TABLE_LOG, "e1"}, {TABLE_ONCE, "r"}},
     .spoiled = {TABLE_LOG, "e1"},
     .at = 1,
     .bits = 4,
     .low = TABLE_LOG,
     .high = TABLE_LOG,
     .words = "a record of table 252 (log) is damaged, and others count on those"},
    {.what = "the last of a service's may be an event where more than a bit is damaged",
     .records = {{1, "u1"}, {1, "u2"}, {TABLE_ONCE, "r"}},
     .spoiled = {1, "u2"},
     .at = 12,
     .bits = 1,
     .also = 13,
     .low = 1,
     .high = TABLE_ONCE,
     .words = "(it lies between tables 1 and 254) is damaged, and others count on those"},
    {.what = "and is the service's where one bit is, which is not the table's",
     .records = {{1, "u1"}, {1, "u2"}, {TABLE_ONCE, "r"}},
     .spoiled = {1, "u2"},
     .at = 12,
     .bits = 1,
     .low = 1,
     .high = 1},
    {.what = "between two of a service's there is nothing else, whatever is damaged",
     .records = {{1, "u1"}, {1, "u2"}, {2, "u3"}, {TABLE_LOG, "e1"}},
     .spoiled = {1, "u2"},
     .at = 12,
     .bits = 1,
     .also = 13,
     .low = 1,
     .high = 2},
    {.what = "nor before the first, whatever becomes of its table",
     .records = {{1, "u1"}, {1, "u2"}, {TABLE_LOG, "e1"}},
     .spoiled = {1, "u1"},
     .bits = 1,
     .high = 1},
    {.what = "nor among replies",
     .records = {{TABLE_LOG, "e1"}, {TABLE_ONCE_TIME, "t"}, {TABLE_ONCE, "r"}},
     .spoiled = {TABLE_ONCE, "r"},
     .at = 12,
     .bits = 1,
     .also = 13,
     .low = TABLE_ONCE_TIME,
     .high = TABLE_STORE},
    {.what = "what a caller made up is not shown where its table became a service's",
     .records = {{1, "u1"}, {TABLE_ONCE_TIME, "t"}, {TABLE_ONCE, "r"}},
     .spoiled = {TABLE_ONCE_TIME, "t"},
     .bits = 0x80,
     .low = 1,
     .high = TABLE_ONCE,
     .words = "(it lies between tables 1 and 254) is damaged, and others count on those"},
};

static const maru_table own[] = {
    {.number = TABLE_LATER, .name = "later", .record = &store_test__item__descriptor},
    {.number = TABLE_APPLIED, .name = "applied", .record = &store_test__item__descriptor},
    {.number = TABLE_LOG, .name = "log", .record = &store_test__item__descriptor},
    {.number = TABLE_ONCE_TIME, .name = "times", .record = &store_test__item__descriptor},
    {.number = TABLE_ONCE, .name = "once", .record = &store_test__item__descriptor},
};

static const maru_table *table_of(uint8_t number)
{
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (own[i].number == number)
            return &own[i];
    return number == items.number ? &items : &others;
}

static maru_status put_all(maru_txn *txn, void *arg)
{
    const placed   *records = arg;
    StoreTest__Item record = STORE_TEST__ITEM__INIT;
    maru_status     status = MARU_OK;

    record.name = (char *)"what is in it";
    for (size_t i = 0; status == MARU_OK && records[i].key != NULL; i++)
        status = maru_put(txn, table_of(records[i].table), maru_key_text(records[i].key), &record.base);
    return status;
}

static void fill(maru_runtime *rt, const char *path, const trial *t)
{
    maru_store_options options = kit_options(path);
    maru_store        *store = kit_open(rt, &options);
    maru_call         *call = maru_call_begin(rt, 0);

    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        store_add_table(store, &own[i]);
    CHECK_INT(maru_store_write(store, call, put_all, (void *)t->records), MARU_OK);
    maru_call_end(call);
    maru_store_close(store);
}

static void damage(const char *path, const trial *t)
{
    char   needle[16];
    size_t size = (size_t)snprintf(needle, sizeof needle, "%c%s", t->spoiled.table, t->spoiled.key);

    if (t->also != 0)
        spoil(path, needle, size, t->also, 0x10);
    spoil(path, needle, size, t->at, t->bits);
}

typedef struct doubts {
    int      count;
    unsigned low, high;
} doubts;

static bool see(void *arg, const care_record *record)
{
    doubts *d = arg;

    if (record->fault == NULL)
        return CHECK(record->low == record->table && record->high == record->table);
    *d = (doubts){.count = d->count + 1, .low = record->low, .high = record->high};
    return true;
}

static void check_walk(care *opened, const trial *t)
{
    doubts     d = {.count = 0};
    maru_error error;

    CHECK_INT(care_walk(opened, see, &d, &error), MARU_OK);
    CHECK_INT(d.count, 1);
    CHECK_INT(d.low, t->low);
    CHECK_INT(d.high, t->high);
}

static void check_trial(maru_runtime *rt, const trial *t)
{
    char         *folder = kit_folder(), path[200], aside[200];
    care         *opened;
    care_repaired done;
    maru_error    error;

    test_begin(t->what);
    snprintf(path, sizeof path, "%s/store", folder);
    snprintf(aside, sizeof aside, "%s/kept", folder);
    fill(rt, path, t);
    damage(path, t);
    if (CHECK_INT(care_open(path, true, &opened, &error), MARU_OK)) {
        check_walk(opened, t);
        CHECK_INT(care_repair(opened, aside, NULL, NULL, &done, &error),
                  t->words == NULL ? MARU_OK : MARU_FAILED_PRECONDITION);
        CHECK_INT(done.dropped, 1);
        if (t->words != NULL)
            CHECK_CONTAINS(error.text, t->words);
        CHECK_INT(access(aside, F_OK) == 0, t->words == NULL);
    }
    kit_folder_end(folder);
}

int main(void)
{
    maru_runtime *rt = kit_runtime(NULL);

    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++)
        check_trial(rt, &trials[i]);
    maru_runtime_free(rt);
    return test_end();
}
