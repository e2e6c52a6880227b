/* full_disk_test.c: a store on a small tmpfs that is filled to the brim. The tmpfs is mounted in a mount namespace of
 * the test's own; where that is not permitted, the test says so and is skipped (status 77). */
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#include "kit.h"

enum { SKIPPED = 77, DISK_BYTES = 4 << 20, MOST = 100000 };

static bool mount_small(const char *path)
{
    char options[64];

    snprintf(options, sizeof options, "size=%d,mode=0700", DISK_BYTES);
    return unshare(CLONE_NEWNS) == 0 && mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("tmpfs", path, "tmpfs", 0, options) == 0;
}

static char *name_of(int number, char into[static 32])
{
    snprintf(into, 32, "key %06d", number);
    return into;
}

static maru_status put_big(maru_store *store, maru_call *call, int number, size_t filler)
{
    char     key[32];
    kit_item item = {.key = name_of(number, key), .count = number, .filler = filler};

    return maru_store_write(store, call, kit_put_in, &item);
}

static maru_status delete_in(maru_txn *txn, void *arg)
{
    char key[32];

    return maru_delete(txn, &items, maru_key_text(name_of(*(int *)arg, key)));
}

/* Writes until it fails; how many succeeded. */
static int fill(maru_runtime *rt, maru_store *store, int from, size_t filler, maru_status *status,
                char words[static 256])
{
    int count = from;

    for (; count < MOST; count++) {
        maru_call *call = maru_call_begin(rt, 0);

        *status = put_big(store, call, count, filler);
        snprintf(words, 256, "%s", maru_call_message(call));
        maru_call_end(call);
        if (*status != MARU_OK)
            break;
    }
    return count;
}

static void check_all(maru_runtime *rt, maru_store *store, int count)
{
    maru_call *call = maru_call_begin(rt, 0);
    char       key[32];
    int        lost = 0;

    for (int i = 0; i < count; i++)
        lost += kit_get(store, call, name_of(i, key)) != i;
    CHECK_INT(lost, 0);
    CHECK_INT(kit_get(store, call, name_of(count, key)), -MARU_NOT_FOUND);
    maru_call_end(call);
}

/* Takes or gives back space beside the store. */
static void ballast(const char *path, off_t bytes)
{
    char *file;
    int   fd;

    if (asprintf(&file, "%s/ballast", path) < 0)
        exit(1);
    fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || (bytes > 0 && posix_fallocate(fd, 0, bytes) != 0))
        perror(file);
    close(fd);
    free(file);
}

static off_t room(const char *path)
{
    struct statvfs about;

    return statvfs(path, &about) == 0 ? (off_t)(about.f_bavail * about.f_bsize) : -1;
}

static void fill_the_brim(maru_runtime *rt, const char *disk, const char *path, size_t filler, int round)
{
    maru_store_options options = kit_options(path);
    maru_store        *store = kit_open(rt, &options);
    maru_status        status;
    char               words[256];
    int                count = fill(rt, store, 0, filler, &status, words);

    CHECK_INT(status, MARU_RESOURCE_EXHAUSTED);
    CHECK_CONTAINS(words, "commit: the file system is full");
    CHECK(count > 4 && count < MOST);
    check_all(rt, store, count);
    CHECK(room(disk) < 1 << 20);
    maru_store_close(store);
    store = kit_open(rt, &options);
    check_all(rt, store, count);
    (void)round;
    maru_store_close(store);
}

/* What goes to stderr from hear to hear_end: the log. */
typedef struct hearing {
    int  was, into;
    char text[4096];
} hearing;

static void hear(hearing *h)
{
    h->was = dup(STDERR_FILENO);
    h->into = memfd_create("stderr", MFD_CLOEXEC);
    dup2(h->into, STDERR_FILENO);
}

static char *hear_end(hearing *h)
{
    ssize_t size = pread(h->into, h->text, sizeof h->text - 1, 0);

    h->text[size < 0 ? 0 : size] = '\0';
    dup2(h->was, STDERR_FILENO);
    close(h->was);
    close(h->into);
    return h->text;
}

/* One record that it is full, and one that it is not any more. */
static void check_heard(char *text)
{
    char *line = strsep(&text, "\n");

    CHECK_CONTAINS(line,
                   "level=warn module=store msg=\"the file system is full: writes are refused until there is room\"");
    line = strsep(&text, "\n");
    CHECK_CONTAINS(line, "level=info module=store msg=\"writes succeed again\"");
    CHECK_STR(text, "");
}

static void works_again(maru_runtime *rt, const char *disk, const char *path)
{
    maru_store_options options = kit_options(path);
    maru_store        *store;
    maru_status        status;
    char               words[256];
    int                count, first = 0;
    maru_call         *call = maru_call_begin(rt, 0);
    hearing            heard;

    ballast(disk, 1 << 20);
    store = kit_open(rt, &options);
    hear(&heard);
    count = fill(rt, store, 0, 3000, &status, words);
    CHECK_INT(status, MARU_RESOURCE_EXHAUSTED);
    check_all(rt, store, count);
    for (int i = 0; i < 10; i++)
        CHECK_INT(put_big(store, call, count, 2 << 20), MARU_RESOURCE_EXHAUSTED);

    ballast(disk, 0);
    CHECK_INT(put_big(store, call, count, 3000), MARU_OK);
    check_heard(hear_end(&heard));
    check_all(rt, store, count + 1);
    CHECK_INT(maru_store_write(store, call, delete_in, &first), MARU_OK);
    maru_call_end(call);
    maru_store_close(store);
}

static void new_store_on_full_disk(maru_runtime *rt, const char *disk, const char *path)
{
    maru_store_options options = kit_options(path);
    maru_store        *store;
    maru_error         error;

    ballast(disk, room(disk) & ~(off_t)4095);
    CHECK_INT(maru_store_open(rt, &options, &store, &error), MARU_RESOURCE_EXHAUSTED);
    CHECK_CONTAINS(error.text, "the file system is full");
    ballast(disk, 0);
    CHECK_INT(maru_store_open(rt, &options, &store, &error), MARU_OK);
    maru_store_close(store);
}

/* Of a store that has free pages. Each write gives some up, which a checkpoint holds. */
static void works_in_free_pages(maru_runtime *rt, const char *disk, const char *path)
{
    enum { FIRST = 60, LEFT = 10, TIMES = 2000 };
    maru_store_options options = kit_options(path);
    maru_store        *store = kit_open(rt, &options);
    maru_call         *call = maru_call_begin(rt, 0);
    int                failed = 0;

    for (int i = 0; i < FIRST; i++)
        CHECK_INT(put_big(store, call, i, 12000), MARU_OK);
    for (int i = LEFT; i < FIRST; i++)
        CHECK_INT(maru_store_write(store, call, delete_in, &i), MARU_OK);
    maru_store_close(store);
    store = kit_open(rt, &options);
    CHECK_INT(put_big(store, call, 0, 12000), MARU_OK);
    ballast(disk, room(disk) & ~(off_t)4095);
    for (int i = 0; i < TIMES; i++)
        failed += put_big(store, call, i % LEFT, 12000) != MARU_OK;
    CHECK_INT(failed, 0);
    check_all(rt, store, LEFT);
    maru_call_end(call);
    maru_store_close(store);
    store = kit_open(rt, &options);
    check_all(rt, store, LEFT);
    maru_store_close(store);
    ballast(disk, 0);
}

/* The map is small instead of the disk: one write that does not fit hurts only itself. */
static void map_full(maru_runtime *rt, const char *path)
{
    maru_store_options options = kit_options(path);
    maru_store        *store;
    maru_call         *call = maru_call_begin(rt, 0);

    options.map_bytes = 1 << 20;
    store = kit_open(rt, &options);
    CHECK_INT(put_big(store, call, 0, 10), MARU_OK);
    CHECK_INT(put_big(store, call, 1, 2 << 20), MARU_RESOURCE_EXHAUSTED);
    CHECK_CONTAINS(maru_call_message(call), "the store has reached its largest size (map_bytes)");
    CHECK_INT(put_big(store, call, 1, 10), MARU_OK);
    check_all(rt, store, 2);
    maru_call_end(call);
    maru_store_close(store);
}

int main(void)
{
    char         *disk = kit_folder(), path[PATH_MAX];
    maru_runtime *rt;

    if (!mount_small(disk)) {
        printf("SKIPPED store_full_disk: no mount namespace of its own is permitted here: %s (run it as root)\n",
               strerror(errno));
        kit_folder_end(disk);
        return SKIPPED;
    }
    rt = kit_runtime(NULL);

    test_begin("a disk filled with small records: RESOURCE_EXHAUSTED in words, nothing lost, also after opening again");
    snprintf(path, sizeof path, "%s/small", disk);
    fill_the_brim(rt, disk, path, 200, 0);
    nftw(path, kit_remove, 16, FTW_DEPTH | FTW_PHYS);

    test_begin("filled with records of many pages, where a write is cut short in the middle, likewise");
    for (size_t filler = 30000; filler < 300000; filler += 61234) {
        snprintf(path, sizeof path, "%s/big%zu", disk, filler);
        fill_the_brim(rt, disk, path, filler, 1);
        nftw(path, kit_remove, 16, FTW_DEPTH | FTW_PHYS);
    }

    test_begin("when there is room again, the same store writes again; the log says once that it is full, and once "
               "that it is not");
    snprintf(path, sizeof path, "%s/again", disk);
    works_again(rt, disk, path);
    nftw(path, kit_remove, 16, FTW_DEPTH | FTW_PHYS);

    test_begin("a new store on a full disk is refused, and can be made when there is room");
    snprintf(path, sizeof path, "%s/new", disk);
    new_store_on_full_disk(rt, disk, path);

    test_begin("on a full disk no write fails for which the store has room in pages of its own, whoever holds them");
    snprintf(path, sizeof path, "%s/free", disk);
    works_in_free_pages(rt, disk, path);
    nftw(path, kit_remove, 16, FTW_DEPTH | FTW_PHYS);

    test_begin("a write that passes map_bytes is refused, and its neighbours are not");
    snprintf(path, sizeof path, "%s/map", disk);
    map_full(rt, path);

    maru_runtime_free(rt);
    umount2(disk, MNT_DETACH);
    kit_folder_end(disk);
    return test_end();
}
