/* inside_test.c: what the library's own rooms do with a store (store/inside.h): a transaction within a transaction, the
 * last key of many, and news of commits.
 */
#include "kit.h"
#include "runtime/rt.h"
#include "store/inside.h"

typedef struct ctx {
    maru_runtime *rt;
    maru_store   *store;
    maru_call    *call;
    unsigned      marks; /* of the commits that were told of */
} ctx;

static maru_status put(maru_txn *txn, const char *key, int64_t count)
{
    kit_item item = {.key = key, .count = count};

    return kit_put_in(txn, &item);
}

static int64_t get(maru_txn *txn, const char *key)
{
    kit_item    item = {.key = key};
    maru_status status = kit_get_in(txn, &item);

    return status == MARU_OK ? item.count : -(int64_t)status;
}

/* ---- one within another ---- */

static maru_status change_all(maru_txn *txn, void *arg)
{
    CHECK_INT(put(txn, "new", 1), MARU_OK);
    CHECK_INT(put(txn, "outer", 2), MARU_OK);
    CHECK_INT(maru_delete(txn, &items, maru_key_text("old")), MARU_OK);
    maru_txn_alloc(txn, 10000); /* given back either way */
    txn_mark(txn, STORE_MARK_LATER);
    return *(bool *)arg ? maru_txn_fail(txn, MARU_ABORTED, "as the test wants it") : MARU_OK;
}

static maru_status with_a_failure(maru_txn *txn, void *arg)
{
    bool   fail = true;
    size_t spent;

    CHECK_INT(put(txn, "outer", 1), MARU_OK);
    txn_mark(txn, STORE_MARK_EMITTED);
    spent = maru_arena_spent(maru_txn_arena(txn));
    CHECK_INT(txn_nested(txn, change_all, &fail), MARU_ABORTED);
    CHECK_INT(maru_arena_spent(maru_txn_arena(txn)), spent);
    CHECK_STR(txn_words(txn), "as the test wants it");
    CHECK_INT(get(txn, "outer"), 1);
    CHECK_INT(get(txn, "old"), 7);
    CHECK_INT(get(txn, "new"), -MARU_NOT_FOUND);
    return put(txn, "after", 3);
}

static maru_status with_a_success(maru_txn *txn, void *arg)
{
    bool fail = false;

    size_t spent;

    CHECK_INT(put(txn, "outer", 1), MARU_OK);
    spent = maru_arena_spent(maru_txn_arena(txn));
    CHECK_INT(txn_nested(txn, change_all, &fail), MARU_OK);
    CHECK_INT(maru_arena_spent(maru_txn_arena(txn)), spent);
    CHECK_INT(get(txn, "outer"), 2);
    return MARU_OK;
}

static maru_status fail_after(maru_txn *txn, void *arg)
{
    bool fail = false;

    CHECK_INT(txn_nested(txn, change_all, &fail), MARU_OK);
    return maru_txn_fail(txn, MARU_DATA_LOSS, "the outer one");
}

static void nested(ctx *c)
{
    test_begin("where the inner one fails nothing of it is left, and the outer one goes on");
    CHECK_INT(kit_put(c->store, c->call, "old", 7), MARU_OK);
    c->marks = 0;
    CHECK_INT(maru_store_write(c->store, c->call, with_a_failure, NULL), MARU_OK);
    CHECK_INT(kit_get(c->store, c->call, "outer"), 1);
    CHECK_INT(kit_get(c->store, c->call, "after"), 3);
    CHECK_INT(kit_get(c->store, c->call, "old"), 7);
    CHECK_INT(kit_get(c->store, c->call, "new"), -MARU_NOT_FOUND);
    CHECK_INT(c->marks, STORE_MARK_EMITTED);

    test_begin("where the outer one fails nothing of the inner is left");
    c->marks = 0;
    CHECK_INT(maru_store_write(c->store, c->call, fail_after, NULL), MARU_DATA_LOSS);
    CHECK_STR(maru_call_message(c->call), "the outer one");
    CHECK_INT(kit_get(c->store, c->call, "new"), -MARU_NOT_FOUND);
    CHECK_INT(c->marks, 0);

    test_begin("where both are fine all of both is there");
    CHECK_INT(maru_store_write(c->store, c->call, with_a_success, NULL), MARU_OK);
    CHECK_INT(kit_get(c->store, c->call, "outer"), 2);
    CHECK_INT(kit_get(c->store, c->call, "new"), 1);
    CHECK_INT(kit_get(c->store, c->call, "old"), -MARU_NOT_FOUND);
    CHECK_INT(c->marks, STORE_MARK_LATER);
}

/* ---- and deeper ---- */

static maru_status deeper(maru_txn *txn, void *arg)
{
    int        *depth = arg;
    int         here = (*depth)--;
    char        key[16];
    maru_status status;

    snprintf(key, sizeof key, "depth%d", here);
    CHECK_INT(put(txn, key, here), MARU_OK);
    if (here > 0) {
        status = txn_nested(txn, deeper, depth);
        CHECK_INT(status, here % 2 == 0 ? MARU_OK : MARU_ABORTED);
    }
    return here % 2 == 0 ? maru_txn_fail(txn, MARU_ABORTED, "even") : MARU_OK;
}

static void depths(ctx *c)
{
    int depth = 5;

    test_begin("each of several depths keeps or loses its own, and what is below");
    CHECK_INT(maru_store_write(c->store, c->call, deeper, &depth), MARU_OK);
    CHECK_INT(kit_get(c->store, c->call, "depth5"), 5);
    for (int i = 4; i >= 0; i--) { /* 4 failed, and took with it what was below */
        char key[16];

        snprintf(key, sizeof key, "depth%d", i);
        CHECK_INT(kit_get(c->store, c->call, key), -MARU_NOT_FOUND);
    }
}

static maru_status in_a_read(maru_txn *txn, void *arg)
{
    bool fail = false;

    return txn_nested(txn, change_all, &fail);
}

/* Walks itself too. */
static maru_status add_to_walk(maru_txn *txn, void *arg)
{
    maru_cursor      *cursor = maru_walk(txn, &items, maru_key_text("walk"), maru_key_text("walk"));
    ProtobufCMessage *record;
    maru_key          key;

    CHECK_INT(put(txn, "walk2", 2), MARU_OK);
    CHECK_INT(maru_next(cursor, &key, &record), MARU_OK);
    return *(bool *)arg ? maru_txn_fail(txn, MARU_ABORTED, "as the test wants it") : MARU_OK;
}

/* A walk that began before goes on after, over what is there then. */
static maru_status walk_over(maru_txn *txn, void *arg)
{
    maru_cursor      *cursor = maru_walk(txn, &items, maru_key_text("walk"), maru_key_text("walk"));
    ProtobufCMessage *record;
    maru_key          key;
    bool              fail = *(bool *)arg;

    CHECK_INT(put(txn, "walk1", 1), MARU_OK);
    CHECK_INT(put(txn, "walk3", 3), MARU_OK);
    CHECK_INT(maru_next(cursor, &key, &record), MARU_OK);
    CHECK_MEM(key.data, key.size, "walk1", 5);
    CHECK_INT(txn_nested(txn, add_to_walk, &fail), fail ? MARU_ABORTED : MARU_OK);
    CHECK_INT(maru_next(cursor, &key, &record), MARU_OK);
    CHECK_MEM(key.data, key.size, fail ? "walk3" : "walk2", 5);
    CHECK_INT(put(txn, "walk4", 4), MARU_OK);
    if (!fail)
        CHECK_INT(maru_next(cursor, &key, &record), MARU_OK);
    CHECK_INT(maru_next(cursor, &key, &record), MARU_OK);
    CHECK_MEM(key.data, key.size, "walk4", 5);
    CHECK_INT(maru_next(cursor, &key, &record), MARU_NOT_FOUND);
    return maru_txn_fail(txn, MARU_ABORTED, "so that the next begins as this one");
}

/* A store that is full breaks the transaction that it was in, though that may not look. */
static maru_status write_too_much(maru_txn *txn, void *arg)
{
    kit_item item = {.key = "too much", .filler = 4 << 20};

    CHECK_INT(put(txn, "badly", 1), MARU_OK);
    kit_put_in(txn, &item);
    return MARU_OK;
}

static maru_status write_well(maru_txn *txn, void *arg)
{
    CHECK_INT(txn_nested(txn, write_too_much, NULL), MARU_RESOURCE_EXHAUSTED);
    CHECK_INT(get(txn, "badly"), -MARU_NOT_FOUND);
    return put(txn, "well", 1);
}

static void full(ctx *c)
{
    char              *path = kit_folder();
    maru_store_options options = kit_options(path);
    maru_store        *small;

    test_begin("an inner one that finds the store full leaves the outer one whole");
    options.map_bytes = 1 << 20;
    small = kit_open(c->rt, &options);
    CHECK_INT(maru_store_write(small, c->call, write_well, NULL), MARU_OK);
    CHECK_INT(kit_get(small, c->call, "well"), 1);
    CHECK_INT(kit_get(small, c->call, "badly"), -MARU_NOT_FOUND);
    maru_store_close(small);
    kit_folder_end(path);
}

static void around(ctx *c)
{
    test_begin("a read nests no write");
    CHECK_INT(maru_store_read(c->store, c->call, in_a_read, NULL), MARU_INTERNAL);
    CHECK_CONTAINS(maru_call_message(c->call), "a read can't nest a write");
    for (int fails = 0; fails < 2; fails++) {
        bool fail = fails;

        test_begin(fail ? "a walk goes on after an inner one that failed" : "a walk goes on after an inner one");
        CHECK_INT(maru_store_write(c->store, c->call, walk_over, &fail), MARU_ABORTED);
    }
}

/* ---- memory that is out ---- */

static maru_status use_up(maru_txn *txn, void *arg)
{
    maru_cursor      *cursor = maru_walk(txn, &items, maru_key_text(""), maru_key_text("")); /* left open */
    ProtobufCMessage *record;

    CHECK_INT(put(txn, "much", 1), MARU_OK);
    CHECK_INT(maru_next(cursor, NULL, &record), MARU_OK);
    for (int i = 0; i < 100000; i++)
        maru_txn_alloc(txn, 4096);
    *(bool *)arg = true;
    return MARU_OK;
}

typedef struct greed {
    bool inner_went_on, outer_went_on, outer_too;
} greed;

static maru_status survive(maru_txn *txn, void *arg)
{
    greed *g = arg;

    CHECK_INT(put(txn, "modest", 1), MARU_OK);
    maru_txn_alloc(txn, 100000);
    for (int i = 0; i < 3; i++)
        CHECK_INT(txn_nested(txn, use_up, &g->inner_went_on), MARU_RESOURCE_EXHAUSTED);
    CHECK_INT(get(txn, "much"), -MARU_NOT_FOUND);
    CHECK_INT(put(txn, "modest", 2), MARU_OK); /* there is memory again */
    g->outer_went_on = true;
    if (g->outer_too)
        use_up(txn, &g->inner_went_on);
    return MARU_OK;
}

static void memory(ctx *c)
{
    maru_call *call = maru_call_begin(c->rt, 0);
    greed      g = {.outer_too = false};
    size_t     spent;

    test_begin("an inner one that uses up the call's memory is left and undone, and the outer one has it back");
    maru_arena_set_budget(maru_call_arena(call), 1 << 20);
    CHECK_INT(maru_store_write(c->store, call, survive, &g), MARU_OK);
    CHECK(g.outer_went_on && !g.inner_went_on);
    CHECK_INT(kit_get(c->store, c->call, "modest"), 2);
    CHECK_INT(kit_get(c->store, c->call, "much"), -MARU_NOT_FOUND);
    maru_call_end(call);

    test_begin("where the outer one uses it up after, that is left too, and all of it is undone");
    call = maru_call_begin(c->rt, 0);
    maru_arena_set_budget(maru_call_arena(call), 1 << 20);
    CHECK_INT(kit_put(c->store, c->call, "modest", 9), MARU_OK);
    g = (greed){.outer_too = true};
    spent = maru_arena_spent(maru_call_arena(call));
    CHECK_INT(maru_store_write(c->store, call, survive, &g), MARU_RESOURCE_EXHAUSTED);
    CHECK(maru_arena_spent(maru_call_arena(call)) < spent + 4096); /* the words */
    CHECK(g.outer_went_on && !g.inner_went_on);
    CHECK_INT(kit_get(c->store, c->call, "modest"), 9);
    maru_call_end(call);
}

/* ---- the last key ---- */

static maru_status put_key(maru_txn *txn, const maru_table *table, const void *key, size_t size)
{
    StoreTest__Item record = STORE_TEST__ITEM__INIT;

    return maru_put(txn, table, (maru_key){key, size}, &record.base);
}

typedef struct last_case {
    const char *prefix;
    size_t      size;
    const char *last; /* NULL: there is none */
    size_t      last_size;
} last_case;

#define CASE(prefix, last)                                                                                             \
    {                                                                                                                  \
        prefix, sizeof prefix - 1, last, sizeof last - 1                                                               \
    }
#define NONE(prefix)                                                                                                   \
    {                                                                                                                  \
        prefix, sizeof prefix - 1, NULL, 0                                                                             \
    }

static const last_case lasts[] = {
    CASE("", "\xff\xff\xff"),
    CASE("a", "ab\xff\xff"),
    CASE("ab", "ab\xff\xff"),
    CASE("aa", "aa"),
    CASE("ab\xff", "ab\xff\xff"),
    CASE("b", "b"),
    CASE("\xff", "\xff\xff\xff"),
    CASE("\xff\xff", "\xff\xff\xff"),
    NONE("aab"),
    NONE("ac"),
    NONE("b\x00"),
    NONE("\xff\xff\xff\x00"),
    NONE("A"),
};

static maru_status look_at_lasts(maru_txn *txn, void *arg)
{
    for (size_t i = 0; i < sizeof lasts / sizeof *lasts; i++) {
        const last_case *l = &lasts[i];
        maru_key         key = {0};
        maru_status      status = txn_last(txn, &others, (maru_key){l->prefix, l->size}, &key);

        if (!CHECK_INT(status, l->last == NULL ? MARU_NOT_FOUND : MARU_OK))
            fprintf(stderr, "  case %zu\n", i);
        else if (status == MARU_OK && !CHECK_MEM(key.data, key.size, l->last, l->last_size))
            fprintf(stderr, "  case %zu\n", i);
    }
    return MARU_OK;
}

static maru_status fill_others(maru_txn *txn, void *arg)
{
    maru_key key;
    char     longest[MARU_KEY_MAX + 1];

    memset(longest, 'k', sizeof longest);
    CHECK_INT(txn_last(txn, &others, maru_key_text(""), &key), MARU_NOT_FOUND);
    CHECK_INT(txn_last(txn, &others, (maru_key){longest, sizeof longest}, &key), MARU_INVALID_ARGUMENT);
    CHECK_INT(put_key(txn, &others, "aa", 2), MARU_OK);
    CHECK_INT(put_key(txn, &others, "ab", 2), MARU_OK);
    CHECK_INT(put_key(txn, &others, "ab\xff\xff", 4), MARU_OK);
    CHECK_INT(put_key(txn, &others, "b", 1), MARU_OK);
    CHECK_INT(put_key(txn, &others, "\xff\xff\xff", 3), MARU_OK);
    return look_at_lasts(txn, NULL);
}

static maru_status empty_others(maru_txn *txn, void *arg)
{
    maru_key key;

    while (txn_last(txn, &others, maru_key_text(""), &key) == MARU_OK)
        CHECK_INT(maru_delete(txn, &others, key), MARU_OK);
    CHECK_INT(txn_last(txn, &items, maru_key_text("depth"), &key), MARU_OK); /* the table before is untouched */
    CHECK_MEM(key.data, key.size, "depth5", 6);
    return MARU_OK;
}

static void last_keys(ctx *c)
{
    test_begin("the last key with a prefix, beside other tables, bytes of 0xff, and none at all");
    CHECK_INT(maru_store_write(c->store, c->call, fill_others, NULL), MARU_OK);
    CHECK_INT(maru_store_read(c->store, c->call, look_at_lasts, NULL), MARU_OK);
    test_begin("what is taken away from the end is the last no more");
    CHECK_INT(maru_store_write(c->store, c->call, empty_others, NULL), MARU_OK);
}

/* ---- bytes ---- */

static maru_status read_bytes(maru_txn *txn, void *arg)
{
    const uint8_t   *bytes;
    size_t           size;
    StoreTest__Item *item;

    CHECK_INT(txn_bytes(txn, &items, maru_key_text("nowhere"), &bytes, &size), MARU_NOT_FOUND);
    if (!CHECK_INT(txn_bytes(txn, &items, maru_key_text("outer"), &bytes, &size), MARU_OK))
        return MARU_OK;
    item = store_test__item__unpack(NULL, size, bytes);
    CHECK(item != NULL && item->count == 2);
    store_test__item__free_unpacked(item, NULL);
    return MARU_OK;
}

static void bytes(ctx *c)
{
    test_begin("a record's bytes are those of its message");
    CHECK_INT(maru_store_read(c->store, c->call, read_bytes, NULL), MARU_OK);
}

/* ---- news of commits ---- */

static void committed(void *arg, unsigned marks)
{
    ((ctx *)arg)->marks |= marks;
}

static void listen(void *arg)
{
    store_on_commit(((ctx *)arg)->store, committed, arg);
}

static void listen_no_more(void *arg)
{
    store_on_commit(((ctx *)arg)->store, NULL, NULL);
}

static maru_status only_mark(maru_txn *txn, void *arg)
{
    txn_mark(txn, STORE_MARK_PENDING);
    return *(maru_status *)arg;
}

static void news(ctx *c)
{
    maru_status fine = MARU_OK, wrong = MARU_ABORTED;

    test_begin("a listener hears what was committed, and nothing of what was not");
    c->marks = 0;
    CHECK_INT(maru_store_write(c->store, c->call, only_mark, &wrong), MARU_ABORTED);
    CHECK_INT(c->marks, 0);
    CHECK_INT(maru_store_write(c->store, c->call, only_mark, &fine), MARU_OK);
    CHECK_INT(c->marks, STORE_MARK_PENDING);
    rt_on_strand(c->rt, listen_no_more, c);
    c->marks = 0;
    CHECK_INT(maru_store_write(c->store, c->call, only_mark, &fine), MARU_OK);
    CHECK_INT(c->marks, 0);
}

int main(void)
{
    char              *path = kit_folder();
    maru_store_options options = kit_options(path);
    ctx                c = {.rt = kit_runtime(NULL)};

    c.store = kit_open(c.rt, &options);
    c.call = maru_call_begin(c.rt, 0);
    rt_on_strand(c.rt, listen, &c);
    nested(&c);
    depths(&c);
    around(&c);
    full(&c);
    memory(&c);
    last_keys(&c);
    bytes(&c);
    news(&c);
    maru_call_end(c.call);
    maru_store_close(c.store);
    maru_runtime_free(c.rt);
    kit_folder_end(path);
    return test_end();
}
