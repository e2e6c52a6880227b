/* faults_test.c: the n-th step of the disk fails, for every n. The seam's disk_fault does it (maru/seam.h): before
 * begin, put, append, flush and commit, void where the commit failed, checkpoint where the store closes. Whatever
 * fails, what was answered OK is there, what was not is not, and the store works on; or (EIO, a failed flush) the
 * process ends.
 */
#include <sys/resource.h>

#include <string.h>

#include "kit.h"

enum {
    WRITES = 4,
    PUTS = 3,
    STEPS = 1 + PUTS + 3, /* of a write: begin, its puts, append, flush, commit */
    FLUSH = STEPS - 1,
    CLOSES = 1, /* that have something to write */
    AGAIN = 2,
};

typedef struct world {
    maru_seam seam;
    int       step;  /* taken so far */
    int       fails; /* this one; 0: none */
    int       also;  /* and so many after it */
    int       with;
} world;

static int nth_fault(void *self, const char *step)
{
    world *w = self;
    int    at;

    if (strcmp(step, "done") == 0)
        return 0; /* it can't fail */
    at = __atomic_add_fetch(&w->step, 1, __ATOMIC_SEQ_CST);
    return w->fails > 0 && at >= w->fails && at <= w->fails + w->also ? w->with : 0;
}

static world make_world(int fails, int with)
{
    world w = {.seam = *maru_seam_real(), .fails = fails, .with = with};

    w.seam.disk_fault = nth_fault;
    return w;
}

/* Three records at once: all of them, or none. */
static maru_status put_three(maru_txn *txn, void *arg)
{
    maru_status status = MARU_OK;

    for (int i = 0; i < PUTS && status == MARU_OK; i++) {
        char     key[64];
        kit_item item = {.key = key, .count = i};

        snprintf(key, sizeof key, "%s/%d", (const char *)arg, i);
        status = kit_put_in(txn, &item);
    }
    return status;
}

/* Goes on though a put failed: it must not commit all the same. */
static maru_status put_three_regardless(maru_txn *txn, void *arg)
{
    put_three(txn, arg);
    return MARU_OK;
}

static int present(maru_store *store, maru_call *call, const char *name)
{
    int count = 0;

    for (int i = 0; i < PUTS; i++) {
        char key[64];

        snprintf(key, sizeof key, "%s/%d", name, i);
        count += kit_get(store, call, key) == i;
    }
    return count;
}

/* True while there is an n-th step. */
static bool run_nth(int nth, int with, maru_status want)
{
    char              *path = kit_folder();
    maru_store_options options = kit_options(path);
    world              w = make_world(0, with);
    maru_runtime      *rt;
    maru_store        *store;
    maru_call         *call;
    bool               ok[WRITES];
    int                failed = 0, steps;

    w.seam.self = &w;
    rt = kit_runtime(&w.seam);
    store = kit_open(rt, &options);
    call = maru_call_begin(rt, 0);
    w.step = 0;
    w.fails = nth;
    for (int i = 0; i < WRITES; i++) {
        char        name[16];
        maru_status status;

        snprintf(name, sizeof name, "write %d", i);
        status = maru_store_write(store, call, i % 2 ? put_three_regardless : put_three, name);
        ok[i] = status == MARU_OK;
        if (!ok[i]) {
            CHECK_INT(status, want);
            CHECK(maru_call_message(call)[0] != '\0');
            failed++;
        }
    }
    steps = w.step;
    for (int again = 0; again < AGAIN; again++) {
        for (int i = 0; i < WRITES; i++) {
            char name[16];

            snprintf(name, sizeof name, "write %d", i);
            CHECK_INT(present(store, call, name), ok[i] ? PUTS : 0);
        }
        maru_store_close(store);
        store = kit_open(rt, &options);
    }
    CHECK_INT(failed, steps >= nth ? 1 : 0);
    maru_call_end(call);
    maru_store_close(store);
    maru_runtime_free(rt);
    kit_folder_end(path);
    return w.step >= nth;
}

/* ---- the child that ends: says which writes were answered OK ---- */

static int writes_until(const char *path, int fails, int also, int with, bool closes)
{
    maru_store_options options = kit_options(path);
    world              w = make_world(0, with);
    struct rlimit      none = {0, 0};
    maru_runtime      *rt;
    maru_store        *store;
    maru_call         *call;

    setrlimit(RLIMIT_CORE, &none);
    w.seam.self = &w;
    rt = kit_runtime(&w.seam);
    store = kit_open(rt, &options);
    call = maru_call_begin(rt, 0);
    w.step = 0;
    w.fails = fails;
    w.also = also;
    for (int i = 0; i < WRITES; i++) {
        char name[16], byte = (char)('a' + i);

        snprintf(name, sizeof name, "write %d", i);
        if (maru_store_write(store, call, put_three, name) == MARU_OK && write(1, &byte, 1) != 1)
            return 1;
    }
    if (!closes)
        _exit(0);
    maru_call_end(call);
    maru_store_close(store);
    maru_runtime_free(rt);
    return 0;
}

/* What such a child answered OK, as bits; *status as waitpid gives it. */
static unsigned run_child(const char *path, const char *how, int nth, int also, int with, int *status)
{
    char              fails[16], more[16], number[16], byte;
    const char *const args[] = {how, path, fails, more, number, NULL};
    unsigned          acked = 0;
    kit_child         child;

    snprintf(fails, sizeof fails, "%d", nth);
    snprintf(more, sizeof more, "%d", also);
    snprintf(number, sizeof number, "%d", with);
    child = kit_spawn(args);
    while ((byte = kit_hear(&child)) != '\0')
        acked |= 1u << (byte - 'a');
    *status = kit_end(&child);
    return acked;
}

/* maybe: a write that was never answered, which may be there as a whole or not at all. */
static void check_acked(maru_runtime *rt, const char *path, unsigned acked, int maybe)
{
    maru_store_options options = kit_options(path);
    maru_store        *store = kit_open(rt, &options);
    maru_call         *call = maru_call_begin(rt, 0);

    for (int i = 0; i < WRITES; i++) {
        char name[16];
        int  there;

        snprintf(name, sizeof name, "write %d", i);
        there = present(store, call, name);
        CHECK(there == (acked >> i & 1 ? PUTS : 0) || (i == maybe && there == PUTS));
    }
    maru_call_end(call);
    maru_store_close(store);
}

/* True while there is an n-th step. */
static bool die_nth(maru_runtime *rt, int nth, int also, int with)
{
    char    *path = kit_folder();
    int      status;
    unsigned acked = run_child(path, "die", nth, also, with, &status), all = (1u << WRITES) - 1;

    CHECK(acked == all ? status == 0 : WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    check_acked(rt, path, acked, __builtin_popcount(acked));
    kit_folder_end(path);
    return acked != all;
}

/* The n-th step fails, and later the process ends without closing. True while there is an n-th step. */
static bool leave_nth(maru_runtime *rt, int nth, int with)
{
    char    *path = kit_folder();
    int      status;
    unsigned acked = run_child(path, "leave", nth, 0, with, &status), all = (1u << WRITES) - 1;

    CHECK_INT(status, 0);
    check_acked(rt, path, acked, -1);
    kit_folder_end(path);
    return acked != all;
}

static bool is_flush(int nth)
{
    return nth % STEPS == FLUSH;
}

int main(int argc, char **argv)
{
    maru_runtime *rt;
    int           nth;

    if (argc == 6)
        return writes_until(argv[2], atoi(argv[3]), atoi(argv[4]), atoi(argv[5]), strcmp(argv[1], "die") == 0);

    test_begin("a full disk at every step but the flush: what was answered OK is there, all else is not");
    for (nth = 1; is_flush(nth) || run_nth(nth, ENOSPC, MARU_RESOURCE_EXHAUSTED); nth++)
        ;
    CHECK_INT(nth, WRITES * STEPS + CLOSES + 1);

    test_begin("no memory at every step but the flush, likewise");
    for (nth = 1; is_flush(nth) || run_nth(nth, ENOMEM, MARU_RESOURCE_EXHAUSTED); nth++)
        ;
    CHECK_INT(nth, WRITES * STEPS + CLOSES + 1);

    test_begin("nor is it there where the process then ends without closing, and the journal is replayed");
    rt = kit_runtime(NULL);
    for (nth = 1; is_flush(nth) || leave_nth(rt, nth, ENOSPC); nth++)
        ;
    CHECK_INT(nth, WRITES * STEPS + 1);

    test_begin("a disk error at every step ends the process; what was answered OK by then is there");
    for (nth = 1; die_nth(rt, nth, 0, EIO); nth++)
        ;
    CHECK_INT(nth, WRITES * STEPS + 1);

    test_begin("so does a record that can't be made void after its commit failed");
    for (nth = STEPS; nth <= WRITES * STEPS; nth += STEPS)
        CHECK(die_nth(rt, nth, 1, ENOSPC));
    maru_runtime_free(rt);
    return test_end();
}
