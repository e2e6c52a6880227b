/* restarted_test.c: a service is killed and starts again while maru store copies, walks or looks at its store. The
 * pages that are read then may hold anything, or be gone: who reads says "try again". It does not crash, takes nothing
 * for damaged, and leaves no half of a backup. MARU_SEED repeats the last part. */
#include <lmdb.h>
#include <poll.h>
#include <sys/file.h>
#include <time.h>

#include "ends.h"
#include "left.h"
#include "random.h"
#include "store/care.h"
#include "store/layout.h"

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
enum { ROUNDS = 24 };
#else
enum { ROUNDS = 60 };
#endif

enum {
    RECORDS = 100,
    LOAD = 60,
    MOMENT_NS = 12000000,
    PAGE = 4096,
    SENTENCE = 160,
    MOMENTS = 4,
    WORSTS = 4,
    FINE = 0,
    AGAIN = 2,
    SHOWN = 3
};

/* ---- other processes ---- */

/* Keeps a store open whose records are of its checkpoint. */
static void serve(char **words)
{
    maru_runtime      *rt = kit_runtime(NULL);
    maru_store_options options = kit_options(words[1]);
    maru_store        *store = kit_open(rt, &options);

    left_put(rt, store, 1, RECORDS);
    maru_store_close(store);
    kit_open(rt, &options);
    stop();
    _exit(0);
}

/* Writes for as long as it is let. Who reads may have taken the store, as the service did not run: waits for its end.
 */
static maru_store *open_after(maru_runtime *rt, const char *path)
{
    maru_store_options options = kit_options(path);
    maru_store        *store;
    maru_error         error;
    char               lock[PATH_MAX];

    snprintf(lock, sizeof lock, "%s/lock", path);
    while (maru_store_open(rt, &options, &store, &error) != MARU_OK) {
        int fd = open(lock, O_RDONLY | O_CLOEXEC);

        if (strstr(error.text, " is open in maru-store, pid ") == NULL || fd < 0 || flock(fd, LOCK_SH) != 0) {
            fprintf(stderr, "load: %s\n", error.text);
            _exit(1);
        }
        close(fd);
    }
    return store;
}

static void load(char **words)
{
    maru_runtime *rt = kit_runtime(NULL);
    maru_store   *store = open_after(rt, words[1]);
    rng           random = {.state = strtoull(words[2], NULL, 10)};
    char          key[16], byte = 's';

    for (unsigned i = 0; i == 0 || write(1, &byte, i == LOAD) >= 0; i++) {
        maru_call *call = maru_call_begin(rt, 0);
        int        number = (int)rng_below(&random, RECORDS);
        kit_item   item = {.key = left_key(number, key), .count = number, .filler = rng_below(&random, LEFT_FILLER)};

        maru_store_write(store, call, rng_below(&random, 8) == 0 ? kit_delete_in : kit_put_in, &item);
        maru_call_end(call);
    }
}

/* A clock that stands still, so that nobody looks each millisecond who has the store; and a write of a copy that is
 * held up. libmaru and LMDB call the program's own instead of libc's. */
static bool frozen, stops_at_copy;

int clock_gettime(clockid_t which, struct timespec *now)
{
    static int (*next)(clockid_t, struct timespec *);

    *now = (struct timespec){.tv_sec = 0};
    if (frozen)
        return 0;
    if (next == NULL)
        *(void **)&next = dlsym(RTLD_NEXT, "clock_gettime");
    return next(which, now);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    static ssize_t (*next)(int, const void *, size_t);

    if (next == NULL)
        *(void **)&next = dlsym(RTLD_NEXT, "write");
    if (stops_at_copy && is_file(fd, ".part/data.mdb")) {
        stops_at_copy = false;
        stop();
    }
    return next(fd, bytes, size);
}

/* What a command saw of it. */
typedef struct seeing {
    int records, damaged;
} seeing;

static bool see(void *arg, const care_record *record)
{
    seeing *s = arg;

    s->records++;
    s->damaged += record->fault != NULL;
    return true;
}

static maru_status run_verb(const char *verb, care *c, const char *folder, seeing *seen, maru_error *error)
{
    care_facts facts;

    if (strcmp(verb, "walk") == 0)
        return care_walk(c, see, seen, error);
    return strcmp(verb, "look") == 0 ? care_look(c, &facts, error) : care_backup(c, folder, error);
}

/* Whether the test waits for this process's end, which it tells by closing its input. */
static bool is_awaited(void)
{
    struct pollfd in = {.fd = 0, .events = POLLIN};

    return poll(&in, 1, 0) != 0;
}

/* Until it is not fine any more, as it is once the service started again; once where there is none. */
static maru_status run_on(const char *verb, care *c, const char *folder, seeing *seen, maru_error *error)
{
    care_facts  facts;
    maru_status status = care_look(c, &facts, error);
    bool        more = status == MARU_OK;

    while (more) {
        status = run_verb(verb, c, folder, seen, error);
        more = status == MARU_OK && facts.running && !is_awaited();
        if (status == MARU_OK && strcmp(verb, "backup") == 0)
            kit_folder_end(strdup(folder));
    }
    return status;
}

/* TEST read PATH VERB WHEN DIR: WHEN it is held up: open (when the store is), copy (within the copy), or never, and
 * then it goes on until the service starts again, or it is awaited. */
static void read_store(char **words)
{
    care       *c;
    seeing      seen = {.records = 0};
    maru_error  error = {.text = ""};
    maru_status status;

    stops_at_copy = strcmp(words[3], "copy") == 0;
    if ((status = care_open(words[1], false, &c, &error)) == MARU_OK) {
        frozen = strcmp(words[3], "never") != 0;
        if (strcmp(words[3], "open") == 0)
            stop();
        status = (strcmp(words[3], "never") == 0 ? run_on : run_verb)(words[2], c, words[4], &seen, &error);
        care_close(c);
    }
    if (status != MARU_OK && (status != MARU_ABORTED || strstr(error.text, "; try again") == NULL))
        fprintf(stderr, "%s: %s\n", words[2], error.text);
    _exit(seen.damaged > 0                                                      ? SHOWN
          : status == MARU_OK                                                   ? FINE
          : status == MARU_ABORTED && strstr(error.text, "; try again") != NULL ? AGAIN
                                                                                : 1);
}

static kit_child reading(const char *path, const char *verb, const char *when, const char *folder)
{
    const char *const args[] = {"read", path, verb, when, folder, NULL};

    return kit_spawn(args);
}

static kit_child serving(const char *verb, const char *path, uint64_t seed)
{
    char              number[24];
    const char *const args[] = {verb, path, number, NULL};
    kit_child         child;

    snprintf(number, sizeof number, "%llu", (unsigned long long)seed);
    child = kit_spawn(args);
    CHECK_INT(kit_hear(&child), 's');
    return child;
}

static void kill_child(kit_child *child)
{
    CHECK_INT(kill(child->pid, SIGKILL), 0);
    CHECK(WIFSIGNALED(kit_end(child)));
}

/* Its status; negative: the signal that ended it. */
static int end_reader(kit_child *child)
{
    int status = kit_end(child);

    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* ---- what may become of the pages ---- */

static void cut(int fd, off_t size)
{
    (void)size;
    CHECK_INT(ftruncate(fd, 2 * PAGE), 0);
}

static void fill(int fd, off_t from, off_t size, int byte)
{
    char bytes[PAGE];

    memset(bytes, byte, sizeof bytes);
    CHECK_INT(pwrite(fd, bytes, (size_t)size, from), size);
}

static void garble(int fd, off_t size)
{
    for (off_t at = 2 * PAGE; at + PAGE <= size; at += PAGE)
        fill(fd, at, PAGE, 0xff);
}

/* All pages but what begins them: records that are of no record. */
static void garble_values(int fd, off_t size)
{
    for (off_t at = 2 * PAGE; at + PAGE <= size; at += PAGE) {
        uint8_t flags[2];

        CHECK_INT(pread(fd, flags, sizeof flags, at + PAGE_AT_FLAGS), sizeof flags);
        if (layout16(flags) == PAGE_IS_BIG_VALUE)
            fill(fd, at + 64, PAGE - 64, 'g');
    }
}

static void leave(int fd, off_t size)
{
    (void)fd, (void)size;
}

typedef struct worst {
    const char *words;
    void (*make)(int fd, off_t size);
} worst;

static const worst worsts[WORSTS] = {
    {"used again", leave}, {"of other records", garble_values}, {"garbage", garble}, {"gone", cut}};

static bool is_there(const char *folder, const char *more)
{
    char name[PATH_MAX];

    snprintf(name, sizeof name, "%.4000s%s", folder, more);
    return access(name, F_OK) == 0;
}

/* The service is killed and starts again, while the reader is held up. */
static void restart_under(maru_runtime *rt, const char *verb, const char *when, const worst *w,
                          char sentence[static SENTENCE])
{
    char       *path = kit_folder(), folder[PATH_MAX], file[PATH_MAX];
    kit_child   service = serving("serve", path, 0), reader;
    struct stat about;
    int         fd;

    snprintf(folder, sizeof folder, "%s-backup", path);
    snprintf(file, sizeof file, "%s/data.mdb", path);
    snprintf(sentence, SENTENCE, "%s, held up at %s: its pages are %s, and it says: try again", verb, when, w->words);
    test_begin(sentence);
    reader = reading(path, verb, when, folder);
    CHECK_INT(kit_hear(&reader), 's');
    kill_child(&service);
    for (int i = 0; i < 3; i++)
        left_write(rt, path, 1, w->make == leave ? RECORDS / 4 : 0);
    fd = open(file, O_RDWR | O_CLOEXEC);
    CHECK_INT(fstat(fd, &about), 0);
    w->make(fd, about.st_size);
    close(fd);
    kit_tell(&reader, 'g');
    CHECK_INT(end_reader(&reader), AGAIN);
    CHECK(!is_there(folder, ""));
    CHECK(!is_there(folder, ".part"));
    kit_folder_end(path);
}

/* ---- what is written ---- */

static MDB_stat stat_of(const char *folder)
{
    MDB_env *env;
    MDB_stat stat = {.ms_psize = 0};
    char     file[PATH_MAX];

    snprintf(file, sizeof file, "%s/data.mdb", folder);
    if (CHECK_INT(mdb_env_create(&env), 0)) {
        CHECK_INT(mdb_env_set_mapsize(env, 1), 0); /* LMDB takes what there is: not all that the store may grow to */
        CHECK_INT(mdb_env_open(env, file, MDB_NOSUBDIR | MDB_RDONLY | MDB_NOLOCK, 0600), 0);
        CHECK_INT(mdb_env_stat(env, &stat), 0);
        mdb_env_close(env);
    }
    return stat;
}

/* Pages of all kinds: branches, and values of a record's own pages, which shrank. */
static void write_all_kinds(maru_runtime *rt, const char *path)
{
    maru_store_options options = kit_options(path);
    maru_store        *store = kit_open(rt, &options);
    char               key[16];

    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < 1500; i++) {
            maru_call *call = maru_call_begin(rt, 0);
            kit_item   item = {.key = left_key(i, key), .count = i, .filler = (size_t)(i % 100 == 7 ? 9000 : i % 400)};

            if (pass == 0 || i % 3 == 0)
                CHECK_INT(maru_store_write(store, call, pass == 0 ? kit_put_in : kit_delete_in, &item), MARU_OK);
            maru_call_end(call);
        }
    maru_store_close(store);
}

static void copied(maru_runtime *rt)
{
    char      *path = kit_folder(), folder[PATH_MAX];
    care      *c;
    maru_error error = {.text = ""};
    MDB_stat   was, is;

    test_begin("to LMDB a backup has the tree that the store has");
    write_all_kinds(rt, path);
    snprintf(folder, sizeof folder, "%s-backup", path);
    if (CHECK_INT(care_open(path, true, &c, &error), MARU_OK)) {
        CHECK_INT(care_backup(c, folder, &error), MARU_OK);
        care_close(c);
    }
    CHECK_STR(error.text, "");
    was = stat_of(path);
    is = stat_of(folder);
    CHECK(was.ms_depth >= 2);
    CHECK(was.ms_overflow_pages > 10);
    CHECK(memcmp(&was, &is, sizeof was) == 0);
    test_begin("and one who goes on with it has all records");
    if (CHECK_INT(care_open(folder, true, &c, &error), MARU_OK)) {
        seeing seen = {.records = 0};

        CHECK_INT(care_walk(c, see, &seen, &error), MARU_OK);
        CHECK_INT(seen.records, is.ms_entries);
        CHECK_INT(seen.damaged, 0);
        care_close(c);
    }
    kit_folder_end(strdup(folder));
    kit_folder_end(path);
}

/* ---- as it is ---- */

static void spin(int64_t ns)
{
    const maru_seam *real = maru_seam_real();
    int64_t          until = real->now(real->self) + ns;

    while (real->now(real->self) < until)
        ;
}

static void again_and_again(void)
{
    static const char *const verbs[] = {"backup", "walk", "look"};
    rng                      random = rng_seeded("restarts");
    char                    *path = kit_folder(), folder[PATH_MAX];
    kit_child                service, reader;
    int                      fine = 0, again = 0;

    test_begin("a service under load that is killed and starts again at any moment: all is read, or: try again");
    snprintf(folder, sizeof folder, "%s-backup", path);
    service = serving("load", path, rng_next(&random));
    for (int i = 0; i < ROUNDS; i++) {
        int result;

        reader = reading(path, verbs[i % 3], "never", folder);
        spin((int64_t)rng_below(&random, MOMENT_NS)); /* the moment is what is drawn; nothing is waited for */
        kill_child(&service);
        service = serving("load", path, rng_next(&random));
        result = end_reader(&reader);
        fine += result == FINE;
        again += result == AGAIN;
        CHECK(!is_there(folder, ""));
        CHECK(!is_there(folder, ".part"));
    }
    kill_child(&service);
    printf("# %d were fine, %d to be tried again\n", fine, again);
    CHECK_INT(fine + again, ROUNDS);
    CHECK(again > 0);
    kit_folder_end(path);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *verb, *when;
    } moments[MOMENTS] = {{"backup", "copy"}, {"backup", "open"}, {"walk", "open"}, {"look", "open"}};
    maru_runtime *rt;
    char          sentences[MOMENTS][WORSTS][SENTENCE]; /* each is its case's until the next begins */

    if (argc > 1 && strcmp(argv[1], "serve") == 0)
        serve(argv + 1);
    if (argc > 1 && strcmp(argv[1], "load") == 0)
        load(argv + 1);
    if (argc > 1 && strcmp(argv[1], "read") == 0)
        read_store(argv + 1);
    rt = kit_runtime(NULL);
    copied(rt);
    for (size_t i = 0; i < MOMENTS; i++)
        for (size_t k = 0; k < WORSTS; k++)
            restart_under(rt, moments[i].verb, moments[i].when, &worsts[k], sentences[i][k]);
    again_and_again();
    maru_runtime_free(rt);
    return test_end();
}
