/* records_test.c: records, walks, and the mistakes that a transaction does not let happen. */
#include <pthread.h>
#include <stdatomic.h>

#include "kit.h"
#include "runtime/rt.h"
#include "store/inside.h"

typedef struct ctx {
    maru_runtime *rt;
    maru_store   *store;
    maru_call    *call;
} ctx;

static maru_status read_own(maru_txn *txn, void *arg)
{
    kit_item item = {.key = "own", .count = 41};

    CHECK_INT(maru_has(txn, &items, maru_key_text("own")), MARU_NOT_FOUND);
    CHECK_INT(kit_put_in(txn, &item), MARU_OK);
    item.count = 0;
    CHECK_INT(kit_get_in(txn, &item), MARU_OK);
    CHECK_INT(item.count, 41);
    CHECK_INT(maru_delete(txn, &items, maru_key_text("own")), MARU_OK);
    CHECK_INT(maru_delete(txn, &items, maru_key_text("own")), MARU_NOT_FOUND);
    CHECK(maru_txn_wall_clock(txn) > 0);
    return kit_put_in(txn, &item);
}

static void basics(ctx *c)
{
    test_begin("what was written is read, replaced and deleted");
    CHECK_INT(kit_put(c->store, c->call, "apple", 3), MARU_OK);
    CHECK_INT(kit_get(c->store, c->call, "apple"), 3);
    CHECK_INT(kit_put(c->store, c->call, "apple", 4), MARU_OK);
    CHECK_INT(kit_get(c->store, c->call, "apple"), 4);
    CHECK_INT(kit_get(c->store, c->call, "pear"), -MARU_NOT_FOUND);

    test_begin("a write sees what it wrote itself");
    CHECK_INT(maru_store_write(c->store, c->call, read_own, NULL), MARU_OK);
    CHECK_INT(kit_get(c->store, c->call, "own"), 41);
}

static maru_status put_then_fail(maru_txn *txn, void *arg)
{
    CHECK_INT(kit_put_in(txn, arg), MARU_OK);
    maru_txn_fail(txn, MARU_FAILED_PRECONDITION, "%s", "a\n\x1b[1m");
    CHECK_STR(txn_words(txn), "a  [1m");
    return maru_txn_fail(txn, MARU_FAILED_PRECONDITION, "no more than %d", 7);
}

static maru_status put_other_type(maru_txn *txn, void *arg)
{
    static const maru_table wrong = {.number = 1, .name = "wrong", .record = &store_test__item__descriptor};
    StoreTest__Item         record = STORE_TEST__ITEM__INIT;

    return maru_put(txn, &wrong, maru_key_text("x"), &record.base);
}

static maru_status long_key(maru_txn *txn, void *arg)
{
    StoreTest__Item record = STORE_TEST__ITEM__INIT;
    char            key[MARU_KEY_MAX + 1];

    memset(key, 'k', sizeof key);
    CHECK_INT(maru_put(txn, &items, (maru_key){key, MARU_KEY_MAX}, &record.base), MARU_OK);
    CHECK_INT(maru_put(txn, &items, (maru_key){NULL, 0}, &record.base), MARU_OK);
    return maru_put(txn, &items, (maru_key){key, MARU_KEY_MAX + 1}, &record.base);
}

static maru_status write_in_read(maru_txn *txn, void *arg)
{
    StoreTest__Item record = STORE_TEST__ITEM__INIT;

    return maru_put(txn, &items, maru_key_text("x"), &record.base);
}

static maru_status read_in_read(maru_txn *txn, void *arg)
{
    ctx *c = arg;

    return maru_store_read(c->store, c->call, write_in_read, NULL);
}

static maru_status store_write_in_read(maru_txn *txn, void *arg)
{
    ctx     *c = arg;
    kit_item item = {.key = "x"};

    return maru_store_write(c->store, c->call, kit_put_in, &item);
}

static void refusals(ctx *c)
{
    kit_item item = {.key = "rolled", .count = 1};

    test_begin("a write that fails is rolled back, and its words arrive, as one line");
    CHECK_INT(maru_store_write(c->store, c->call, put_then_fail, &item), MARU_FAILED_PRECONDITION);
    CHECK_STR(maru_call_message(c->call), "no more than 7");
    CHECK_INT(kit_get(c->store, c->call, "rolled"), -MARU_NOT_FOUND);

    test_begin("a table that the store was not opened with is refused");
    CHECK_INT(maru_store_write(c->store, c->call, put_other_type, NULL), MARU_INTERNAL);
    CHECK_CONTAINS(maru_call_message(c->call), "wrong: it is not among the tables");

    test_begin("a key too long is refused with both lengths, and the write rolled back");
    CHECK_INT(maru_store_write(c->store, c->call, long_key, NULL), MARU_INVALID_ARGUMENT);
    CHECK_STR(maru_call_message(c->call), "items: want a key of at most 480 bytes, got 481");

    test_begin("a read can't write, nor begin another transaction of its call");
    CHECK_INT(maru_store_read(c->store, c->call, write_in_read, NULL), MARU_INTERNAL);
    CHECK_CONTAINS(maru_call_message(c->call), "a read can't write");
    CHECK_INT(maru_store_read(c->store, c->call, read_in_read, c), MARU_INTERNAL);
    CHECK_CONTAINS(maru_call_message(c->call), "a read within a read");
    CHECK_INT(maru_store_read(c->store, c->call, store_write_in_read, c), MARU_INTERNAL);
    CHECK_CONTAINS(maru_call_message(c->call), "a write within a transaction");
    CHECK_INT(maru_store_write(c->store, c->call, store_write_in_read, c), MARU_INTERNAL);
    CHECK_CONTAINS(maru_call_message(c->call), "a write within a transaction");
}

static maru_status too_much(maru_txn *txn, void *arg)
{
    kit_item item = {.key = "much", .count = 1};

    CHECK_INT(kit_put_in(txn, &item), MARU_OK);
    maru_walk(txn, &items, maru_key_text(""), maru_key_text(""));
    for (int i = 0; i < 100000; i++)
        maru_txn_alloc(txn, 4096);
    *(bool *)arg = true;
    return MARU_OK;
}

static void memory(ctx *c)
{
    maru_call *call = maru_call_begin(c->rt, 0);
    bool       went_on = false;

    test_begin("where the call's memory is used up, the function is left, and nothing is written");
    maru_arena_set_budget(maru_call_arena(call), 1 << 20);
    CHECK_INT(maru_store_write(c->store, call, too_much, &went_on), MARU_RESOURCE_EXHAUSTED);
    CHECK(!went_on);
    CHECK_INT(kit_get(c->store, c->call, "much"), -MARU_NOT_FOUND);
    maru_call_end(call);

    call = maru_call_begin(c->rt, 0);
    CHECK_INT(kit_put(c->store, call, "after", 1), MARU_OK);
    maru_call_end(call);
}

/* ---- walks ---- */

static maru_status fill(maru_txn *txn, void *arg)
{
    static const char *const keys[] = {"w/a", "w/ab", "w/b", "w/c", "x", "w"};
    StoreTest__Item          record = STORE_TEST__ITEM__INIT;
    maru_status              status = MARU_OK;

    for (size_t i = 0; i < sizeof keys / sizeof *keys && status == MARU_OK; i++)
        status = maru_put(txn, &others, maru_key_text(keys[i]), &record.base);
    return status;
}

typedef struct walked {
    const char *prefix, *from;
    char        keys[256];
} walked;

static maru_status walk(maru_txn *txn, void *arg)
{
    walked      *w = arg;
    maru_cursor *cursor = maru_walk(txn, &others, maru_key_text(w->prefix), maru_key_text(w->from));
    maru_key     key;
    maru_status  status;

    w->keys[0] = '\0';
    while ((status = maru_next(cursor, &key, NULL)) == MARU_OK) {
        strncat(w->keys, key.data, key.size);
        strncat(w->keys, " ", 2);
    }
    CHECK_INT(maru_next(cursor, &key, NULL), MARU_NOT_FOUND);
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

static const char *walk_from(ctx *c, walked *w, const char *prefix, const char *from)
{
    *w = (walked){.prefix = prefix, .from = from};
    CHECK_INT(maru_store_read(c->store, c->call, walk, w), MARU_OK);
    return w->keys;
}

static bool key_is(maru_key key, const char *text)
{
    return key.size == strlen(text) && memcmp(key.data, text, key.size) == 0;
}

/* Deletes and adds around where the walk stands; each is seen as it is when the walk gets there. */
static maru_status walk_and_write(maru_txn *txn, void *arg)
{
    walked           *w = arg;
    maru_cursor      *cursor = maru_walk(txn, &others, maru_key_text("w/"), maru_key_text(""));
    StoreTest__Item   record = STORE_TEST__ITEM__INIT;
    ProtobufCMessage *got;
    maru_key          key;

    w->keys[0] = '\0';
    while (maru_next(cursor, &key, &got) == MARU_OK) {
        strncat(w->keys, key.data, key.size);
        strncat(w->keys, " ", 2);
        if (key_is(key, "w/a"))
            CHECK_INT(maru_put(txn, &others, maru_key_text("w/aa"), &record.base), MARU_OK);
        if (key_is(key, "w/aa"))
            CHECK_INT(maru_delete(txn, &others, maru_key_text("w/b")), MARU_OK);
        CHECK_INT(maru_delete(txn, &others, key), MARU_OK);
    }
    return maru_has(txn, &others, maru_key_text("w/c")) == MARU_NOT_FOUND ? MARU_OK : MARU_INTERNAL;
}

/* ---- a walk against a model ---- */

enum { SPACE = 1000, WALKS = 20 };

typedef struct model {
    uint64_t seed;
    bool     there[SPACE];
    int      met, wrong;
} model;

static uint64_t next_random(model *m)
{
    m->seed ^= m->seed << 13;
    m->seed ^= m->seed >> 7;
    m->seed ^= m->seed << 17;
    return m->seed;
}

static maru_status change_one(maru_txn *txn, model *m, int number)
{
    char            key[16];
    uint8_t         filler[1200] = {0};
    StoreTest__Item record = STORE_TEST__ITEM__INIT;

    snprintf(key, sizeof key, "m%03d", number);
    if (m->there[number]) {
        m->there[number] = false;
        return maru_delete(txn, &others, maru_key_text(key));
    }
    m->there[number] = true;
    record.count = number;
    record.filler = (ProtobufCBinaryData){.len = next_random(m) % sizeof filler, .data = filler};
    return maru_put(txn, &others, maru_key_text(key), &record.base);
}

/* Every step is to give the least that is there and greater than the last, whatever was changed in between: near the
 * place where the walk stands, and anywhere. */
static maru_status walk_model(maru_txn *txn, void *arg)
{
    model            *m = arg;
    maru_cursor      *cursor = maru_walk(txn, &others, maru_key_text("m"), maru_key_text(""));
    ProtobufCMessage *record;
    maru_status       status;

    for (int last = -1;; m->met++) {
        int want = last + 1;

        while (want < SPACE && !m->there[want])
            want++;
        if ((status = maru_next(cursor, NULL, &record)) != MARU_OK) {
            m->wrong += want != SPACE;
            return status == MARU_NOT_FOUND ? MARU_OK : status;
        }
        last = (int)((StoreTest__Item *)record)->count;
        m->wrong += last != want;
        for (uint64_t changes = next_random(m) % 4; changes > 0; changes--) {
            int near = last + (int)(next_random(m) % 5) - 2;
            int number = changes % 2 ? near : (int)(next_random(m) % SPACE);

            if (number >= 0 && number < SPACE && change_one(txn, m, number) != MARU_OK)
                return MARU_INTERNAL;
        }
    }
}

static maru_status fill_model(maru_txn *txn, void *arg)
{
    maru_status status = MARU_OK;

    for (int i = 0; i < SPACE && status == MARU_OK; i += 2)
        status = change_one(txn, arg, i);
    return status;
}

static void model_walks(ctx *c)
{
    model m = {.seed = (uint64_t)rt_now(c->rt) | 1};

    printf("# seed %" PRIu64 "\n", m.seed);
    test_begin("20 walks over a changing table meet exactly what a model says");
    CHECK_INT(maru_store_write(c->store, c->call, fill_model, &m), MARU_OK);
    for (int i = 0; i < WALKS; i++) {
        maru_call *call = maru_call_begin(c->rt, 0);

        CHECK_INT(maru_store_write(c->store, call, walk_model, &m), MARU_OK);
        maru_call_end(call);
    }
    CHECK_INT(m.wrong, 0);
    CHECK(m.met > 1000);
}

static maru_status many_walks(maru_txn *txn, void *arg)
{
    maru_cursor *cursors[10];

    for (int i = 0; i < 10; i++) {
        cursors[i] = maru_walk(txn, &others, maru_key_text("w/"), maru_key_text(""));
        CHECK_INT(maru_next(cursors[i], NULL, NULL), MARU_OK);
    }
    for (int i = 0; i < 10; i += 3)
        while (maru_next(cursors[i], NULL, NULL) == MARU_OK)
            ;
    return MARU_OK;
}

static void walks(ctx *c)
{
    walked w;

    CHECK_INT(maru_store_write(c->store, c->call, fill, NULL), MARU_OK);
    test_begin("a walk gives the keys of its prefix in order, from where it was told");
    CHECK_STR(walk_from(c, &w, "", ""), "w w/a w/ab w/b w/c x ");
    CHECK_STR(walk_from(c, &w, "w/", ""), "w/a w/ab w/b w/c ");
    CHECK_STR(walk_from(c, &w, "w/", "w/ab"), "w/ab w/b w/c ");
    CHECK_STR(walk_from(c, &w, "w/", "w/aba"), "w/b w/c ");
    CHECK_STR(walk_from(c, &w, "w/", "a"), "w/a w/ab w/b w/c ");
    CHECK_STR(walk_from(c, &w, "w/", "x"), "");
    CHECK_STR(walk_from(c, &w, "y", ""), "");
    CHECK_STR(walk_from(c, &w, "", "w/c"), "w/c x ");

    test_begin("ten walks at once in one read, some left in the middle, and again");
    for (int i = 0; i < 3; i++)
        CHECK_INT(maru_store_read(c->store, c->call, many_walks, NULL), MARU_OK);

    test_begin("writing while walking: what was added is met, what was deleted is not");
    CHECK_INT(maru_store_write(c->store, c->call, walk_and_write, &w), MARU_OK);
    CHECK_STR(w.keys, "w/a w/aa w/ab w/c ");
    CHECK_STR(walk_from(c, &w, "", ""), "w x ");
}

/* ---- many at once ---- */

enum { THREADS = 8, ROUNDS = 50 };

typedef struct worker {
    ctx        *c;
    int         number;
    atomic_int *wrong;
} worker;

static maru_status increment(maru_txn *txn, void *arg)
{
    kit_item    item = {.key = "shared"};
    maru_status status = kit_get_in(txn, &item);

    if (status != MARU_OK && status != MARU_NOT_FOUND)
        return status;
    item.count++;
    status = kit_put_in(txn, &item);
    return *(bool *)arg && status == MARU_OK ? MARU_ABORTED : status;
}

static void *work(void *arg)
{
    worker *w = arg;

    for (int i = 0; i < ROUNDS; i++) {
        maru_call  *call = maru_call_begin(w->c->rt, 0);
        bool        fails = i % 5 == 4;
        maru_status status = maru_store_write(w->c->store, call, increment, &fails);

        if (status != (fails ? MARU_ABORTED : MARU_OK) || kit_get(w->c->store, call, "shared") < 1)
            atomic_fetch_add(w->wrong, 1);
        maru_call_end(call);
    }
    return NULL;
}

static void group(ctx *c)
{
    pthread_t  threads[THREADS];
    worker     workers[THREADS];
    atomic_int wrong = 0;

    test_begin("8 threads increment one number 50 times, every fifth rolled back: none is lost, none too many");
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (worker){.c = c, .number = i, .wrong = &wrong};
        pthread_create(&threads[i], NULL, work, &workers[i]);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CHECK_INT(wrong, 0);
    CHECK_INT(kit_get(c->store, c->call, "shared"), THREADS * ROUNDS * 4 / 5);
}

static void deadline(ctx *c)
{
    maru_call *call = maru_call_begin(c->rt, 0);

    test_begin("a write whose deadline passed before its turn is not run");
    call->deadline = 1;
    CHECK_INT(kit_put(c->store, call, "late", 1), MARU_DEADLINE_EXCEEDED);
    CHECK_CONTAINS(maru_call_message(call), "nothing was written");
    CHECK_INT(kit_get(c->store, c->call, "late"), -MARU_NOT_FOUND);
    maru_call_end(call);
}

static maru_status reply(maru_txn *txn, void *arg)
{
    return maru_reply_with(txn, &items, maru_key_text(arg));
}

static maru_status reply_otherwise(maru_txn *txn, void *arg)
{
    return reply(txn, arg) == MARU_RESOURCE_EXHAUSTED ? MARU_OK : MARU_INTERNAL;
}

static void replies(ctx *c)
{
    StoreTest__Item *got;

    test_begin("a stored record answers as it is");
    CHECK_INT(kit_put(c->store, c->call, "apple", 4), MARU_OK);
    CHECK_INT(maru_store_read(c->store, c->call, reply, "nothing"), MARU_NOT_FOUND);
    CHECK(c->call->reply == NULL);
    CHECK_INT(maru_store_read(c->store, c->call, reply, "apple"), MARU_OK);
    got = store_test__item__unpack(NULL, c->call->reply_size, c->call->reply);
    CHECK(got != NULL && got->count == 4);
    store_test__item__free_unpacked(got, NULL);

    test_begin("one that is larger than what can be sent is refused in words, and the function may answer otherwise");
    c->call->reply = NULL;
    c->call->reply_most = 1;
    CHECK_INT(maru_store_read(c->store, c->call, reply, "apple"), MARU_RESOURCE_EXHAUSTED);
    CHECK_CONTAINS(maru_call_message(c->call), "bytes, limit 1 (max_message)");
    CHECK_INT(maru_store_read(c->store, c->call, reply_otherwise, "apple"), MARU_OK);
    CHECK(c->call->reply == NULL);
    c->call->reply_most = 0;
}

int main(void)
{
    char              *path = kit_folder();
    maru_store_options options = kit_options(path);
    ctx                c = {.rt = kit_runtime(NULL)};

    c.store = kit_open(c.rt, &options);
    c.call = maru_call_begin(c.rt, 0);
    basics(&c);
    refusals(&c);
    memory(&c);
    walks(&c);
    model_walks(&c);
    group(&c);
    deadline(&c);
    replies(&c);
    maru_call_end(c.call);
    maru_store_close(c.store);

    test_begin("what was written is there when the store is opened again");
    c.store = kit_open(c.rt, &options);
    c.call = maru_call_begin(c.rt, 0);
    CHECK_INT(kit_get(c.store, c.call, "shared"), THREADS * ROUNDS * 4 / 5);
    maru_call_end(c.call);
    maru_store_close(c.store);
    maru_runtime_free(c.rt);
    kit_folder_end(path);
    return test_end();
}
