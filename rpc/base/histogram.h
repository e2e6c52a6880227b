/* histogram.h: how many of a measure were how large, in buckets that double. One writer at a time; anyone reads: what
 * it reads may lack the last few. Noting a value takes some ten instructions, and no lock.
 *
 * Bucket i has the values above 2^(FIRST+i-1) and at most 2^(FIRST+i); the first also all below, the last all above
 * (it is no bound, but "+Inf"). Times are nanoseconds: from 2^14 (16 us) to 2^34 (17 s). Numbers: from 2^0 to 2^9.
 */
#ifndef MARU_HISTOGRAM_H
#define MARU_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

enum {
    HISTOGRAM_BUCKETS = 22,
    HISTOGRAM_TIME_FIRST = 14,
    HISTOGRAM_TIME_BOUNDS = 21,
    HISTOGRAM_NUMBER_FIRST = 0,
    HISTOGRAM_NUMBER_BOUNDS = 10,
};

typedef struct histogram {
    _Atomic uint64_t counts[HISTOGRAM_BUCKETS];
    _Atomic uint64_t sum;
} histogram;

/* One writer: no read-modify-write of the processor is needed. */
static inline void count_up(_Atomic uint64_t *at, uint64_t by)
{
    atomic_store_explicit(at, atomic_load_explicit(at, memory_order_relaxed) + by, memory_order_relaxed);
}

/* Of what is above 2^first the number of bits: 2x + 1 is never 0, and its highest bit is one more than x has. */
static inline int histogram_bucket(uint64_t value, int first, int bounds)
{
    uint64_t above = (value - (value > 0)) >> first;
    int      bits = 63 - __builtin_clzll(above << 1 | 1);

    return bits < bounds ? bits : bounds;
}

static inline void histogram_time(histogram *h, int64_t ns)
{
    uint64_t value = ns > 0 ? (uint64_t)ns : 0;

    count_up(&h->counts[histogram_bucket(value, HISTOGRAM_TIME_FIRST, HISTOGRAM_TIME_BOUNDS)], 1);
    count_up(&h->sum, value);
}

static inline void histogram_number(histogram *h, uint64_t value)
{
    count_up(&h->counts[histogram_bucket(value, HISTOGRAM_NUMBER_FIRST, HISTOGRAM_NUMBER_BOUNDS)], 1);
    count_up(&h->sum, value);
}

#endif
