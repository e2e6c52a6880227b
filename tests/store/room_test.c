/* room_test.c: a store at its largest size (map_bytes). What was deleted is room for the next write, though a
 * checkpoint held it. */
#include "kit.h"

enum { SMALL_MAP = 1 << 20, FILLER = 13000, MOST = 200, ROUNDS = 12, DELETED = 8, WRITTEN = 5 };

typedef struct ctx {
    maru_runtime *rt;
    maru_store   *store;
    char          words[256]; /* of the last write */
    int           first, next;
} ctx;

static maru_status write_one(ctx *c, maru_txn_fn fn, int number, size_t filler)
{
    maru_call  *call = maru_call_begin(c->rt, 0);
    char        key[32];
    kit_item    item = {.key = key, .count = number, .filler = filler};
    maru_status status;

    snprintf(key, sizeof key, "key %06d", number);
    status = maru_store_write(c->store, call, fn, &item);
    snprintf(c->words, sizeof c->words, "%s", maru_call_message(call));
    maru_call_end(call);
    return status;
}

static void in_turn(ctx *c)
{
    int refused = 0;

    test_begin("at its largest size a store takes as much as was deleted before, at once");
    while (c->next < MOST && write_one(c, kit_put_in, c->next, FILLER) == MARU_OK)
        c->next++;
    CHECK(c->next > DELETED && c->next < MOST);
    CHECK_CONTAINS(c->words, "the store has reached its largest size (map_bytes)");
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < DELETED && c->first < c->next; i++)
            CHECK_INT(write_one(c, kit_delete_in, c->first++, 0), MARU_OK);
        for (int i = 0; i < WRITTEN; i++)
            if (write_one(c, kit_put_in, c->next, FILLER) == MARU_OK)
                c->next++;
            else
                refused++;
    }
    CHECK_INT(refused, 0);
}

/* Larger than what journal_tend looks for. */
static void large(ctx *c)
{
    enum { OLD = 22 << 20, NEW = 20 << 20 };

    test_begin("what is larger than the room that is looked for may be refused once, and is taken then");
    CHECK_INT(write_one(c, kit_put_in, 0, OLD), MARU_OK);
    CHECK_INT(write_one(c, kit_put_in, 1, 10), MARU_OK);
    CHECK_INT(write_one(c, kit_delete_in, 0, 0), MARU_OK);
    CHECK_INT(write_one(c, kit_put_in, 1, 10), MARU_OK);
    CHECK_INT(write_one(c, kit_put_in, 2, NEW), MARU_RESOURCE_EXHAUSTED);
    CHECK_INT(write_one(c, kit_put_in, 2, NEW), MARU_OK);
}

static void with_map(size_t map_bytes, void (*run)(ctx *c))
{
    char              *path = kit_folder();
    maru_store_options options = kit_options(path);
    ctx                c = {.rt = kit_runtime(NULL)};

    options.map_bytes = map_bytes;
    c.store = kit_open(c.rt, &options);
    run(&c);
    maru_store_close(c.store);
    maru_runtime_free(c.rt);
    kit_folder_end(path);
}

int main(void)
{
    with_map(SMALL_MAP, in_turn);
    with_map((size_t)40 << 20, large);
    return test_end();
}
