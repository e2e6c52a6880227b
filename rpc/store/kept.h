/* kept.h: the reads of handlers, which come one after the other: they share one snapshot, for as long as it is the
 * newest, and for a turn at most.
 *
 * A read sees all that was committed before it began, by any process that has the store open: before each one it is
 * looked whether there was a commit since, and then a new snapshot is taken. At the end of the turn the snapshot is
 * given back, since one that is held keeps pages from being used again: while the strand rests, none is. Strand only,
 * but for kept_free.
 */
#ifndef MARU_KEPT_H
#define MARU_KEPT_H

#include "runtime/rt.h"
#include "store/found.h"

struct reader;
struct readers;

typedef struct kept {
    rt_output        turn_end; /* first: found from it */
    struct readers  *readers;
    maru_runtime    *rt;   /* NULL: nothing was read yet */
    struct reader   *open; /* NULL: no snapshot is held */
    const maru_call *call; /* that reads now */
    found            found;
} kept;

void kept_init(kept *k, struct readers *of);
/* kept_free is for a plain thread, when no read may come any more. */
void kept_free(kept *k);

/* kept_take begins a read of a handler's. 0; EBUSY where call's is under way; or an error number. */
int  kept_take(kept *k, maru_runtime *rt, const maru_call *call, struct reader **taken);
void kept_give(kept *k, struct reader *given);

/* kept_drop gives the snapshot back. */
void kept_drop(kept *k);

#endif
