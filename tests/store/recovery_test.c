/* recovery_test.c: opening a store that was not closed, by whom ever, and however often that is interrupted; what a
 * journal that is missing, damaged or another's gives; and that data.mdb does not grow without end between checkpoints.
 * The test preloads power_shim into its children, for the interruptions. */
#include "left.h"
#include "power_shim.h"
#include "store/journal_bytes.h"
#include "store/store_impl.h"

enum { KEYS = 40, FILLER = 10000, SMALL_KEYS = 4000, PARTS = 100 };

typedef struct ctx {
    maru_runtime *rt;
    const char   *shim;
    char         *path; /* of a store that was not closed */
    int           last; /* what its keys count to */
} ctx;

/* ---- the other process: overwrites records, and ends without closing ---- */

static void key_of(int number, char into[static 32])
{
    snprintf(into, 32, "key %d", number % KEYS);
}

/* Small records, of which each round after the first writes a part: the pages of all rounds are mixed. */
static maru_status write_small(maru_txn *txn, int round)
{
    maru_status status = MARU_OK;

    for (int i = round == 1 ? 0 : round % PARTS; i < SMALL_KEYS && status == MARU_OK; i += round == 1 ? 1 : PARTS) {
        StoreTest__Item record = STORE_TEST__ITEM__INIT;
        char            key[32];

        snprintf(key, sizeof key, "small %d", i);
        record.name = key;
        record.count = round;
        status = maru_put(txn, &others, maru_key_text(key), &record.base);
    }
    return status;
}

/* The last round in which a small record was written. */
static int small_round(int number, int last)
{
    int round = last - (last - number % PARTS + PARTS) % PARTS;

    return round > 1 ? round : 1;
}

/* arg: the last round. */
static maru_status check_small_in(maru_txn *txn, void *arg)
{
    int last = *(int *)arg;

    for (int i = 0; i < SMALL_KEYS; i++) {
        ProtobufCMessage *record;
        char              key[32];
        maru_status       status;

        snprintf(key, sizeof key, "small %d", i);
        status = maru_get(txn, &others, maru_key_text(key), &record);
        if (status != MARU_OK)
            return maru_txn_fail(txn, MARU_INTERNAL, "%s: status %d", key, (int)status);
        if (((StoreTest__Item *)record)->count != small_round(i, last))
            return maru_txn_fail(txn, MARU_INTERNAL, "%s: got %d, want %d", key,
                                 (int)((StoreTest__Item *)record)->count, small_round(i, last));
    }
    return MARU_OK;
}

/* Every key gets the number of the round. */
static maru_status write_all_in(maru_txn *txn, void *arg)
{
    int         round = *(int *)arg;
    maru_status status = write_small(txn, round);

    for (int i = 0; i < KEYS && status == MARU_OK; i++) {
        char     key[32];
        kit_item item = {.key = key, .count = round, .filler = FILLER};

        key_of(i, key);
        status = kit_put_in(txn, &item);
    }
    return status;
}

static void write_rounds(maru_runtime *rt, maru_store *store, int from, int to)
{
    for (int round = from; round <= to; round++) {
        maru_call *call = maru_call_begin(rt, 0);

        if (maru_store_write(store, call, write_all_in, &round) != MARU_OK) {
            fprintf(stderr, "%s\n", maru_call_message(call));
            exit(1);
        }
        maru_call_end(call);
    }
}

static int leave(const char *path, int from, int to)
{
    maru_runtime      *rt = kit_runtime(NULL);
    maru_store_options options = kit_options(path);

    write_rounds(rt, kit_open(rt, &options), from, to);
    _exit(0);
}

static int open_only(const char *path)
{
    maru_runtime      *rt = kit_runtime(NULL);
    maru_store_options options = kit_options(path);

    kit_open(rt, &options);
    _exit(0);
}

static void leave_open(const char *path, int from, int to)
{
    char              first[16], last[16];
    const char *const args[] = {"leave", path, first, last, NULL};
    kit_child         child;

    snprintf(first, sizeof first, "%d", from);
    snprintf(last, sizeof last, "%d", to);
    child = kit_spawn(args);
    CHECK_INT(kit_end(&child), 0);
}

/* ---- looking ---- */

/* Every key counts to want, with its checksum right. */
static void check_rounds(maru_runtime *rt, const maru_store_options *options, int want)
{
    maru_store *store = kit_open(rt, options);
    maru_call  *call = maru_call_begin(rt, 0);
    int         wrong = 0;

    for (int i = 0; i < KEYS; i++) {
        char key[32];

        key_of(i, key);
        wrong += kit_get(store, call, key) != want;
    }
    CHECK_INT(wrong, 0);
    CHECK_INT(maru_store_read(store, call, check_small_in, &want), MARU_OK);
    CHECK_STR(maru_call_message(call), "");
    maru_call_end(call);
    maru_store_close(store);
}

static void file_in(const char *path, const char *name, char into[static PATH_MAX])
{
    snprintf(into, PATH_MAX, "%.4000s/%s", path, name);
}

static void overwrite(const char *path, const char *name, off_t at, const void *bytes, size_t size)
{
    char full[PATH_MAX];
    int  fd;

    file_in(path, name, full);
    fd = open(full, O_WRONLY);
    CHECK_INT(pwrite(fd, bytes, size, at), (int64_t)size);
    close(fd);
}

static void check_refused(ctx *c, const char *path, bool shared, const char *words)
{
    maru_store_options options = kit_options(path);
    maru_store        *store;
    maru_error         error = {.text = ""};

    options.shared = shared;
    CHECK_INT(maru_store_open(c->rt, &options, &store, &error), MARU_DATA_LOSS);
    CHECK_CONTAINS(error.text, words);
}

/* ---- interrupted recoveries ---- */

/* True where the power was cut before the store was open. */
static bool open_until(ctx *c, const char *path, int cut_at)
{
    const char *const args[] = {"open", path, NULL};
    char              text[16];
    kit_child         child;
    int               status;

    snprintf(text, sizeof text, "%d", cut_at);
    setenv("MARU_CUT_AT", text, 1);
    setenv("MARU_CUT_SEED", text, 1);
    setenv("LD_PRELOAD", c->shim, 1);
    child = kit_spawn(args);
    unsetenv("LD_PRELOAD");
    status = kit_end(&child);
    CHECK(status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
    return status != 0;
}

static void interrupted(ctx *c)
{
    maru_store_options options = kit_options(NULL);
    int                cut_at = 1, cuts = 0;
    bool               cut = true;

    test_begin("a recovery that is cut off at any step, and the next one too, loses nothing");
    for (; cut; cut_at += 1 + cut_at / 20, cuts++) {
        char *path = left_copy(c->path);

        cut = open_until(c, path, cut_at);
        if (cut)
            open_until(c, path, 1 + cut_at / 2);
        options.path = path;
        check_rounds(c->rt, &options, c->last);
        kit_folder_end(path);
    }
    printf("# %d cuts, the last at step %d\n", cuts, cut_at);
    CHECK(cuts > 30);
}

/* ---- who opens it ---- */

static void openers(ctx *c)
{
    char              *path = left_copy(c->path), full[PATH_MAX];
    maru_store_options options = kit_options(path), sharing = kit_options(path);

    test_begin("a store that was not closed is recovered by who shares it, and then by who has it alone");
    sharing.shared = true;
    check_rounds(c->rt, &sharing, c->last);
    leave_open(path, c->last + 1, c->last + 3);
    check_rounds(c->rt, &options, c->last + 3);
    check_rounds(c->rt, &sharing, c->last + 3);
    kit_folder_end(path);

    test_begin("one that was made before there was a journal is opened, and gets one");
    path = kit_folder();
    options.path = sharing.path = path;
    {
        maru_store *store = kit_open(c->rt, &sharing);

        write_rounds(c->rt, store, 1, 2);
        maru_store_close(store);
    }
    file_in(path, "journal.0", full);
    CHECK(access(full, F_OK) != 0);
    check_rounds(c->rt, &options, 2);
    CHECK(access(full, F_OK) == 0);
    leave_open(path, 3, 4);
    check_rounds(c->rt, &options, 4);
    kit_folder_end(path);
}

static void closed(ctx *c)
{
    char              *path = left_copy(c->path);
    maru_store_options options = kit_options(path);
    static uint8_t     noise[1 << 16];

    test_begin("once it was closed, data.mdb holds all, and no record counts");
    check_rounds(c->rt, &options, c->last);
    overwrite(path, "journal.0", JOURNAL_FIRST, noise, sizeof noise - JOURNAL_FIRST);
    overwrite(path, "journal.1", JOURNAL_FIRST, noise, sizeof noise - JOURNAL_FIRST);
    check_rounds(c->rt, &options, c->last);
    kit_folder_end(path);
}

/* ---- what is wrong ---- */

/* The journal's file whose header is the newest: its records are those that count. */
static const char *current_file(const char *path)
{
    uint64_t newest[2] = {0, 0};

    for (unsigned i = 0; i < 2; i++) {
        uint8_t        bytes[JOURNAL_HEADER];
        journal_header header;
        char           full[PATH_MAX];
        int            fd;

        file_in(path, segment_name(i), full);
        fd = open(full, O_RDONLY);
        CHECK_INT(pread(fd, bytes, sizeof bytes, 0), sizeof bytes);
        close(fd);
        if (journal_header_read(&header, bytes))
            newest[i] = header.generation;
    }
    return segment_name(newest[1] > newest[0]);
}

static void wrong_journals(ctx *c)
{
    char          *path = left_copy(c->path), full[PATH_MAX], words[200];
    static uint8_t noise[JOURNAL_FIRST] = "noise";

    test_begin("a journal of which a file is missing is a loss, by name, for who shares it too");
    file_in(path, "journal.1", full);
    CHECK_INT(unlink(full), 0);
    check_refused(c, path, false, "/journal.1 is missing, though the store was made with it; put it back, or restore");
    check_refused(c, path, true, "/journal.1 is missing");
    file_in(path, "journal.0", full);
    CHECK_INT(unlink(full), 0);
    check_refused(c, path, false, "/journal.0 is missing");
    kit_folder_end(path);

    test_begin("and one of which a file is none says so, and is not waited for; nor is STORE");
    path = left_copy(c->path);
    for (int i = 0; i < 2; i++) {
        file_in(path, i == 0 ? "journal.1" : "STORE", full);
        CHECK_INT(unlink(full), 0);
        CHECK_INT(mkfifo(full, 0600), 0);
        check_refused(c, path, false,
                      i == 0 ? "/journal.1 is no file; put the journal's back, or restore the store"
                             : "/STORE is a FIFO; want the file that says that a store was made here: put it back, or");
    }
    kit_folder_end(path);

    test_begin("so is one without a header, or with a damaged record");
    path = left_copy(c->path);
    overwrite(path, "journal.0", 0, noise, sizeof noise);
    overwrite(path, "journal.1", 0, noise, sizeof noise);
    check_refused(c, path, false, "/journal.0 is damaged: neither it nor journal.1 has a header; restore the store");
    kit_folder_end(path);
    path = left_copy(c->path);
    overwrite(path, current_file(path), JOURNAL_FIRST + 100, "X", 1);
    snprintf(words, sizeof words, "/%s is damaged: a record is damaged, and whole ones follow it", current_file(path));
    check_refused(c, path, false, words);
    kit_folder_end(path);
}

static void wrong_data(ctx *c)
{
    char              *path = left_copy(c->path), *other = kit_folder(), full[PATH_MAX], words[200];
    maru_store_options options = kit_options(other);
    maru_store        *store;

    test_begin("a data.mdb that is missing is a loss, and one that the journal was not written for");
    file_in(path, "data.mdb", full);
    CHECK_INT(unlink(full), 0);
    check_refused(c, path, false, "data.mdb is missing, though the journal beside it holds writes for it");
    store = kit_open(c->rt, &options);
    maru_store_close(store);
    left_copy_file(other, path, "data.mdb");
    snprintf(words, sizeof words, "data.mdb is not the file that %s was written for: it is older than the journal's",
             current_file(path));
    check_refused(c, path, false, words);
    store = kit_open(c->rt, &options);
    write_rounds(c->rt, store, 1, 8);
    maru_store_close(store);
    left_copy_file(other, path, "data.mdb");
    check_refused(c, path, false, "data.mdb is not the file that journal.");

    test_begin("one that was written without the journal since is refused, and not overwritten");
    store = kit_open(c->rt, &options);
    write_rounds(c->rt, store, 1, 300);
    maru_store_close(store);
    left_copy_file(other, path, "data.mdb");
    check_refused(c, path, false, "it was written without the journal since; put that one back, or restore the store");
    CHECK_INT(unlink(full), 0);
    left_copy_file(c->path, path, "data.mdb");
    options.path = path;
    check_rounds(c->rt, &options, c->last);
    kit_folder_end(path);
    kit_folder_end(other);
}

/* ---- sizes ---- */

static off_t size_of(const char *path, const char *name)
{
    char        full[PATH_MAX];
    struct stat about;

    file_in(path, name, full);
    return stat(full, &about) == 0 ? about.st_size : -1;
}

static maru_status put_large_in(maru_txn *txn, void *arg)
{
    kit_item item = {.key = "large", .count = 7, .filler = *(size_t *)arg};

    return kit_put_in(txn, &item);
}

static void sizes(ctx *c)
{
    char              *path = kit_folder();
    maru_store_options options = kit_options(path);
    maru_store        *store = kit_open(c->rt, &options);
    maru_call         *call = maru_call_begin(c->rt, 0);
    size_t             large = 9 << 20;
    off_t              after, live = (off_t)KEYS * 2 * 4096 * 2;

    test_begin("a new store is small, and a long row of overwrites makes it grow to a bound");
    CHECK(size_of(path, "journal.0") + size_of(path, "journal.1") <= 128 << 10);
    write_rounds(c->rt, store, 1, 300);
    after = size_of(path, "data.mdb");
    write_rounds(c->rt, store, 301, 1000);
    printf("# %d KiB of records; after 300 rounds %lld KiB, after 1000 %lld KiB\n", KEYS * FILLER >> 10,
           (long long)after >> 10, (long long)size_of(path, "data.mdb") >> 10);
    CHECK(size_of(path, "data.mdb") < live + (64 << 20));
    CHECK(size_of(path, "data.mdb") < after * 2);
    CHECK(size_of(path, "journal.0") <= JOURNAL_LARGE && size_of(path, "journal.1") <= JOURNAL_LARGE);

    test_begin("a record that is larger than the journal makes it larger");
    CHECK_INT(maru_store_write(store, call, put_large_in, &large), MARU_OK);
    CHECK_INT(kit_get(store, call, "large"), 7);
    maru_call_end(call);
    maru_store_close(store);
    check_rounds(c->rt, &options, 1000);
    kit_folder_end(path);
}

int main(int argc, char **argv)
{
    ctx c;

    if (argc == 5 && strcmp(argv[1], "leave") == 0)
        return leave(argv[2], atoi(argv[3]), atoi(argv[4]));
    if (argc == 3 && strcmp(argv[1], "open") == 0)
        return open_only(argv[2]);
    if (argc != 2) {
        fprintf(stderr, "usage: %s SHIM.so\n", argv[0]);
        return 2;
    }
    setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
    /* Megabytes of records, so that a recovery takes several transactions; and a checkpoint that is not empty. */
    c = (ctx){.rt = kit_runtime(NULL), .shim = argv[1], .path = kit_folder(), .last = 12};
    leave_open(c.path, 1, 3);
    leave_open(c.path, 4, c.last);
    interrupted(&c);
    openers(&c);
    closed(&c);
    wrong_journals(&c);
    wrong_data(&c);
    sizes(&c);
    maru_runtime_free(c.rt);
    kit_folder_end(c.path);
    return test_end();
}
