/* checkpoint_test.c: the order in which a checkpoint is made, which is what a loss of power counts on: the pages are
 * flushed, then the header that says so is written, then that is flushed, and only then are the pages of the state
 * before given up. flush_shim holds each of these steps; the writer goes on meanwhile. */
#include "kit.h"
#include "shim.h"
#include "store/store_impl.h"

enum { SMALL_JOURNAL = 64 << 10, FILLER = 6000, MOST = 100 };

typedef struct ctx {
    shim_calls    shim;
    maru_runtime *rt;
    maru_store   *store;
    long          writes, append, journal, flush; /* since: */
} ctx;

static maru_status put(ctx *c)
{
    maru_call  *call = maru_call_begin(c->rt, 0);
    kit_item    item = {.key = "one", .count = ++c->writes, .filler = FILLER};
    maru_status status = maru_store_write(c->store, call, kit_put_in, &item);

    maru_call_end(call);
    return status;
}

static void count_from_here(ctx *c)
{
    c->writes = 0;
    c->append = c->shim.count(SHIM_APPEND);
    c->journal = c->shim.count(SHIM_JOURNAL);
    c->flush = c->shim.count(SHIM_FLUSH);
}

/* A write is one record, and one flush of it. */
static bool check_headers(ctx *c, int written, int flushed)
{
    long more_written = c->shim.count(SHIM_APPEND) - c->append - c->writes;
    long more_flushed = c->shim.count(SHIM_JOURNAL) - c->journal - c->writes;

    CHECK_INT(more_written, written);
    CHECK_INT(more_flushed, flushed);
    return more_written == written && more_flushed == flushed;
}

/* The state that LMDB may not touch. */
static size_t held(ctx *c)
{
    return mdb_txn_id(c->store->journal.checkpoint.held);
}

static bool write_until_checkpoint(ctx *c)
{
    while (!checkpoint_busy(&c->store->journal.checkpoint))
        if (c->writes == MOST || put(c) != MARU_OK)
            return false;
    return true;
}

/* Whether it was kept: where it was not, no step comes that could be held. */
static bool order(ctx *c)
{
    size_t before = held(c);

    test_begin("while a checkpoint's pages are being flushed, its header is not written; writes go on");
    count_from_here(c);
    c->shim.hold(SHIM_FLUSH);
    if (!CHECK(write_until_checkpoint(c))) {
        c->shim.release();
        return false;
    }
    c->shim.wait();
    CHECK_INT(put(c), MARU_OK);
    CHECK_INT(held(c), before);
    if (!check_headers(c, 0, 0)) {
        c->shim.release();
        return false;
    }

    test_begin("then the header is written, and while it is being flushed the pages of the state before are kept");
    c->shim.hold(SHIM_JOURNAL);
    c->shim.wait();
    CHECK_INT(c->shim.count(SHIM_FLUSH), c->flush + 1);
    check_headers(c, 1, 0);
    CHECK_INT(held(c), before);

    test_begin("after that they are given up");
    c->shim.release();
    checkpoint_wait(&c->store->journal.checkpoint);
    check_headers(c, 1, 1);
    CHECK_INT(c->shim.count(SHIM_FLUSH), c->flush + 1);
    CHECK(held(c) > before);
    return true;
}

int main(int argc, char **argv)
{
    maru_store_options options;
    char              *path;
    ctx                c;

    if (!getenv("MARU_SHIM"))
        return shim_preload(argc, argv);
    path = kit_folder();
    options = kit_options(path);
    c = (ctx){.shim = shim_find(), .rt = kit_runtime(NULL)};
    c.store = kit_open(c.rt, &options);
    c.store->journal.large = SMALL_JOURNAL;
    CHECK_INT(put(&c), MARU_OK);             /* which begins the journal */
    for (int i = 0; i < 2 && order(&c); i++) /* into either file */
        ;
    maru_store_close(c.store);
    maru_runtime_free(c.rt);
    kit_folder_end(path);
    return test_end();
}
