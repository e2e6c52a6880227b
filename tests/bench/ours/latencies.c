/* latencies.c: a histogram with logarithmic buckets, each doubling cut into 64 steps. */
#include "latencies.h"

#include <stddef.h>

static size_t bucket(uint64_t ns)
{
    int shift;

    if (ns < LATENCIES_STEPS)
        return ns;
    shift = 63 - __builtin_clzll(ns) - 6;
    if (shift > 58)
        return 60 * LATENCIES_STEPS - 1;
    return (size_t)(shift + 1) * LATENCIES_STEPS + (size_t)((ns >> shift) - LATENCIES_STEPS);
}

static double middle_ns(size_t i)
{
    int shift = (int)(i / LATENCIES_STEPS) - 1;

    if (i < LATENCIES_STEPS)
        return (double)i;
    return ((double)(LATENCIES_STEPS + i % LATENCIES_STEPS) + 0.5) * (double)(1ull << shift);
}

void latencies_add(latencies *l, uint64_t ns)
{
    l->counts[bucket(ns)]++;
    l->total++;
}

double latencies_quantile_us(const latencies *l, double part)
{
    uint64_t seen = 0;

    for (size_t i = 0; i < sizeof l->counts / sizeof *l->counts; i++) {
        seen += l->counts[i];
        if (seen > 0 && (double)seen >= part * (double)l->total)
            return middle_ns(i) / 1000;
    }
    return 0;
}
