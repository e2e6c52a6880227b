/* repair_test.c: damaged records taken out of a store that nobody has open, what may not be taken out, and what is
 * found before LMDB is let at a file: of any size. */
#include "asking.h"
#include "spoil.h"
#include "store/care.h"

enum { RECORDS = 60, LOOKS = 100, LARGE = 1000, LARGE_FILE = 300 << 20 };

typedef struct ctx {
    maru_runtime *rt;
    char         *folder;
    char          path[200], aside[200];
} ctx;

static maru_status put_all(maru_txn *txn, void *arg)
{
    char        key[32];
    maru_status status = MARU_OK;

    for (int i = 0; i < RECORDS && status == MARU_OK; i++) {
        snprintf(key, sizeof key, "key %03d", i);
        status = kit_put_in(txn, &(kit_item){.key = key, .count = i});
    }
    return status;
}

/* A map that the one beside can have too, under valgrind. */
static maru_store *open_small(maru_runtime *rt, const char *path)
{
    maru_store_options options = kit_options(path);

    options.map_bytes = (size_t)64 << 20;
    return kit_open(rt, &options);
}

static maru_store *open_store(const ctx *c)
{
    return open_small(c->rt, c->path);
}

static void begin(ctx *c)
{
    maru_store *store;
    maru_call  *call;

    *c = (ctx){.rt = kit_runtime(NULL), .folder = kit_folder()};
    snprintf(c->path, sizeof c->path, "%s/store", c->folder);
    snprintf(c->aside, sizeof c->aside, "%s/kept", c->folder);
    store = open_store(c);
    call = maru_call_begin(c->rt, 0);
    CHECK_INT(maru_store_write(store, call, put_all, NULL), MARU_OK);
    maru_call_end(call);
    maru_store_close(store);
}

static void end(ctx *c)
{
    maru_runtime_free(c->rt);
    kit_folder_end(c->folder);
}

/* What was shown of those that were dropped. */
typedef struct seen {
    int  count;
    char last[64];
} seen;

static bool see(void *arg, const care_record *record)
{
    seen *s = arg;

    s->count++;
    CHECK(record->fault != NULL);
    snprintf(s->last, sizeof s->last, "%u %.*s", record->table, (int)record->key_size, (const char *)record->key);
    return true;
}

static maru_status repair(const ctx *c, seen *s, care_repaired *done, maru_error *error)
{
    care       *opened;
    maru_status status = care_open(c->path, true, &opened, error);

    *s = (seen){.count = 0};
    return status == MARU_OK ? care_repair(opened, c->aside, see, s, done, error) : status;
}

static int64_t get_and_put(const ctx *c, const char *key)
{
    maru_store *store = open_store(c);
    maru_call  *call = maru_call_begin(c->rt, 0);
    int64_t     got = kit_get(store, call, key);

    CHECK_INT(kit_put(store, call, key, 7), MARU_OK);
    CHECK_INT(kit_get(store, call, key), 7);
    maru_call_end(call);
    maru_store_close(store);
    return got;
}

static void check_repair(void)
{
    ctx           c;
    seen          s;
    care         *old;
    care_repaired done;
    maru_error    error;
    struct stat   about;

    test_begin("of a whole store nothing is changed, and nothing is kept");
    begin(&c);
    CHECK_INT(repair(&c, &s, &done, &error), MARU_OK);
    CHECK_INT(done.kept, RECORDS + 1);
    CHECK_INT(done.dropped, 0);
    CHECK(stat(c.aside, &about) != 0);

    test_begin("what is damaged is shown and taken out, keys without a size too; all else stays, and what was is kept");
    spoil(c.path, BYTES("\1key 040"), 8, 1);
    spoil(c.path, BYTES("\x8\0\1key 000"), 0, 8);
    CHECK_INT(repair(&c, &s, &done, &error), MARU_OK);
    CHECK_INT(done.kept, RECORDS - 1);
    CHECK_INT(done.dropped, 2);
    CHECK_INT(s.count, 2);
    CHECK_STR(s.last, "1 key 040");
    CHECK_INT(get_and_put(&c, "key 040"), -MARU_NOT_FOUND);
    CHECK_INT(get_and_put(&c, "key 000"), -MARU_NOT_FOUND);
    CHECK_INT(get_and_put(&c, "key 041"), 41);
    if (CHECK_INT(care_open(c.aside, true, &old, &error), MARU_OK)) {
        s.count = 0;
        CHECK_INT(care_repair(old, c.path, see, &s, &done, &error), MARU_ALREADY_EXISTS);
        CHECK_INT(done.dropped, 2);
        CHECK_INT(s.count, 0);
    }
    end(&c);
}

static const maru_table event_log = {.number = TABLE_LOG, .name = "log", .record = &store_test__item__descriptor};

static maru_status put_event(maru_txn *txn, void *arg)
{
    StoreTest__Item record = STORE_TEST__ITEM__INIT;

    record.name = "x";
    return maru_put(txn, &event_log, maru_key_text("event"), &record.base);
}

static void is_refused(const ctx *c, const char *words)
{
    seen          s;
    care_repaired done;
    maru_error    error;
    struct stat   before, after, about;
    char          file[256];

    snprintf(file, sizeof file, "%s/data.mdb", c->path);
    CHECK_INT(stat(file, &before), 0);
    CHECK_INT(repair(c, &s, &done, &error), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(error.text, words);
    CHECK_INT(s.count, 0);
    CHECK(stat(file, &after) == 0 && after.st_ino == before.st_ino && stat(c->aside, &about) != 0);
}

static void check_events(void)
{
    ctx         c;
    maru_store *store;
    maru_call  *call;

    test_begin("of the events none is taken out, since those who read them count on all of them");
    begin(&c);
    store = open_store(&c);
    store_add_table(store, &event_log);
    call = maru_call_begin(c.rt, 0);
    CHECK_INT(maru_store_write(store, call, put_event, NULL), MARU_OK);
    maru_call_end(call);
    maru_store_close(store);
    spoil(c.path,
          BYTES("\xfc"
                "event"),
          6, 1);
    is_refused(&c, "a record of table 252 (log) is damaged, and others count on those: restore it from a backup");
    end(&c);

    test_begin("nor where a key is lost, and what is left is of the library");
    begin(&c);
    store = open_store(&c);
    store_add_table(store, &event_log);
    call = maru_call_begin(c.rt, 0);
    for (int i = 0; i < RECORDS; i++) {
        char     key[32];
        kit_item item = {.key = key};

        snprintf(key, sizeof key, "key %03d", i);
        CHECK_INT(maru_store_write(store, call, kit_delete_in, &item), MARU_OK);
    }
    CHECK_INT(maru_store_write(store, call, put_event, NULL), MARU_OK);
    maru_call_end(call);
    maru_store_close(store);
    spoil(c.path,
          BYTES("\x6\0\xfc"
                "event"),
          0, 6);
    is_refused(&c, "is damaged, and others count on those");
    end(&c);
}

static void check_replies(void)
{
    asking             c;
    maru_store_options options;
    char              *folder = kit_folder(), path[200], aside[200];
    care              *opened;
    care_repaired      done;
    maru_error         error;
    seen               s = {.count = 0};

    test_begin("a stored reply that was damaged is taken out: then its call can be made again");
    snprintf(path, sizeof path, "%s/store", folder);
    snprintf(aside, sizeof aside, "%s/kept", folder);
    options = kit_options(path);
    ask_begin(&c);
    c.store = kit_open(c.rt, &options);
    CHECK_INT(ask(&c, "id", "body", 1, false).status, MARU_OK);
    CHECK_INT(ask(&c, "other", "body", 1, false).status, MARU_OK);
    maru_store_close(c.store);
    spoil(path,
          BYTES("\xfe"
                "cuid:0\0id"),
          14, 1);
    c.store = kit_open(c.rt, &options);
    CHECK_INT(ask(&c, "id", "body", 1, false).status, MARU_DATA_LOSS);
    maru_store_close(c.store);
    if (CHECK_INT(care_open(path, true, &opened, &error), MARU_OK))
        CHECK_INT(care_repair(opened, aside, see, &s, &done, &error), MARU_OK);
    CHECK_INT(s.count, 1);
    c.store = kit_open(c.rt, &options);
    CHECK_INT(ask(&c, "id", "body", 1, false).runs, 1);
    CHECK_INT(ask(&c, "other", "body", 1, false).runs, 0);
    maru_store_close(c.store);
    maru_runtime_free(c.rt);
    kit_folder_end(folder);
}

static void repair_replies(asking *c, const maru_store_options *options, const char *aside)
{
    care         *opened;
    care_repaired done;
    maru_error    error;

    if (CHECK_INT(care_open(options->path, true, &opened, &error), MARU_OK))
        CHECK_INT(care_repair(opened, aside, NULL, NULL, &done, &error), MARU_OK);
    CHECK_INT(done.dropped, 1);
    c->store = kit_open(c->rt, options);
}

static void check_sum(void)
{
    asking             c;
    maru_store_options options;
    char              *folder = kit_folder(), path[200], aside[200];

    test_begin("how many bytes large replies have is counted again: of what is kept");
    snprintf(path, sizeof path, "%s/store", folder);
    snprintf(aside, sizeof aside, "%s/first", folder);
    options = kit_options(path);
    options.once_keep_bytes = 3 * (LARGE + 3);
    ask_begin(&c);
    c.store = kit_open(c.rt, &options);
    CHECK_INT(ask(&c, "a", "body", LARGE, false).status, MARU_OK);
    CHECK_INT(ask(&c, "b", "body", LARGE, false).status, MARU_OK);
    CHECK_INT(ask(&c, "id", "body", LARGE, false).status, MARU_OK);
    maru_store_close(c.store);
    spoil_where(path, (spoiling){.needle = "cuid:0\0id", .size = 9, .at = 14, .bits = 1, .only = -9, .table = 245});
    repair_replies(&c, &options, aside);
    CHECK_INT(ask(&c, "c", "body", LARGE, false).status, MARU_OK);
    CHECK_INT(ask(&c, "after", "body", 1, false).status, MARU_OK);
    CHECK_INT(ask(&c, "a", "body", LARGE, false).status, MARU_OK);
    maru_store_close(c.store);

    test_begin("so it is where the sum was what was damaged");
    spoil(path, BYTES("\xffreplies"), 8, 1);
    snprintf(aside, sizeof aside, "%s/second", folder);
    repair_replies(&c, &options, aside);
    CHECK_INT(ask(&c, "d", "body", LARGE, false).status, MARU_OK);
    CHECK_INT(ask(&c, "after d", "body", 1, false).status, MARU_OK);
    CHECK_INT(ask(&c, "a", "body", LARGE, false).status, MARU_FAILED_PRECONDITION);
    CHECK_INT(ask(&c, "b", "body", LARGE, false).runs, 0);
    maru_store_close(c.store);
    maru_runtime_free(c.rt);
    kit_folder_end(folder);
}

static void check_within(void)
{
    ctx        c;
    care      *opened;
    maru_error error;
    char       within[300];

    test_begin("a backup is not made within a store, nor within a backup, by whatever way");
    begin(&c);
    if (!CHECK_INT(care_open(c.path, true, &opened, &error), MARU_OK))
        return;
    snprintf(within, sizeof within, "%s/backup", c.path);
    CHECK_INT(care_backup(opened, within, &error), MARU_INVALID_ARGUMENT);
    CHECK_CONTAINS(error.text, "/store/backup: is within ");
    CHECK_CONTAINS(error.text, "/store, which is a store or a copy of one; want a folder elsewhere");
    snprintf(within, sizeof within, "%s/link", c.folder);
    CHECK_INT(symlink(c.path, within), 0);
    snprintf(within, sizeof within, "%s/link/backup", c.folder);
    CHECK_INT(care_backup(opened, within, &error), MARU_INVALID_ARGUMENT);
    snprintf(within, sizeof within, "%s/backup", c.folder);
    CHECK_INT(care_backup(opened, within, &error), MARU_OK);
    snprintf(within, sizeof within, "%s/backup/second/", c.folder);
    CHECK_INT(care_backup(opened, within, &error), MARU_INVALID_ARGUMENT);
    care_close(opened);
    end(&c);
}

/* A size of 2 GiB in a node: what lies there is past the end of the file. */
static void check_large(void)
{
    ctx        c;
    care      *opened;
    maru_error error;
    int        fd;

    test_begin("the pages of a file of more than 256 MiB are looked at before LMDB reads them, which would end us");
    begin(&c);
    spoil(c.path, BYTES("\x8\0\1key 005"), -3, 0x7f);
    fd = spoil_open(c.path);
    CHECK_INT(ftruncate(fd, LARGE_FILE), 0);
    close(fd);
    CHECK_INT(care_open(c.path, true, &opened, &error), MARU_DATA_LOSS);
    CHECK_CONTAINS(error.text, "data.mdb is damaged: a page of it makes no sense; restore it from a backup");
    care_close(opened);
    CHECK_INT(care_restore(c.path, c.aside, "cart", &error), MARU_FAILED_PRECONDITION);
    end(&c);
}

/* The child's: a service that writes until it is told to end. */
static int serve(const char *path)
{
    maru_runtime *rt = kit_runtime(NULL);
    maru_store   *store = open_small(rt, path);
    char          key[32], byte = 's';

    fcntl(0, F_SETFL, O_NONBLOCK);
    for (int i = 0; read(0, &byte, 1) != 0; i++) {
        maru_call *call = maru_call_begin(rt, 0);
        kit_item   item = {.key = key, .count = i, .filler = (size_t)(i * 37 % 6000)};

        snprintf(key, sizeof key, "more %03d", i % 200);
        if (maru_store_write(store, call, i % 5 == 4 ? kit_delete_in : kit_put_in, &item) != MARU_OK && i % 5 != 4)
            return 1;
        maru_call_end(call);
        if (i == RECORDS && write(1, "s", 1) != 1)
            return 1;
    }
    maru_store_close(store);
    maru_runtime_free(rt);
    return 0;
}

static bool count(void *arg, const care_record *record)
{
    CHECK(record->fault == NULL);
    ++*(int *)arg;
    return true;
}

/* The pages are those of one snapshot, while the service writes others. */
static void look_while_it_writes(const ctx *c)
{
    care      *opened;
    maru_error error;

    for (int i = 0; i < LOOKS; i++) {
        int records = 0;

        if (!CHECK_INT(care_open(c->path, false, &opened, &error), MARU_OK)) {
            fprintf(stderr, "%s\n", error.text);
            return;
        }
        CHECK_INT(care_walk(opened, count, &records, &error), MARU_OK);
        CHECK(records > RECORDS);
        care_close(opened);
    }
}

static void check_beside(void)
{
    ctx         c;
    const char *args[] = {"serve", NULL, NULL};
    care       *opened;
    maru_error  error;
    kit_child   child;
    int         status;

    test_begin("the pages of a store whose service writes are looked at, and found whole");
    begin(&c);
    args[1] = c.path;
    child = kit_spawn(args);
    CHECK_INT(kit_hear(&child), 's');
    look_while_it_writes(&c);

    test_begin("where one is damaged, that is said before LMDB reads it");
    kill(child.pid, SIGSTOP); /* so that the page is not replaced meanwhile */
    CHECK_INT(waitpid(child.pid, &status, WUNTRACED), child.pid);
    CHECK(WIFSTOPPED(status));
    spoil(c.path, BYTES("\x8\0\1key 005"), -3, 0x7f);
    CHECK_INT(care_open(c.path, false, &opened, &error), MARU_DATA_LOSS);
    CHECK_CONTAINS(error.text, "/store/data.mdb is damaged: a page of it makes no sense; restore it from a backup");
    kill(child.pid, SIGKILL);
    kit_end(&child);
    end(&c);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "serve") == 0)
        return serve(argv[2]);
    check_repair();
    check_events();
    check_replies();
    check_sum();
    check_within();
    check_large();
    check_beside();
    return test_end();
}
