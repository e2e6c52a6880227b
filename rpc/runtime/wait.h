/* wait.h: waiting once, for a handler's fiber or a plain thread alike.
 *
 *   wait w; wait_begin(&w, call);  hand &w to whoever will end it;  wait_block(&w);
 *
 * On a fiber, wait_block suspends it and the strand goes on; on a plain thread (a root call) it blocks the thread.
 * wait_wake runs on the strand, exactly once a wait, before or after wait_block began. The wait lives on the waiter's
 * stack and may be gone as soon as wait_wake returns.
 */
#ifndef MARU_WAIT_H
#define MARU_WAIT_H

#include <stdbool.h>

#include "maru/call.h"
#include "runtime/gate.h"
#include "runtime/strand.h"

struct fiber;

typedef struct wait {
    struct maru_runtime *rt;
    struct fiber        *fiber; /* NULL: a plain thread */
    struct wait         *next;  /* in the strand's list of those that are ready */
    bool                 woken;
    bool                 blocked;
    gate                 gate; /* of a plain thread */
} wait;

/* wait_may_block is whether one may wait with this call here. Not with a root call on the thread that runs the strand,
 * inside a handler or a callback: what would wake it comes there. Nor with a handler's call outside of that handler. */
bool wait_may_block(const maru_call *call);
#define WAIT_MAY_NOT                                                                                                   \
    "it would block the strand: inside a handler, wait with the handler's own call; in a callback, call by callback"

void wait_begin(wait *w, maru_call *call);
/* wait_on_strand runs what starts the waited-for thing on the strand: at once from a fiber, posted from a plain thread.
 */
void wait_on_strand(wait *w, strand_event *begin);
void wait_block(wait *w);
void wait_wake(wait *w);

#endif
