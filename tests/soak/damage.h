/* damage.h: a shop at rest in which something is wrong on purpose: whether the soak says so is tested with it. */
#ifndef MARU_SOAK_DAMAGE_H
#define MARU_SOAK_DAMAGE_H

#include "fleet.h"

/* What there is: "order" (one's total is changed), "ledger" (all that the provider wrote down is lost). */
#define DAMAGES "order or ledger"
bool damage_is_one(const char *what);

/* damage_do stops the service, does it in its store, and starts the service again. False, with words on stderr, where
 * it could not, or there was nothing to damage. */
bool damage_do(fleet *f, const char *what);

#endif
