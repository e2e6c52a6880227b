/* bell.h: waiting for something that may happen any number of times: all that wait when it is rung go on.
 *
 * Belongs to the strand. Only calls on a fiber may wait.
 */
#ifndef MARU_BELL_H
#define MARU_BELL_H

#include "maru/call.h"
#include "runtime/wait.h"

typedef struct bell {
    struct bell_waiter *waiting;
} bell;

/* bell_wait suspends the call's fiber until the bell is rung (OK), ms have passed (OK too: look again), or the call is
 * cancelled or late, as maru_call_check says. */
maru_status bell_wait(bell *b, maru_call *call, int64_t ms);

/* bell_ring wakes all that wait now. */
void bell_ring(bell *b);

#endif
