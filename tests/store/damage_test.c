/* damage_test.c: a file that was not closed, and in which a page was damaged since: it is refused, or what it still
 * says is true; it ends nobody. */
#include <inttypes.h>
#include <sys/random.h>

#include "kit.h"
#include "number.h"
#include "runtime/rt.h"

enum { RECORDS = 1200, DAMAGES = 100, PAGE = 4096, WRITES = 60, REFUSED = 'r', USED = 'u', LIED = 'l' };

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static const char *name_of(int number, char into[static 32])
{
    snprintf(into, 32, "item %07d", number * 7919 % RECORDS);
    return into;
}

/* ---- the one that is killed ---- */

static maru_status fill_in(maru_txn *txn, void *arg)
{
    char key[32];

    for (int i = 0; i < RECORDS; i++) {
        kit_item    item = {.key = name_of(i, key), .count = i, .filler = i % 200 == 0 ? 20000 : (size_t)(i % 200)};
        maru_status status = kit_put_in(txn, &item);

        if (status != MARU_OK)
            return status;
    }
    return MARU_OK;
}

/* Each third is deleted again: there are free pages, and pages that are half full. */
static maru_status thin_in(maru_txn *txn, void *arg)
{
    char        key[32];
    maru_status status = MARU_OK;

    for (int i = 0; i < RECORDS && status == MARU_OK; i++)
        if (i % 3 == 0)
            status = maru_delete(txn, &items, maru_key_text(name_of(i, key)));
    return status;
}

/* From here on the store is one that was not closed: what was closed before is what it goes back to. */
static bool last_write(maru_runtime *rt, maru_store *store)
{
    maru_call  *call = maru_call_begin(rt, 0);
    char        key[32];
    maru_status status = kit_put(store, call, name_of(1, key), 1);

    maru_call_end(call);
    return status == MARU_OK;
}

static int make(const char *path)
{
    maru_store_options options = kit_options(path);
    maru_runtime      *rt = kit_runtime(NULL);
    maru_store        *store = kit_open(rt, &options);
    maru_call         *call = maru_call_begin(rt, 0);
    char               byte = 'm';

    if (maru_store_write(store, call, fill_in, NULL) != MARU_OK ||
        maru_store_write(store, call, thin_in, NULL) != MARU_OK)
        return 1;
    maru_call_end(call);
    maru_store_close(store);
    store = kit_open(rt, &options);
    if (!last_write(rt, store) || write(1, &byte, 1) != 1)
        return 1;
    while (read(0, &byte, 1) > 0)
        ;
    return 1; /* not reached: it is killed */
}

/* ---- the one that comes next ---- */

/* Whether every record is as it was, or said to be damaged. */
static bool is_true(maru_runtime *rt, maru_store *store)
{
    char key[32];

    for (int i = 0; i < RECORDS; i++) {
        maru_call *call = maru_call_begin(rt, 0);
        int64_t    got = kit_get(store, call, name_of(i, key));

        maru_call_end(call);
        if (got != -MARU_DATA_LOSS && got != (i % 3 == 0 ? -MARU_NOT_FOUND : i)) {
            fprintf(stderr, "%s: got %" PRId64 "\n", key, got);
            return false;
        }
    }
    return true;
}

/* Writes take pages from the free list, and split and merge others. */
static void write_on(maru_runtime *rt, maru_store *store)
{
    char key[32];

    for (int i = 0; i < WRITES; i++) {
        maru_call *call = maru_call_begin(rt, 0);
        kit_item   item = {.key = name_of(i * 17, key), .count = i * 17, .filler = i % 10 == 0 ? 30000 : 1000};

        maru_store_write(store, call, kit_put_in, &item);
        maru_call_end(call);
    }
}

static int use(const char *path)
{
    maru_store_options options = kit_options(path);
    maru_runtime      *rt = kit_runtime(NULL);
    maru_store        *store;
    maru_error         error;
    maru_status        status = maru_store_open(rt, &options, &store, &error);
    char               byte = USED;

    if (status == MARU_DATA_LOSS)
        byte = REFUSED;
    else if (status != MARU_OK)
        fprintf(stderr, "%s\n", error.text);
    if (status == MARU_OK) {
        byte = is_true(rt, store) ? USED : LIED;
        write_on(rt, store);
        maru_store_close(store);
    }
    maru_runtime_free(rt);
    return write(1, &byte, 1) == 1 ? 0 : 1;
}

/* ---- damage ---- */

typedef struct image {
    uint8_t *bytes;
    size_t   size;
} image;

static char *file_of(const char *path, const char *name, char into[static PATH_MAX])
{
    snprintf(into, PATH_MAX, "%.4000s/%s", path, name);
    return into;
}

static image read_file(const char *path, const char *name)
{
    char  file[PATH_MAX];
    FILE *from = fopen(file_of(path, name, file), "r");
    image all = {.bytes = malloc(64 << 20)};

    if (CHECK(from != NULL)) {
        all.size = fread(all.bytes, 1, 64 << 20, from);
        fclose(from);
    }
    return all;
}

static void write_file(const char *path, const char *name, const image *all)
{
    char  file[PATH_MAX];
    FILE *into = fopen(file_of(path, name, file), "w");

    CHECK(into != NULL && fwrite(all->bytes, 1, all->size, into) == all->size && fclose(into) == 0);
}

/* In a page: bytes of its header, its pointers or its nodes; all of it; or another page in its place. */
static void damage(image *all, uint64_t *random)
{
    uint64_t pages = all->size / PAGE, number = 2 + next_random(random) % (pages - 2);
    uint8_t *page = all->bytes + number * PAGE;

    switch (next_random(random) % 5) {
    case 0:
    case 1:
        page[next_random(random) % 40] = (uint8_t)next_random(random);
        break;
    case 2:
        for (int i = 0; i < 8; i++)
            page[next_random(random) % PAGE] ^= (uint8_t)(1 << next_random(random) % 8);
        break;
    case 3:
        memset(page, 0, PAGE);
        break;
    default:
        memmove(page, all->bytes + (2 + next_random(random) % (pages - 2)) * PAGE, PAGE);
    }
}

static char use_in_child(const char *path)
{
    const char *const args[] = {"use", path, NULL};
    kit_child         child = kit_spawn(args);
    char              heard = kit_hear(&child);

    CHECK_INT(kit_end(&child), 0); /* no signal, no abort */
    return heard;
}

static void damages(const char *path, uint64_t seed)
{
    static const char *const journals[] = {"journal.0", "journal.1"};
    image    data = read_file(path, "data.mdb"), kept[] = {read_file(path, journals[0]), read_file(path, journals[1])};
    image    hurt = {.bytes = malloc(data.size), .size = data.size};
    uint64_t random = seed;
    int      refused = 0;

    test_begin("a file that was not closed opens, with all that it had");
    CHECK_INT(use_in_child(path), USED);

    test_begin("with a damaged page it is refused, or what it says is true, and nobody dies of it");
    for (int i = 0; i < DAMAGES; i++) {
        uint64_t before = random;
        char     heard;

        memcpy(hurt.bytes, data.bytes, data.size);
        damage(&hurt, &random);
        write_file(path, "data.mdb", &hurt);
        for (int j = 0; j < 2; j++)
            write_file(path, journals[j], &kept[j]);
        heard = use_in_child(path);
        if (!CHECK(heard == USED || heard == REFUSED))
            fprintf(stderr, "with seed %" PRIu64 "\n", before);
        refused += heard == REFUSED;
    }
    printf("# %zu KiB; %d of %d were refused\n", data.size >> 10, refused, DAMAGES);
    CHECK(refused > DAMAGES / 8);
    free(data.bytes);
    free(kept[0].bytes);
    free(kept[1].bytes);
    free(hurt.bytes);
}

int main(int argc, char **argv)
{
    char       *path;
    const char *given = getenv("MARU_SEED");
    const char *words[] = {"make", NULL, NULL};
    uint64_t    seed = 0;
    kit_child   child;

    if (argc == 3 && strcmp(argv[1], "make") == 0)
        return make(argv[2]);
    if (argc == 3 && strcmp(argv[1], "use") == 0)
        return use(argv[2]);
    if (given != NULL && !number_read(given, 0, UINT64_MAX, &seed)) {
        fprintf(stderr, "MARU_SEED: want a number, got \"%.60s\"\n", given);
        return 2;
    }
    if (given == NULL && getrandom(&seed, sizeof seed, 0) != sizeof seed)
        return 1;
    printf("# MARU_SEED=%" PRIu64 "\n", seed);
    path = kit_folder();
    words[1] = path;
    child = kit_spawn(words);
    CHECK_INT(kit_hear(&child), 'm');
    kill(child.pid, SIGKILL);
    kit_end(&child);
    damages(path, seed);
    kit_folder_end(path);
    return test_end();
}
