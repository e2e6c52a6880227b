/* once_test.c: exactly-once calls: repeated, with another body, at the same time, too old, and after a kill. Calls are
 * made as the server makes them (rpc/runtime/call_impl.h), and run in threads of their own. */
#include <lmdb.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

#include "kit.h"
#include "runtime/request_id.h"
#include "server/once.h"
#include "store/store_impl.h"

static const maru_method method = {
    .name = "Add",
    .path = "/test.Test/Add",
    .id = 17,
    .flags = MARU_METHOD_EXACTLY_ONCE,
    .request = &store_test__item__descriptor,
    .response = &store_test__item__descriptor,
};
static const maru_method other_method = {
    .name = "Sub", .path = "/test.Test/Sub", .id = 18, .flags = MARU_METHOD_EXACTLY_ONCE};

/* The clock of the wall can be moved. */
typedef struct world {
    maru_seam seam;
    int64_t   ahead_ms;
} world;

static int64_t moved_wall(void *self)
{
    world *w = self;

    return maru_seam_real()->wall(maru_seam_real()->self) + __atomic_load_n(&w->ahead_ms, __ATOMIC_SEQ_CST) * 1000000;
}

static int64_t real_now(void *self)
{
    return maru_seam_real()->now(maru_seam_real()->self);
}

static void real_random(void *self, void *into, size_t size)
{
    maru_seam_real()->random(maru_seam_real()->self, into, size);
}

typedef struct ctx {
    world         world;
    maru_runtime *rt;
    maru_store   *store;
    sem_t         held; /* the writer is busy */
} ctx;

/* One call as a server would have it. */
typedef struct asking {
    ctx               *c;
    maru_call         *call;
    StoreTest__Item    response;
    int                runs; /* of the write's function */
    const maru_method *method;
    const char        *caller, *subject, *id, *body;
} asking;

static void ask(ctx *c, asking *a, const char *id, const char *body)
{
    *a = (asking){.c = c, .method = &method, .caller = "uid:0", .subject = "", .id = id, .body = body};
    a->call = maru_call_begin(c->rt, 0);
    store_test__item__init(&a->response);
}

static void set_up(asking *a)
{
    a->call->method = a->method;
    a->call->caller = a->caller;
    a->call->subject = a->subject;
    a->call->request_id = a->id;
    a->call->request = (const uint8_t *)a->body;
    a->call->request_size = strlen(a->body);
    a->call->response = &a->response.base;
}

/* The handler's write: counts up, and answers with the new count. */
static maru_status add_in(maru_txn *txn, void *arg)
{
    asking     *a = arg;
    kit_item    item = {.key = "sum"};
    maru_status status = kit_get_in(txn, &item);

    if (status != MARU_OK && status != MARU_NOT_FOUND)
        return status;
    a->runs++;
    item.count++;
    a->response.count = item.count;
    return kit_put_in(txn, &item);
}

static maru_status add(asking *a)
{
    set_up(a);
    return maru_store_write(a->c->store, a->call, add_in, a);
}

/* The count in the reply that the call will give. */
static int64_t answer(const asking *a)
{
    StoreTest__Item *got = a->call->reply ? store_test__item__unpack(NULL, a->call->reply_size, a->call->reply) : NULL;
    int64_t          count = got ? got->count : -1;

    if (got)
        store_test__item__free_unpacked(got, NULL);
    return count;
}

static int64_t sum(ctx *c)
{
    maru_call *call = maru_call_begin(c->rt, 0);
    int64_t    count = kit_get(c->store, call, "sum");

    maru_call_end(call);
    return count;
}

static void repeats(ctx *c)
{
    asking first, again;

    test_begin("a repeat gets the stored reply, and nothing is done twice");
    ask(c, &first, "one", "body");
    CHECK_INT(add(&first), MARU_OK);
    CHECK_INT(answer(&first), 1);
    CHECK(first.call->once_done);
    ask(c, &again, "one", "body");
    CHECK_INT(add(&again), MARU_OK);
    CHECK_INT(again.runs, 0);
    CHECK_INT(answer(&again), 1);
    CHECK_INT(sum(c), 1);
    maru_call_end(again.call);

    test_begin("the server finds it before the handler runs");
    ask(c, &again, "one", "body");
    set_up(&again);
    CHECK_INT(once_find(c->store, again.call), MARU_OK);
    CHECK_INT(answer(&again), 1);
    maru_call_end(again.call);
    ask(c, &again, "two", "body");
    set_up(&again);
    CHECK_INT(once_find(c->store, again.call), MARU_NOT_FOUND);
    CHECK(again.call->reply == NULL);
    maru_call_end(again.call);

    test_begin("a second write in one exactly-once call is an error");
    CHECK_INT(maru_store_write(c->store, first.call, add_in, &first), MARU_INTERNAL);
    CHECK_CONTAINS(maru_call_message(first.call), "/test.Test/Add is marked exactly_once and makes a second write");
    maru_call_end(first.call);
}

static maru_status ask_once(ctx *c, const char *caller, const char *subject, const maru_method *m, const char *id,
                            const char *body, int *runs, char words[static 256])
{
    asking      a;
    maru_status status;

    ask(c, &a, id, body);
    a.caller = caller;
    a.subject = subject;
    a.method = m;
    status = add(&a);
    *runs = a.runs;
    snprintf(words, 256, "%s", maru_call_message(a.call));
    maru_call_end(a.call);
    return status;
}

static void strangers(ctx *c)
{
    char words[256];
    int  runs;

    test_begin("the same id with another body, or for another method, is refused and named");
    CHECK_INT(ask_once(c, "uid:0", "", &method, "one", "other", &runs, words), MARU_ALREADY_EXISTS);
    CHECK_STR(words, "request id one was used before for another request; make a new one for each");
    CHECK_INT(ask_once(c, "uid:0", "", &other_method, "one", "body", &runs, words), MARU_ALREADY_EXISTS);

    test_begin("the same id of another caller, or of an end user, is another");
    CHECK_INT(ask_once(c, "uid:1", "", &method, "one", "body", &runs, words), MARU_OK);
    CHECK_INT(runs, 1);
    CHECK_INT(ask_once(c, "uid:0", "uid:0", &method, "one", "body", &runs, words), MARU_OK);
    CHECK_INT(runs, 1);
    CHECK_INT(ask_once(c, "uid:1", "uid:0", &method, "one", "body", &runs, words), MARU_OK);
    CHECK_INT(runs, 0);

    test_begin("without an id a call runs every time");
    CHECK_INT(ask_once(c, "uid:0", "", &method, "", "body", &runs, words), MARU_OK);
    CHECK_INT(ask_once(c, "uid:0", "", &method, NULL, "body", &runs, words), MARU_OK);
    CHECK_INT(runs, 1);

    test_begin("an end user whose name is too long is refused");
    char who[400];
    memset(who, 'u', sizeof who);
    who[399] = '\0';
    CHECK_INT(ask_once(c, "uid:0", who, &method, "x", "body", &runs, words), MARU_INVALID_ARGUMENT);
    CHECK_CONTAINS(words, "want at most 300 bytes in an exactly-once call, got 399");
    who[300] = '\0';
    char id[REQUEST_ID_MAX + 1];
    memset(id, 'i', sizeof id);
    id[REQUEST_ID_MAX] = '\0';
    CHECK_INT(ask_once(c, "uid:0", who, &method, id, "body", &runs, words), MARU_OK);
    CHECK_INT(ask_once(c, "uid:0", who, &method, id, "body", &runs, words), MARU_OK);
    CHECK_INT(runs, 0);
}

static maru_status fail_in(maru_txn *txn, void *arg)
{
    CHECK_INT(add_in(txn, arg), MARU_OK);
    return maru_txn_fail(txn, MARU_ABORTED, "not this time");
}

static void failures(ctx *c)
{
    asking  a;
    int64_t before = sum(c);

    test_begin("a write that failed is not stored: the repeat runs");
    ask(c, &a, "fails", "body");
    set_up(&a);
    CHECK_INT(maru_store_write(c->store, a.call, fail_in, &a), MARU_ABORTED);
    CHECK(!a.call->once_done && a.call->reply == NULL);
    CHECK_INT(add(&a), MARU_OK);
    CHECK_INT(a.runs, 2);
    CHECK_INT(sum(c), before + 1);
    maru_call_end(a.call);
}

static void *add_thread(void *arg)
{
    asking *a = arg;

    return (void *)(intptr_t)add(a);
}

static void joins(ctx *c)
{
    enum { AT_ONCE = 16 };
    pthread_t threads[AT_ONCE];
    asking    asked[AT_ONCE];
    int64_t   before = sum(c);
    int       runs = 0;
    void     *status;

    test_begin("16 calls with one id at the same time: one runs, all get its reply");
    for (int i = 0; i < AT_ONCE; i++) {
        ask(c, &asked[i], "joined", "body");
        pthread_create(&threads[i], NULL, add_thread, &asked[i]);
    }
    for (int i = 0; i < AT_ONCE; i++) {
        pthread_join(threads[i], &status);
        CHECK_INT((intptr_t)status, MARU_OK);
        CHECK_INT(answer(&asked[i]), before + 1);
        runs += asked[i].runs;
        maru_call_end(asked[i].call);
    }
    CHECK_INT(runs, 1);
    CHECK_INT(sum(c), before + 1);
}

static void ages(ctx *c)
{
    char    id[REQUEST_ID_SIZE], words[256];
    int     runs;
    int64_t now = maru_seam_real()->wall(maru_seam_real()->self);

    test_begin("an id of the library's is refused when it is older than what is kept");
    request_id_make(id, now, 1);
    CHECK_INT(ask_once(c, "uid:0", "", &method, id, "body", &runs, words), MARU_OK);
    c->world.ahead_ms = 7 * 24 * 3600 * 1000LL - 5000;
    CHECK_INT(ask_once(c, "uid:0", "", &method, id, "body", &runs, words), MARU_OK);
    CHECK_INT(runs, 0);
    c->world.ahead_ms += 10000;
    CHECK_INT(ask_once(c, "uid:0", "", &method, id, "body", &runs, words), MARU_INVALID_ARGUMENT);
    CHECK_CONTAINS(words, "replies are kept for 604800 s");

    test_begin("and when it is more than 10 minutes in the future");
    c->world.ahead_ms = 0;
    request_id_make(id, now + 590 * INT64_C(1000000000), 2);
    CHECK_INT(ask_once(c, "uid:0", "", &method, id, "body", &runs, words), MARU_OK);
    request_id_make(id, now + 660 * INT64_C(1000000000), 2);
    CHECK_INT(ask_once(c, "uid:0", "", &method, id, "body", &runs, words), MARU_INVALID_ARGUMENT);
    CHECK_CONTAINS(words, "in the future");

    test_begin("a malformed id is refused by the store and by the server's look");
    asking a;
    ask(c, &a, "a\nb", "body");
    CHECK_INT(add(&a), MARU_INVALID_ARGUMENT);
    CHECK_INT(once_find(c->store, a.call), MARU_INVALID_ARGUMENT);
    CHECK_CONTAINS(maru_call_message(a.call), "want 1 to 128 printable ASCII characters");
    maru_call_end(a.call);
}

static void write_something(ctx *c)
{
    kit_item item = {.key = "sweep"};
    asking   a;

    ask(c, &a, "", "");
    CHECK_INT(maru_store_write(c->store, a.call, kit_put_in, &item), MARU_OK);
    maru_call_end(a.call);
}

static maru_status find_once(ctx *c, const char *id)
{
    asking      a;
    maru_status status;

    ask(c, &a, id, "body");
    set_up(&a);
    status = once_find(c->store, a.call);
    maru_call_end(a.call);
    return status;
}

static void expiry(ctx *c)
{
    char words[256], id[32];
    int  runs;

    test_begin("replies older than what is kept are removed in passing, in a commit that adds none 64 at most");
    for (int i = 0; i < 100; i++) {
        snprintf(id, sizeof id, "old %d", i);
        CHECK_INT(ask_once(c, "uid:0", "", &method, id, "body", &runs, words), MARU_OK);
    }
    c->world.ahead_ms = 7 * 24 * 3600 * 1000LL + 5 * 60 * 1000; /* younger than what may still be asked for */
    write_something(c);
    CHECK_INT(find_once(c, "old 0"), MARU_OK);
    c->world.ahead_ms = 8 * 24 * 3600 * 1000LL;
    write_something(c);
    CHECK_INT(find_once(c, "one"), MARU_NOT_FOUND);
    CHECK_INT(find_once(c, "old 99"), MARU_OK);
    write_something(c);
    CHECK_INT(find_once(c, "old 99"), MARU_NOT_FOUND);
    CHECK_INT(ask_once(c, "uid:0", "", &method, "old 99", "another body", &runs, words), MARU_OK);
    CHECK_INT(runs, 1);
    c->world.ahead_ms = 0;
}

/* Load: many writes of one commit. The first of them waits until the others are queued behind it. */

enum { LOAD = 200, ROUNDS = 6 };

static size_t waiting(maru_store *store)
{
    size_t count;

    pthread_mutex_lock(&store->writes.mutex);
    count = store->writes.waiting;
    pthread_mutex_unlock(&store->writes.mutex);
    return count;
}

static maru_status hold(maru_txn *txn, void *arg)
{
    ctx    *c = arg;
    int64_t until = real_now(NULL) + 20 * INT64_C(1000000000);

    (void)txn;
    sem_post(&c->held);
    while (waiting(c->store) < LOAD && real_now(NULL) < until)
        sched_yield();
    CHECK_INT(waiting(c->store), LOAD);
    return MARU_OK;
}

typedef struct one {
    ctx      *c;
    pthread_t thread;
    char      id[32];
} one;

static void *write_once(void *arg)
{
    one *o = arg;
    char words[256];
    int  runs;

    CHECK_INT(ask_once(o->c, "uid:0", "", &method, o->id, "body", &runs, words), MARU_OK);
    return NULL;
}

static void *write_held(void *arg)
{
    one       *o = arg;
    maru_call *call = maru_call_begin(o->c->rt, 0);

    CHECK_INT(maru_store_write(o->c->store, call, hold, o->c), MARU_OK);
    maru_call_end(call);
    return NULL;
}

static void load(ctx *c, int round)
{
    one all[LOAD], held = {.c = c};

    sem_init(&c->held, 0, 0);
    pthread_create(&held.thread, NULL, write_held, &held);
    sem_wait(&c->held);
    for (int i = 0; i < LOAD; i++) {
        all[i].c = c;
        snprintf(all[i].id, sizeof all[i].id, "load %d.%d", round, i);
        pthread_create(&all[i].thread, NULL, write_once, &all[i]);
    }
    for (int i = 0; i < LOAD; i++)
        pthread_join(all[i].thread, NULL);
    pthread_join(held.thread, NULL);
}

static size_t records(ctx *c)
{
    MDB_stat stat;

    mdb_env_stat(c->store->env.mdb, &stat);
    return stat.ms_entries;
}

static void sustained(ctx *c)
{
    size_t before;

    test_begin("commits of 200 exactly-once writes each remove as many that are too old: the store does not grow");
    for (int round = 0; round < 2; round++, c->world.ahead_ms += 8 * 24 * 3600 * 1000LL)
        load(c, round);
    before = records(c);
    for (int round = 2; round < ROUNDS; round++, c->world.ahead_ms += 8 * 24 * 3600 * 1000LL)
        load(c, round);
    if (!CHECK(records(c) <= before))
        fprintf(stderr, "%zu records, then %zu\n", before, records(c));
    c->world.ahead_ms = 0;
}

int main(void)
{
    char              *path = kit_folder();
    maru_store_options options = kit_options(path);
    ctx                c = {.world.seam = *maru_seam_real()};

    c.world.seam.self = &c.world;
    c.world.seam.wall = moved_wall;
    c.world.seam.now = real_now;
    c.world.seam.random = real_random;
    c.rt = kit_runtime(&c.world.seam);
    c.store = kit_open(c.rt, &options);
    repeats(&c);
    strangers(&c);
    failures(&c);
    joins(&c);
    ages(&c);
    expiry(&c);
    sustained(&c);
    maru_store_close(c.store);

    test_begin("stored replies survive a restart");
    c.store = kit_open(c.rt, &options);
    char words[256];
    int  runs;
    CHECK_INT(ask_once(&c, "uid:0", "", &method, "joined", "body", &runs, words), MARU_OK);
    CHECK_INT(runs, 1); /* it was swept above */
    CHECK_INT(ask_once(&c, "uid:0", "", &method, "joined", "body", &runs, words), MARU_OK);
    CHECK_INT(runs, 0);
    maru_store_close(c.store);
    c.store = kit_open(c.rt, &options);
    CHECK_INT(ask_once(&c, "uid:0", "", &method, "joined", "body", &runs, words), MARU_OK);
    CHECK_INT(runs, 0);
    maru_store_close(c.store);
    maru_runtime_free(c.rt);
    kit_folder_end(path);
    return test_end();
}
