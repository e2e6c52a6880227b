/* latencies.h: how long calls took, counted in buckets of at most 1.6 % width. Owned by one thread at a time; allocates
 * nothing. The peer's client counts in the same way (peers/latencies.h).
 */
#ifndef BENCH_LATENCIES_H
#define BENCH_LATENCIES_H

#include <stdint.h>

enum { LATENCIES_STEPS = 64 }; /* of a doubling */

typedef struct latencies {
    uint64_t counts[60 * LATENCIES_STEPS];
    uint64_t total;
} latencies;

void latencies_add(latencies *l, uint64_t ns);

/* The middle of the bucket in which that part (0..1) of all calls is reached, in microseconds. */
double latencies_quantile_us(const latencies *l, double part);

#endif
