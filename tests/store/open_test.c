/* open_test.c: who may open a store, of which version, and what a damaged one gives. */
#include <lmdb.h>

#include "kit.h"
#include "store/record.h"

/* ---- the other process: opens, says "o", and closes when its input ends ---- */

static int hold(const char *path, const char *service, bool shared)
{
    maru_runtime      *rt = kit_runtime(NULL);
    maru_store_options options = kit_options(path);
    maru_store        *store;
    char               byte;

    options.service = service;
    options.shared = shared;
    store = kit_open(rt, &options);
    if (write(1, "o", 1) == 1)
        while (read(0, &byte, 1) > 0)
            ;
    maru_store_close(store);
    maru_runtime_free(rt);
    return 0;
}

typedef struct ctx {
    maru_runtime *rt;
    char         *path;
} ctx;

static maru_status try_open(ctx *c, const maru_store_options *options, maru_error *error)
{
    maru_store *store;
    maru_status status = maru_store_open(c->rt, options, &store, error);

    maru_store_close(store);
    return status;
}

static void put_one(ctx *c, const maru_store_options *options, const char *key, int64_t count)
{
    maru_store *store = kit_open(c->rt, options);
    maru_call  *call = maru_call_begin(c->rt, 0);

    CHECK_INT(kit_put(store, call, key, count), MARU_OK);
    maru_call_end(call);
    maru_store_close(store);
}

static int64_t get_one(ctx *c, const maru_store_options *options, const char *key)
{
    maru_store *store = kit_open(c->rt, options);
    maru_call  *call = maru_call_begin(c->rt, 0);
    int64_t     count = kit_get(store, call, key);

    maru_call_end(call);
    maru_store_close(store);
    return count;
}

static void holders(ctx *c)
{
    maru_store_options options = kit_options(c->path);
    const char *const  args[] = {"hold", c->path, "cart", "alone", NULL};
    kit_child          child = kit_spawn(args);
    char               want[PATH_MAX + 100];
    maru_error         error;
    maru_store        *store;

    test_begin("a store that is open elsewhere is refused, and who has it is named");
    CHECK_INT(kit_hear(&child), 'o');
    CHECK_INT(try_open(c, &options, &error), MARU_FAILED_PRECONDITION);
    snprintf(want, sizeof want, "%s is open in cart, pid %d; stop it first", c->path, child.pid);
    CHECK_STR(error.text, want);
    options.shared = true;
    CHECK_INT(try_open(c, &options, &error), MARU_FAILED_PRECONDITION);
    CHECK_STR(error.text, want);
    options.shared = false;

    test_begin("kill -9 leaves nothing that hinders the next");
    kill(child.pid, SIGKILL);
    CHECK(WIFSIGNALED(kit_end(&child)));
    CHECK_INT(try_open(c, &options, &error), MARU_OK);

    test_begin("the same process can't open it twice, shared or not");
    store = kit_open(c->rt, &options);
    CHECK_INT(try_open(c, &options, &error), MARU_FAILED_PRECONDITION);
    maru_store_close(store);
    options.shared = true;
    store = kit_open(c->rt, &options);
    CHECK_INT(try_open(c, &options, &error), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(error.text, "is open in this process already");
    maru_store_close(store);
    CHECK_INT(try_open(c, &options, &error), MARU_OK);
}

static void services(ctx *c)
{
    maru_store_options options = kit_options(c->path);
    const char *const  args[] = {"hold", c->path, "cart", "shared", NULL};
    kit_child          child;
    maru_error         error;

    test_begin("the store of another service is refused by name");
    options.service = "catalog";
    CHECK_INT(try_open(c, &options, &error), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(error.text, "is the store of cart, not of catalog");

    test_begin("one that is shared is open to its own service only, and not alone");
    child = kit_spawn(args);
    CHECK_INT(kit_hear(&child), 'o');
    options.shared = true;
    CHECK_INT(try_open(c, &options, &error), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(error.text, "is the store of cart, not of catalog");
    options.service = "cart";
    CHECK_INT(try_open(c, &options, &error), MARU_OK);
    options.shared = false;
    CHECK_INT(try_open(c, &options, &error), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(error.text, "stop it first");

    test_begin("while others have it open, no other version opens it");
    options.shared = true;
    options.version = 4;
    CHECK_INT(try_open(c, &options, &error), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(error.text, "is of version 3 and open in another process");
    CHECK_INT(kit_end(&child), 0);
}

/* ---- versions ---- */

static maru_status migrate(maru_txn *txn, void *arg)
{
    maru_cursor      *cursor = maru_walk(txn, &items, maru_key_text(""), maru_key_text(""));
    ProtobufCMessage *record;
    maru_key          key;
    maru_status       status;

    while ((status = maru_next(cursor, &key, &record)) == MARU_OK) {
        ((StoreTest__Item *)record)->count *= 100;
        if ((status = maru_put(txn, &items, key, record)) != MARU_OK)
            return status;
    }
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

static maru_status migrate_badly(maru_txn *txn, void *arg)
{
    migrate(txn, arg);
    return maru_txn_fail(txn, MARU_DATA_LOSS, "items: what is this");
}

static void versions(ctx *c)
{
    maru_store_options options = kit_options(c->path);
    maru_error         error;

    put_one(c, &options, "apple", 7);
    test_begin("a store of a newer version is refused");
    options.version = 2;
    CHECK_INT(try_open(c, &options, &error), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(error.text, "is of version 3, newer than this cart knows (2)");

    test_begin("one that is older by two is refused");
    options.version = 5;
    CHECK_INT(try_open(c, &options, &error), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(error.text, "is of version 3, and this cart opens 4 and 5");

    test_begin("a migration that fails leaves the store as it was");
    options.version = 4;
    options.migrate = migrate_badly;
    CHECK_INT(try_open(c, &options, &error), MARU_DATA_LOSS);
    CHECK_CONTAINS(error.text, "items: what is this");
    options = kit_options(c->path);
    CHECK_INT(get_one(c, &options, "apple"), 7);

    test_begin("version N opens a store of N-1, and brings it to N once");
    options.version = 4;
    options.migrate = migrate;
    CHECK_INT(get_one(c, &options, "apple"), 700);
    CHECK_INT(get_one(c, &options, "apple"), 700);
    options.version = 3;
    CHECK_INT(try_open(c, &options, &error), MARU_FAILED_PRECONDITION);
    options.version = 5;
    options.migrate = NULL;
    CHECK_INT(get_one(c, &options, "apple"), 700);
}

/* ---- damage ---- */

static char *file_in(const char *path, const char *name)
{
    char *full;

    return asprintf(&full, "%s/%s", path, name) < 0 ? NULL : full;
}

static off_t size_of(const char *file)
{
    struct stat about;

    return stat(file, &about) == 0 ? about.st_size : -1;
}

/* A store of its own with some hundred pages. */
static char *make_big(ctx *c, int count)
{
    char              *path = kit_folder();
    maru_store_options options = kit_options(path);
    maru_store        *store = kit_open(c->rt, &options);
    maru_call         *call = maru_call_begin(c->rt, 0);

    for (int i = 0; i < count; i++) {
        char     key[32];
        kit_item item = {.key = key, .count = i, .filler = (size_t)(i % 4) * 2000};

        snprintf(key, sizeof key, "key %06d", i);
        CHECK_INT(maru_store_write(store, call, kit_put_in, &item), MARU_OK);
    }
    maru_call_end(call);
    maru_store_close(store);
    return path;
}

static void overwrite(const char *file, off_t at, const void *bytes, size_t size)
{
    int fd = open(file, O_WRONLY | O_CREAT, 0600);

    CHECK_INT(pwrite(fd, bytes, size, at), (int64_t)size);
    close(fd);
}

static void cut(ctx *c)
{
    char              *path = make_big(c, 200);
    char              *file = file_in(path, "data.mdb");
    maru_store_options options = kit_options(path);
    off_t              size = size_of(file);
    maru_error         error;
    int                refused = 0, cuts = 0;

    test_begin("a data file that is cut short anywhere is refused as damaged, or holds all that is in use");
    for (off_t to = size - 1; to > 0; to -= 4096 + 511, cuts++) {
        char       *copy = kit_folder();
        char       *copied = file_in(copy, "data.mdb");
        char       *bytes = malloc((size_t)size);
        int         fd = open(file, O_RDONLY);
        maru_status status;

        CHECK_INT(read(fd, bytes, (size_t)size), size);
        close(fd);
        overwrite(copied, 0, bytes, (size_t)to);
        options.path = copy;
        status = try_open(c, &options, &error);
        CHECK(status == MARU_DATA_LOSS || status == MARU_OK);
        if (status == MARU_DATA_LOSS) {
            CHECK_CONTAINS(error.text, "data.mdb is damaged: ");
            refused++;
        }
        free(bytes);
        free(copied);
        kit_folder_end(copy);
    }
    CHECK(refused > cuts * 9 / 10);
    free(file);
    kit_folder_end(path);
}

static void garbage(ctx *c)
{
    char              *path = make_big(c, 20);
    char              *file = file_in(path, "data.mdb");
    maru_store_options options = kit_options(path);
    char               noise[8192];
    maru_error         error;

    test_begin("a data file of garbage, of zeros, or of one byte is refused");
    memset(noise, 'x', sizeof noise);
    overwrite(file, 0, noise, sizeof noise);
    CHECK_INT(try_open(c, &options, &error), MARU_DATA_LOSS);
    CHECK_CONTAINS(error.text, "it is no LMDB file; restore it from a backup");
    memset(noise, 0, sizeof noise);
    overwrite(file, 0, noise, sizeof noise);
    CHECK_INT(try_open(c, &options, &error), MARU_DATA_LOSS);
    CHECK_INT(truncate(file, 1), 0);
    CHECK_INT(try_open(c, &options, &error), MARU_DATA_LOSS);

    test_begin("an empty or missing data file where a store was made is no new store");
    CHECK_INT(truncate(file, 0), 0);
    CHECK_INT(try_open(c, &options, &error), MARU_DATA_LOSS);
    CHECK_CONTAINS(error.text, "is missing or empty, though a store was made here");
    unlink(file);
    CHECK_INT(try_open(c, &options, &error), MARU_DATA_LOSS);
    free(file);
    kit_folder_end(path);
}

static void no_store(ctx *c)
{
    char              *path = kit_folder();
    maru_store_options options = kit_options(path);
    MDB_val            key = {.mv_size = 1, .mv_data = "k"}, value = {.mv_size = 1, .mv_data = "v"};
    MDB_env           *env;
    MDB_txn           *txn;
    MDB_dbi            dbi;
    maru_error         error;

    test_begin("another program's LMDB file is refused, and left alone");
    CHECK_INT(mdb_env_create(&env) | mdb_env_open(env, path, 0, 0600) | mdb_txn_begin(env, NULL, 0, &txn), 0);
    CHECK_INT(mdb_dbi_open(txn, NULL, 0, &dbi) | mdb_put(txn, dbi, &key, &value, 0) | mdb_txn_commit(txn), 0);
    mdb_env_close(env);
    CHECK_INT(try_open(c, &options, &error), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(error.text, "holds an LMDB file that is no store of Maru");
    kit_folder_end(path);
}

/* Finds the bytes of a record in the file, and changes one. */
static bool damage_record(const char *file, const char *needle)
{
    off_t  size = size_of(file);
    char  *bytes = malloc((size_t)size), *at;
    int    fd = open(file, O_RDWR);
    bool   found = false;
    size_t length = strlen(needle);

    CHECK_INT(read(fd, bytes, (size_t)size), size);
    for (at = bytes; (at = memmem(at, (size_t)(bytes + size - at), needle, length)) != NULL; at++, found = true)
        CHECK_INT(pwrite(fd, "X", 1, at - bytes), 1);
    close(fd);
    free(bytes);
    return found;
}

static maru_status walk_all(maru_txn *txn, void *arg)
{
    maru_cursor      *cursor = maru_walk(txn, &items, maru_key_text(""), maru_key_text(""));
    ProtobufCMessage *record;
    maru_status       status;
    int              *counts = arg;

    while ((status = maru_next(cursor, NULL, &record)) != MARU_NOT_FOUND)
        counts[status == MARU_DATA_LOSS]++;
    return MARU_OK;
}

static maru_status reply_in(maru_txn *txn, void *arg)
{
    return maru_reply_with(txn, &items, maru_key_text(arg));
}

static void broken_record(ctx *c)
{
    char              *path = kit_folder();
    char              *file = file_in(path, "data.mdb");
    maru_store_options options = kit_options(path);
    maru_store        *store;
    maru_call         *call;
    int                counts[2] = {0, 0};

    test_begin("a broken record is DATA_LOSS by name, its neighbours are read, and it can be replaced");
    put_one(c, &options, "good 1", 1);
    put_one(c, &options, "needle in the hay", 2);
    put_one(c, &options, "opposite", 3);
    CHECK(damage_record(file, "eedle in the hay\020\002")); /* within the payload */
    store = kit_open(c->rt, &options);
    call = maru_call_begin(c->rt, 0);
    CHECK_INT(kit_get(store, call, "needle in the hay"), -MARU_DATA_LOSS);
    CHECK_STR(maru_call_message(call), "items: the record at \"needle in the hay\" is damaged: its checksum is wrong");
    CHECK_INT(maru_store_read(store, call, reply_in, "needle in the hay"), MARU_DATA_LOSS);
    CHECK(call->reply == NULL);
    CHECK_INT(kit_get(store, call, "good 1"), 1);
    CHECK_INT(kit_get(store, call, "opposite"), 3);
    CHECK_INT(maru_store_read(store, call, walk_all, counts), MARU_OK);
    CHECK_INT(counts[0], 2);
    CHECK_INT(counts[1], 1);
    CHECK_INT(kit_put(store, call, "needle in the hay", 9), MARU_OK);
    CHECK_INT(kit_get(store, call, "needle in the hay"), 9);
    maru_call_end(call);
    maru_store_close(store);
    free(file);
    kit_folder_end(path);
}

static void options_and_folders(ctx *c)
{
    static const maru_table twin = {.number = 1, .name = "twin", .record = &store_test__item__descriptor};
    static const maru_table out = {.number = 201, .name = "out", .record = &store_test__item__descriptor};
    const maru_table *const twins[] = {&items, &twin, NULL}, *const outs[] = {&out, NULL};
    maru_store_options options = kit_options(c->path);
    char              *path = kit_folder();
    char              *deep = file_in(path, "a/b/c");
    char              *file = file_in(path, "file");
    maru_error         error;
    struct stat        about;

    test_begin("a table's number out of range, or used twice, is refused by name");
    options.tables = twins;
    CHECK_INT(try_open(c, &options, &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(error.text, "tables items and twin both have number 1");
    options.tables = outs;
    CHECK_INT(try_open(c, &options, &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(error.text, "table out: want a number from 1 to 200, got 201");

    test_begin("folders are made where they are missing, for their owner only");
    options = kit_options(deep);
    CHECK_INT(try_open(c, &options, &error), MARU_OK);
    CHECK(stat(deep, &about) == 0 && (about.st_mode & 0777) == 0700);

    test_begin("a file, or a folder that others may write to, is refused");
    overwrite(file, 0, "x", 1);
    options.path = file;
    CHECK_INT(try_open(c, &options, &error), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(error.text, "it is no folder");
    chmod(deep, 0777);
    options.path = deep;
    CHECK_INT(try_open(c, &options, &error), MARU_PERMISSION_DENIED);
    CHECK_CONTAINS(error.text, "others may write to this folder (mode 777); want 0700");
    free(deep);
    free(file);
    kit_folder_end(path);
}

/* A child of fork gets errors, and breaks nothing. */
static void forks(ctx *c)
{
    maru_store_options options = kit_options(c->path);
    maru_store        *store;
    maru_call         *call;
    pid_t              pid;
    int                status = -1;

    options.version = 5;
    store = kit_open(c->rt, &options);
    call = maru_call_begin(c->rt, 0);
    test_begin("after a fork the child is refused, and the parent goes on");
    if ((pid = fork()) == 0)
        _exit(kit_get(store, call, "apple") == -MARU_INTERNAL && kit_put(store, call, "x", 1) == MARU_INTERNAL &&
                      strstr(maru_call_message(call), "opened before a fork")
                  ? 7
                  : 8);
    waitpid(pid, &status, 0);
    CHECK_INT(WEXITSTATUS(status), 7);
    CHECK_INT(kit_get(store, call, "apple"), 700);
    CHECK_INT(kit_put(store, call, "apple", 701), MARU_OK);
    maru_call_end(call);
    maru_store_close(store);
}

static void long_paths(ctx *c)
{
    static const size_t sizes[] = {4063, 4064, 4078, 4079, 4090, 4095, 4096, 5000};

    test_begin("a path without room for the names of all its files is refused, and none is cut");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char              *above = kit_folder(), path[8192] = "";
        maru_store_options options = kit_options(path);
        maru_error         error = {.text = ""};
        bool               fits = sizes[i] + sizeof "/data.mdb.compact" <= PATH_MAX;

        memset(path, 'x', sizes[i]);
        memcpy(path, above, strlen(above));
        for (size_t at = strlen(above); at < sizes[i] - 1; at += 201)
            path[at] = '/';
        CHECK_INT(try_open(c, &options, &error), fits ? MARU_OK : MARU_INVALID_ARGUMENT);
        CHECK_CONTAINS(error.text, fits ? "" : "...: the path is too long");
        CHECK(fits || rmdir(above) == 0);
        kit_folder_end(above);
    }
}

int main(int argc, char **argv)
{
    ctx c;

    if (argc == 5 && strcmp(argv[1], "hold") == 0)
        return hold(argv[2], argv[3], strcmp(argv[4], "shared") == 0);
    c = (ctx){.rt = kit_runtime(NULL), .path = kit_folder()};
    holders(&c);
    services(&c);
    versions(&c);
    forks(&c);
    cut(&c);
    garbage(&c);
    no_store(&c);
    broken_record(&c);
    options_and_folders(&c);
    long_paths(&c);
    maru_runtime_free(c.rt);
    kit_folder_end(c.path);
    return test_end();
}
