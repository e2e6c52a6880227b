/* recovery.h: opening a store whose last end was not clean, by kill -9 as by a loss of power.
 *
 * There is one way, so that it is always the one that was tried: data.mdb is put back to the journal's checkpoint, by
 * writing LMDB's header of then over both of its headers, and all that the journal's records say is done again. Whoever
 * dies in between begins anew: the journal says the same until all is flushed. For who has the store alone; all block.
 */
#ifndef MARU_RECOVERY_H
#define MARU_RECOVERY_H

#include "store/env.h"
#include "store/journal.h"

typedef struct recovery {
    const char  *path;
    journal_plan plan;
    journal_file files[2];
    bool         missing[2];
    journal_past past;
} recovery;

/* recovery_begin reads the journal of the store at path, which is known to have one where STORE says so, and puts
 * data.mdb back where that is needed. To be called before LMDB looks at the file. DATA_LOSS where the journal is
 * missing, damaged, or another's; and where data.mdb is another's, or older than the journal saw it, or has another
 * header than when it was closed. */
maru_status recovery_begin(recovery *r, const char *path, maru_error *error);

/* Whether the store was not closed: what is in data.mdb is what was kept of it. */
bool recovery_is_needed(const recovery *r);

/* recovery_replay makes the changes again, flushes, and notes that the journal holds nothing more. */
maru_status recovery_replay(recovery *r, store_env *env, maru_error *error);

void recovery_end(recovery *r);

#endif
