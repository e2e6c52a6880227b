/* grown_test.c: in a simulation, a file that another process made larger than this one's map. The one thread that there
 * is maps anew while it keeps the snapshot of its turn's reads: it must not wait for itself. */
#include "fibers.h"
#include "maru/sim.h"

enum { SMALL_MAP = 1 << 20, RECORDS = 8, FILLER = 1 << 20, HANGS_S = 60 };

typedef struct ctx {
    const char *path;
    maru_store *store;
} ctx;

static maru_store *open_shared(maru_runtime *rt, const char *path, size_t map_bytes)
{
    maru_store_options options = kit_options(path);

    options.shared = true;
    options.map_bytes = map_bytes;
    return kit_open(rt, &options);
}

/* The other process. */
static int grow(const char *path)
{
    maru_runtime *rt = kit_runtime(NULL);
    maru_store   *store = open_shared(rt, path, 0);
    maru_call    *call = maru_call_begin(rt, 0);
    int           failed = 0;

    for (int i = 0; i < RECORDS; i++) {
        char     key[16];
        kit_item item = {.key = key, .count = i, .filler = FILLER};

        snprintf(key, sizeof key, "grown %d", i);
        failed += maru_store_write(store, call, kit_put_in, &item) != MARU_OK;
    }
    maru_call_end(call);
    maru_store_close(store);
    maru_runtime_free(rt);
    return failed;
}

static void read_and_write(fiber_job *job, void *arg)
{
    ctx              *c = arg;
    const char *const args[] = {"grow", c->path, NULL};
    kit_child         child;

    CHECK_INT(kit_get(c->store, &job->call, "mine"), -MARU_NOT_FOUND);
    child = kit_spawn(args);
    CHECK_INT(kit_hear(&child), '\0'); /* it has ended */
    CHECK_INT(kit_end(&child), 0);
    CHECK_INT(kit_put(c->store, &job->call, "mine", 1), MARU_OK);
    CHECK_INT(kit_get(c->store, &job->call, "grown 7"), RECORDS - 1);
}

int main(int argc, char **argv)
{
    char         *path;
    maru_sim     *sim;
    maru_runtime *rt;
    ctx           c;

    if (argc == 3 && strcmp(argv[1], "grow") == 0)
        return grow(argv[2]);
    path = kit_folder();
    sim = maru_sim_new(&(maru_sim_options){.seed = 1});
    rt = kit_runtime(maru_sim_seam(sim));
    c = (ctx){.path = path, .store = open_shared(rt, path, SMALL_MAP)};
    test_begin("in a simulation a write maps the larger file, in a turn that has read before");
    alarm(HANGS_S);
    fibers_run(rt, 1, read_and_write, &c);
    maru_store_close(c.store);
    maru_runtime_free(rt);
    maru_sim_free(sim);
    kit_folder_end(path);
    return test_end();
}
