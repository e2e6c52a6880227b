/* kill_test.c: a writer that is killed with -9, again and again, loses no write that it answered OK, and does none
 * twice.
 *
 * The writer is a process of its own: four threads, each counting up one record by exactly-once calls, whose ids are
 * the numbers; after each OK it writes the thread's letter to a pipe. The parent kills it after a random number of
 * letters and nanoseconds, and starts the next, which begins with the number after the last that was answered: if that
 * was done already, it must be replayed. `store_kill 1000 SEED` is the default; 250 under ThreadSanitizer, and it says
 * so. */
#include <pthread.h>
#include <time.h>

#include "kit.h"
#include "server/once.h"

enum { THREADS = 4, RING = 32 };

#if defined(__SANITIZE_THREAD__)
enum { KILLS = 250 };
#else
enum { KILLS = 1000 };
#endif

static const maru_method count_method = {
    .name = "Count",
    .path = "/test.Test/Count",
    .id = 1,
    .flags = MARU_METHOD_EXACTLY_ONCE,
    .request = &store_test__item__descriptor,
    .response = &store_test__item__descriptor,
};

/* ---- the writer ---- */

typedef struct counter {
    maru_runtime   *rt;
    maru_store     *store;
    int             number;
    int64_t         done; /* the last that was answered OK */
    StoreTest__Item response;
    pthread_t       thread;
} counter;

static char *ring_key(const counter *c, int64_t count, char into[static 32])
{
    snprintf(into, 32, "%d/%d", c->number, (int)(count % RING));
    return into;
}

/* Two records at once, which must agree for ever. */
static maru_status count_in(maru_txn *txn, void *arg)
{
    counter    *c = arg;
    char        name[32], ring[32];
    kit_item    total = {.key = name}, entry = {.key = ring};
    maru_status status;

    snprintf(name, sizeof name, "%d", c->number);
    status = kit_get_in(txn, &total);
    if (status != MARU_OK && status != MARU_NOT_FOUND)
        return status;
    total.count++;
    entry.count = total.count;
    ring_key(c, total.count, ring);
    c->response.count = total.count;
    status = kit_put_in(txn, &total);
    return status == MARU_OK ? kit_put_in(txn, &entry) : status;
}

static int64_t answered(const maru_call *call)
{
    StoreTest__Item *got = store_test__item__unpack(NULL, call->reply_size, call->reply);
    int64_t          count = got ? got->count : -1;

    if (got)
        store_test__item__free_unpacked(got, NULL);
    return count;
}

static void say(char byte)
{
    if (write(1, &byte, 1) != 1)
        _exit(3);
}

static void count_once(counter *c)
{
    maru_call *call = maru_call_begin(c->rt, 0);
    char       id[32];

    snprintf(id, sizeof id, "%d-%" PRId64, c->number, c->done + 1);
    store_test__item__init(&c->response);
    call->method = &count_method;
    call->caller = "uid:0";
    call->request_id = id;
    call->response = &c->response.base;
    if (maru_store_write(c->store, call, count_in, c) != MARU_OK || answered(call) != c->done + 1) {
        fprintf(stderr, "thread %d: want %" PRId64 ", got %" PRId64 ": %s\n", c->number, c->done + 1,
                call->reply ? answered(call) : -1, maru_call_message(call));
        say('!');
    }
    c->done++;
    say((char)('a' + c->number));
    maru_call_end(call);
}

static void *count_on(void *arg)
{
    for (;;)
        count_once(arg);
    return NULL;
}

/* What was answered OK is there, at most one more, and the ring agrees with the total. */
static void verify(counter *c)
{
    maru_call *call = maru_call_begin(c->rt, 0);
    char       key[32];
    int64_t    total, oldest;

    snprintf(key, sizeof key, "%d", c->number);
    total = kit_get(c->store, call, key);
    if (total == -MARU_NOT_FOUND)
        total = 0;
    if (total < c->done || total > c->done + 1) {
        fprintf(stderr, "thread %d: %" PRId64 " were answered, %" PRId64 " are there\n", c->number, c->done, total);
        say('!');
    }
    oldest = total > RING ? total - RING + 1 : 1;
    for (int64_t count = oldest; count <= total; count++)
        if (kit_get(c->store, call, ring_key(c, count, key)) != count)
            say('!');
    maru_call_end(call);
}

static int run_writer(char **args)
{
    maru_runtime      *rt = kit_runtime(NULL);
    maru_store_options options = kit_options(args[0]);
    counter            counters[THREADS];

    options.map_bytes = (size_t)1 << 30;
    for (int i = 0; i < THREADS; i++)
        counters[i] = (counter){.rt = rt, .number = i, .done = strtoll(args[1 + i], NULL, 10)};
    counters[0].store = kit_open(rt, &options);
    for (int i = 0; i < THREADS; i++) {
        counters[i].store = counters[0].store;
        verify(&counters[i]);
    }
    say('o');
    for (int i = 0; i < THREADS; i++)
        pthread_create(&counters[i].thread, NULL, count_on, &counters[i]);
    for (int i = 0; i < THREADS; i++)
        pthread_join(counters[i].thread, NULL);
    return 0;
}

/* ---- the killer ---- */

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void spin(int64_t ns)
{
    struct timespec now;
    int64_t         until;

    clock_gettime(CLOCK_MONOTONIC, &now);
    until = now.tv_sec * 1000000000LL + now.tv_nsec + ns;
    while (now.tv_sec * 1000000000LL + now.tv_nsec < until)
        clock_gettime(CLOCK_MONOTONIC, &now);
}

static kit_child start(const char *path, const int64_t acked[static THREADS])
{
    char        text[THREADS][32];
    const char *args[THREADS + 3] = {"write", path};

    for (int i = 0; i < THREADS; i++) {
        snprintf(text[i], sizeof text[i], "%" PRId64, acked[i]);
        args[2 + i] = text[i];
    }
    return kit_spawn(args);
}

/* Counts a letter; false where it is a complaint, or the end. */
static bool take(char byte, int64_t acked[static THREADS])
{
    if (byte >= 'a' && byte < 'a' + THREADS)
        acked[byte - 'a']++;
    return byte != '!' && byte != '\0';
}

/* One life: some letters, some nanoseconds, and the end. What is still in the pipe was answered too. */
static bool live_and_die(const char *path, int64_t acked[static THREADS], uint64_t *seed)
{
    kit_child child = start(path, acked);
    uint64_t  letters = next_random(seed) % 24;
    bool      good = true;
    char      byte;

    for (uint64_t i = 0; i < letters && good; i++)
        good = take(kit_hear(&child), acked);
    spin((int64_t)(next_random(seed) % 1500000));
    kill(child.pid, SIGKILL);
    while ((byte = kit_hear(&child)) != '\0')
        good = take(byte, acked) && good;
    return WIFSIGNALED(kit_end(&child)) && good;
}

int main(int argc, char **argv)
{
    int64_t   acked[THREADS] = {0}, total = 0;
    char     *path, sentence[160];
    int       kills = argc > 1 ? atoi(argv[1]) : KILLS, bad = 0;
    uint64_t  seed = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL) * 2654435761u + (uint64_t)getpid();
    kit_child last;

    if (argc == 2 + 1 + THREADS && strcmp(argv[1], "write") == 0)
        return run_writer(argv + 2);
    printf("# %d kills, seed %" PRIu64 "\n", kills, seed);
    path = kit_folder();
    snprintf(sentence, sizeof sentence,
             "a writer killed with -9 %d times loses no write that it answered, and does none twice", kills);
    test_begin(sentence);
    for (int i = 0; i < kills && bad == 0; i++)
        bad += !live_and_die(path, acked, &seed);
    CHECK_INT(bad, 0);
    last = start(path, acked);
    CHECK_INT(kit_hear(&last), 'o');
    kill(last.pid, SIGKILL);
    kit_end(&last);
    for (int i = 0; i < THREADS; i++)
        total += acked[i];
    CHECK(kills < 100 || total > kills);
    printf("# %" PRId64 " writes were answered\n", total);
    kit_folder_end(path);
    return test_end();
}
