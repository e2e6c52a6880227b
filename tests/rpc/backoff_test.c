/* backoff_test.c: how a client tries again: gRPC's connection backoff, as maru/client.h says it, on virtual time. */
#include "test.h"

#include <stdlib.h>

#include "client/backoff.h"
#include "maru/sim.h"
#include "random.h"
#include "rpc/echo.h"

#define MS INT64_C(1000000)

/* The pure part. */
static void test_steps(void)
{
    static const int64_t want[] = {1000,  1600,  2560,  4096,   6553,   10484, 16774,
                                   26838, 42940, 68704, 109926, 120000, 120000};
    backoff              b = {.first_ms = 1000, .max_ms = 120000};

    test_begin("waits grow from 1 s by 1.6 to 120 s, spread by a fifth to either side");
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        backoff low = b, high = b;
        int64_t least = backoff_next(&low, 0), most = backoff_next(&high, UINT32_MAX);

        CHECK_INT(least, want[i] - want[i] / 5);
        CHECK_INT(most, want[i] + want[i] / 5);
        CHECK_INT((backoff_next(&b, 1u << 31) - want[i]) / 2, 0);
    }
    test_begin("after a success they begin again");
    backoff_reset(&b);
    CHECK_INT(backoff_next(&b, 0), 800);
    test_begin("from 1 ms on they grow too");
    b = (backoff){.first_ms = 1, .max_ms = 5};
    for (int64_t i = 1; i <= 5; i++)
        CHECK_INT(backoff_next(&b, 1u << 31), i);
    CHECK_INT(backoff_next(&b, 1u << 31), 5);
}

/* The simulated transport with its dials noted. */

enum { DIALS = 40 };

typedef struct notes {
    maru_sim             *sim;
    const maru_transport *real;
    int64_t               at[DIALS];
    int                   count;
} notes;

static notes *notes_now; /* the transport's functions have no other way to it: one world a time */

static void *noted_dial(void *self, const char *url, maru_accepted done, void *arg, maru_error *error)
{
    if (notes_now->count < DIALS)
        notes_now->at[notes_now->count++] = maru_sim_now(notes_now->sim);
    return notes_now->real->dial(self, url, done, arg, error);
}

/* The gaps between the dials of a client that nobody answers, in ms, for an hour. */
static int gaps_of(uint64_t seed, int64_t gaps[static DIALS])
{
    maru_sim            *sim = maru_sim_new(&(maru_sim_options){.seed = seed});
    maru_seam            seam = *maru_sim_seam(sim);
    maru_transport       transport = *seam.transport;
    maru_runtime_options options = {.seam = &seam};
    notes                n = {.sim = sim, .real = seam.transport};
    maru_runtime        *rt;
    maru_client         *client;

    notes_now = &n;
    transport.dial = noted_dial;
    seam.transport = &transport;
    if (!CHECK_INT(maru_runtime_new(&options, &rt, NULL), MARU_OK) ||
        !CHECK_INT(maru_client_new(rt, "tcp://nobody:1", NULL, &client, NULL), MARU_OK))
        exit(1);
    maru_sim_run(sim, maru_sim_now(sim) + 3600 * 1000 * MS);
    CHECK_INT(n.at[0], 1000 * MS); /* the world begins at one second: at once */
    for (int i = 1; i < n.count; i++)
        gaps[i - 1] = (n.at[i] - n.at[i - 1]) / MS;
    maru_client_free(client);
    maru_runtime_free(rt);
    maru_sim_free(sim);
    return n.count - 1;
}

static void test_client(uint64_t seed)
{
    int64_t gaps[DIALS] = {0}, other[DIALS] = {0}, want = 1000;
    int     count, same = 0;

    test_begin("a client tries at once, and then as often as that, whatever the seed");
    count = gaps_of(seed, gaps);
    CHECK(count >= 34 && count < DIALS); /* an hour of it */
    for (int i = 0; i < count; i++) {
        if (!CHECK(gaps[i] >= want - want / 5 && gaps[i] <= want + want / 5 + 3))
            fprintf(stderr, "gap %d: %lld ms, want about %lld\n", i, (long long)gaps[i], (long long)want);
        want = want * 8 / 5 < 120000 ? want * 8 / 5 : 120000;
    }
    test_begin("two clients do not try at the same moments");
    gaps_of(seed + 1, other);
    for (int i = 0; i < count; i++)
        same += gaps[i] == other[i];
    CHECK(same < count / 4);
}

int main(void)
{
    rng r = rng_seeded("backoff");

    test_steps();
    test_client(rng_next(&r));
    return test_end();
}
