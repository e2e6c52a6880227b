/* kill_test.c: a writer that is killed with -9, again and again, loses no write that it answered OK, and does none
 * twice.
 *
 * The writer is a process of its own: four threads, each counting up one record by exactly-once calls, whose ids are
 * the numbers; after each OK it writes the thread's letter to a pipe. The parent kills it after a random number of
 * letters and nanoseconds, and starts the next, which begins with the number after the last that was answered: if that
 * was done already, it must be replayed. `store_kill 1000 SEED` is the default; 250 under ThreadSanitizer, and it says
 * so. */
#include <time.h>

#include "counters.h"

#if defined(__SANITIZE_THREAD__)
enum { KILLS = 250 };
#else
enum { KILLS = 1000 };
#endif

static int run_writer(char **args)
{
    maru_runtime      *rt = kit_runtime(NULL);
    maru_store_options options = kit_options(args[0]);
    counter            counters[THREADS];

    options.map_bytes = (size_t)1 << 30;
    for (int i = 0; i < THREADS; i++)
        counters[i] = (counter){.rt = rt, .number = i, .done = strtoll(args[1 + i], NULL, 10)};
    counters_run(counters, kit_open(rt, &options));
    return 0;
}

/* ---- the killer ---- */

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
