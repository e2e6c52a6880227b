/* simworld.h: a world on virtual time with a server of echo in it, for tests whose peers are raw (simpeer.h). Header
 * only.
 */
#ifndef MARU_TEST_SIMWORLD_H
#define MARU_TEST_SIMWORLD_H

#include "rpc/echo.h"
#include "rpc/simpeer.h"
#include "test.h"

#define MS     INT64_C(1000000)
#define SECOND INT64_C(1000000000)
#define URL    "tcp://server:1"

static inline const maru_method *method(int index)
{
    return &echo_maru_service.methods[index];
}

typedef struct world {
    maru_sim *sim;
    echo_node node;
} world;

/* window: bytes that a stream takes before its sender waits; 0: the simulation's own. */
static inline void world_start(world *w, size_t window, const maru_server_options *options)
{
    w->sim = maru_sim_new(&(maru_sim_options){.seed = 1, .window = window});
    echo_start(&w->node, URL, options, maru_sim_seam(w->sim));
}

static inline void world_stop(world *w)
{
    echo_stop(&w->node);
    maru_sim_free(w->sim);
}

static inline void pass(maru_sim *sim, int64_t ns)
{
    maru_sim_run(sim, maru_sim_now(sim) + ns);
}

/* When it was closed, in ms after it had connected; -1: not yet. */
static inline int64_t closed_after_ms(const simpeer *p)
{
    return p->closed_at == 0 ? -1 : (p->closed_at - p->connected_at) / MS;
}

static inline void check_about(int64_t got_ms, int64_t want_ms)
{
    if (!CHECK(got_ms >= want_ms && got_ms <= want_ms + 10))
        fprintf(stderr, "got %lld ms, want %lld\n", (long long)got_ms, (long long)want_ms);
}

#endif
