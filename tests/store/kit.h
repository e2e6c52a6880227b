/* kit.h: what the store's tests share: a folder of their own, a runtime, a store with one table of items. */
#ifndef STORE_KIT_H
#define STORE_KIT_H

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
/* The runtime has a type named wait. */
#define wait system_wait
#include <sys/wait.h>
#undef wait
#include <unistd.h>

#include "maru/seam.h"
#include "maru/store.h"
#include "runtime/call_impl.h"
#include "self.h"
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

/* Another process of this test program: argv after its name. Its standard input and output are pipes. */
typedef struct kit_child {
    pid_t pid;
    int   in, out; /* to it, from it */
} kit_child;

static inline kit_child kit_spawn(const char *const *args)
{
    int                        to[2], from[2];
    char                       self[PATH_MAX];
    char                      *argv[16] = {self_path(self)};
    posix_spawn_file_actions_t files;
    kit_child                  child;

    for (int i = 0; args[i] && i < 14; i++)
        argv[i + 1] = (char *)args[i];
    if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0) {
        perror("pipe");
        exit(1);
    }
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, to[0], 0);
    posix_spawn_file_actions_adddup2(&files, from[1], 1);
    if (posix_spawn(&child.pid, argv[0], &files, NULL, argv, environ) != 0) {
        perror("posix_spawn");
        exit(1);
    }
    posix_spawn_file_actions_destroy(&files);
    close(to[0]);
    close(from[1]);
    child.in = to[1];
    child.out = from[0];
    return child;
}

/* Waits for a byte from it: '\0' where it ended without one. */
static inline char kit_hear(const kit_child *child)
{
    char byte = '\0';

    return read(child->out, &byte, 1) == 1 ? byte : '\0';
}

static inline void kit_tell(const kit_child *child, char byte)
{
    if (write(child->in, &byte, 1) != 1)
        perror("write to the child");
}

/* Closes its input, and waits for its end: the status as waitpid gives it. */
static inline int kit_end(kit_child *child)
{
    int status = -1;

    close(child->in);
    waitpid(child->pid, &status, 0);
    close(child->out);
    return status;
}

#endif
