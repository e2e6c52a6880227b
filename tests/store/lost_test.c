/* lost_test.c: a store that lost its file, its own record or its journal is not taken for a new one, or for none. */
#include <lmdb.h>

#include "spoil.h"
#include "store/care.h"

static void make(maru_runtime *rt, const char *path)
{
    maru_store_options options = kit_options(path);
    maru_store        *store = kit_open(rt, &options);
    maru_call         *call = maru_call_begin(rt, 0);

    CHECK_INT(kit_put(store, call, "key", 1), MARU_OK);
    maru_call_end(call);
    maru_store_close(store);
}

static void check_empty(maru_runtime *rt, const char *path)
{
    maru_store        *store;
    maru_store_options options;
    care              *opened;
    maru_error         error;
    MDB_env           *env;
    struct stat        about;
    char               file[256];

    test_begin("an empty file is left as it is, and not made a store without records");
    snprintf(file, sizeof file, "%s/data.mdb", path);
    CHECK_INT(truncate(file, 0), 0);
    CHECK_INT(care_open(path, true, &opened, &error), MARU_DATA_LOSS);
    CHECK_CONTAINS(error.text, "/store/data.mdb is missing or empty, though a store was made here; restore it from a");
    CHECK(stat(file, &about) == 0 && about.st_size == 0);
    care_close(opened);

    test_begin("nor does a service take one that LMDB made of it for a new store");
    CHECK_INT(mdb_env_create(&env), 0);
    CHECK_INT(mdb_env_open(env, path, 0, 0600), 0);
    mdb_env_close(env);
    options = kit_options(path);
    CHECK_INT(maru_store_open(rt, &options, &store, &error), MARU_DATA_LOSS);
    CHECK_CONTAINS(error.text, "/store/data.mdb is missing or empty, though a store was made here");
}

/* What whoever opens it is told. */
static void both_say(maru_runtime *rt, const char *path, const char *words)
{
    maru_store        *store;
    maru_store_options options = kit_options(path);
    care              *opened;
    maru_error         error = {.text = ""};

    for (int alone = 0; alone < 2; alone++) {
        CHECK_INT(care_open(path, alone, &opened, &error), MARU_DATA_LOSS);
        CHECK_CONTAINS(error.text, words);
    }
    CHECK_INT(maru_store_open(rt, &options, &store, &error), MARU_DATA_LOSS);
    CHECK_CONTAINS(error.text, words);
}

static void lose_file(const char *path, const char *name)
{
    char file[256];

    snprintf(file, sizeof file, "%s/%s", path, name);
    CHECK_INT(unlink(file), 0);
}

static void check_gone(maru_runtime *rt, const char *path)
{
    maru_store        *store;
    maru_store_options options = kit_options(path);
    care              *opened;
    maru_error         error;

    test_begin("a store whose file is gone is not said to be none, by a service or by maru store");
    store = kit_open(rt, &options);
    lose_file(path, "data.mdb");
    CHECK_INT(care_open(path, false, &opened, &error), MARU_DATA_LOSS);
    CHECK_CONTAINS(error.text, "/store/data.mdb is missing, though its service runs on it; stop that, and restore");
    maru_store_close(store);
    both_say(rt, path, "/store/data.mdb is missing or empty, though a store was made here; restore it from a backup");
    lose_file(path, "journal.0");
    both_say(rt, path, "/store/journal.0 is missing, though the store was made with it; put it back, or restore");

    test_begin("nor does either make a new one in its place");
    CHECK(access(path, F_OK) == 0);
    lose_file(path, "STORE");
    lose_file(path, "journal.1");
    CHECK_INT(care_open(path, true, &opened, &error), MARU_NOT_FOUND);
    CHECK_CONTAINS(error.text, "/store: there is no store");
}

static void check_own_record(maru_runtime *rt, const char *path)
{
    maru_store        *store;
    maru_store_options options;
    care              *opened;
    care_facts         facts;
    maru_error         error;

    test_begin("a store whose own record has another key now is a damaged one, and not none");
    spoil(path, BYTES("\xffstore"), 1, 1);
    options = kit_options(path);
    CHECK_INT(maru_store_open(rt, &options, &store, &error), MARU_DATA_LOSS);
    CHECK_CONTAINS(error.text, "/store: its own record is damaged; restore it from a backup");
    if (CHECK_INT(care_open(path, true, &opened, &error), MARU_OK))
        CHECK_INT(care_look(opened, &facts, &error), MARU_DATA_LOSS);
    CHECK_CONTAINS(error.text, "/store: its own record is damaged; restore it from a backup");
    care_close(opened);
}

static void check_no_note(maru_runtime *rt, const char *path)
{
    char file[256], other[256];

    test_begin("where STORE is no file, it is said what it is, and what is wanted");
    snprintf(file, sizeof file, "%s/STORE", path);
    snprintf(other, sizeof other, "%s.kept", path);
    CHECK_INT(rename(file, other), 0);
    CHECK_INT(mkdir(file, 0700), 0);
    both_say(rt, path, "/store/STORE is a folder; want the file that says that a store was made here: put it back, or");
    CHECK_INT(rmdir(file), 0);
    CHECK_INT(symlink(other, file), 0);
    both_say(rt, path, "/store/STORE is a symbolic link; want the file");
    CHECK_INT(unlink(file), 0);
    CHECK_INT(rename(other, file), 0);
}

/* By a service, and by maru store. */
static void both_refuse(maru_runtime *rt, const char *path, maru_status status, const char *words)
{
    maru_store        *store;
    maru_store_options options = kit_options(path);
    care              *opened;
    maru_error         error = {.text = ""};

    if (!CHECK_INT(maru_store_open(rt, &options, &store, &error), status))
        maru_store_close(store);
    CHECK_CONTAINS(error.text, words);
    error = (maru_error){.text = ""};
    if (!CHECK_INT(care_open(path, false, &opened, &error), status))
        care_close(opened);
    CHECK_CONTAINS(error.text, words);
}

static void check_links(maru_runtime *rt, const char *path)
{
    static const char *const names[] = {"lock.mdb", "lock", "opening"};
    char                     file[256], victim[256], words[96];
    struct stat              about;

    test_begin(
        "a link or a FIFO in the place of a lock is refused, and not followed: LMDB would write over what it finds");
    snprintf(victim, sizeof victim, "%s.victim", path);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(file, sizeof file, "%s/%s", path, names[i]);
        CHECK_INT(unlink(file), 0);
        CHECK_INT(symlink(victim, file), 0);
        snprintf(words, sizeof words, "/store/%s: want a file, is a symbolic link", names[i]);
        both_refuse(rt, path, MARU_PERMISSION_DENIED, words);
        CHECK(access(victim, F_OK) != 0);
        close(open(victim, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        both_refuse(rt, path, MARU_PERMISSION_DENIED, words);
        CHECK(stat(victim, &about) == 0 && about.st_size == 0);
        CHECK_INT(unlink(victim), 0);
        CHECK_INT(unlink(file), 0);
        CHECK_INT(mkfifo(file, 0600), 0);
        snprintf(words, sizeof words, "/store/%s: want a file, is a FIFO", names[i]);
        both_refuse(rt, path, MARU_PERMISSION_DENIED, words);
        CHECK_INT(unlink(file), 0);
    }
}

/* Of a store that is closed: data.mdb has all of it. */
static void check_linked_data(maru_runtime *rt, const char *path)
{
    char       file[256], other[256], restored[256];
    maru_error error = {.text = ""};

    test_begin("a data.mdb that is a link is refused, and not followed, also of a backup");
    snprintf(file, sizeof file, "%s/data.mdb", path);
    snprintf(other, sizeof other, "%s.other", path);
    CHECK_INT(rename(file, other), 0);
    CHECK_INT(symlink(other, file), 0);
    both_refuse(rt, path, MARU_FAILED_PRECONDITION, "/store/data.mdb: want a file, is a symbolic link");
    lose_file(path, "STORE");
    lose_file(path, "journal.0");
    lose_file(path, "journal.1");
    snprintf(restored, sizeof restored, "%s.restored-here", path);
    CHECK_INT(care_restore(path, restored, "cart", &error), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(error.text, "/store/data.mdb: want a file, is a symbolic link");
    CHECK(access(restored, F_OK) != 0);
}

static void check_linked_folder(maru_runtime *rt, const char *path)
{
    char               other[256];
    maru_store_options options = kit_options(path);
    maru_store        *store;
    care              *opened;
    maru_error         error;

    test_begin("a store's folder may be a link: to another disk, say");
    snprintf(other, sizeof other, "%s.other", path);
    CHECK_INT(rename(path, other), 0);
    CHECK_INT(symlink(other, path), 0);
    store = kit_open(rt, &options);
    if (CHECK_INT(care_open(path, false, &opened, &error), MARU_OK))
        care_close(opened);
    maru_store_close(store);
    if (CHECK_INT(care_open(path, true, &opened, &error), MARU_OK))
        CHECK_INT(care_compact(opened, &error), MARU_OK);
    maru_store_close(kit_open(rt, &options));
}

static void check_data_of_others(maru_runtime *rt, const char *path)
{
    maru_store_options options = kit_options(path);
    maru_store        *store = kit_open(rt, &options);
    care              *opened;
    maru_error         error = {.text = ""};
    char               file[256], other[256];

    test_begin("maru store follows no data.mdb beside the service either");
    snprintf(file, sizeof file, "%s/data.mdb", path);
    snprintf(other, sizeof other, "%s.other", path);
    CHECK_INT(rename(file, other), 0);
    CHECK_INT(symlink(other, file), 0);
    if (!CHECK_INT(care_open(path, false, &opened, &error), MARU_FAILED_PRECONDITION))
        care_close(opened);
    CHECK_CONTAINS(error.text, "/store/data.mdb: want a file, is a symbolic link");
    maru_store_close(store);
}

static void check_table_of_others(maru_runtime *rt, const char *path)
{
    maru_store_options options = kit_options(path);
    maru_store        *store = kit_open(rt, &options);
    care              *opened;
    maru_error         error = {.text = ""};
    char               file[256], victim[256];

    test_begin("nor does maru store follow one beside the service");
    snprintf(victim, sizeof victim, "%s.victim", path);
    snprintf(file, sizeof file, "%s/lock.mdb", path);
    CHECK_INT(unlink(file), 0);
    CHECK_INT(symlink(victim, file), 0);
    if (!CHECK_INT(care_open(path, false, &opened, &error), MARU_PERMISSION_DENIED))
        care_close(opened);
    CHECK_CONTAINS(error.text, "/store/lock.mdb: want a file, is a symbolic link");
    CHECK(access(victim, F_OK) != 0);
    maru_store_close(store);
}

static void put(const char *path, const char *name, const char *bytes, size_t size)
{
    char  file[256];
    FILE *out;

    snprintf(file, sizeof file, "%s/%s", path, name);
    if (CHECK((out = fopen(file, "w")) != NULL)) {
        CHECK_INT(fwrite(bytes, 1, size, out), size);
        fclose(out);
    }
}

static void check_kept(maru_runtime *rt, const char *path, const char *name, const char *want)
{
    maru_store        *store;
    maru_store_options options = kit_options(path);
    maru_error         error = {.text = ""};
    char               file[256], text[8] = "", words[120];
    FILE              *in;

    snprintf(file, sizeof file, "%s/%s", path, name);
    snprintf(words, sizeof words, "/%s: want nothing, or a %s", name, want);
    put(path, name, "mine\n", 5);
    if (!CHECK_INT(maru_store_open(rt, &options, &store, &error), MARU_ALREADY_EXISTS))
        maru_store_close(store);
    CHECK_CONTAINS(error.text, words);
    if (CHECK((in = fopen(file, "r")) != NULL)) {
        CHECK_INT(fread(text, 1, sizeof text - 1, in), 5);
        fclose(in);
    }
    CHECK_STR(text, "mine\n");
    CHECK_INT(unlink(file), 0);
}

static void check_foreign(maru_runtime *rt, const char *path)
{
    static const char blocks[8192] = "";
    static const struct {
        const char *name, *bytes;
        size_t      size;
    } left[] = {{"lock", "", 0},           {"lock", "12 cart ca", 10},          {"lock", blocks, 12},
                {"journal.0", "", 0},      {"journal.0", "MARUJR", 6},          {"journal.1", "MARUJRNL and more", 17},
                {"journal.0", blocks, 12}, {"journal.1", blocks, sizeof blocks}};
    char folder[256];

    test_begin("a file that somebody else made is not taken for a lock or a journal, and keeps its bytes");
    snprintf(folder, sizeof folder, "%s.other", path);
    CHECK_INT(mkdir(folder, 0700), 0);
    check_kept(rt, folder, "journal.0", "journal; there is another file, which is left as it is");
    check_kept(rt, folder, "journal.1", "journal; there is another file, which is left as it is");
    check_kept(rt, path, "lock", "file that begins with a process id; there is another file, which is left as it is");
    test_begin("what a crash leaves of ours, whole or in part, is none such");
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        snprintf(folder, sizeof folder, "%s.%zu", path, i);
        CHECK_INT(mkdir(folder, 0700), 0);
        put(folder, left[i].name, left[i].bytes, left[i].size);
        make(rt, folder);
    }
}

/* Before the service runs on it. */
static void is_noticed(maru_runtime *rt, const char *path)
{
    maru_store        *store;
    maru_store_options options = kit_options(path);
    maru_error         error;
    char               file[256];

    snprintf(file, sizeof file, "%s/data.mdb", path);
    CHECK_INT(unlink(file), 0);
    CHECK_INT(maru_store_open(rt, &options, &store, &error), MARU_DATA_LOSS);
    CHECK_CONTAINS(error.text, "data.mdb is missing or empty, though a store was made here");
}

static void check_compacted(maru_runtime *rt, const char *path)
{
    care      *opened;
    maru_error error;

    test_begin("a store that was made smaller and then lost its file is not taken for a new one");
    if (CHECK_INT(care_open(path, true, &opened, &error), MARU_OK))
        CHECK_INT(care_compact(opened, &error), MARU_OK);
    is_noticed(rt, path);
}

static void check_restored(maru_runtime *rt, const char *path)
{
    char       backup[256], restored[256];
    care      *opened;
    maru_error error;

    test_begin("nor one that was restored");
    snprintf(backup, sizeof backup, "%s.backup", path);
    snprintf(restored, sizeof restored, "%s.again", path);
    if (CHECK_INT(care_open(path, true, &opened, &error), MARU_OK))
        CHECK_INT(care_backup(opened, backup, &error), MARU_OK);
    care_close(opened);
    CHECK_INT(care_restore(backup, restored, "cart", &error), MARU_OK);
    is_noticed(rt, restored);
}

static void check_repaired(maru_runtime *rt, const char *path)
{
    char          kept[256];
    care         *opened;
    care_repaired done;
    maru_error    error;

    test_begin("nor one that was repaired");
    spoil(path, BYTES("\1key"), 9, 1);
    snprintf(kept, sizeof kept, "%s.kept", path);
    if (CHECK_INT(care_open(path, true, &opened, &error), MARU_OK))
        CHECK_INT(care_repair(opened, kept, NULL, NULL, &done, &error), MARU_OK);
    CHECK_INT(done.dropped, 1);
    is_noticed(rt, path);
}

static void each(void (*check)(maru_runtime *rt, const char *path))
{
    maru_runtime *rt = kit_runtime(NULL);
    char         *folder = kit_folder(), path[200];

    snprintf(path, sizeof path, "%s/store", folder);
    make(rt, path);
    check(rt, path);
    maru_runtime_free(rt);
    kit_folder_end(folder);
}

int main(void)
{
    each(check_empty);
    each(check_gone);
    each(check_own_record);
    each(check_no_note);
    each(check_links);
    each(check_linked_data);
    each(check_linked_folder);
    each(check_data_of_others);
    each(check_table_of_others);
    each(check_foreign);
    each(check_compacted);
    each(check_restored);
    each(check_repaired);
    return test_end();
}
