/* wheel.h: timers, in O(1) to add and to remove.
 *
 * A hierarchical timing wheel (Varghese and Lauck, SOSP 1987): WHEEL_LEVELS wheels of 64 slots; a slot of level n is
 * 64^n ticks wide, a tick is 2^20 ns (1.05 ms). A timer never fires early, and at most a tick late. Pure: the time
 * comes in. Belongs to the strand. The caller owns the timers; one may add or remove any timer while another fires.
 */
#ifndef MARU_WHEEL_H
#define MARU_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

enum { WHEEL_LEVELS = 7, WHEEL_SLOTS = 64, WHEEL_TICK_SHIFT = 20 };

typedef struct wheel_timer wheel_timer;
struct wheel_timer {
    wheel_timer *next, **link; /* link NULL: not in a wheel */
    uint64_t     tick;
    void (*fire)(wheel_timer *timer);
};

typedef struct wheel {
    uint64_t     now; /* the tick up to which all has fired */
    uint64_t     full[WHEEL_LEVELS];
    wheel_timer *slots[WHEEL_LEVELS][WHEEL_SLOTS];
} wheel;

void wheel_init(wheel *w, int64_t now_ns);
/* wheel_add makes timer fire at or soon after at_ns; one that is in the past fires at the next advance. Moves one that
 * was added. */
void wheel_add(wheel *w, wheel_timer *timer, int64_t at_ns);
void wheel_remove(wheel *w, wheel_timer *timer); /* nothing where it is not added */
bool wheel_holds(const wheel_timer *timer);
/* wheel_advance fires all that is due, in order of ticks. */
void wheel_advance(wheel *w, int64_t now_ns);
/* wheel_next is a time not after the first timer's, when to advance next; INT64_MAX where there is none. */
int64_t wheel_next(const wheel *w);

#endif
