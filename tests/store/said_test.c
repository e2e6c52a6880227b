/* said_test.c: what a store's log says of writes that have no room. The disk fails by the seam, as the clock goes by
 * it.
 */
#include <sys/mman.h>

#include "kit.h"
#include "store/trouble.h"

enum { MAP = 1 << 20 };

typedef struct world {
    maru_seam       seam;
    _Atomic int64_t now;
    atomic_int      with; /* what commits fail with; 0: nothing */
    maru_runtime   *rt;
    maru_store     *store;
    int             log;
    char            text[4096];
} world;

static int commit_fault(void *self, const char *step)
{
    world *w = self;

    return strcmp(step, "commit") == 0 ? w->with : 0;
}

static int64_t clock_now(void *self)
{
    return ((world *)self)->now;
}

static maru_status put(world *w, size_t filler)
{
    maru_call  *call = maru_call_begin(w->rt, 0);
    kit_item    item = {.key = "key", .count = 1, .filler = filler};
    maru_status status = maru_store_write(w->store, call, kit_put_in, &item);

    maru_call_end(call);
    return status;
}

/* All that was said. */
static const char *said(world *w)
{
    ssize_t size = pread(w->log, w->text, sizeof w->text - 1, 0);

    w->text[size < 0 ? 0 : size] = '\0';
    return w->text;
}

static int count(const char *text, const char *words)
{
    int n = 0;

    for (; (text = strstr(text, words)) != NULL; text++)
        n++;
    return n;
}

/* Writes one after the other, which all come to the same; what was said of them and before. */
static const char *put_many(world *w, int with)
{
    const maru_status want = with == 0 ? MARU_OK : MARU_RESOURCE_EXHAUSTED;

    w->with = with;
    for (int i = 0; i < 5; i++)
        CHECK_INT(put(w, 10), want);
    return said(w);
}

static void check_said(world *w, const char *path)
{
    char full[256];

    snprintf(
        full, sizeof full,
        "level=warn module=store msg=\"the file system is full: writes are refused until there is room\" path=%s\n",
        path);
    test_begin("a full disk is a warning, once, however many writes are refused");
    CHECK_CONTAINS(put_many(w, ENOSPC), full);
    CHECK_INT(count(said(w), "\n"), 1);
    test_begin("and that there is room again is said once");
    CHECK_CONTAINS(put_many(w, 0), "level=info module=store msg=\"writes succeed again\"");
    CHECK_INT(count(said(w), "\n"), 2);
    test_begin("where both are in turn, that is said again once the time for it has come");
    for (int i = 0; i < 10; i++) {
        put_many(w, ENOSPC);
        put_many(w, 0);
    }
    w->now += TROUBLE_QUIET_NS - 1;
    CHECK_INT(count(put_many(w, ENOSPC), "\n"), 2);
    w->now++;
    CHECK_INT(count(put_many(w, ENOSPC), full), 2);
    CHECK_INT(count(put_many(w, 0), "writes succeed again"), 2);
    test_begin("another trouble than that which was said is said, too");
    w->now += TROUBLE_QUIET_NS;
    put_many(w, ENOSPC);
    CHECK_INT(count(put_many(w, EDQUOT), "\n"), 5);
    w->now += TROUBLE_QUIET_NS;
    CHECK_CONTAINS(put_many(w, EDQUOT), "msg=\"the disk quota is used up: writes are refused until there is room\"");
    CHECK_INT(count(put_many(w, 0), "\n"), 7);
}

/* Here it is the write itself that has no room, and the commit has nothing to do. */
static void check_said_of_map(world *w)
{
    static const char full[] =
        "level=warn module=store msg=\"the store has reached its largest size (map_bytes): writes "
        "are refused until there is room\"";

    test_begin("that map_bytes is reached is said likewise, though only those that are too large are refused");
    for (int i = 0; i < 5; i++) {
        CHECK_INT(put(w, 2 * MAP), MARU_RESOURCE_EXHAUSTED);
        CHECK_INT(count(said(w), "\n"), 1);
    }
    CHECK_CONTAINS(said(w), full);
    CHECK_CONTAINS(put_many(w, 0), "level=info module=store msg=\"writes succeed again\"");
    CHECK_INT(count(said(w), "\n"), 2);
}

static void with_store(world *w, size_t map_bytes)
{
    char              *path = kit_folder();
    maru_store_options options = kit_options(path);
    int                stderr_was = dup(STDERR_FILENO);

    options.map_bytes = map_bytes;
    w->rt = kit_runtime(&w->seam);
    w->store = kit_open(w->rt, &options);
    w->log = memfd_create("stderr", MFD_CLOEXEC);
    dup2(w->log, STDERR_FILENO);
    if (map_bytes == 0)
        check_said(w, path);
    else
        check_said_of_map(w);
    dup2(stderr_was, STDERR_FILENO);
    close(stderr_was);
    close(w->log);
    maru_store_close(w->store);
    maru_runtime_free(w->rt);
    kit_folder_end(path);
}

int main(void)
{
    world w = {.seam = *maru_seam_real()};

    w.now = w.seam.now(w.seam.self);
    w.seam.self = &w;
    w.seam.now = clock_now;
    w.seam.disk_fault = commit_fault;
    with_store(&w, 0);
    with_store(&w, MAP);
    return test_end();
}
