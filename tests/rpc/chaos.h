/* chaos.h: a network that goes wrong: a seam whose streams are another seam's, read and written in random pieces, each
 * of which breaks after a random number of bytes. From a seed: over a simulated world, the same each time.
 */
#ifndef MARU_TESTS_CHAOS_H
#define MARU_TESTS_CHAOS_H

#include <stdatomic.h>
#include <stdint.h>

#include "maru/seam.h"

typedef struct chaos {
    maru_seam        seam; /* to be given to runtimes */
    const maru_seam *base;
    maru_transport   transport;
    maru_executor    executor;
    uint64_t         seed;
    uint32_t    most; /* bytes both ways after which a stream breaks, at most; few are as likely as many; 0: never */
    atomic_uint made; /* streams so far, on both sides */
    atomic_uint open; /* not yet released */
} chaos;

/* base outlives it; so must the chaos what is made with it. */
void chaos_init(chaos *c, const maru_seam *base, uint64_t seed, uint32_t most);

#endif
