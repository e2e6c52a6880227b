/* hold.h: what is due waits until the logs of others were read: whether, for whom, and saying so. */
#ifndef MARU_HOLD_H
#define MARU_HOLD_H

#include "events/events_impl.h"

enum hold { HOLD_NOTHING, HOLD_TIMERS, HOLD_ALL };

/* What the job of timers and tasks found. */
typedef struct hold_due {
    int64_t now;     /* of the runtime's clock */
    int64_t now_ms;  /* of the wall's */
    bool    any;     /* something is due */
    int64_t late_ms; /* by so much, where anything is */
} hold_due;

/* hold_find: what waits now. It notes that, and tells in the log when it lasts, and when it is over. */
enum hold hold_find(maru_events *events, const hold_due *due);

/* hold_waits_for: something that is due waits for that producer's log to be read. */
bool hold_waits_for(const maru_events *events, const consuming_state *c);

#endif
