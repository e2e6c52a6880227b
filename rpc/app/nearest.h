/* nearest.h: which of the known names was meant by a word that is none of them. Pure.
 *
 *   nearest n = {.word = word};
 *   for each known name: nearest_offer(&n, name);
 *   nearest_best(&n): the name that takes the fewest edits, NULL where none is near enough to be worth saying.
 *
 * An edit is a letter put in, taken out, changed, or swapped with its neighbour. Names live as long as n.
 */
#ifndef MARU_NEAREST_H
#define MARU_NEAREST_H

#include <stddef.h>

typedef struct nearest {
    const char *word;
    const char *best; /* NULL: none offered yet */
    size_t      edits;
} nearest;

enum { NEAREST_WORD_MAX = 64 }; /* longer words are near to nothing */

size_t      nearest_edits(const char *a, const char *b); /* SIZE_MAX where one is longer than NEAREST_WORD_MAX */
void        nearest_offer(nearest *n, const char *name);
const char *nearest_best(const nearest *n);

#endif
