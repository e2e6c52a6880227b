/* once_bytes_test.c: large replies of exactly-once calls lose their bytes, oldest first, where all of them together are
 * more than the store keeps; that they were given stays known, until they are too old. */
#include <lmdb.h>

#include "kit.h"
#include "server/once.h"
#include "store/once_impl.h"
#include "store/store_impl.h"

enum { LARGE = 1000, KEPT = 10, DAY_MS = 24 * 3600 * 1000 };

static const maru_method method = {.name = "Add",
                                   .path = "/test.Test/Add",
                                   .id = 17,
                                   .flags = MARU_METHOD_EXACTLY_ONCE,
                                   .request = &store_test__item__descriptor,
                                   .response = &store_test__item__descriptor};

typedef struct ctx {
    maru_seam     seam;
    int64_t       ahead_ms; /* of the wall */
    maru_runtime *rt;
    maru_store   *store;
} ctx;

static int64_t moved_wall(void *self)
{
    return maru_seam_real()->wall(maru_seam_real()->self) + ((ctx *)self)->ahead_ms * 1000000;
}

static int64_t real_now(void *self)
{
    (void)self;
    return maru_seam_real()->now(maru_seam_real()->self);
}

static void real_random(void *self, void *into, size_t size)
{
    (void)self;
    maru_seam_real()->random(maru_seam_real()->self, into, size);
}

/* What a call came to. */
typedef struct outcome {
    maru_status     status;
    int             runs;
    size_t          bytes; /* of the reply */
    char            words[256];
    size_t          filler;
    bool            fails;
    StoreTest__Item response;
} outcome;

static maru_status answer_in(maru_txn *txn, void *arg)
{
    outcome *o = arg;

    o->runs++;
    o->response.filler.data = maru_txn_alloc(txn, o->filler + 1);
    o->response.filler.len = o->filler;
    memset(o->response.filler.data, 'r', o->filler);
    return o->fails ? maru_txn_fail(txn, MARU_ABORTED, "not this time") : MARU_OK;
}

static outcome ask(ctx *c, const char *id, const char *body, size_t filler, bool fails)
{
    outcome    o = {.filler = filler, .fails = fails};
    maru_call *call = maru_call_begin(c->rt, 0);

    c->ahead_ms++; /* within a millisecond the order is that of ids */
    store_test__item__init(&o.response);
    call->method = &method;
    call->caller = "uid:0";
    call->request_id = id;
    call->request = (const uint8_t *)body;
    call->request_size = strlen(body);
    call->response = &o.response.base;
    o.status = maru_store_write(c->store, call, answer_in, &o);
    o.bytes = call->reply ? call->reply_size : 0;
    snprintf(o.words, sizeof o.words, "%s", maru_call_message(call));
    maru_call_end(call);
    return o;
}

static const char *id_of(const char *what, int number, char into[static 32])
{
    snprintf(into, 32, "%s %d", what, number);
    return into;
}

static void fill(ctx *c, const char *what, int count, size_t filler)
{
    char id[32];

    for (int i = 0; i < count; i++)
        CHECK_INT(ask(c, id_of(what, i, id), "body", filler, false).status, MARU_OK);
}

static void left(ctx *c, const char *id)
{
    outcome o = ask(c, id, "body", LARGE, false);

    CHECK_INT(o.status, MARU_FAILED_PRECONDITION);
    CHECK_INT(o.runs, 0);
    CHECK_CONTAINS(o.words, "this was done, and is not done again; but its reply of 1003 bytes is not kept any more");
    CHECK_CONTAINS(o.words, id);
}

static void whole(ctx *c, const char *id, size_t bytes)
{
    outcome o = ask(c, id, "body", LARGE, false);

    CHECK_INT(o.status, MARU_OK);
    CHECK_INT(o.runs, 0);
    CHECK_INT(o.bytes, bytes);
}

static void shedding(ctx *c)
{
    char    id[32];
    outcome o;

    fill(c, "small", 50, 200);
    fill(c, "large", 3 * KEPT, LARGE);
    fill(c, "after", 1, 1); /* what a commit adds is looked at by the next */

    test_begin("the newest large replies answer again, the others are known to have been given");
    for (int i = 0; i < 3 * KEPT; i++)
        i < 2 * KEPT ? left(c, id_of("large", i, id)) : whole(c, id_of("large", i, id), LARGE + 3);

    test_begin("small ones stay whole");
    for (int i = 0; i < 50; i++)
        whole(c, id_of("small", i, id), 203);

    test_begin("that another request had the id is seen without the bytes, too");
    o = ask(c, "large 0", "other", LARGE, false);
    CHECK_INT(o.status, MARU_ALREADY_EXISTS);
    CHECK_INT(o.runs, 0);

    test_begin("a write that fails counts for nothing");
    for (int i = 0; i < 2 * KEPT; i++)
        CHECK_INT(ask(c, "fails", "body", LARGE, true).status, MARU_ABORTED);
    whole(c, id_of("large", 2 * KEPT, id), LARGE + 3);
}

static void many_at_once(ctx *c)
{
    char id[32];

    test_begin("one that is larger than all others pushes them out, and stays until there are others");
    CHECK_INT(ask(c, "huge", "body", (KEPT - 1) * (LARGE + 3), false).status, MARU_OK);
    fill(c, "after huge", 1, 1);
    whole(c, "huge", (KEPT - 1) * (LARGE + 3) + 3);
    for (int i = 2 * KEPT; i < 3 * KEPT - 1; i++)
        left(c, id_of("large", i, id));
}

static size_t records(ctx *c)
{
    MDB_stat stat;

    mdb_env_stat(c->store->env.mdb, &stat);
    return stat.ms_entries;
}

static void aging(ctx *c)
{
    char id[32];

    test_begin("all of it goes when it is too old, whole or not, and what comes then is counted from nothing");
    c->ahead_ms = 8 * (int64_t)DAY_MS;
    for (int i = 0; i < 3; i++)
        CHECK_INT(ask(c, "", "", 0, false).status, MARU_OK);
    CHECK_INT(records(c), 2); /* whose store it is, and a sum of 0 */
    fill(c, "large", KEPT, LARGE);
    fill(c, "after", 1, 1);
    for (int i = 0; i < KEPT; i++)
        whole(c, id_of("large", i, id), LARGE + 3);
}

/* The child's: fills the store that is at path, and dies. */
static int fill_and_die(ctx *c)
{
    c->ahead_ms = 9 * (int64_t)DAY_MS; /* later than all that is there */
    fill(c, "killed", 3 * KEPT, LARGE);
    fill(c, "last words", 1, 1);
    if (test_state.all_failed == 0)
        kill(getpid(), SIGKILL);
    return 1;
}

static void killed(ctx *c, maru_store_options *options)
{
    const char *args[] = {options->path, NULL};
    kit_child   child = kit_spawn(args);
    int         status = kit_end(&child);
    char        id[32];

    test_begin("the same after a kill, when the journal has brought it back");
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    c->store = kit_open(c->rt, options);
    for (int i = 0; i < 3 * KEPT; i++)
        i < 2 * KEPT ? left(c, id_of("killed", i, id)) : whole(c, id_of("killed", i, id), LARGE + 3);
    maru_store_close(c->store);
}

static void begin(ctx *c)
{
    *c = (ctx){.seam = *maru_seam_real()};
    c->seam.self = c;
    c->seam.wall = moved_wall;
    c->seam.now = real_now;
    c->seam.random = real_random;
    c->rt = kit_runtime(&c->seam);
}

int main(int argc, char **argv)
{
    char              *path = argc > 1 ? argv[1] : kit_folder(), id[32];
    maru_store_options options = kit_options(path);
    ctx                c;

    options.once_keep_bytes = KEPT * (LARGE + 3);
    begin(&c);
    c.store = kit_open(c.rt, &options);
    if (argc > 1)
        return fill_and_die(&c);
    shedding(&c);
    maru_store_close(c.store);

    test_begin("the same after a restart: what is kept, and how much that is");
    c.store = kit_open(c.rt, &options);
    left(&c, id_of("large", 2 * KEPT - 1, id));
    whole(&c, id_of("large", 2 * KEPT, id), LARGE + 3);
    fill(&c, "one more", 1, LARGE);
    fill(&c, "after that", 1, 1);
    left(&c, id_of("large", 2 * KEPT, id));
    whole(&c, id_of("large", 2 * KEPT + 1, id), LARGE + 3);
    many_at_once(&c);
    aging(&c);
    maru_store_close(c.store);
    killed(&c, &options);
    maru_runtime_free(c.rt);
    kit_folder_end(path);
    return test_end();
}
