/* age_test.c: a read that takes too long is said in the log, since the file grows meanwhile. */
#include <stdatomic.h>
#include <sys/mman.h>

#include "kit.h"
#include "runtime/rt.h"

static atomic_llong passed_ns; /* more than the clock says */

static int64_t later(void *self)
{
    return maru_seam_real()->now(self) + passed_ns;
}

static maru_status take_ms(maru_txn *txn, void *arg)
{
    CHECK_INT(maru_has(txn, &items, maru_key_text("none")), MARU_NOT_FOUND);
    passed_ns += *(int *)arg * INT64_C(1000000);
    return MARU_OK;
}

/* What is on stderr after a read that takes so long. */
static void said_by(maru_store *store, maru_runtime *rt, int ms, char text[static 1024])
{
    maru_call *call = maru_call_begin(rt, 0);
    int        was = dup(STDERR_FILENO), into = memfd_create("stderr", 0);
    ssize_t    size;

    dup2(into, STDERR_FILENO);
    CHECK_INT(maru_store_read(store, call, take_ms, &ms), MARU_OK);
    dup2(was, STDERR_FILENO);
    size = pread(into, text, 1023, 0);
    text[size < 0 ? 0 : size] = 0;
    close(was);
    close(into);
    maru_call_end(call);
}

int main(void)
{
    maru_seam          seam = *maru_seam_real();
    char              *path = kit_folder(), text[1024];
    maru_store_options options = kit_options(path);
    maru_runtime      *rt;
    maru_store        *store;

    seam.now = later;
    rt = kit_runtime(&seam);
    options.max_read_ms = 60000;
    store = kit_open(rt, &options);
    test_begin("a read that took a minute is an error in the log, with the store, the time and the limit");
    said_by(store, rt, 60000, text);
    CHECK_CONTAINS(text, path);
    CHECK_CONTAINS(text, "a read of a program took 600");
    CHECK_CONTAINS(text, "ms, more than 60000");
    test_begin("one that took half of it is not");
    said_by(store, rt, 30000, text);
    CHECK_STR(text, "");
    maru_store_close(store);
    maru_runtime_free(rt);
    kit_folder_end(path);
    return test_end();
}
