/* compact_test.c: a store that was made smaller is one that LMDB goes on with: values of many pages, pages that were
 * given up, none left at all. */
#include "kit.h"
#include "store/care.h"
#include "store/datafile.h"

enum { RECORDS = 60, ROUNDS = 4 };

static size_t filler_of(int number, int round)
{
    return (size_t)((number * 7919 + round * 104729) % 200000) / (number % 3 == 0 ? 1000 : 1);
}

static const char *key_of(int number, char into[static 16])
{
    snprintf(into, 16, "k%d", number);
    return into;
}

/* Puts each anew, with a value of another size, or takes some of them out. */
static maru_status change_in(maru_txn *txn, void *arg)
{
    int         round = *(int *)arg;
    maru_status status = MARU_OK;

    for (int i = 0; i < RECORDS && status == MARU_OK; i++) {
        char     key[16];
        kit_item item = {.key = key_of(i, key), .count = i + round, .filler = filler_of(i, round)};

        status = round > 0 && i % 5 == round ? kit_delete_in(txn, &item) : kit_put_in(txn, &item);
        if (status == MARU_OK && i % 7 == 0 && i % 5 != round) { /* one that shrinks keeps its pages */
            item.filler /= 3;
            status = kit_put_in(txn, &item);
        }
    }
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

static void change(maru_runtime *rt, const char *path, int round)
{
    maru_store_options options = kit_options(path);
    maru_store        *store = kit_open(rt, &options);
    maru_call         *call = maru_call_begin(rt, 0);

    CHECK_INT(maru_store_write(store, call, change_in, &round), MARU_OK);
    maru_call_end(call);
    maru_store_close(store);
}

static maru_status clear_in(maru_txn *txn, void *arg)
{
    for (int i = 0; i < RECORDS; i++) {
        char        key[16];
        kit_item    item = {.key = key_of(i, key)};
        maru_status status = kit_delete_in(txn, &item);

        if (status != MARU_OK && status != MARU_NOT_FOUND)
            return status;
    }
    return MARU_OK;
}

static void clear(maru_runtime *rt, const char *path)
{
    maru_store_options options = kit_options(path);
    maru_store        *store = kit_open(rt, &options);
    maru_call         *call = maru_call_begin(rt, 0);

    CHECK_INT(maru_store_write(store, call, clear_in, NULL), MARU_OK);
    maru_call_end(call);
    maru_store_close(store);
}

static void check_there(maru_runtime *rt, const char *path, int round)
{
    maru_store_options options = kit_options(path);
    maru_store        *store = kit_open(rt, &options);
    maru_call         *call = maru_call_begin(rt, 0);
    int                wrong = 0;

    for (int i = 0; i < RECORDS; i++) {
        char    key[16];
        int64_t want = round > 0 && i % 5 == round ? -(int64_t)MARU_NOT_FOUND : i + round;

        wrong += kit_get(store, call, key_of(i, key)) != want;
    }
    CHECK_INT(wrong, 0);
    maru_call_end(call);
    maru_store_close(store);
}

static void check_pages(const char *path)
{
    char           full[PATH_MAX];
    datafile_state state;
    maru_error     error = {.text = ""};

    snprintf(full, sizeof full, "%s/data.mdb", path);
    CHECK_INT(datafile_check(full, DATAFILE_PAGES, &state, &error), MARU_OK);
    CHECK_STR(error.text, "");
}

static void compact(const char *path, bool none_free)
{
    care      *c;
    care_facts before, facts;
    maru_error error = {.text = ""};

    if (CHECK_INT(care_open(path, true, &c, &error), MARU_OK)) {
        CHECK_INT(care_look(c, &before, &error), MARU_OK);
        CHECK_INT(care_compact(c, &error), MARU_OK);
    }
    if (CHECK_INT(care_open(path, true, &c, &error), MARU_OK)) {
        CHECK_INT(care_look(c, &facts, &error), MARU_OK);
        CHECK_INT(facts.free_bytes, 0);
        CHECK_INT(facts.records, before.records);
        CHECK(!none_free || facts.bytes < before.bytes);
        care_close(c);
    }
    CHECK_STR(error.text, "");
    check_pages(path);
}

int main(void)
{
    maru_runtime *rt = kit_runtime(NULL);
    char         *path = kit_folder();

    test_begin("a store with values of many pages is the same when it was made smaller, and can be written");
    for (int round = 0; round < ROUNDS; round++) {
        change(rt, path, round);
        check_pages(path);
        compact(path, round > 0);
        check_there(rt, path, round);
        check_pages(path);
    }
    test_begin("so is one of which all was taken out");
    clear(rt, path);
    compact(path, true);
    compact(path, false);
    change(rt, path, 0);
    check_there(rt, path, 0);
    check_pages(path);
    kit_folder_end(path);
    maru_runtime_free(rt);
    return test_end();
}
