/* random.h: numbers from a seed that a test prints, and takes again as MARU_SEED. (Vigna's splitmix64.) */
#ifndef TEST_RANDOM_H
#define TEST_RANDOM_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct rng {
    uint64_t state;
} rng;

static inline uint64_t rng_next(rng *r)
{
    uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* Below limit, which is not 0. */
static inline size_t rng_below(rng *r, size_t limit)
{
    return (size_t)(rng_next(r) % limit);
}

static inline rng rng_seeded(const char *what)
{
    const char *given = getenv("MARU_SEED");
    char       *end = "";
    uint64_t    seed = given ? strtoull(given, &end, 0) : (uint64_t)time(NULL);

    if (given && (*given == '\0' || *end != '\0')) {
        fprintf(stderr, "MARU_SEED: want a number, got \"%s\"\n", given);
        exit(2);
    }
    printf("# %s: MARU_SEED=%llu\n", what, (unsigned long long)seed);
    return (rng){seed};
}

#endif
