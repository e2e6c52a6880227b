/* scrub_test.c: what is said of a store in which records or pages are damaged: by the look at all of its records when
 * it is opened, and by reads beside what is damaged. What could not be read is never taken for sound. */
#include <lmdb.h>
#include <sys/mman.h>

#include "base/log.h"
#include "runtime/rt.h"
#include "spoil.h"
#include "store/inside.h"
#include "store/scrub.h"

enum { MANY = 300, READERS_MOST = 1000 };

typedef struct ctx {
    maru_runtime      *rt;
    char              *path;
    maru_store_options options;
} ctx;

static maru_status put_all(maru_txn *txn, void *arg)
{
    char        key[32];
    maru_status status = MARU_OK;

    for (int i = 0; i < *(int *)arg && status == MARU_OK; i++) {
        snprintf(key, sizeof key, "key %03d", i);
        status = kit_put_in(txn, &(kit_item){.key = key, .count = i});
    }
    return status;
}

static void begin(ctx *c, int records)
{
    maru_store *store;
    maru_call  *call;

    *c = (ctx){.rt = kit_runtime(NULL), .path = kit_folder()};
    c->options = kit_options(c->path);
    store = kit_open(c->rt, &c->options);
    call = maru_call_begin(c->rt, 0);
    CHECK_INT(maru_store_write(store, call, put_all, &records), MARU_OK);
    maru_call_end(call);
    maru_store_close(store);
}

static void end(ctx *c)
{
    maru_runtime_free(c->rt);
    kit_folder_end(c->path);
}

/* ---- all records ---- */

typedef struct look {
    store_env env;
    maru_log  log;
    int       said;
    char      words[4096];
} look;

static int64_t no_time(void *arg)
{
    return 0;
}

static void look_begin(look *l, const ctx *c)
{
    maru_error error;

    l->said = memfd_create("log", MFD_CLOEXEC);
    log_open(&l->log, l->said, MARU_LOG_WARN, no_time, NULL);
    CHECK_INT(env_open(&l->env, c->path, true, (size_t)64 << 20, &l->log, &error), MARU_OK);
}

/* Whether all is whole; what was said is in words then. */
static bool look_all(look *l)
{
    bool    whole = scrub_all(&l->env, &l->log);
    ssize_t size = pread(l->said, l->words, sizeof l->words - 1, 0);

    l->words[size > 0 ? size : 0] = '\0';
    return whole;
}

static void look_end(look *l)
{
    env_close(&l->env);
    close(l->said);
}

static void check_whole(void)
{
    ctx  c;
    look l;

    test_begin("of a whole store nothing is said");
    begin(&c, MANY);
    look_begin(&l, &c);
    CHECK(look_all(&l));
    CHECK_STR(l.words, "");
    look_end(&l);
    end(&c);
}

static void check_damaged(void)
{
    ctx  c;
    look l;

    test_begin("damaged records are told by their table, and those without a key too; no key is shown");
    begin(&c, MANY);
    spoil(c.path, BYTES("\1key 150"), 8, 1);
    spoil(c.path, BYTES("\x8\0\1key 000"), 0, 8); /* the size of the first key of all */
    look_begin(&l, &c);
    CHECK(!look_all(&l));
    CHECK_CONTAINS(l.words, "a record of table 1 is damaged: its format is not 1; maru store verify says which");
    CHECK_CONTAINS(l.words, "a record is damaged: its key is of a wrong size; maru store verify says which");
    CHECK(strstr(l.words, "key 150") == NULL);
    look_end(&l);
    end(&c);
}

static bool is_beside(look *l, const char *text, bool before_only)
{
    record_key key;
    MDB_txn   *txn;
    bool       is;

    record_key_make(&key, items.number, maru_key_text(text));
    CHECK_INT(mdb_txn_begin(l->env.mdb, NULL, MDB_RDONLY, &txn), 0);
    is = before_only ? scrub_before(txn, l->env.dbi, &key) : scrub_beside(txn, l->env.dbi, &key);
    mdb_txn_abort(txn);
    return is;
}

static void check_unreadable(void)
{
    ctx  c;
    look l;
    int  before = 0, beside = 0;

    test_begin("where not all can be read, the store is not said to be whole, nor is what is beside");
    begin(&c, MANY);
    look_begin(&l, &c);
    spoil_page(c.path, BYTES("\1key 150")); /* under LMDB, which has it open */
    CHECK(!look_all(&l));
    CHECK_CONTAINS(l.words, "its records could not all be read: the file is damaged: a page is missing; what it does "
                            "not find may be there");
    for (int i = 0; i < MANY; i++) {
        char key[32];

        snprintf(key, sizeof key, "key %03db", i);
        before += is_beside(&l, key, true);
        beside += is_beside(&l, key, false);
    }
    printf("# beside %d of %d places, before %d\n", beside, MANY, before);
    CHECK(before > MANY / 10 && before < MANY * 9 / 10);
    CHECK(beside >= before && beside < MANY * 9 / 10);
    look_end(&l);
    end(&c);
}

static void check_no_reader(void)
{
    ctx      c;
    look     l;
    MDB_txn *taken[READERS_MOST];
    int      count = 0;

    test_begin("nor where nothing can be read for want of a reader");
    begin(&c, 1);
    look_begin(&l, &c);
    while (count < READERS_MOST && mdb_txn_begin(l.env.mdb, NULL, MDB_RDONLY, &taken[count]) == 0)
        count++;
    CHECK(count > 0 && count < READERS_MOST);
    CHECK(!look_all(&l));
    CHECK_CONTAINS(l.words, "its records could not all be read: too many reads at once");
    while (count > 0)
        mdb_txn_abort(taken[--count]);
    look_end(&l);
    end(&c);
}

/* ---- reads beside ---- */

typedef struct ask {
    maru_txn_fn fn;
    const char *key;
    maru_status status;
    int         sound;
    char        words[256];
} ask;

static maru_status has_in(maru_txn *txn, void *arg)
{
    return maru_has(txn, &items, maru_key_text(((ask *)arg)->key));
}

static maru_status last_in(maru_txn *txn, void *arg)
{
    maru_key    last;
    maru_status status = txn_last(txn, &items, maru_key_text(((ask *)arg)->key), &last);

    if (status == MARU_OK)
        ((ask *)arg)->sound = ((const char *)last.data)[last.size - 1] - '0'; /* "key 00N" */
    return status;
}

/* Keys alone; ends at the first that is not OK. */
static maru_status keys_in(maru_txn *txn, void *arg)
{
    ask         *a = arg;
    maru_cursor *cursor = maru_walk(txn, &items, maru_key_text(""), maru_key_text(a->key));
    maru_key     key;
    maru_status  status;

    while ((status = maru_next(cursor, &key, NULL)) == MARU_OK)
        a->sound++;
    return status;
}

static ask run(const ctx *c, maru_txn_fn fn, const char *key)
{
    maru_store *store = kit_open(c->rt, &c->options);
    maru_call  *call = maru_call_begin(c->rt, 0);
    ask         a = {.key = key};

    a.status = maru_store_read(store, call, fn, &a);
    snprintf(a.words, sizeof a.words, "%s", maru_call_message(call));
    maru_call_end(call);
    maru_store_close(store);
    return a;
}

static void check_keys(void)
{
    ctx c;
    ask a;

    test_begin("a key that is damaged, or whose record is, is not said to be there");
    begin(&c, 10);
    CHECK_INT(run(&c, has_in, "key 005").status, MARU_OK);
    CHECK_INT(run(&c, keys_in, "").sound, 10);
    spoil(c.path, BYTES("\1key 005"), 12, 1);
    a = run(&c, has_in, "key 005");
    CHECK_INT(a.status, MARU_DATA_LOSS);
    CHECK_STR(a.words, "items: the record at \"key 005\" is damaged: its checksum is wrong");
    a = run(&c, keys_in, "");
    CHECK_INT(a.status, MARU_DATA_LOSS);
    CHECK_INT(a.sound, 5);

    test_begin("a walk that begins behind it says that what is missing may be one of its own");
    a = run(&c, keys_in, "key 006");
    CHECK_INT(a.status, MARU_DATA_LOSS);
    CHECK_STR(a.words, "items: the record before \"key 006\" is damaged: whether it is one of these is not known");
    CHECK_INT(run(&c, keys_in, "key 007").status, MARU_NOT_FOUND);
    CHECK_INT(run(&c, keys_in, "key 007").sound, 3);
    end(&c);
}

static void check_long_key(void)
{
    ctx c;
    ask a;

    test_begin("a key whose size was made greater than any ends a walk with words, and is not copied");
    begin(&c, 60);
    spoil(c.path, BYTES("\x8\0\1key 050"), 1, 2); /* 8 becomes 520, which its page has */
    a = run(&c, keys_in, "");
    CHECK_INT(a.status, MARU_DATA_LOSS);
    CHECK_INT(a.sound, 50);
    CHECK_STR(a.words, "items: the record behind \"key 049\" is damaged: its key is of a wrong size");
    end(&c);
}

static void check_last(void)
{
    ctx c;
    ask a;

    test_begin("which key is the last of many is not said where that one is damaged");
    begin(&c, 10);
    a = run(&c, last_in, "key ");
    CHECK_INT(a.status, MARU_OK);
    CHECK_INT(a.sound, 9);
    spoil(c.path, BYTES("\1key 009"), 12, 1);
    a = run(&c, last_in, "key ");
    CHECK_INT(a.status, MARU_DATA_LOSS);
    CHECK_STR(a.words, "items: the record before \"key!\" is damaged: its checksum is wrong");
    end(&c);

    test_begin("nor where its key may have become one that lies behind");
    begin(&c, 10);
    spoil(c.path, BYTES("\1key 009"), 0, 2); /* of table 3 now */
    a = run(&c, last_in, "key ");
    CHECK_INT(a.status, MARU_DATA_LOSS);
    CHECK_STR(a.words, "items: the record before \"key!\" is damaged: which is the last is not known");
    end(&c);
}

static maru_status migrate(maru_txn *txn, void *arg)
{
    maru_cursor      *cursor = maru_walk(txn, &items, maru_key_text("key "), maru_key_text(""));
    ProtobufCMessage *record;
    maru_status       status;

    while ((status = maru_next(cursor, NULL, &record)) == MARU_OK)
        ;
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

static void check_migration(void)
{
    ctx         c;
    maru_store *store;
    maru_error  error;

    test_begin("a migration does not leave out what is damaged without a word");
    begin(&c, 10);
    spoil(c.path, BYTES("\1key 000"), 1, 1); /* jey 000 */
    c.options.version++;
    c.options.migrate = migrate;
    CHECK_INT(maru_store_open(c.rt, &c.options, &store, &error), MARU_DATA_LOSS);
    CHECK_CONTAINS(error.text, "items: the record before \"key \" is damaged");
    end(&c);
}

/* ---- the library's own ---- */

static const maru_table own = {.number = 230, .name = "own", .record = &store_test__item__descriptor};

static maru_status put_own(maru_txn *txn, void *arg)
{
    StoreTest__Item record = STORE_TEST__ITEM__INIT;

    record.name = "x";
    return maru_put(txn, &own, maru_key_text(arg), &record.base);
}

static maru_status get_own(maru_txn *txn, void *arg)
{
    ProtobufCMessage *record;

    return maru_get(txn, &own, maru_key_text(arg), &record);
}

static maru_status walk_own(maru_txn *txn, void *arg)
{
    maru_cursor *cursor = maru_walk(txn, &own, maru_key_text(""), maru_key_text(arg));
    maru_status  status;

    while ((status = maru_next(cursor, NULL, NULL)) == MARU_OK)
        ;
    return status;
}

static void is_said(maru_store *store, maru_call *call, maru_txn_fn fn, char *key, const char *words)
{
    CHECK_INT(maru_store_read(store, call, fn, key), MARU_DATA_LOSS);
    CHECK_STR(maru_call_message(call), words);
}

/* A key that callers made up. */
static void check_own(void)
{
    ctx         c;
    maru_store *store;
    maru_call  *call;

    test_begin("a key of the library's own is in no word about damage");
    begin(&c, 1);
    call = maru_call_begin(c.rt, 0);
    store = kit_open(c.rt, &c.options);
    store_add_table(store, &own);
    CHECK_INT(maru_store_write(store, call, put_own, "secret 1"), MARU_OK);
    CHECK_INT(maru_store_write(store, call, put_own, "secret 2"), MARU_OK);
    maru_store_close(store);
    spoil(c.path, BYTES("\xe6secret 1"), 13, 1);
    store = kit_open(c.rt, &c.options);
    store_add_table(store, &own);
    is_said(store, call, get_own, "secret 1", "own: a record is damaged: its checksum is wrong");
    is_said(store, call, get_own, "secret 1b",
            "own: a record where it would be is damaged: whether it was there is not known");
    is_said(store, call, walk_own, "secret 1", "own: a record is damaged: its checksum is wrong");
    is_said(store, call, walk_own, "secret 1b",
            "own: the record before that place is damaged: whether it is one of these is not known");
    maru_call_end(call);
    maru_store_close(store);
    end(&c);
}

int main(void)
{
    check_whole();
    check_damaged();
    check_unreadable();
    check_no_reader();
    check_keys();
    check_long_key();
    check_last();
    check_migration();
    check_own();
    return test_end();
}
