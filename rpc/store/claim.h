/* claim.h: a folder in which a copy of a store is made before it gets its name: one makes it at a time. For rpc/store.
 *
 * The lock is flock's, on the folder itself: it goes along when the folder is renamed, and kill -9 leaves none. A file
 * in it says which process has it, for people. All block.
 */
#ifndef MARU_STORE_CLAIM_H
#define MARU_STORE_CLAIM_H

#include "maru/status.h"

/* The file in it: to be removed before the folder gets its name. */
#define CLAIM_NOTE "making"

/* claim_new makes folder. ALREADY_EXISTS where it is there: says who is at it, or that somebody was. */
maru_status claim_new(const char *folder, int *claim, maru_error *error);

/* claim_left makes folder, or takes one that was left by who was killed, with what is in it. FAILED_PRECONDITION names
 * who is at it. */
maru_status claim_left(const char *folder, int *claim, maru_error *error);

void claim_end(int claim);

#endif
