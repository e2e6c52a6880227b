/* later.h: timers and tasks in the store. Each is one record, and one entry in the index by time. */
#ifndef MARU_LATER_H
#define MARU_LATER_H

#include "events/events_impl.h"

/* later_get finds one by its "KIND/NAME". NOT_FOUND where it is not set. */
maru_status later_get(maru_txn *txn, const char *name, MaruEvents__Later **later);

/* later_remove takes record and entry away; later is what later_get found. */
maru_status later_remove(maru_txn *txn, const char *name, const MaruEvents__Later *later);

/* later_again puts one that failed back, for a later time: most_ms at most. why is its failure, whose words are in
 * txn_words or, where these are NULL, in words. */
maru_status later_again(maru_txn *txn, const char *name, MaruEvents__Later *later, int64_t most_ms, maru_status why,
                        const char *words);

/* "KIND" of "KIND/NAME": how long it is; and NAME. */
size_t      later_kind_size(const char *name);
const char *later_name(const char *name);

#endif
