/* wishes.h: what a signal to stop means: the wish, the same one told again, or the second, impatient one. Pure.
 *
 * Programs tell one wish several times, within moments: timeout(1) signals its child and then its child's whole group;
 * a terminal signals the group, and a script in it passes the signal on to its child. A person who has seen that the
 * first does not do, and presses Ctrl-C again, takes longer. So what comes within WISHES_MOMENT_MS of a wish is that
 * wish. The bound is long against the two kills of timeout, which are microseconds apart, and a script's trap on a
 * machine that is busy; where it takes a person's quick second Ctrl-C for the first one, the next one does it.
 */
#ifndef MARU_WISHES_H
#define MARU_WISHES_H

#include <stdbool.h>
#include <stdint.h>

enum { WISHES_MOMENT_MS = 500 };

typedef enum wish { WISH_FIRST, WISH_SAME, WISH_SECOND } wish;

typedef struct wishes {
    bool    told;
    int64_t at_ms; /* when the latest wish was first told */
} wishes;

/* wishes_take is what a signal that comes at now_ms (monotonic) means. stopping: whether what it would stop is stopping
 * already, by a wish or by itself; then a SIGHUP, of which the kernel sends several (parent.h), is no wish at all. */
wish wishes_take(wishes *w, int number, bool stopping, int64_t now_ms);

#endif
