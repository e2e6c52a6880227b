/* claim.h: a folder in which a copy of a store is made before it gets its name: one makes it at a time. For rpc/store.
 *
 * The lock is flock's, on the folder itself: it goes along when the folder is renamed, and kill -9 leaves none. So a
 * folder without a lock was left by who is gone, or is about to be locked by who just made it: whoever locks it first
 * has it, the other is told. A file in it says which process has it, for people, and that the folder is one of these:
 * it stays until the folder has got its name, so that nothing is taken for a leftover that somebody else put there. All
 * block.
 */
#ifndef MARU_STORE_CLAIM_H
#define MARU_STORE_CLAIM_H

#include "maru/status.h"

/* The file in it: to be removed when the folder has got its name. */
#define CLAIM_NOTE "making"

/* claim_take makes folder, or takes one that was left by who was killed, with what is in it. FAILED_PRECONDITION names
 * who is at it; ALREADY_EXISTS where something else is there under that name. */
maru_status claim_take(const char *folder, int *claim, maru_error *error);

void claim_end(int claim);

#endif
