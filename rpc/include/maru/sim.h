/* maru/sim.h: a world in one thread, on virtual time, from a seed: a seam (maru/seam.h) whose clock moves from event to
 * event, whose network is memory, and whose randomness repeats. Runtimes made with it run their real code; tests drive
 * it.
 *
 * Everything runs inside maru_sim_step and its callers, or inside a blocking call of a root call (which steps the world
 * until its answer is there). Stores take part: a batch of writes is an event on the strand, so that the functions of
 * maru_store_write run between handlers, in an order that repeats. Their files are real ones; reading and flushing them
 * takes no virtual time and never fails by the seam (there is no disk_fault).
 */
#ifndef MARU_SIM_H
#define MARU_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "maru/decls.h"
#include "maru/seam.h"

MARU_BEGIN_DECLS

typedef struct maru_sim maru_sim;

typedef struct maru_sim_options {
    uint64_t seed;
    int64_t  latency_ns; /* of bytes, one way; 0: 50 us */
    int64_t  jitter_ns;  /* added, uniform; bytes of one stream keep their order */
    size_t   window;     /* bytes that a stream takes before the sender must wait; 0: 256 KiB */
} maru_sim_options;

/* NULL where memory is out. Runtimes are freed before their world. */
maru_sim        *maru_sim_new(const maru_sim_options *options);
void             maru_sim_free(maru_sim *sim);
const maru_seam *maru_sim_seam(maru_sim *sim);

/* The world's clock, and a number from its seed: the same in every run that asks in the same order. */
int64_t  maru_sim_now(const maru_sim *sim); /* ns; begins at one second */
uint64_t maru_sim_random(maru_sim *sim);

/* maru_sim_spend lets time pass inside a handler: what it costs to compute. */
void maru_sim_spend(maru_sim *sim, int64_t ns);
/* maru_sim_at runs fn(arg) at a time; one in the past runs next. */
void maru_sim_at(maru_sim *sim, int64_t at_ns, void (*fn)(void *arg), void *arg);

/* maru_sim_step runs the next event; false where there is none. maru_sim_run runs all until a time, and leaves the
 * clock there. */
bool maru_sim_step(maru_sim *sim);
void maru_sim_run(maru_sim *sim, int64_t until_ns);

/* maru_sim_cut breaks every connection now, as when a cable is pulled and the kernels notice. */
void maru_sim_cut(maru_sim *sim);

/* What a raw peer may do to its end of a connection. maru_sim_shut: it says no more, and still reads, as after
 * shutdown(SHUT_WR). maru_sim_reset closes it, and the other end is told ECONNRESET instead of EPIPE. */
void maru_sim_shut(maru_stream *stream);
void maru_sim_reset(maru_stream *stream);

MARU_END_DECLS

#endif
