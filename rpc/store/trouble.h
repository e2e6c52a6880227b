/* trouble.h: what the log says of writes that do not come about, and when they do again.
 *
 * Callers get RESOURCE_EXHAUSTED each, of which a service's log has nothing at its own level: one record where the
 * trouble begins (warn), and one where it is over (info), which is when something was committed. A store that is full
 * to the brim refuses some and takes others, in turn: of a trouble that comes back within TROUBLE_QUIET_NS nothing is
 * said before that has passed. The writer's own.
 */
#ifndef MARU_STORE_TROUBLE_H
#define MARU_STORE_TROUBLE_H

#include <stddef.h>
#include <stdint.h>

#include "maru/store.h"

#define TROUBLE_QUIET_NS INT64_C(10000000000)

typedef struct trouble {
    int     rc;          /* what the log says now: an MDB_ or errno number; 0: nothing, or that it is over */
    size_t  stuck;       /* LMDB's last transaction when that was said */
    int64_t quiet_until; /* the clock's */
} trouble;

/* trouble_note is called after each batch: with what it failed with at step, or else the number with which one of its
 * writes was refused, or 0. */
void trouble_note(trouble *t, maru_store *store, const char *step, int rc);

#endif
