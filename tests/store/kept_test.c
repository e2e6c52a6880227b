/* kept_test.c: the reads of handlers, which share a snapshot for a turn and remember where records lie in it: nobody
 * can tell, but by the time it takes. */
#include <semaphore.h>
#include <time.h>

#include "fibers.h"
#include "store/found.h"
#include "store/store_impl.h"

/* ---- found: pure ---- */

/* Some bytes in which keys stand before values, as in LMDB's leaves. */
typedef struct leaf {
    uint8_t bytes[4096];
    size_t  used;
} leaf;

static record_key key_of(const char *text)
{
    record_key key;

    record_key_make(&key, 1, maru_key_text(text));
    return key;
}

static const uint8_t *lay(leaf *l, const record_key *key, const char *value)
{
    uint8_t *at = l->bytes + l->used;

    memcpy(at, key->bytes, key->size);
    memcpy(at + key->size, value, strlen(value));
    l->used += (key->size + strlen(value) + 1) & ~(size_t)1;
    return at + key->size;
}

static void known(const found *f, const char *name, uint32_t hash, const uint8_t *where, size_t wanted)
{
    record_key     key = key_of(name);
    size_t         size = 0;
    const uint8_t *at = found_get(f, &key, hash, &size);

    CHECK(at == where);
    CHECK_INT(size, wanted);
}

static void places(void)
{
    leaf           l = {.used = 0};
    found          f = {0};
    record_key     a = key_of("a"), b = key_of("b");
    const uint8_t *at_a = lay(&l, &a, "one"), *at_b = lay(&l, &b, "three");

    test_begin("what was found is found again, also where two keys have one hash");
    known(&f, "a", 7, NULL, 0);
    found_in(&f, 1);
    found_put(&f, &b, 7, at_b, 5);
    found_put(&f, &a, 7, at_a, 3);
    known(&f, "a", 7, at_a, 3);
    known(&f, "b", 7, at_b, 5);
    known(&f, "c", 7, NULL, 0);
    known(&f, "aa", 7, NULL, 0);
    test_begin("in another snapshot nothing is known");
    found_in(&f, 2);
    known(&f, "a", 7, NULL, 0);
    found_put(&f, &a, 7, at_a, 3);
    known(&f, "a", 7, at_a, 3);
    known(&f, "b", 7, NULL, 0);
    test_begin("a value that does not follow its key, or is too large, is left out");
    found_put(&f, &b, 7, at_a, 3);
    known(&f, "b", 7, NULL, 0);
    found_put(&f, &b, 7, at_b, 4096);
    known(&f, "b", 7, NULL, 0);
    found_free(&f);
}

static void full_line(void)
{
    leaf           l = {.used = 0};
    found          f = {0};
    const uint8_t *at[20];
    char           name[20][4];
    int            there = 0;

    test_begin("a full line forgets old ones for new ones, and the newest is there");
    found_in(&f, 1);
    for (int i = 0; i < 20; i++) {
        record_key key;
        size_t     size;

        snprintf(name[i], sizeof name[i], "%d", i);
        key = key_of(name[i]);
        at[i] = lay(&l, &key, "v");
        found_put(&f, &key, 3, at[i], 1);
        CHECK(found_get(&f, &key, 3, &size) == at[i]);
    }
    for (int i = 0; i < 20; i++) {
        record_key     key = key_of(name[i]);
        size_t         size;
        const uint8_t *where = found_get(&f, &key, 3, &size);

        CHECK(where == NULL || where == at[i]);
        there += where != NULL;
    }
    CHECK_INT(there, FOUND_PLACES);
    found_free(&f);
}

/* ---- in handlers ---- */

typedef struct ctx {
    maru_runtime *rt;
    maru_store   *store;
    const char   *path;
    kit_child     child;
    uint64_t      seed;
    sem_t         first_read; /* has been */
} ctx;

static uint64_t draw(ctx *c)
{
    c->seed ^= c->seed << 13, c->seed ^= c->seed >> 7, c->seed ^= c->seed << 17;
    return c->seed;
}

static bool was_commit(const ctx *c)
{
    MDB_envinfo about;

    CHECK_INT(mdb_env_info(c->store->env.mdb, &about), 0);
    return about.me_last_txnid != c->store->reads.kept.found.snapshot;
}

/* Reads "shared" without giving the strand back, until it is what another thread wrote: where there was a commit alone,
 * since a read takes memory of the call.
 */
static void reads_on(fiber_job *job, void *arg)
{
    ctx    *c = arg;
    int64_t until = rt_now(c->rt) + 20 * INT64_C(1000000000), got;

    CHECK_INT(got = kit_get(c->store, &job->call, "shared"), 1);
    CHECK(c->store->reads.kept.open != NULL);
    sem_post(&c->first_read);
    while (got == 1 && rt_now(c->rt) < until)
        if (was_commit(c))
            got = kit_get(c->store, &job->call, "shared");
    CHECK_INT(got, 2);
}

static void *write_beside(void *arg)
{
    ctx       *c = arg;
    maru_call *call = maru_call_begin(c->rt, 0);

    sem_wait(&c->first_read);
    CHECK_INT(kit_put(c->store, call, "shared", 2), MARU_OK);
    maru_call_end(call);
    return NULL;
}

static void put(ctx *c, const char *key, int64_t count)
{
    maru_call *call = maru_call_begin(c->rt, 0);

    CHECK_INT(kit_put(c->store, call, key, count), MARU_OK);
    maru_call_end(call);
}

static void own_commits(ctx *c)
{
    pthread_t thread;

    test_begin("a read sees what was committed before it, also where the turn's first read came before that");
    put(c, "shared", 1);
    sem_init(&c->first_read, 0, 0);
    pthread_create(&thread, NULL, write_beside, c);
    fibers_run(c->rt, 1, reads_on, c);
    pthread_join(thread, NULL);
}

static void hears(fiber_job *job, void *arg)
{
    ctx *c = arg;

    for (int i = 0; i < 20; i++) {
        int64_t before = kit_get(c->store, &job->call, "told");

        kit_tell(&c->child, 'g');
        CHECK_INT(kit_hear(&c->child), 'd');
        CHECK_INT(kit_get(c->store, &job->call, "told"), before + 1);
    }
}

static void others_commits(ctx *c)
{
    const char *const args[] = {"write", c->path, NULL};

    test_begin("and what another process was answered that it wrote");
    put(c, "told", 0);
    c->child = kit_spawn(args);
    CHECK_INT(kit_hear(&c->child), 'o');
    fibers_run(c->rt, 1, hears, c);
    CHECK_INT(kit_end(&c->child), 0);
}

/* The other process: one more for "told" at each byte. */
static int write_when_told(const char *path)
{
    maru_store_options options = kit_options(path);
    maru_runtime      *rt = kit_runtime(NULL);
    maru_store        *store;
    char               byte = 'o';

    options.shared = true;
    store = kit_open(rt, &options);
    for (int64_t i = 1; write(1, &byte, 1) == 1 && read(0, &byte, 1) == 1; i++) {
        maru_call *call = maru_call_begin(rt, 0);

        byte = kit_put(store, call, "told", i) == MARU_OK ? 'd' : 'x';
        maru_call_end(call);
    }
    maru_store_close(store);
    maru_runtime_free(rt);
    return 0;
}

static void reads_once(fiber_job *job, void *arg)
{
    ctx *c = arg;

    CHECK(c->store->reads.kept.call == NULL);
    CHECK(kit_get(c->store, &job->call, "shared") > 0);
}

static off_t size_of(const ctx *c)
{
    struct stat about;
    char        full[PATH_MAX];

    snprintf(full, sizeof full, "%s/data.mdb", c->path);
    return stat(full, &about) == 0 ? about.st_size : 0;
}

static void idle(ctx *c)
{
    maru_call *call = maru_call_begin(c->rt, 0);
    kit_item   big = {.key = "big", .filler = 50000};
    off_t      before;

    test_begin("no snapshot is held while the strand rests: 200 times 50 kB at one key do not make the file grow");
    for (int i = 0; i < 20; i++)
        CHECK_INT(maru_store_write(c->store, call, kit_put_in, &big), MARU_OK);
    before = size_of(c);
    fibers_run(c->rt, 10, reads_once, c);
    for (int i = 0; i < 200; i++)
        CHECK_INT(maru_store_write(c->store, call, kit_put_in, &big), MARU_OK);
    CHECK(size_of(c) <= before + 4 * 50000);
    maru_call_end(call);
}

/* ---- the same as a model ---- */

enum { KEYS = 300, STEPS = 3000 };

typedef struct model {
    ctx *c;
    int  count[KEYS]; /* 0: not there */
    int  wrong;
} model;

static maru_status remove_in(maru_txn *txn, void *arg)
{
    return maru_delete(txn, &items, maru_key_text(arg));
}

static void change(model *m, fiber_job *job, int number)
{
    kit_item item = {.count = (int64_t)(draw(m->c) % 1000 + 1), .filler = draw(m->c) % 3000};
    char     key[32];

    snprintf(key, sizeof key, "model %d", number);
    item.key = key;
    if (m->count[number] != 0 && draw(m->c) % 4 == 0) {
        m->wrong += maru_store_write(m->c->store, &job->call, remove_in, key) != MARU_OK;
        m->count[number] = 0;
    } else {
        m->wrong += maru_store_write(m->c->store, &job->call, kit_put_in, &item) != MARU_OK;
        m->count[number] = (int)item.count;
    }
}

static void look(model *m, fiber_job *job, int number)
{
    maru_arena_mark mark = maru_arena_now(job->call.arena);
    char            key[32];

    snprintf(key, sizeof key, "model %d", number);
    m->wrong +=
        kit_get(m->c->store, &job->call, key) != (m->count[number] == 0 ? -(int64_t)MARU_NOT_FOUND : m->count[number]);
    maru_arena_rewind(job->call.arena, mark);
}

static void acts(fiber_job *job, void *arg)
{
    model *m = arg;

    for (int i = 0; i < STEPS; i++) {
        if (draw(m->c) % 10 == 0)
            change(m, job, (int)(draw(m->c) % KEYS));
        for (int j = 0; j < 10; j++)
            look(m, job, (int)(draw(m->c) % KEYS));
    }
}

static void same_as_model(ctx *c)
{
    model m = {.c = c};

    printf("# seed %llu\n", (unsigned long long)c->seed);
    test_begin("reads between writes of all sizes are those of a plain table");
    fibers_run(c->rt, 1, acts, &m);
    CHECK_INT(m.wrong, 0);
}

/* ---- what goes wrong ---- */

/* Changes the only place of data.mdb that has these bytes, behind everyone's back. */
static void damage(const ctx *c, const char *bytes, const char *other)
{
    char   full[PATH_MAX], *all;
    int    fd, times = 0;
    size_t size = (size_t)size_of(c);

    snprintf(full, sizeof full, "%s/data.mdb", c->path);
    all = malloc(size);
    if (!all || (fd = open(full, O_RDWR | O_CLOEXEC)) < 0 || pread(fd, all, size, 0) != (ssize_t)size) {
        perror(full);
        exit(1);
    }
    for (char *at = all; (at = memmem(at, size - (size_t)(at - all), bytes, strlen(bytes))) != NULL; at++, times++)
        CHECK_INT(pwrite(fd, other, strlen(other), at - all), strlen(other));
    CHECK(times > 0);
    close(fd);
    free(all);
}

static void damaged(fiber_job *job, void *arg)
{
    ctx *c = arg;

    CHECK_INT(kit_get(c->store, &job->call, "a name to be found"), 5);
    CHECK_INT(kit_get(c->store, &job->call, "a name to be found"), 5);
    damage(c, "\x12\x61 name to be found", "\x12\x62 name to be found"); /* in the value, behind its length */
    CHECK_INT(kit_get(c->store, &job->call, "a name to be found"), -(int64_t)MARU_DATA_LOSS);
    damage(c, "\x12\x62 name to be found", "\x12\x61 name to be found");
    CHECK_INT(kit_get(c->store, &job->call, "a name to be found"), 5);
}

static maru_status reads_within(maru_txn *txn, void *arg)
{
    fiber_job *job = arg;
    ctx       *c = job->all->arg;

    (void)txn;
    CHECK_INT(maru_store_read(c->store, &job->call, kit_get_in, &(kit_item){.key = "shared"}), MARU_INTERNAL);
    CHECK_CONTAINS(maru_call_message(&job->call), "a read within a read");
    CHECK_INT(kit_put(c->store, &job->call, "shared", 9), MARU_INTERNAL);
    CHECK_CONTAINS(maru_call_message(&job->call), "a write within a transaction");
    return MARU_OK;
}

static void nests(fiber_job *job, void *arg)
{
    ctx *c = arg;

    CHECK_INT(maru_store_read(c->store, &job->call, reads_within, job), MARU_OK);
    CHECK(kit_get(c->store, &job->call, "shared") > 0);
}

static maru_status leaves(maru_txn *txn, void *arg)
{
    (void)txn;
    while (maru_alloc(arg, 1 << 20)) /* the handler's own call: it should not have it here */
        ;
    return MARU_OK;
}

static void runs_out(fiber_job *job, void *arg)
{
    ctx *c = arg;

    maru_store_read(c->store, &job->call, leaves, &job->call);
    CHECK(false);
}

static void troubles(ctx *c)
{
    test_begin("the checksum is looked at each time, also of a record whose place is known");
    put(c, "a name to be found", 5);
    fibers_run(c->rt, 1, damaged, c);
    test_begin("a handler's read within its read is refused, and a write");
    fibers_run(c->rt, 1, nests, c);
    test_begin("a handler that was ended within a read keeps no snapshot, and no other from reading");
    fibers_run(c->rt, 3, runs_out, c);
    fibers_run(c->rt, 3, reads_once, c);
}

int main(int argc, char **argv)
{
    char              *path;
    maru_store_options options;
    ctx                c = {.seed = (uint64_t)time(NULL) * 2654435761u + 1};

    if (argc == 3 && strcmp(argv[1], "write") == 0)
        return write_when_told(argv[2]);
    path = kit_folder();
    options = kit_options(path);
    options.shared = true;
    c.path = path;
    places();
    full_line();
    c.rt = kit_runtime(NULL);
    c.store = kit_open(c.rt, &options);
    own_commits(&c);
    others_commits(&c);
    idle(&c);
    same_as_model(&c);
    troubles(&c);
    maru_store_close(c.store);
    maru_runtime_free(c.rt);
    kit_folder_end(path);
    return test_end();
}
