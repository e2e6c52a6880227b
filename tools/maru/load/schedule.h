/* schedule.h: when the next call is due, by a plan. Pure: times come in, as ns since the plan began.
 */
#ifndef LOAD_SCHEDULE_H
#define LOAD_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "plan.h"
#include "random.h"

#define SCHEDULE_NEVER INT64_MAX

typedef struct schedule {
    const plan  *plan;
    bool         open, poisson;
    uint64_t     calls_max; /* 0: no bound */
    uint64_t     next;      /* the number of the next call, from 0 */
    size_t       stage;     /* of the call before */
    random_state random;
    /* Open: where the next call lies on the plan's count of calls, and when that is. */
    double  position;
    int64_t due;
    /* Closed: how many shall be in flight, since when, and until when at least. */
    size_t  wanted;
    int64_t since, until;
} schedule;

void schedule_init(schedule *s, const plan *plan, bool open, uint64_t calls_max, bool poisson, uint64_t seed);

/* schedule_due is when the next call is due, SCHEDULE_NEVER where none is while in_flight are under way. Of a closed
 * plan it is since when so many are wanted: the call is due when the one before it ended, or then, if that is later. */
int64_t schedule_due(schedule *s, size_t in_flight, int64_t now);
/* No further call will be due. */
bool schedule_over(const schedule *s, int64_t now);
/* Where none is due: when to ask again. */
int64_t schedule_until(const schedule *s);
/* schedule_take takes the next call, which was due then, and returns its stage. */
size_t schedule_take(schedule *s, int64_t due);

/* schedule_asked_until is until when calls are asked for, where it is their number that ended them (else
 * SCHEDULE_NEVER). Of an open plan until the call after the last would be due, or a pause begins before that. Of a
 * closed one, where an answer asks for the next call, 0: no longer than until the last answer. */
int64_t schedule_asked_until(const schedule *s);

#endif
