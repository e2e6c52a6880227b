/* bench_store.c: what the store itself does, without a wire: durable puts per second at numbers of handlers in flight,
 * and gets. `bench_store [FOLDER [SECONDS]]`; the folder says which disk. */
#include "fibers.h"
#include "store/store_impl.h"

typedef struct bench {
    maru_store *store;
    int64_t     until;
    long        done;
    int64_t    *took;
    long        kept;
    bool        reads;
} bench;

enum { KEPT = 1 << 20, KEYS = 100000 };

static maru_status put_in(maru_txn *txn, void *arg)
{
    static uint8_t  filler[150];
    StoreTest__Item record = STORE_TEST__ITEM__INIT;

    record.name = arg;
    record.filler = (ProtobufCBinaryData){.len = sizeof filler, .data = filler};
    return maru_put(txn, &items, maru_key_text(arg), &record.base);
}

static maru_status get_in(maru_txn *txn, void *arg)
{
    ProtobufCMessage *record;

    return maru_get(txn, &items, maru_key_text(arg), &record);
}

static maru_status reply_in(maru_txn *txn, void *arg)
{
    return maru_reply_with(txn, &items, maru_key_text(arg));
}

static void one(bench *b, maru_call *call, uint64_t *seed, maru_txn_fn fn)
{
    maru_arena_mark mark = maru_arena_now(call->arena);
    int64_t         began = rt_now(call->rt);
    char            key[32];
    maru_status     status;

    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    snprintf(key, sizeof key, "product/%06d", (int)(*seed >> 33) % KEYS);
    status = b->reads ? maru_store_read(b->store, call, fn, key) : maru_store_write(b->store, call, fn, key);
    if (status != MARU_OK && status != MARU_NOT_FOUND) {
        fprintf(stderr, "%s\n", maru_call_message(call));
        exit(1);
    }
    b->done++;
    if (b->kept < KEPT)
        b->took[b->kept++] = rt_now(call->rt) - began;
    maru_arena_rewind(call->arena, mark);
}

static void puts_on(fiber_job *job, void *arg)
{
    bench   *b = arg;
    uint64_t seed = (uint64_t)job->number * 7919 + 1;

    while (rt_now(job->call.rt) < b->until)
        one(b, &job->call, &seed, put_in);
}

static void gets_on(fiber_job *job, void *arg)
{
    bench   *b = arg;
    uint64_t seed = 1;

    while (rt_now(job->call.rt) < b->until)
        one(b, &job->call, &seed, get_in);
}

static void replies_on(fiber_job *job, void *arg)
{
    bench   *b = arg;
    uint64_t seed = 1;

    while (rt_now(job->call.rt) < b->until)
        one(b, &job->call, &seed, reply_in);
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

static void run(maru_runtime *rt, maru_store *store, const char *what, int in_flight, double seconds,
                void (*fn)(fiber_job *, void *))
{
    bench    b = {.store = store, .reads = fn != puts_on, .took = malloc(KEPT * sizeof *b.took)};
    unsigned commits = store->writes.commits;
    int64_t  began = rt_now(rt);
    double   took;

    b.until = began + (int64_t)(seconds * 1e9);
    fibers_run(rt, in_flight, fn, &b);
    took = (double)(rt_now(rt) - began) / 1e9;
    commits = store->writes.commits - commits;
    qsort(b.took, (size_t)b.kept, sizeof *b.took, by_size);
    printf("%-8s %4d in flight  %9.0f/s  p50 %8.1f us  p99 %8.1f us", what, in_flight, (double)b.done / took,
           (double)b.took[b.kept / 2] / 1e3, (double)b.took[b.kept * 99 / 100] / 1e3);
    if (!b.reads)
        printf("  %6.0f commits/s of %5.1f", (double)commits / took, (double)b.done / (commits ? commits : 1));
    printf("\n");
    free(b.took);
}

int main(int argc, char **argv)
{
    static const int   in_flight[] = {1, 4, 16, 64, 256, 1024};
    char              *path = argc > 1 ? NULL : kit_folder();
    double             seconds = argc > 2 ? atof(argv[2]) : 1;
    maru_store_options options = kit_options(argc > 1 ? argv[1] : path);
    maru_runtime      *rt = kit_runtime(NULL);
    maru_store        *store = kit_open(rt, &options);

    for (size_t i = 0; i < sizeof in_flight / sizeof *in_flight; i++)
        run(rt, store, "put", in_flight[i], seconds, puts_on);
    run(rt, store, "get", 1, seconds, gets_on);
    run(rt, store, "reply", 1, seconds, replies_on);
    maru_store_close(store);
    maru_runtime_free(rt);
    if (path)
        kit_folder_end(path);
    return 0;
}
