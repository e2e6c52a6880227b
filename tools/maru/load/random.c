/* random.c: makes splitmix64's numbers, numbers between bounds, and exponential gaps. */
#include "random.h"

#include <math.h>

uint64_t random_next(random_state *r)
{
    uint64_t n = r->at += 0x9e3779b97f4a7c15;

    n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9;
    n = (n ^ (n >> 27)) * 0x94d049bb133111eb;
    return n ^ (n >> 31);
}

/* All sequences are one, begun at different places. Where the gaps begin is a number that was mixed twice: as far from
 * where the values begin as any. */
random_state random_of(uint64_t seed, random_use use)
{
    random_state r = {seed};

    if (use == RANDOM_GAPS) {
        r.at = ~random_next(&r);
        r.at = random_next(&r);
    }
    return r;
}

/* The high half of a product (Lemire): its bias is below one part in 2^32 where a range has 2^32 values. */
int64_t random_between(random_state *r, int64_t low, int64_t high)
{
    uint64_t range = (uint64_t)high - (uint64_t)low + 1;

    if (range == 0)
        return (int64_t)random_next(r);
    return (int64_t)((uint64_t)low + (uint64_t)(((unsigned __int128)random_next(r) * range) >> 64));
}

double random_gap(random_state *r)
{
    return -log1p(-(double)(random_next(r) >> 11) * 0x1p-53);
}
