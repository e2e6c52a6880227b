/* enough.h: whether a soak was one: where next to nothing was placed or killed, a clean shop shows nothing. Pure.
 *
 * How many kills there are follows from the size: of a handful of orders there is none, which is no fault of the soak.
 * Shares are asked for only of so many kills that chance alone would not explain that they are missed.
 */
#ifndef MARU_SOAK_ENOUGH_H
#define MARU_SOAK_ENOUGH_H

#include <stdbool.h>

enum { ENOUGH_WORDS = 160 };

typedef struct soak_counts {
    long     orders, placed;
    bool     killing;
    unsigned kills, steps; /* of them at a step of a commit */
    unsigned with_none;    /* of them with no order in flight */
} soak_counts;

/* soak_is_enough: false with words where it was not. */
bool soak_is_enough(const soak_counts *c, char words[static ENOUGH_WORDS]);

#endif
