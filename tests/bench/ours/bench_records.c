/* bench_records.c: what a store costs that has COUNT records of 256 bytes.
 *
 *   bench_records FOLDER COUNT SECONDS
 *
 * Fills it (many records a write), closes it, and prints one line: how long opening takes, which looks at all of a
 * small file; a read of a record anywhere in it; a write of 64 records anywhere in it, on disk; and the size of its
 * file: `open_ms=N read_ns=N write_us=N mib=N`.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/table.pb-c.h"
#include "maru/call.h"
#include "maru/runtime.h"
#include "maru/store.h"
#include "number.h"

enum { BYTES = 256, FILL = 2000, A_READ = 64, A_WRITE = 64 };

static const maru_table records = {.number = 1, .name = "records", .record = &bench__put_request__descriptor};

typedef struct bench {
    maru_runtime *runtime;
    maru_store   *store;
    maru_call    *call;
    const char   *folder;
    uint64_t      count, at, random;
    uint8_t       bytes[BYTES];
    maru_error    error;
} bench;

static uint64_t any(bench *b) /* splitmix64 (Steele, Lea, Flood) */
{
    uint64_t n = b->random += 0x9e3779b97f4a7c15;

    n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9;
    n = (n ^ (n >> 27)) * 0x94d049bb133111eb;
    return (n ^ (n >> 31)) % b->count;
}

static maru_status put(bench *b, maru_txn *txn, uint64_t n)
{
    Bench__PutRequest record = BENCH__PUT_REQUEST__INIT;
    uint64_t          key = __builtin_bswap64(n);

    record.key = n;
    record.value = (ProtobufCBinaryData){.len = BYTES, .data = b->bytes};
    return maru_put(txn, &records, (maru_key){.data = &key, .size = sizeof key}, &record.base);
}

static maru_status fill(maru_txn *txn, void *arg)
{
    bench      *b = arg;
    maru_status status = MARU_OK;
    uint64_t    end = b->at + FILL < b->count ? b->at + FILL : b->count;

    for (uint64_t n = b->at; status == MARU_OK && n < end; n++)
        status = put(b, txn, n);
    if (status == MARU_OK)
        b->at = end;
    return status;
}

static maru_status write_some(maru_txn *txn, void *arg)
{
    maru_status status = MARU_OK;

    for (int i = 0; status == MARU_OK && i < A_WRITE; i++)
        status = put(arg, txn, any(arg));
    return status;
}

static maru_status read_some(maru_txn *txn, void *arg)
{
    ProtobufCMessage *record;
    maru_status       status = MARU_OK;

    for (int i = 0; status == MARU_OK && i < A_READ; i++) {
        uint64_t key = __builtin_bswap64(any(arg));

        status = maru_get(txn, &records, (maru_key){.data = &key, .size = sizeof key}, &record);
    }
    return status;
}

static bool open_store(bench *b)
{
    const maru_table *const  tables[] = {&records, NULL};
    const maru_store_options options = {.path = b->folder, .service = "records", .version = 1, .tables = tables};

    return maru_store_open(b->runtime, &options, &b->store, &b->error) == MARU_OK;
}

static bool failed(bench *b, maru_status status)
{
    if (status == MARU_OK)
        return false;
    maru_error_set(&b->error, status, "%s", maru_call_message(b->call));
    return true;
}

/* Runs a read or a write again and again for a time, each in a call of its own; the mean of one in nanoseconds. */
static double take(bench *b, double seconds, maru_txn_fn fn,
                   maru_status (*run)(maru_store *, maru_call *, maru_txn_fn, void *))
{
    int64_t  began = 0, now = 0;
    uint64_t times = 0;

    do {
        if ((b->call = maru_call_begin(b->runtime, 60000)) == NULL || failed(b, run(b->store, b->call, fn, b)))
            return -1;
        now = maru_call_now(b->call);
        began = began == 0 ? now : began; /* the first is to warm up */
        times++;
        maru_call_end(b->call);
    } while ((double)(now - began) < seconds * 1e9);
    return (double)(now - began) / (double)(times - 1);
}

static bool fill_all(bench *b)
{
    while (b->at < b->count) {
        if ((b->call = maru_call_begin(b->runtime, 60000)) == NULL ||
            failed(b, maru_store_write(b->store, b->call, fill, b)))
            return false;
        maru_call_end(b->call);
    }
    return true;
}

static double file_mib(const bench *b)
{
    char        path[4096];
    struct stat s;

    snprintf(path, sizeof path, "%s/data.mdb", b->folder);
    return stat(path, &s) == 0 ? (double)s.st_blocks / 2048 : 0;
}

static bool measure(bench *b, double seconds)
{
    double     read, write, open;
    maru_call *watch = maru_call_begin(b->runtime, 0);
    int64_t    began;

    if (watch == NULL || !open_store(b) || !fill_all(b))
        return false;
    maru_store_close(b->store);
    b->store = NULL;
    began = maru_call_now(watch);
    if (!open_store(b))
        return false;
    open = (double)(maru_call_now(watch) - began) / 1e6;
    maru_call_end(watch);
    read = take(b, seconds, read_some, maru_store_read);
    write = read < 0 ? -1 : take(b, seconds, write_some, maru_store_write);
    if (write < 0)
        return false;
    printf("open_ms=%.2f read_ns=%.1f write_us=%.1f mib=%.1f\n", open, read / A_READ, write / 1e3, file_mib(b));
    return true;
}

int main(int argc, char **argv)
{
    bench  b = {.folder = argc == 4 ? argv[1] : NULL};
    double seconds = argc == 4 ? atof(argv[3]) : 0;
    bool   ok;

    if (seconds <= 0 || !number_read(argv[2], 1, UINT32_MAX, &b.count)) {
        fprintf(stderr, "usage: bench_records FOLDER COUNT SECONDS\n");
        return 2;
    }
    memset(b.bytes, 'x', sizeof b.bytes);
    ok = maru_runtime_new(NULL, &b.runtime, &b.error) == MARU_OK && measure(&b, seconds);
    if (!ok)
        fprintf(stderr, "bench_records: %s\n", b.error.text);
    if (b.store != NULL)
        maru_store_close(b.store);
    if (b.runtime != NULL && ok)
        maru_runtime_free(b.runtime);
    return ok ? 0 : 1;
}
