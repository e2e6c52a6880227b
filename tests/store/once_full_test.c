/* once_full_test.c: where the commit fails that takes out stored replies which are too old, the next one takes them
 * out. */
#include "asking.h"

enum { DAY_MS = 24 * 3600 * 1000 };

/* The disk is full, for one commit. */
typedef struct world {
    asking c; /* first: the seam's self */
    bool   full;
} world;

static int full_disk(void *self, const char *step)
{
    world *w = self;

    return strcmp(step, "append") == 0 && __atomic_exchange_n(&w->full, false, __ATOMIC_SEQ_CST) ? ENOSPC : 0;
}

static void check_once_full(world *w)
{
    size_t  before;
    outcome o;

    test_begin("what is too old stays where the commit fails that takes it out, and goes with the next");
    CHECK_INT(ask(&w->c, "one", "body", 1, false).status, MARU_OK);
    before = records(&w->c);
    w->c.ahead_ms += 8 * DAY_MS;
    __atomic_store_n(&w->full, true, __ATOMIC_SEQ_CST);
    CHECK_INT(ask(&w->c, "two", "body", 1, false).status, MARU_RESOURCE_EXHAUSTED);
    CHECK_INT(records(&w->c), before);
    o = ask(&w->c, "one", "another body", 1, false);
    CHECK_INT(o.status, MARU_OK);
    CHECK_INT(o.runs, 1);
    CHECK_INT(records(&w->c), before);
}

int main(void)
{
    char              *path = kit_folder();
    maru_store_options options = kit_options(path);
    world              w = {.full = false};

    ask_begin(&w.c);
    w.c.seam.disk_fault = full_disk;
    w.c.store = kit_open(w.c.rt, &options);
    check_once_full(&w);
    maru_store_close(w.c.store);
    maru_runtime_free(w.c.rt);
    kit_folder_end(path);
    return test_end();
}
