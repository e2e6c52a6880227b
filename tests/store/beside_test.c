/* beside_test.c: maru store beside a service, and what is left of it when that service, or itself, is killed: the store
 * opens again, nobody believes what was read, and no page stays held by the dead. */
#include <lmdb.h>
#include <sched.h>
#include <sys/resource.h>
#include <time.h>

#include "ends.h"
#include "left.h"
#include "store/care.h"
#include "store/store_impl.h"

enum { FIRST = 20, MORE = 40, COMMITS = 300, FINE = 0, AGAIN = 2, FULL = 3, PAGE = 4096 };

/* As docs/store.md says: readers at once, two of which the service has for its checkpoints. */
enum { PLACES = 254, CHECKPOINTS = 2 };

/* ---- other processes ---- */

static void serve(char **words)
{
    maru_runtime      *rt = kit_runtime(NULL);
    maru_store_options options = kit_options(words[1]);

    left_put(rt, kit_open(rt, &options), atoi(words[2]), atoi(words[3]));
    stop();
    _exit(0);
}

static void recover(char **words)
{
    maru_runtime      *rt = kit_runtime(NULL);
    maru_store_options options = kit_options(words[1]);

    ends_at_journal = true;
    kit_open(rt, &options);
    _exit(0);
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* As maru store dump does that nobody reads: within its first record, for longer than who has the store is not looked
 * at again (a millisecond), however soon it is told to go on. */
static bool see(void *arg, const care_record *record)
{
    enum { LOOK_MS = 10 };
    int    *seen = arg;
    int64_t began = now_ms();

    if ((*seen)++ == 0) {
        stop();
        while (now_ms() - began <= LOOK_MS)
            sched_yield();
    }
    return true;
}

static void look(char **words)
{
    care       *c;
    maru_error  error;
    int         seen = 0;
    maru_status status;

    if (care_open(words[1], false, &c, &error) != MARU_OK) {
        fprintf(stderr, "look: %s\n", error.text);
        _exit(1);
    }
    status = care_walk(c, see, &seen, &error);
    care_close(c);
    if (status == MARU_OK)
        _exit(FINE);
    fprintf(stderr, "look: %s, after %d\n", error.text, seen);
    _exit(status == MARU_ABORTED && strstr(error.text, "; try again") != NULL && seen == 1 ? AGAIN : 1);
}

/* As it opens the store: its snapshot's header is read, and none of its pages. */
static bool stops_at_pages;

ssize_t pread(int fd, void *bytes, size_t size, off_t at)
{
    static ssize_t (*next)(int, void *, size_t, off_t);

    if (stops_at_pages && at >= 2 * PAGE && is_file(fd, "/data.mdb")) {
        stops_at_pages = false;
        stop();
    }
    if (next == NULL)
        *(void **)&next = dlsym(RTLD_NEXT, "pread64");
    return next(fd, bytes, size, at);
}

static void walk(char **words)
{
    care       *c;
    maru_error  error = {.text = ""};
    maru_status status;

    stops_at_pages = true;
    status = care_open(words[1], false, &c, &error);
    care_close(c);
    fprintf(stderr, "walk: %s\n", error.text);
    _exit(status == MARU_ABORTED && strstr(error.text, "; try again") != NULL ? AGAIN : status != MARU_OK);
}

/* As maru store stat does. */
static void peek(char **words)
{
    care       *c;
    care_facts  facts;
    maru_error  error = {.text = ""};
    maru_status status;

    if ((status = care_open(words[1], false, &c, &error)) == MARU_OK)
        status = care_look(c, &facts, &error);
    care_close(c);
    if (status != MARU_OK)
        fprintf(stderr, "peek: %s\n", error.text);
    if (status == MARU_RESOURCE_EXHAUSTED && strstr(error.text, ": too many reads at once") != NULL)
        _exit(FULL);
    _exit(status == MARU_OK ? FINE : 1);
}

/* With little address space, as ulimit -v leaves it. Where all is mapped by a sanitizer already there is none at all.
 */
static void look_small(char **words)
{
    struct rlimit limit = {.rlim_cur = (rlim_t)2000000 << 10, .rlim_max = RLIM_INFINITY};

    if (setrlimit(RLIMIT_AS, &limit) != 0)
        _exit(1);
    look(words);
}

/* Takes all of LMDB's places for readers. */
static void crowd(char **words)
{
    MDB_env *env;
    MDB_txn *txn;
    int      rc = mdb_env_create(&env);

    if (rc == 0)
        rc = mdb_env_open(env, words[1], MDB_RDONLY | MDB_NOTLS, 0600);
    while (rc == 0)
        rc = mdb_txn_begin(env, NULL, MDB_RDONLY, &txn);
    if (rc == MDB_READERS_FULL)
        stop();
    _exit(1);
}

static kit_child other(const char *what, const char *path)
{
    const char *const args[] = {what, path, NULL};
    kit_child         child = kit_spawn(args);

    CHECK_INT(kit_hear(&child), 's');
    return child;
}

static kit_child serving(const char *path, int from, int to)
{
    char              first[16], last[16];
    const char *const args[] = {"serve", path, first, last, NULL};
    kit_child         child;

    snprintf(first, sizeof first, "%d", from);
    snprintf(last, sizeof last, "%d", to);
    child = kit_spawn(args);
    CHECK_INT(kit_hear(&child), 's');
    return child;
}

static void kill_child(kit_child *child)
{
    CHECK_INT(kill(child->pid, SIGKILL), 0);
    CHECK(WIFSIGNALED(kit_end(child)));
}

static int end_child(kit_child *child)
{
    int status;

    kit_tell(child, 'g');
    status = kit_end(child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int run_recover(const char *path)
{
    const char *const args[] = {"recover", path, NULL};
    kit_child         child = kit_spawn(args);
    int               status = kit_end(&child);

    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int run_peek(const char *path)
{
    const char *const args[] = {"peek", path, NULL};
    kit_child         child = kit_spawn(args);
    int               status = kit_end(&child);

    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* ---- the service is killed ---- */

static void killed_twice(maru_runtime *rt)
{
    char     *path = kit_folder();
    kit_child service, looker;

    test_begin("a service that is killed, and again while it recovers, opens again, whoever still looks at its store");
    left_write(rt, path, 1, FIRST);
    service = serving(path, FIRST + 1, MORE);
    looker = other("look", path);
    kill_child(&service);
    for (int i = 0; i < 2; i++)
        CHECK_INT(run_recover(path), ENDED);
    left_check(rt, path, MORE);
    left_write(rt, path, MORE + 1, MORE + 1);
    test_begin("and who looked reads no more, and says: try again");
    CHECK_INT(end_child(&looker), AGAIN);
    left_check(rt, path, MORE + 1);
    kit_folder_end(path);
}

static void killed_at_pages(maru_runtime *rt)
{
    char     *path = kit_folder();
    kit_child service, looker;

    test_begin("so does who was about to look at the pages, and does not take them for damaged");
    left_write(rt, path, 1, FIRST);
    service = serving(path, FIRST + 1, MORE);
    looker = other("walk", path);
    kill_child(&service);
    for (int i = 0; i < 3; i++)
        left_write(rt, path, 1, MORE);
    CHECK_INT(end_child(&looker), AGAIN);
    left_check(rt, path, MORE);
    kit_folder_end(path);
}

/* Writes size bytes of who has it, or reads them where it is 0. */
static ssize_t note(const char *path, char notes[static 512], ssize_t size)
{
    char full[PATH_MAX];
    int  fd;

    snprintf(full, sizeof full, "%s/lock", path);
    fd = open(full, O_RDWR | O_CLOEXEC);
    size = size > 0 ? pwrite(fd, notes, (size_t)size, 0) : pread(fd, notes, 512, 0);
    close(fd);
    return size;
}

static void ended(maru_runtime *rt)
{
    char               notes[512];
    ssize_t            size;
    char              *path = kit_folder();
    maru_store_options options = kit_options(path);
    maru_store        *store;
    kit_child          looker;

    test_begin("so it is where the service was stopped, and started again");
    store = kit_open(rt, &options);
    left_put(rt, store, 1, FIRST);
    looker = other("look", path);
    maru_store_close(store);
    left_check(rt, path, FIRST);
    CHECK_INT(end_child(&looker), AGAIN);
    test_begin("also where its line in the lock file is the same: in a container each has the same number");
    store = kit_open(rt, &options);
    looker = other("look", path);
    size = note(path, notes, 0);
    maru_store_close(store);
    left_check(rt, path, FIRST);
    CHECK_INT(note(path, notes, size), size);
    CHECK_INT(end_child(&looker), AGAIN);
    CHECK_INT(note(path, notes, 0), size);

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    test_begin("also by who has little address space");
    store = kit_open(rt, &options);
    looker = other("small", path);
    CHECK_INT(end_child(&looker), FINE);
    maru_store_close(store);
#endif
    test_begin("where the service goes on all is read");
    store = kit_open(rt, &options);
    looker = other("look", path);
    left_put(rt, store, 1, FIRST);
    CHECK_INT(end_child(&looker), FINE);
    maru_store_close(store);
    kit_folder_end(path);
}

/* Of both parities, which say where LMDB has its last header. */
static void compacted(maru_runtime *rt)
{
    test_begin("a store that is made smaller while somebody looks at the old file opens with all that it had");
    for (int last = FIRST; last < FIRST + 2; last++) {
        char              *path = kit_folder();
        maru_store_options options = kit_options(path);
        maru_store        *store = kit_open(rt, &options);
        kit_child          looker;
        care              *c;
        maru_error         error = {.text = ""};

        left_put(rt, store, 1, last);
        looker = other("look", path);
        maru_store_close(store);
        if (CHECK_INT(care_open(path, true, &c, &error), MARU_OK))
            CHECK_INT(care_compact(c, &error), MARU_OK);
        CHECK_STR(error.text, "");
        left_check(rt, path, last);
        left_write(rt, path, last + 1, MORE);
        CHECK_INT(end_child(&looker), AGAIN);
        left_check(rt, path, MORE);
        kit_folder_end(path);
    }
}

/* ---- who looks is killed ---- */

typedef struct finding {
    long pid;
    int  count;
} finding;

/* LMDB's lines: "  PID THREAD TXN", after a title. */
static int find_pid(const char *line, void *arg)
{
    finding *f = arg;
    long     pid;

    f->count += sscanf(line, "%ld", &pid) == 1 && pid == f->pid;
    return 0;
}

static int readers_of(maru_store *store, pid_t pid)
{
    finding f = {.pid = (long)pid};

    CHECK(mdb_reader_list(store->env.mdb, find_pid, &f) >= 0);
    return f.count;
}

static void looker_killed(maru_runtime *rt)
{
    char              *path = kit_folder();
    maru_store_options options = kit_options(path);
    maru_store        *store = kit_open(rt, &options);
    maru_call         *call = maru_call_begin(rt, 0);
    kit_child          looker, next;

    test_begin("the pages of a maru store that was killed are given back while the service runs");
    left_put(rt, store, 1, FIRST);
    looker = other("look", path);
    CHECK_INT(readers_of(store, looker.pid), 1);
    kill_child(&looker);
    CHECK_INT(readers_of(store, looker.pid), 1);
    for (int i = 0; i < COMMITS; i++)
        CHECK_INT(kit_put(store, call, "k1", i), MARU_OK);
    CHECK_INT(readers_of(store, looker.pid), 0);

    test_begin("and at once by the next that looks");
    looker = other("look", path);
    kill_child(&looker);
    CHECK_INT(readers_of(store, looker.pid), 1);
    next = other("look", path);
    CHECK_INT(readers_of(store, looker.pid), 0);
    CHECK_INT(readers_of(store, next.pid), 1);
    CHECK_INT(end_child(&next), FINE);
    maru_call_end(call);
    maru_store_close(store);
    kit_folder_end(path);
}

static void crowded(maru_runtime *rt)
{
    char              *path = kit_folder();
    maru_store_options options = kit_options(path);
    maru_store        *store;
    maru_call         *call = maru_call_begin(rt, 0);
    kit_child          all;

    test_begin("as many may look at once as the docs say, and the next is told");
    left_write(rt, path, 1, FIRST);
    store = kit_open(rt, &options);
    all = other("crowd", path);
    CHECK_INT(readers_of(store, all.pid), PLACES - CHECKPOINTS);
    CHECK_INT(run_peek(path), FULL);
    test_begin("so are the service's own reads, but not its writes");
    CHECK_INT(kit_get(store, call, "k1"), -(int64_t)MARU_RESOURCE_EXHAUSTED);
    CHECK_INT(kit_put(store, call, "k1", 1), MARU_OK);
    test_begin("where the dead have all places for readers, the next that looks takes one of theirs");
    kill_child(&all);
    CHECK_INT(run_peek(path), FINE);
    test_begin("and so does the first read");
    all = other("crowd", path);
    kill_child(&all);
    CHECK_INT(kit_get(store, call, "k1"), 1);
    CHECK_INT(readers_of(store, all.pid), 0);
    maru_call_end(call);
    maru_store_close(store);
    kit_folder_end(path);
}

/* ---- nobody runs ---- */

static void alone(maru_runtime *rt)
{
    char              *path = kit_folder(), words[80];
    maru_store_options options = kit_options(path);
    maru_store        *store;
    kit_child          looker;
    care              *c;
    maru_error         error = {.text = ""};

    test_begin("who wants a store that maru store has, as its service does not run, is told so and need not wait");
    left_write(rt, path, 1, FIRST);
    looker = other("look", path);
    for (int i = 0; i < 2; i++) {
        options.shared = i == 1;
        if (!CHECK_INT(maru_store_open(rt, &options, &store, &error), MARU_FAILED_PRECONDITION))
            maru_store_close(store);
        snprintf(words, sizeof words, " is open in maru-store, pid %ld; stop it first", (long)looker.pid);
        CHECK_CONTAINS(error.text, words);
        CHECK_INT(care_open(path, i == 1, &c, &error), MARU_FAILED_PRECONDITION);
        snprintf(words, sizeof words, ": another maru store is at it, pid %ld; wait for it", (long)looker.pid);
        CHECK_CONTAINS(error.text, words);
        care_close(c);
    }
    CHECK_INT(end_child(&looker), FINE);
    left_check(rt, path, FIRST);
    kit_folder_end(path);
}

int main(int argc, char **argv)
{
    maru_runtime *rt;

    if (argc > 1 && strcmp(argv[1], "serve") == 0)
        serve(argv + 1);
    if (argc > 1 && strcmp(argv[1], "recover") == 0)
        recover(argv + 1);
    if (argc > 1 && strcmp(argv[1], "look") == 0)
        look(argv + 1);
    if (argc > 1 && strcmp(argv[1], "walk") == 0)
        walk(argv + 1);
    if (argc > 1 && strcmp(argv[1], "small") == 0)
        look_small(argv + 1);
    if (argc > 1 && strcmp(argv[1], "peek") == 0)
        peek(argv + 1);
    if (argc > 1 && strcmp(argv[1], "crowd") == 0)
        crowd(argv + 1);
    rt = kit_runtime(NULL);
    killed_twice(rt);
    killed_at_pages(rt);
    ended(rt);
    compacted(rt);
    looker_killed(rt);
    crowded(rt);
    alone(rt);
    maru_runtime_free(rt);
    return test_end();
}
