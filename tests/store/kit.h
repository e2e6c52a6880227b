/* kit.h: what the store's tests share: a folder of their own, a runtime, a store with one table of items. */
#ifndef STORE_KIT_H
#define STORE_KIT_H

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "maru/seam.h"
#include "maru/store.h"
#include "runtime/call_impl.h"
#include "store_test.pb-c.h"
#include "test.h"

static const maru_table        items = {.number = 1, .name = "items", .record = &store_test__item__descriptor};
static const maru_table        others = {.number = 2, .name = "others", .record = &store_test__item__descriptor};
static const maru_table *const kit_tables[] = {&items, &others, NULL};

/* A folder that goes away with its contents: kit_folder_end. */
static inline char *kit_folder(void)
{
    const char *base = getenv("TMPDIR");
    char       *path;

    if (asprintf(&path, "%s/maru-store-XXXXXX", base ? base : "/tmp") < 0 || !mkdtemp(path)) {
        perror("mkdtemp");
        exit(1);
    }
    return path;
}

static inline int kit_remove(const char *path, const struct stat *about, int type, struct FTW *where)
{
    (void)about, (void)type, (void)where;
    return remove(path);
}

static inline void kit_folder_end(char *path)
{
    nftw(path, kit_remove, 16, FTW_DEPTH | FTW_PHYS);
    free(path);
}

static inline maru_runtime *kit_runtime(const maru_seam *seam)
{
    maru_runtime_options options = {.seam = seam};
    maru_runtime        *rt;
    maru_error           error;

    if (maru_runtime_new(&options, &rt, &error) != MARU_OK) {
        fprintf(stderr, "%s\n", error.text);
        exit(1);
    }
    return rt;
}

static inline maru_store_options kit_options(const char *path)
{
    return (maru_store_options){.path = path, .service = "cart", .version = 3, .tables = kit_tables};
}

static inline maru_store *kit_open(maru_runtime *rt, const maru_store_options *options)
{
    maru_store *store;
    maru_error  error;

    if (maru_store_open(rt, options, &store, &error) != MARU_OK) {
        fprintf(stderr, "open: %s\n", error.text);
        exit(1);
    }
    return store;
}

/* One item, as an argument of a transaction. */
typedef struct kit_item {
    const char *key;
    int64_t     count;
    size_t      filler;
} kit_item;

static inline maru_status kit_put_in(maru_txn *txn, void *arg)
{
    const kit_item *item = arg;
    StoreTest__Item record = STORE_TEST__ITEM__INIT;

    record.name = (char *)item->key;
    record.count = item->count;
    if (item->filler > 0) {
        record.filler.data = maru_txn_alloc(txn, item->filler);
        record.filler.len = item->filler;
        memset(record.filler.data, 'f', item->filler);
    }
    return maru_put(txn, &items, maru_key_text(item->key), &record.base);
}

static inline maru_status kit_delete_in(maru_txn *txn, void *arg)
{
    return maru_delete(txn, &items, maru_key_text(((kit_item *)arg)->key));
}

static inline maru_status kit_get_in(maru_txn *txn, void *arg)
{
    kit_item         *item = arg;
    ProtobufCMessage *record;
    maru_status       status = maru_get(txn, &items, maru_key_text(item->key), &record);

    if (status == MARU_OK)
        item->count = ((StoreTest__Item *)record)->count;
    return status;
}

static inline maru_status kit_put(maru_store *store, maru_call *call, const char *key, int64_t count)
{
    kit_item item = {.key = key, .count = count};

    return maru_store_write(store, call, kit_put_in, &item);
}

/* The count at key; -status where there is none. */
static inline int64_t kit_get(maru_store *store, maru_call *call, const char *key)
{
    kit_item    item = {.key = key};
    maru_status status = maru_store_read(store, call, kit_get_in, &item);

    return status == MARU_OK ? item.count : -(int64_t)status;
}

#endif
