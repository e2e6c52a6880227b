/* older_test.c: of a store's folder some files are put back as they were before, or are of another store. What was
 * answered since must not vanish without a word: it is refused, by a service, by one that shares it, and by maru store.
 * Whatever is done to a store by its own means is not taken for that. */
#include "left.h"
#include "spoil.h"
#include "store/care.h"

enum { FIRST = 20, MORE = 40 };

static void check_refused(maru_runtime *rt, const char *path, const char *words)
{
    maru_store_options options = kit_options(path);
    maru_store        *store;
    care              *c;
    maru_error         error = {.text = ""};

    for (int i = 0; i < 2; i++) {
        options.shared = i == 1;
        if (!CHECK_INT(maru_store_open(rt, &options, &store, &error), MARU_DATA_LOSS))
            maru_store_close(store);
        CHECK_CONTAINS(error.text, words);
        CHECK_CONTAINS(error.text, "/data.mdb is not the file that journal.");
        CHECK_CONTAINS(error.text, "; put that one back, or restore the store from a backup");
    }
    CHECK_INT(care_open(path, false, &c, &error), MARU_DATA_LOSS);
    CHECK_CONTAINS(error.text, words);
    care_close(c);
}

static void file_in(const char *path, const char *name, char into[static PATH_MAX])
{
    snprintf(into, PATH_MAX, "%.4000s/%s", path, name);
}

static void remove_file(const char *path, const char *name)
{
    char full[PATH_MAX];

    file_in(path, name, full);
    CHECK_INT(unlink(full), 0);
}

/* ---- data.mdb ---- */

static void older_data(maru_runtime *rt)
{
    char *path = kit_folder(), *before, *now;

    test_begin("an older data.mdb of a store that was closed is refused, and the newer one opens again");
    left_write(rt, path, 1, FIRST);
    before = left_copy(path);
    left_write(rt, path, FIRST + 1, FIRST + 1);
    now = left_copy(path);
    left_copy_file(before, path, "data.mdb");
    check_refused(rt, path, "it is older than the store was when it was closed");
    left_copy_file(now, path, "data.mdb");
    left_check(rt, path, FIRST + 1);

    test_begin("all files as they were before are a store as it was, and so is data.mdb once STORE is removed by hand");
    left_check(rt, before, FIRST);
    left_copy_file(before, path, "data.mdb");
    remove_file(path, "STORE");
    left_check(rt, path, FIRST);
    left_write(rt, path, FIRST + 1, MORE);
    left_check(rt, path, MORE);
    kit_folder_end(path);
    kit_folder_end(before);
    kit_folder_end(now);
}

static void compact_store(const char *path, care_repaired *done)
{
    char       kept[PATH_MAX];
    care      *c;
    maru_error error = {.text = ""};

    snprintf(kept, sizeof kept, "%.4000s-kept", path);
    if (CHECK_INT(care_open(path, true, &c, &error), MARU_OK))
        CHECK_INT(done == NULL ? care_compact(c, &error) : care_repair(c, kept, NULL, NULL, done, &error), MARU_OK);
    CHECK_STR(error.text, "");
    if (done != NULL)
        kit_folder_end(strdup(kept));
}

/* A record within a page, which can be damaged by itself. */
static void write_small(maru_runtime *rt, const char *path)
{
    maru_store_options options = kit_options(path);
    maru_store        *store = kit_open(rt, &options);
    maru_call         *call = maru_call_begin(rt, 0);

    CHECK_INT(kit_put(store, call, "small", 1), MARU_OK);
    maru_call_end(call);
    maru_store_close(store);
}

/* Of both places of LMDB's last header. */
static void older_than_replaced(maru_runtime *rt)
{
    test_begin("so is one from before the store was compacted or repaired, and written to since");
    for (int i = 0; i < 4; i++) {
        care_repaired done;
        char         *path = kit_folder(), *before, *now;
        int           first = FIRST + i % 2;

        left_write(rt, path, 1, first);
        write_small(rt, path);
        before = left_copy(path);
        if (i >= 2)
            spoil_where(path, (spoiling){.needle = "\1small", .size = 6, .at = 6 + 10, .bits = 1});
        compact_store(path, i < 2 ? NULL : &done);
        if (i >= 2)
            CHECK_INT(done.dropped, 1);
        left_write(rt, path, first + 1, first + 1);
        now = left_copy(path);
        left_copy_file(before, path, "data.mdb");
        check_refused(rt, path, "it is older than the store was when it was closed");
        left_copy_file(now, path, "data.mdb");
        left_check(rt, path, first + 1);
        kit_folder_end(path);
        kit_folder_end(before);
        kit_folder_end(now);
    }
}

static void other_data(maru_runtime *rt)
{
    char *path = kit_folder(), *other = kit_folder();

    test_begin("so is the data.mdb of another store, whether it was written to less or more");
    left_write(rt, path, 1, FIRST);
    for (int last = 1; last <= MORE; last += MORE - 1) {
        left_write(rt, other, 1, last);
        left_copy_file(other, path, "data.mdb");
        check_refused(rt, path, "it is of another store, or of a copy");
    }
    kit_folder_end(path);
    kit_folder_end(other);
}

/* ---- the journal ---- */

static void put_journal_back(const char *from, const char *path)
{
    left_copy_file(from, path, "journal.0");
    left_copy_file(from, path, "journal.1");
}

/* Records of 30,000 bytes: a recovery makes one transaction of 18. */
static void older_journal(maru_runtime *rt)
{
    static const int later[] = {1, 2, 15};

    test_begin("a journal that was recovered is not done again over what was written since, however little that was");
    for (size_t i = 0; i < sizeof later / sizeof *later; i++)
        for (int killed = 0; killed < 2; killed++) {
            char *path = kit_folder(), *before;

            left_write(rt, path, 1, 2);
            left_open(path, 3, MORE);
            before = left_copy(path);
            left_check(rt, path, MORE);
            if (killed)
                left_open(path, MORE + 1, MORE + later[i]);
            else
                left_write(rt, path, MORE + 1, MORE + later[i]);
            put_journal_back(before, path);
            check_refused(rt, path, "it was written without the journal since");
            kit_folder_end(before);
            kit_folder_end(path);
        }

    test_begin("where nothing was written since, it is the same store again, as often as one likes");
    {
        char *path = kit_folder(), *before;

        left_open(path, 1, MORE);
        before = left_copy(path);
        for (int i = 0; i < 3; i++) {
            put_journal_back(before, path);
            left_check(rt, path, MORE);
        }
        kit_folder_end(before);
        kit_folder_end(path);
    }
}

static void refused_in_words(maru_runtime *rt, const char *path, const char *words)
{
    maru_store_options options = kit_options(path);
    maru_store        *store;
    care              *c;
    maru_error         error = {.text = ""};

    if (!CHECK_INT(maru_store_open(rt, &options, &store, &error), MARU_DATA_LOSS))
        maru_store_close(store);
    CHECK_CONTAINS(error.text, words);
    CHECK_INT(care_open(path, false, &c, &error), MARU_DATA_LOSS);
    CHECK_CONTAINS(error.text, words);
    care_close(c);
}

static void swap_journals(const char *path)
{
    char first[PATH_MAX], second[PATH_MAX], aside[PATH_MAX];

    file_in(path, "journal.0", first);
    file_in(path, "journal.1", second);
    file_in(path, "aside", aside);
    CHECK_INT(rename(first, aside), 0);
    CHECK_INT(rename(second, first), 0);
    CHECK_INT(rename(aside, second), 0);
}

static void swapped(maru_runtime *rt)
{
    char *path = kit_folder();

    test_begin("where the journal's files have each other's names it is said so, of a closed store and of an open one");
    left_write(rt, path, 1, FIRST);
    for (int i = 0; i < 2; i++) {
        swap_journals(path);
        refused_in_words(rt, path,
                         "/journal.0 is what journal.1 should be, and the other way round; give each the other's name, "
                         "or restore the store from a backup");
        swap_journals(path);
        if (i == 0)
            left_open(path, FIRST + 1, MORE);
    }
    left_check(rt, path, MORE);
    kit_folder_end(path);
}

static void no_data(maru_runtime *rt)
{
    static const char garbage[8192] = "garbage";
    char             *path = kit_folder(), full[PATH_MAX];
    int               fd;

    test_begin("a data.mdb that is empty, or no file, or garbage, is said to be that and not to be older");
    left_open(path, 1, FIRST);
    file_in(path, "data.mdb", full);
    CHECK_INT(truncate(full, 0), 0);
    refused_in_words(rt, path,
                     "/data.mdb is empty, though the journal beside it holds writes for it; put it back, or restore");
    fd = open(full, O_WRONLY);
    CHECK_INT(write(fd, garbage, sizeof garbage), sizeof garbage);
    close(fd);
    refused_in_words(rt, path, "was written for: it is no LMDB file; put that one back, or restore");
    CHECK_INT(unlink(full), 0);
    CHECK_INT(mkfifo(full, 0600), 0);
    refused_in_words(rt, path, "/data.mdb is a FIFO, though the journal beside it holds writes for it; put it back");
    CHECK_INT(unlink(full), 0);
    CHECK_INT(mkdir(full, 0700), 0);
    refused_in_words(rt, path, "/data.mdb is a folder, though the journal beside it holds writes for it; put it back");
    CHECK_INT(rmdir(full), 0);
    CHECK_INT(symlink("elsewhere", full), 0);
    refused_in_words(rt, path, "/data.mdb is a symbolic link, though the journal beside it holds writes for it; put");
    kit_folder_end(path);
}

/* ---- what is no loss ---- */

static void check_renewed(maru_runtime *rt, const char *path)
{
    left_check(rt, path, FIRST);
    left_check(rt, path, FIRST); /* its journal was begun anew, and belongs to it */
    left_write(rt, path, FIRST + 1, MORE);
    left_check(rt, path, MORE);
}

static void renewed(maru_runtime *rt)
{
    char      *path = kit_folder(), *above = kit_folder(), backup[PATH_MAX], restored[PATH_MAX];
    care      *c;
    maru_error error = {.text = ""};

    test_begin("a store that was compacted, and one that was restored, open again and again");
    left_write(rt, path, 1, FIRST);
    snprintf(backup, sizeof backup, "%s/backup", above);
    snprintf(restored, sizeof restored, "%s/restored", above);
    CHECK_INT(care_open(path, true, &c, &error), MARU_OK);
    CHECK_INT(care_backup(c, backup, &error), MARU_OK);
    care_close(c);
    CHECK_INT(care_restore(backup, restored, "cart", &error), MARU_OK);
    check_renewed(rt, restored);
    CHECK_INT(care_open(path, true, &c, &error), MARU_OK);
    CHECK_INT(care_compact(c, &error), MARU_OK);
    check_renewed(rt, path);
    CHECK_STR(error.text, "");
    kit_folder_end(path);
    kit_folder_end(above);
}

static void shared(maru_runtime *rt)
{
    char              *path = kit_folder();
    maru_store_options options = kit_options(path);
    maru_store        *store;

    test_begin("so does one that was shared, which uses no journal, and one of the version before");
    left_write(rt, path, 1, FIRST);
    options.shared = true;
    store = kit_open(rt, &options);
    left_put(rt, store, FIRST + 1, MORE);
    maru_store_close(store);
    left_check(rt, path, MORE);
    options.shared = false;
    options.version++;
    for (int i = 0; i < 2; i++) {
        store = kit_open(rt, &options);
        maru_store_close(store);
    }
    kit_folder_end(path);
}

static void begun_anew(maru_runtime *rt)
{
    char *path = kit_folder();

    test_begin("and one that is begun anew beside the journal of what was there");
    left_write(rt, path, 1, MORE);
    remove_file(path, "data.mdb");
    remove_file(path, "STORE");
    left_check(rt, path, 0);
    left_check(rt, path, 0);
    left_open(path, 1, FIRST);
    left_check(rt, path, FIRST);
    kit_folder_end(path);
}

int main(int argc, char **argv)
{
    maru_runtime *rt;

    left_is_child(argc, argv);
    rt = kit_runtime(NULL);
    older_data(rt);
    older_than_replaced(rt);
    other_data(rt);
    older_journal(rt);
    swapped(rt);
    no_data(rt);
    renewed(rt);
    shared(rt);
    begun_anew(rt);
    maru_runtime_free(rt);
    return test_end();
}
