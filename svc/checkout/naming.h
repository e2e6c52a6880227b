/* naming.h: the names of orders of the past.
 *
 * One follows from all that was said of the order, so that it is the same where it is said again to a store that went
 * back to a backup of before it: others still hold what they did for that name. It follows by a key of the store's, so
 * that nobody finds an order by its invoice. The key is drawn once, at the service's first start, so that each backup
 * has it. These names begin with another word than those that are drawn, and are none of theirs.
 */
#ifndef SHOP_CHECKOUT_NAMING_H
#define SHOP_CHECKOUT_NAMING_H

#include <stdbool.h>

#include "maru/store.h"
#include "siphash.h"

/* naming_begin draws the key where the store has none. Blocks: for a service's start, before its first call. Where it
 * can't (the disk is full), the first order of the past does, or is told why not. */
void naming_begin(maru_runtime *runtime, maru_store *store);

/* naming_past makes the name of an order, as a transaction's memory, of the request that says it. fresh: unpredictable
 * bytes, the key of a store that has none. In a write. */
maru_status naming_past(maru_txn *txn, const uint8_t fresh[static SIPHASH_KEY_BYTES], const ProtobufCMessage *request,
                        char **name);

/* naming_is_past: it is such a name. Pure. */
bool naming_is_past(const char *name);

#endif
