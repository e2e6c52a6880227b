/* left.h: a store with records k1 to kN that another process leaves open, as kill -9 does, and copies of its files.
 * Header only; the test's main begins with left_is_child. */
#ifndef STORE_LEFT_H
#define STORE_LEFT_H

#include "kit.h"

enum { LEFT_FILLER = 30000 };

static const char *const left_files[] = {"data.mdb", "STORE", "journal.0", "journal.1", NULL};

static inline const char *left_key(int number, char into[static 16])
{
    snprintf(into, 16, "k%d", number);
    return into;
}

static inline void left_put(maru_runtime *rt, maru_store *store, int from, int to)
{
    for (int i = from; i <= to; i++) {
        maru_call *call = maru_call_begin(rt, 0);
        char       key[16];
        kit_item   item = {.key = left_key(i, key), .count = i, .filler = LEFT_FILLER};

        CHECK_INT(maru_store_write(store, call, kit_put_in, &item), MARU_OK);
        maru_call_end(call);
    }
}

/* Opens the store, writes, and closes it. */
static inline void left_write(maru_runtime *rt, const char *path, int from, int to)
{
    maru_store_options options = kit_options(path);
    maru_store        *store = kit_open(rt, &options);

    left_put(rt, store, from, to);
    maru_store_close(store);
}

/* In another process, which ends without closing the store. */
static inline void left_open(const char *path, int from, int to)
{
    char              first[16], last[16];
    const char *const args[] = {"leave", path, first, last, NULL};
    kit_child         child;

    snprintf(first, sizeof first, "%d", from);
    snprintf(last, sizeof last, "%d", to);
    child = kit_spawn(args);
    CHECK_INT(kit_end(&child), 0);
}

/* Does not come back where this is that process. */
static inline void left_is_child(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "leave") == 0) {
        maru_runtime      *rt = kit_runtime(NULL);
        maru_store_options options = kit_options(argv[2]);

        left_put(rt, kit_open(rt, &options), atoi(argv[3]), atoi(argv[4]));
        _exit(0);
    }
}

/* It opens with all records up to last, and is closed. */
static inline void left_check(maru_runtime *rt, const char *path, int last)
{
    maru_store_options options = kit_options(path);
    maru_store        *store = kit_open(rt, &options);
    maru_call         *call = maru_call_begin(rt, 0);
    char               key[16];
    int                lost = 0;

    for (int i = 1; i <= last; i++)
        lost += kit_get(store, call, left_key(i, key)) != i;
    CHECK_INT(lost, 0);
    maru_call_end(call);
    maru_store_close(store);
}

static inline void left_copy_file(const char *from, const char *to, const char *name)
{
    char    source[PATH_MAX], target[PATH_MAX], *bytes;
    off_t   size;
    int     in, out;
    ssize_t wrote;

    snprintf(source, sizeof source, "%.4000s/%s", from, name);
    snprintf(target, sizeof target, "%.4000s/%s", to, name);
    in = open(source, O_RDONLY);
    out = open(target, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    size = lseek(in, 0, SEEK_END);
    bytes = malloc((size_t)size + 1);
    wrote = pread(in, bytes, (size_t)size, 0) == size ? write(out, bytes, (size_t)size) : -1;
    CHECK_INT(wrote, size);
    free(bytes);
    close(in);
    close(out);
}

static inline char *left_copy(const char *from)
{
    char *to = kit_folder();

    for (size_t i = 0; left_files[i] != NULL; i++)
        left_copy_file(from, to, left_files[i]);
    return to;
}

#endif
