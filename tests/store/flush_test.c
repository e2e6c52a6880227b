/* flush_test.c: nothing is answered before it is on the disk. The test preloads flush_shim into itself, which holds the
 * flush, or makes it fail. */
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

#include "kit.h"
#include "runtime/rt.h"
#include "shim.h"
#include "store/store_impl.h"

typedef struct ctx {
    shim_calls         shim;
    shim_step          flush; /* the one that a write waits for */
    char              *path;  /* of another store */
    maru_runtime      *rt;
    maru_store_options options;
    maru_store        *store;
} ctx;

/* ---- a write in a thread of its own ---- */

typedef struct writing {
    ctx        *c;
    pthread_t   thread;
    maru_call  *call;
    maru_txn_fn fn;
    kit_item    item;
    char        key[32];
    atomic_bool returned;
    maru_status status;
} writing;

static void *write_thread(void *arg)
{
    writing *w = arg;

    w->status = maru_store_write(w->c->store, w->call, w->fn, &w->item);
    atomic_store(&w->returned, true);
    return NULL;
}

static void begin(ctx *c, writing *w, const char *name, int number, maru_txn_fn fn)
{
    *w = (writing){.c = c, .call = maru_call_begin(c->rt, 0), .fn = fn};
    snprintf(w->key, sizeof w->key, "%s %d", name, number);
    w->item = (kit_item){.key = w->key, .count = number};
}

static void go(writing *w)
{
    pthread_create(&w->thread, NULL, write_thread, w);
}

static maru_status end(writing *w)
{
    pthread_join(w->thread, NULL);
    return w->status;
}

static int64_t count_of(ctx *c, const char *key)
{
    maru_call *call = maru_call_begin(c->rt, 0);
    int64_t    count = kit_get(c->store, call, key);

    maru_call_end(call);
    return count;
}

static maru_status put_now(ctx *c, const char *key)
{
    maru_call  *call = maru_call_begin(c->rt, 0);
    maru_status status = kit_put(c->store, call, key, 1);

    maru_call_end(call);
    return status;
}

static void nothing(void *arg)
{
    (void)arg;
}

/* Whatever was handed to the strand by now has run. Then the waiter gets its chance. */
static bool has_returned(writing *w)
{
    rt_on_strand(w->c->rt, nothing, NULL);
    for (int i = 0; i < 2000 && !atomic_load(&w->returned); i++)
        sched_yield();
    return atomic_load(&w->returned);
}

/* Some steps are several of the kind: any of them holds. */
static void held(ctx *c, shim_step step, const char *key_name, const char *sentence)
{
    long    before = c->shim.count(step);
    writing w;

    test_begin(sentence);
    begin(c, &w, key_name, 1, kit_put_in);
    c->shim.hold(step);
    go(&w);
    c->shim.wait();
    CHECK(!has_returned(&w));
    CHECK_INT(count_of(c, w.key), -MARU_NOT_FOUND);
    CHECK_INT(c->shim.count(step), before);
    c->shim.release();
    CHECK_INT(end(&w), MARU_OK);
    CHECK_INT(count_of(c, w.key), 1);
    CHECK(step == SHIM_DATA ? c->shim.count(step) > before : c->shim.count(step) == before + 1);
    maru_call_end(w.call);
}

/* ---- group commit ---- */

static size_t waiting(ctx *c)
{
    size_t count;

    pthread_mutex_lock(&c->store->writes.mutex);
    count = c->store->writes.waiting;
    pthread_mutex_unlock(&c->store->writes.mutex);
    return count;
}

static maru_status fail_in(maru_txn *txn, void *arg)
{
    kit_put_in(txn, arg);
    return maru_txn_fail(txn, MARU_ABORTED, "not this one");
}

static maru_status exhaust_in(maru_txn *txn, void *arg)
{
    kit_put_in(txn, arg);
    while (maru_txn_alloc(txn, 1 << 20))
        ;
    return MARU_OK;
}

static maru_status seen_in(maru_txn *txn, void *arg)
{
    kit_item item = {.key = "grouped 0"};

    return kit_get_in(txn, &item) == MARU_OK ? kit_put_in(txn, arg) : MARU_NOT_FOUND;
}

enum { GROUP = 20, FAILS = 5, EXHAUSTS = 6, SEES = 7, LATE = 8 };

static maru_txn_fn fn_of(int number)
{
    return number == FAILS ? fail_in : number == EXHAUSTS ? exhaust_in : number == SEES ? seen_in : kit_put_in;
}

static maru_status want_of(int number)
{
    return number == FAILS      ? MARU_ABORTED
           : number == EXHAUSTS ? MARU_RESOURCE_EXHAUSTED
           : number == LATE     ? MARU_DEADLINE_EXCEEDED
                                : MARU_OK;
}

static void group(ctx *c)
{
    writing first, more[GROUP], refused;
    long    flushes;

    test_begin("20 writes that wait behind a flush share the next one, each with its own fate");
    begin(c, &first, "first", 1, kit_put_in);
    c->shim.hold(c->flush);
    go(&first);
    c->shim.wait();
    flushes = c->shim.count(c->flush);
    for (int i = 0; i < GROUP; i++) {
        begin(c, &more[i], "grouped", i, fn_of(i));
        if (i == EXHAUSTS)
            maru_arena_set_budget(maru_call_arena(more[i].call), 8 << 20);
        if (i == LATE)
            more[i].call->deadline = rt_now(c->rt) + 1;
        go(&more[i]);
        while (waiting(c) < (size_t)i + 1)
            sched_yield();
    }
    begin(c, &refused, "refused", 1, kit_put_in);
    go(&refused);
    CHECK_INT(end(&refused), MARU_RESOURCE_EXHAUSTED);
    CHECK_CONTAINS(maru_call_message(refused.call), "20 writes are waiting, and no more are taken");
    maru_call_end(refused.call);
    c->shim.release();
    CHECK_INT(end(&first), MARU_OK);
    maru_call_end(first.call);
    for (int i = 0; i < GROUP; i++) {
        CHECK_INT(end(&more[i]), want_of(i));
        CHECK_INT(count_of(c, more[i].key), want_of(i) == MARU_OK ? i : -MARU_NOT_FOUND);
    }
    CHECK_CONTAINS(maru_call_message(more[FAILS].call), "not this one");
    CHECK_CONTAINS(maru_call_message(more[EXHAUSTS].call), "the call's memory is used up");
    CHECK_INT(c->shim.count(c->flush), flushes + 2);
    for (int i = 0; i < GROUP; i++)
        maru_call_end(more[i].call);

    test_begin("a write that fails, alone, causes no flush");
    flushes = c->shim.count(c->flush);
    begin(c, &first, "alone", 1, fail_in);
    go(&first);
    CHECK_INT(end(&first), MARU_ABORTED);
    CHECK_INT(c->shim.count(c->flush), flushes);
    maru_call_end(first.call);
}

static void *close_thread(void *arg)
{
    maru_store_close(arg);
    return NULL;
}

static bool closing(maru_store *store)
{
    bool is;

    pthread_mutex_lock(&store->writes.mutex);
    is = store->writes.closing;
    pthread_mutex_unlock(&store->writes.mutex);
    return is;
}

static void closes(ctx *c)
{
    writing   first, queued;
    pthread_t closer;

    test_begin("closing waits for what is queued, and takes nothing more");
    begin(c, &first, "closing", 1, kit_put_in);
    begin(c, &queued, "closing", 2, kit_put_in);
    c->shim.hold(c->flush);
    go(&first);
    c->shim.wait();
    go(&queued);
    while (waiting(c) < 1)
        sched_yield();
    pthread_create(&closer, NULL, close_thread, c->store);
    while (!closing(c->store))
        sched_yield();
    maru_call *call = maru_call_begin(c->rt, 0);
    CHECK_INT(kit_put(c->store, call, "too late", 1), MARU_UNAVAILABLE);
    maru_call_end(call);
    c->shim.release();
    pthread_join(closer, NULL);
    CHECK_INT(end(&first), MARU_OK);
    CHECK_INT(end(&queued), MARU_OK);
    maru_call_end(first.call);
    maru_call_end(queued.call);
    c->store = kit_open(c->rt, &c->options);
    CHECK_INT(count_of(c, "closing 2"), 2);
}

/* ---- steps that fail ---- */

typedef struct failing {
    shim_step step;
    int       number;
    bool      cut; /* a write of the step is cut short first */
} failing;

/* Child: fails a step with number, writes, and says what it got: 'k' for OK, 'e' RESOURCE_EXHAUSTED, 'q' the same for a
 * quota, 'x' else. Then the step works again, and another write says the same. */
static int die(const char *path, bool shared, failing how)
{
    shim_calls         shim = shim_find();
    maru_runtime      *rt = kit_runtime(NULL);
    maru_store_options options = kit_options(path);
    maru_store        *store;
    maru_call         *call = maru_call_begin(rt, 0);
    struct rlimit      none = {0, 0};

    options.shared = shared;
    store = kit_open(rt, &options);
    kit_put(store, call, "the first, with which the journal begins", 1);
    setrlimit(RLIMIT_CORE, &none);
    for (int i = 0; i < 2; i++) {
        maru_status status;
        char        byte;

        shim.fail(how.step, i == 0 ? how.number : 0);
        if (how.cut && i == 0)
            shim.cut(how.step);
        status = kit_put(store, call, i == 0 ? "fails" : "works", 1);
        byte = status == MARU_OK                                          ? 'k'
               : status != MARU_RESOURCE_EXHAUSTED                        ? 'x'
               : strstr(maru_call_message(call), "disk quota is used up") ? 'q'
                                                                          : 'e';
        if (write(1, &byte, 1) != 1)
            return 1;
    }
    maru_call_end(call);
    maru_store_close(store);
    maru_runtime_free(rt);
    return 0;
}

static int run_die(ctx *c, failing how, char *first, char *second)
{
    char              step[16], number[16];
    const char *const args[] = {
        "die", c->path, c->options.shared ? "shared" : "alone", step, number, how.cut ? "cut" : "whole", NULL};
    kit_child child;

    snprintf(step, sizeof step, "%d", (int)how.step);
    snprintf(number, sizeof number, "%d", how.number);
    child = kit_spawn(args);
    *first = kit_hear(&child);
    *second = kit_hear(&child);
    return kit_end(&child);
}

static void check_dies_so(ctx *c, failing how)
{
    char first, second;
    int  status = run_die(c, how, &first, &second);

    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    CHECK(first == '\0' && second == '\0'); /* no answer: neither could be kept */
}

static void check_dies(ctx *c, shim_step step, int number)
{
    check_dies_so(c, (failing){.step = step, .number = number});
}

static void check_lives_so(ctx *c, failing how, char answer)
{
    char first, second;

    CHECK_INT(run_die(c, how, &first, &second), 0);
    CHECK_INT(first, answer);
    CHECK_INT(second, 'k');
}

static void check_lives(ctx *c, shim_step step, int number)
{
    check_lives_so(c, (failing){.step = step, .number = number}, number == EDQUOT ? 'q' : 'e');
}

/* The rest of it would fail with number. LMDB says EIO to all of them. Where there is room again, a journal's batch is
 * made once more. */
static void check_cut(ctx *c)
{
    test_begin("data pages that are cut short are a full disk or quota, as the next write says, and no broken disk");
    check_lives_so(c, (failing){.step = SHIM_DATA, .number = EDQUOT, .cut = true}, 'q');
    check_lives_so(c, (failing){.step = SHIM_DATA, .number = ENOSPC, .cut = true}, 'e');
    check_lives_so(c, (failing){.step = SHIM_DATA, .cut = true}, c->options.shared ? 'e' : 'k');

    test_begin("but where the next write says that the disk is broken, the process ends");
    check_dies_so(c, (failing){.step = SHIM_DATA, .number = EIO, .cut = true});
}

static void fail_shared(ctx *c)
{
    test_begin("shared: a flush that fails with EIO ends the process, and no write is answered OK");
    check_dies(c, SHIM_FLUSH, EIO);

    test_begin("shared: so do data pages and a header that can't be written");
    check_dies(c, SHIM_DATA, EIO);
    check_dies(c, SHIM_HEADER, EIO);
    check_dies(c, SHIM_HEADER, ENOSPC);

    test_begin("shared: a full disk, quota or file size limit is RESOURCE_EXHAUSTED, and the next write works");
    check_lives(c, SHIM_DATA, ENOSPC);
    check_lives(c, SHIM_DATA, EDQUOT);
    check_lives(c, SHIM_DATA, EFBIG);
    check_lives(c, SHIM_FLUSH, ENOSPC);
    check_cut(c);
}

static void fail_alone(ctx *c)
{
    test_begin("a journal's flush that fails ends the process, whatever it says, and no write is answered OK");
    check_dies(c, SHIM_JOURNAL, EIO);
    check_dies(c, SHIM_JOURNAL, ENOSPC);

    test_begin("so do a record and data pages that can't be written");
    check_dies(c, SHIM_APPEND, EIO);
    check_dies(c, SHIM_DATA, EIO);

    test_begin("a full disk, quota or file size limit is RESOURCE_EXHAUSTED, and the next write works");
    check_lives(c, SHIM_APPEND, ENOSPC);
    check_lives(c, SHIM_APPEND, EDQUOT);
    check_lives(c, SHIM_APPEND, EFBIG);
    check_lives(c, SHIM_DATA, ENOSPC);
    check_lives(c, SHIM_DATA, EDQUOT);
    check_lives(c, SHIM_DATA, EFBIG);
    check_cut(c);
}

static void alone(ctx *c)
{
    test_begin("the first write begins the journal: a header in both of its files, and a record");
    CHECK_INT(c->shim.count(SHIM_JOURNAL), 2); /* of a new store's headers */
    CHECK_INT(put_now(c, "first of all"), MARU_OK);
    CHECK_INT(c->shim.count(SHIM_JOURNAL), 5);
    CHECK_INT(put_now(c, "second"), MARU_OK);
    CHECK_INT(c->shim.count(SHIM_JOURNAL), 6);
    held(c, SHIM_APPEND, "append",
         "while the record is being written the write does not return, nor does anyone see it");
    held(c, SHIM_JOURNAL, "flush", "while the journal's flush is held, neither");
    held(c, SHIM_DATA, "pages", "while LMDB writes its pages, neither");
    group(c);
    closes(c);
    maru_store_close(c->store);
    fail_alone(c);
}

static void shared(ctx *c)
{
    c->options.shared = true;
    c->store = kit_open(c->rt, &c->options);
    c->flush = SHIM_FLUSH;
    held(c, SHIM_FLUSH, "shared flush", "shared: while LMDB's flush is held the write does not return, nor is it seen");
    held(c, SHIM_HEADER, "shared header", "shared: while the header is being written through, neither");
    group(c);
    closes(c);
    maru_store_close(c->store);
    fail_shared(c);
}

/* ---- */

int main(int argc, char **argv)
{
    char *path;
    ctx   c;

    if (argc == 7 && strcmp(argv[1], "die") == 0)
        return die(argv[2], strcmp(argv[3], "shared") == 0,
                   (failing){(shim_step)atoi(argv[4]), atoi(argv[5]), strcmp(argv[6], "cut") == 0});
    if (!getenv("MARU_SHIM"))
        return shim_preload(argc, argv);
    path = kit_folder();
    c = (ctx){.shim = shim_find(), .flush = SHIM_JOURNAL, .path = kit_folder(), .rt = kit_runtime(NULL)};
    c.options = kit_options(path);
    c.options.max_queue = GROUP;
    c.store = kit_open(c.rt, &c.options);
    test_begin("a new lock.mdb is not to be copied when it is overwritten, where that can be had");
    CHECK_INT(c.shim.count(SHIM_NO_COPY), 1);
    alone(&c);
    kit_folder_end(path);
    path = kit_folder();
    c.options.path = path;
    shared(&c);
    maru_runtime_free(c.rt);
    kit_folder_end(path);
    kit_folder_end(c.path);
    return test_end();
}
