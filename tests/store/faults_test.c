/* faults_test.c: the n-th step of the disk fails, for every n. The seam's disk_fault does it (maru/seam.h): before
 * begin, put, commit and flush. Whatever fails, what was answered OK is there, what was not is not, and the store works
 * on; or (EIO, a failed flush) the process ends. */
#include <sys/resource.h>

#include "kit.h"

enum { WRITES = 4, PUTS = 3 };

typedef struct world {
    maru_seam seam;
    int       step;  /* taken so far */
    int       fails; /* this one; 0: none */
    int       with;
} world;

static int nth_fault(void *self, const char *step)
{
    world *w = self;

    (void)step;
    return __atomic_add_fetch(&w->step, 1, __ATOMIC_SEQ_CST) == w->fails ? w->with : 0;
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
    int                failed = 0;

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
    for (int again = 0; again < 2; again++) {
        for (int i = 0; i < WRITES; i++) {
            char name[16];

            snprintf(name, sizeof name, "write %d", i);
            CHECK_INT(present(store, call, name), ok[i] ? PUTS : 0);
        }
        maru_store_close(store);
        store = kit_open(rt, &options);
    }
    CHECK_INT(failed, w.step >= nth ? 1 : 0);
    maru_call_end(call);
    maru_store_close(store);
    maru_runtime_free(rt);
    kit_folder_end(path);
    return w.step >= nth;
}

/* ---- the child that ends: says which writes were answered OK ---- */

static int writes_until(const char *path, int fails, int with)
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
    for (int i = 0; i < WRITES; i++) {
        char name[16], byte = (char)('a' + i);

        snprintf(name, sizeof name, "write %d", i);
        if (maru_store_write(store, call, put_three, name) == MARU_OK && write(1, &byte, 1) != 1)
            return 1;
    }
    maru_call_end(call);
    maru_store_close(store);
    maru_runtime_free(rt);
    return 0;
}

/* True while there is an n-th step. */
static bool die_nth(maru_runtime *rt, int nth, int with)
{
    char              *path = kit_folder(), fails[16], number[16], name[16], byte;
    maru_store_options options = kit_options(path);
    const char *const  args[] = {"die", path, fails, number, NULL};
    int                acked = 0, status;
    kit_child          child;
    maru_store        *store;
    maru_call         *call;

    snprintf(fails, sizeof fails, "%d", nth);
    snprintf(number, sizeof number, "%d", with);
    child = kit_spawn(args);
    while ((byte = kit_hear(&child)) != '\0')
        CHECK_INT(byte, 'a' + acked++);
    status = kit_end(&child);
    CHECK(acked == WRITES ? status == 0 : WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    store = kit_open(rt, &options);
    call = maru_call_begin(rt, 0);
    for (int i = 0; i < WRITES; i++) {
        snprintf(name, sizeof name, "write %d", i);
        CHECK_INT(present(store, call, name), i < acked ? PUTS : 0);
    }
    maru_call_end(call);
    maru_store_close(store);
    kit_folder_end(path);
    return acked < WRITES;
}

int main(int argc, char **argv)
{
    maru_runtime *rt;
    int           nth;

    if (argc == 5 && strcmp(argv[1], "die") == 0)
        return writes_until(argv[2], atoi(argv[3]), atoi(argv[4]));

    test_begin("a full disk at every step before the flush: what was answered OK is there, all else is not");
    for (nth = 1; nth % 6 == 0 || run_nth(nth, ENOSPC, MARU_RESOURCE_EXHAUSTED); nth++)
        ;
    CHECK_INT(nth, WRITES * 6 + 1);

    test_begin("no memory at every step before the flush, likewise");
    for (nth = 1; nth % 6 == 0 || run_nth(nth, ENOMEM, MARU_RESOURCE_EXHAUSTED); nth++)
        ;
    CHECK_INT(nth, WRITES * 6 + 1);

    test_begin("a disk error at every step ends the process; what was answered OK by then is there");
    rt = kit_runtime(NULL);
    for (nth = 1; die_nth(rt, nth, EIO); nth++)
        ;
    CHECK_INT(nth, WRITES * 6 + 1);
    maru_runtime_free(rt);
    return test_end();
}
