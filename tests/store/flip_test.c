/* flip_test.c: a store that was closed, and in which one bit was flipped since: whatever bit of a record, of its node
 * or of its page's header it is, nothing that was there is said not to be there.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "kit.h"

enum { RECORDS = 300, PAGE = 4096, NODE = 8, HEADER = 16 };

/* One in the middle, and those that a walk begins and ends with. */
static const char *const needles[] = {"item 150", "item 000", "item 299"};

static const char *name_of(int number, char into[static 32])
{
    snprintf(into, 32, "item %03d", number);
    return into;
}

static maru_status fill_in(maru_txn *txn, void *arg)
{
    char        key[32];
    maru_status status = MARU_OK;

    (void)arg;
    for (int i = 0; i < RECORDS && status == MARU_OK; i++)
        status = kit_put_in(txn, &(kit_item){.key = name_of(i, key), .count = i});
    return status;
}

static void make(maru_runtime *rt, const maru_store_options *options)
{
    maru_store *store = kit_open(rt, options);
    maru_call  *call = maru_call_begin(rt, 0);

    CHECK_INT(maru_store_write(store, call, fill_in, NULL), MARU_OK);
    maru_call_end(call);
    maru_store_close(store);
}

typedef struct counts {
    int sound, damaged;
    int ended; /* with this status */
} counts;

static maru_status walk_in(maru_txn *txn, void *arg)
{
    maru_cursor      *cursor = maru_walk(txn, &items, maru_key_text("item"), maru_key_text(""));
    ProtobufCMessage *record;
    counts           *c = arg;
    int               left = 2 * RECORDS;

    while (left-- > 0 && (c->ended = (int)maru_next(cursor, NULL, &record)) != MARU_NOT_FOUND)
        c->ended == MARU_OK ? c->sound++ : c->damaged++;
    return MARU_OK;
}

/* Every record is as it was, or is said to be damaged; so is each walk over them. */
static bool is_true(maru_runtime *rt, maru_store *store)
{
    counts c = {0};
    char   key[32];
    bool   good = true;

    for (int i = 0; i < RECORDS && good; i++) {
        maru_call *call = maru_call_begin(rt, 0);
        int64_t    got = kit_get(store, call, name_of(i, key));

        good = CHECK(got == i || got == -MARU_DATA_LOSS);
        if (!good)
            fprintf(stderr, "%s: got %lld\n", key, (long long)got);
        maru_call_end(call);
    }
    maru_call *call = maru_call_begin(rt, 0);
    CHECK_INT(maru_store_read(store, call, walk_in, &c), MARU_OK);
    good &= CHECK(c.sound <= RECORDS && (c.sound == RECORDS || c.damaged > 0));
    maru_call_end(call);
    return good;
}

typedef struct flips {
    maru_runtime             *rt;
    const maru_store_options *options;
    int                       file;
    int                       refused, opened;
} flips;

static bool flip(const flips *f, off_t at, int bit)
{
    uint8_t byte;

    if (!CHECK_INT(pread(f->file, &byte, 1, at), 1))
        return false;
    byte ^= (uint8_t)(1 << bit);
    return CHECK_INT(pwrite(f->file, &byte, 1, at), 1);
}

static bool one_flip(flips *f, off_t at, int bit)
{
    maru_store *store;
    maru_error  error;
    maru_status status;
    bool        good = true;

    flip(f, at, bit);
    if ((status = maru_store_open(f->rt, f->options, &store, &error)) == MARU_OK) {
        f->opened++;
        good = is_true(f->rt, store);
        maru_store_close(store);
    } else {
        f->refused++;
        good = CHECK_INT(status, MARU_DATA_LOSS) && CHECK_CONTAINS(error.text, "data.mdb is damaged: ");
    }
    flip(f, at, bit); /* back: nothing was written, so it lies where it lay */
    return good;
}

static void flip_all(flips *f, off_t from, off_t to)
{
    for (off_t at = from; at < to; at++)
        for (int bit = 0; bit < 8; bit++)
            if (!one_flip(f, at, bit)) {
                fprintf(stderr, "byte %lld from the page's begin, bit %d\n", (long long)(at % PAGE), bit);
                return;
            }
}

/* Where the needle lies; -1: nowhere. LMDB copies pages, so an older one may have it too: then the flip must change
 * nothing that is seen, which is as good. */
static off_t find(int file, const char *needle, off_t from)
{
    struct stat about;
    char       *bytes, *at;
    off_t       found = -1;

    fstat(file, &about);
    bytes = malloc((size_t)about.st_size);
    if (CHECK_INT(pread(file, bytes, (size_t)about.st_size, 0), about.st_size) &&
        (at = memmem(bytes + from, (size_t)(about.st_size - from), needle, strlen(needle))) != NULL)
        found = at - bytes;
    free(bytes);
    return found;
}

static void flip_around(flips *f, const char *needle)
{
    test_begin("any bit of a record's key, value and node may flip: what was there is there, or said to be damaged");
    for (off_t at = find(f->file, needle, 0); at >= 0; at = find(f->file, needle, at + 1))
        flip_all(f, at - 1 - NODE, at + (off_t)strlen(needle) + 17);
    test_begin("so may any of its page's header, and of the pointers to its first records");
    for (off_t at = find(f->file, needle, 0); at >= 0; at = find(f->file, needle, at + 1))
        flip_all(f, at - at % PAGE, at - at % PAGE + HEADER + 8);
}

int main(void)
{
    char              *path = kit_folder();
    maru_store_options options = kit_options(path);
    flips              f = {.rt = kit_runtime(NULL), .options = &options};
    char               file[PATH_MAX];

    make(f.rt, &options);
    snprintf(file, sizeof file, "%.4000s/data.mdb", path);
    f.file = open(file, O_RDWR);
    for (size_t i = 0; i < sizeof needles / sizeof *needles; i++)
        flip_around(&f, needles[i]);
    printf("# %d opened, %d refused\n", f.opened, f.refused);
    CHECK(f.opened > 0 && f.refused > 0);
    close(f.file);
    maru_runtime_free(f.rt);
    kit_folder_end(path);
    return test_end();
}
