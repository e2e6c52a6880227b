/* power_test.c: the power is cut again and again, and no write that was answered OK is lost, none that was refused is
 * there, and none is done twice.
 *
 * Each life is a process with counters (counters.h) and a disk that loses what was not flushed (power_shim.h), which
 * cuts the power at a random step: while it opens and recovers, while it writes, while it makes a checkpoint (the
 * journal is kept small for that), while it begins a journal. In some lives the disk is full now and then.
 * `store_power SHIM.so [ROUNDS [SEED]]`; fewer rounds under ThreadSanitizer. */
#include <dlfcn.h>
#include <time.h>

#include "counters.h"
#include "power_shim.h"
#include "store/care.h"
#include "store/store_impl.h"

#if defined(__SANITIZE_THREAD__)
enum { ROUNDS = 80 };
#else
enum { ROUNDS = 150 };
#endif

enum {
    SMALL_JOURNAL = 64 << 10,
    MOST_LETTERS = 1000,
    NEVER = -1,
    START = 60, /* steps, in which a journal is begun */
};

/* ---- the one that lives ---- */

/* args: the folder, one in how many writes finds a full disk, and for each thread what was answered, with an f behind
 * it where the next was refused. */
static int live(char **args)
{
    maru_runtime      *rt = kit_runtime(NULL);
    maru_store_options options = kit_options(args[0]);
    counter            counters[THREADS];
    power_full_fn      full = (power_full_fn)dlsym(RTLD_DEFAULT, "power_full");
    maru_store        *store;

    options.map_bytes = (size_t)1 << 30;
    for (int i = 0; i < THREADS; i++) {
        char *end;

        counters[i] = (counter){.rt = rt, .number = i, .done = strtoll(args[2 + i], &end, 10)};
        counters[i].failed = *end == 'f';
    }
    store = kit_open(rt, &options);
    store->journal.large = SMALL_JOURNAL;
    if (!full)
        return 1;
    full((unsigned)atoi(args[1]));
    counters_run(counters, store);
    maru_store_close(store);
    maru_runtime_free(rt);
    return 0;
}

/* As maru store compact does: the store has no journal then. */
static int compact(const char *path)
{
    maru_error  error = {.text = ""};
    care       *c;
    maru_status status = care_open(path, true, &c, &error);

    if (status == MARU_OK)
        status = care_compact(c, &error);
    if (status != MARU_OK)
        fprintf(stderr, "compact: %s\n", error.text);
    return status;
}

/* ---- the one that cuts ---- */

typedef struct life {
    int64_t acked[THREADS];
    bool    refused[THREADS];
    long    opened, refusals; /* over all lives */
} life;

static void set_number(const char *name, int64_t number)
{
    char text[32];

    snprintf(text, sizeof text, "%" PRId64, number);
    setenv(name, text, 1);
}

static kit_child start(const char *path, const life *l, int64_t cut_at, int64_t seed, unsigned full)
{
    char        text[THREADS][40], one_in[16];
    const char *args[THREADS + 4] = {"live", path, one_in};

    snprintf(one_in, sizeof one_in, "%u", full);
    for (int i = 0; i < THREADS; i++) {
        snprintf(text[i], sizeof text[i], "%" PRId64 "%s", l->acked[i], l->refused[i] ? "f" : "");
        args[3 + i] = text[i];
    }
    set_number("MARU_CUT_AT", cut_at);
    set_number("MARU_CUT_SEED", seed);
    return kit_spawn(args);
}

/* False where it is a complaint. */
static bool take(char byte, life *l)
{
    if (byte == 'o') {
        memset(l->refused, 0, sizeof l->refused);
        l->opened++;
    } else if (byte >= 'a' && byte < 'a' + THREADS) {
        l->acked[byte - 'a']++;
    } else if (byte >= 'A' && byte < 'A' + THREADS) {
        l->refused[byte - 'A'] = true;
        l->refusals++;
    }
    return byte != '!';
}

/* One life, to its end. True where it died of the cut, of kill -9, or of nothing. */
static bool live_once(const char *path, life *l, int64_t cut_at, int64_t seed, unsigned full)
{
    kit_child child = start(path, l, cut_at, seed, full);
    bool      good = true;
    char      byte;
    int       status;

    for (int letters = 0; (byte = kit_hear(&child)) != '\0'; letters++) {
        good = take(byte, l) && good;
        if (letters == MOST_LETTERS)
            kill(child.pid, SIGKILL);
    }
    status = kit_end(&child);
    if (!good || !(status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)))
        printf("# status %x after a cut at %" PRId64 ", seed %" PRId64 ", full %u\n", status, cut_at, seed, full);
    return good && (status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
}

/* A third while it opens, the others later. */
static int64_t choose_cut(uint64_t *seed)
{
    static const uint64_t within[] = {60, 700, 6000};

    return 1 + (int64_t)(next_random(seed) % within[next_random(seed) % 3]);
}

static void cut_again_and_again(const char *path, int rounds, uint64_t seed)
{
    life l = {.opened = 0};
    long total = 0;
    int  bad = 0;

    test_begin("a store whose power is cut again and again has all that it answered, and nothing that it refused");
    CHECK(live_once(path, &l, NEVER, 1, 0));
    for (int i = 0; i < rounds && bad == 0; i++) {
        int64_t  cut_at = choose_cut(&seed);
        unsigned full = next_random(&seed) % 3 == 0 ? 100 : 0;

        bad += !live_once(path, &l, cut_at, (int64_t)(next_random(&seed) >> 1), full);
    }
    CHECK_INT(bad, 0);
    CHECK(live_once(path, &l, NEVER, 1, 0));
    for (int i = 0; i < THREADS; i++)
        total += l.acked[i];
    printf("# %ld writes were answered, %ld refused, in %ld lives that got as far\n", total, l.refusals, l.opened);
    CHECK(rounds < 50 || (total > rounds && l.opened > rounds / 3 && l.refusals > 0));
}

static bool compact_once(const char *path)
{
    const char *const args[] = {"compact", path, NULL};
    kit_child         child;

    set_number("MARU_CUT_AT", NEVER);
    child = kit_spawn(args);
    return kit_end(&child) == 0;
}

/* The names of the journal's files may be lost, while that of STORE, which promises them, is not. */
static void cut_at_starts(const char *path, int rounds, uint64_t seed)
{
    life l = {.opened = 0};
    int  bad = 0;

    test_begin(
        "so has one whose power is cut while it begins a journal, also where a file is flushed without its name");
    CHECK(live_once(path, &l, START * 10, 1, 0));
    for (int i = 0; i < rounds && bad == 0; i++) {
        bad += !compact_once(path);
        bad += !live_once(path, &l, 1 + (int64_t)(next_random(&seed) % START), (int64_t)(next_random(&seed) >> 1), 0);
    }
    CHECK_INT(bad, 0);
    CHECK(live_once(path, &l, START * 10, 1, 0));
}

static int preload(char **argv)
{
    char self[PATH_MAX];

    setenv("LD_PRELOAD", argv[1], 1);
    setenv("MARU_SHIM", "1", 1);
    setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
    set_number("MARU_CUT_AT", NEVER);
    execv(self_path(self), argv);
    perror(argv[0]);
    return 1;
}

int main(int argc, char **argv)
{
    uint64_t seed = (uint64_t)time(NULL) * 2654435761u + (uint64_t)getpid();
    int      rounds = argc > 2 ? atoi(argv[2]) : ROUNDS;
    char    *path;

    if (argc == 2 + 2 + THREADS && strcmp(argv[1], "live") == 0)
        return live(argv + 2);
    if (argc == 3 && strcmp(argv[1], "compact") == 0)
        return compact(argv[2]);
    if (argc < 2) {
        fprintf(stderr, "usage: %s SHIM.so [ROUNDS [SEED]]\n", argv[0]);
        return 2;
    }
    if (!getenv("MARU_SHIM"))
        return preload(argv);
    seed = argc > 3 ? strtoull(argv[3], NULL, 10) : seed;
    printf("# %d cuts, seed %" PRIu64 "\n", rounds, seed);
    path = kit_folder();
    cut_again_and_again(path, rounds, seed);
    kit_folder_end(path);
    path = kit_folder();
    cut_at_starts(path, rounds, seed);
    kit_folder_end(path);
    return test_end();
}
