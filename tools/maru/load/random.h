/* random.h: random numbers that repeat: the same seed, the same run. splitmix64 (Steele, Lea, Flood, "Fast splittable
 * pseudorandom number generators", 2014). Pure; for data and arrivals, never for secrets.
 *
 * One seed gives a run all its numbers, but each use of them has a sequence of its own: else a value would tell how
 * long the gap before its call was.
 */
#ifndef LOAD_RANDOM_H
#define LOAD_RANDOM_H

#include <stdint.h>

typedef struct random_state {
    uint64_t at;
} random_state;

typedef enum random_use { RANDOM_VALUES, RANDOM_GAPS } random_use;

random_state random_of(uint64_t seed, random_use use);

uint64_t random_next(random_state *r);
/* low..high, both included; low <= high. */
int64_t random_between(random_state *r, int64_t low, int64_t high);
/* Exponential with mean 1: the gaps of a Poisson process. */
double random_gap(random_state *r);

#endif
