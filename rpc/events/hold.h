/* hold.h: what is due waits until the logs of others were read: whether, for whom, and saying so.
 *
 * HOLD_ALL    timers and tasks: after a start or a stop, where what is due first is late by 2 s or more
 * HOLD_TIMERS timers alone: after a start or a stop otherwise; and in a store that went back to a backup, for as long
 * as one of the producers whose logs it had read is away
 *
 * After a start or a stop a producer of which nothing comes is waited for 3 s, reading that goes on for 10 minutes. All
 * of it belongs to the strand, and nothing blocks.
 */
#ifndef MARU_HOLD_H
#define MARU_HOLD_H

#include "events/events_impl.h"

enum hold { HOLD_NOTHING, HOLD_TIMERS, HOLD_ALL };

/* What the job of timers and tasks found. */
typedef struct hold_due {
    int64_t now;     /* of the runtime's clock */
    int64_t now_ms;  /* of the wall's */
    bool    any;     /* something is due */
    bool    timers;  /* of that, there is a timer */
    int64_t late_ms; /* by so much, where anything is */
} hold_due;

/* hold_find: what waits now; for the job alone, once a run: it notes that something waits, and says so in the log when
 * that has lasted for a second, and when it is over. Where only tasks are due, and run, nothing waits. */
enum hold hold_find(maru_events *events, const hold_due *due);

/* hold_waits_for: something that is due waits for that producer's log to be read. */
bool hold_waits_for(const maru_events *events, const consuming_state *c);

#endif
