/* backoff_test.c: how a client tries again: gRPC's connection backoff, as maru/client.h says it, on virtual time. */
#include "test.h"

#include <stdlib.h>

#include "client/backoff.h"
#include "random.h"
#include "rpc/simworld.h"

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

/* A world with a client in it, whose dials are noted, and as yet no server. */
typedef struct noted {
    maru_sim      *sim;
    maru_seam      seam;
    maru_transport transport;
    notes          n;
    maru_runtime  *rt;
    maru_client   *client;
} noted;

static void noted_start(noted *w, uint64_t seed)
{
    maru_runtime_options options = {.seam = &w->seam};

    w->sim = maru_sim_new(&(maru_sim_options){.seed = seed});
    w->seam = *maru_sim_seam(w->sim);
    w->n = (notes){.sim = w->sim, .real = w->seam.transport};
    notes_now = &w->n;
    w->transport = *w->seam.transport;
    w->transport.dial = noted_dial;
    w->seam.transport = &w->transport;
    if (!CHECK_INT(maru_runtime_new(&options, &w->rt, NULL), MARU_OK) ||
        !CHECK_INT(maru_client_new(w->rt, URL, NULL, &w->client, NULL), MARU_OK))
        exit(1);
}

static void noted_stop(noted *w)
{
    maru_client_free(w->client);
    maru_runtime_free(w->rt);
    maru_sim_free(w->sim);
}

/* The gaps between the dials of a client that nobody answers, in ms, for an hour. */
static int gaps_of(uint64_t seed, int64_t gaps[static DIALS])
{
    noted w;

    noted_start(&w, seed);
    pass(w.sim, 3600 * SECOND);
    CHECK_INT(w.n.at[0], SECOND); /* the world begins at one second: at once */
    for (int i = 1; i < w.n.count; i++)
        gaps[i - 1] = (w.n.at[i] - w.n.at[i - 1]) / MS;
    noted_stop(&w);
    return w.n.count - 1;
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

static void check_gap(const notes *n, int at, int64_t least_ms, int64_t most_ms)
{
    int64_t gap;

    if (!CHECK(at < n->count)) {
        fprintf(stderr, "dial %d did not come: there were %d\n", at, n->count);
        return;
    }
    gap = (n->at[at] - n->at[at - 1]) / MS;
    if (!CHECK(gap >= least_ms && gap <= most_ms))
        fprintf(stderr, "dial %d: %lld ms after the one before, want %lld..%lld\n", at, (long long)gap,
                (long long)least_ms, (long long)most_ms);
}

/* A server that closes each connection, at once or a while after it has greeted: until there were some dials, or their
 * time is over. */
static void close_each(noted *w, int dials, bool greets)
{
    int64_t until = maru_sim_now(w->sim) + 60 * SECOND;
    simpeer server;

    simpeer_listen(&server, w->sim, URL);
    while (w->n.count < dials && maru_sim_now(w->sim) < until && maru_sim_step(w->sim)) {
        if (server.stream == NULL || server.closed_at != 0)
            continue;
        if (greets) {
            simpeer_hello(&server, SP_REP);
            simpeer_maru_hello(&server, 10);
            pass(w->sim, SECOND / 10);
        }
        simpeer_close(&server);
    }
    simpeer_free(&server);
}

static void test_closed(uint64_t seed, bool greets)
{
    noted w;

    noted_start(&w, seed);
    close_each(&w, 5, greets);
    for (int64_t i = 1, want = 1000; i < 5; i++, want = want * 8 / 5)
        check_gap(&w.n, (int)i, want - want / 5, want + want / 5 + (greets ? 110 : 10));
    noted_stop(&w);
}

static void test_lost(uint64_t seed)
{
    noted   w;
    simpeer server;
    int     before;

    test_begin("one that was refused often, then connected for long and lost that, tries at once");
    noted_start(&w, seed);
    pass(w.sim, 12 * SECOND);
    CHECK_INT(w.n.count, 5); /* the next is due in less than 8 s */
    simpeer_listen(&server, w.sim, URL);
    simpeer_hello(&server, SP_REP);
    simpeer_maru_hello(&server, 10);
    pass(w.sim, 15 * SECOND);
    CHECK_INT(server.accepted, 1);
    before = w.n.count;
    CHECK(maru_sim_now(w.sim) - server.connected_at > 2 * SECOND);
    simpeer_free(&server);
    pass(w.sim, SECOND / 100);
    CHECK_INT(w.n.count, before + 1);
    test_begin("and where that is refused, its waits begin again at the first");
    pass(w.sim, 10 * SECOND);
    check_gap(&w.n, before + 1, 800, 1210);
    check_gap(&w.n, before + 2, 1280, 1930);
    noted_stop(&w);
}

int main(void)
{
    rng r = rng_seeded("backoff");

    test_steps();
    test_client(rng_next(&r));
    test_begin("a server that closes each connection as soon as it stands is tried again as one that refuses it");
    test_closed(rng_next(&r), false);
    test_begin("and so is one that greets, and closes it a tenth of a second later");
    test_closed(rng_next(&r), true);
    test_lost(rng_next(&r));
    return test_end();
}
