/* scrub.h: looks for damaged records: all of a store when it is opened, and those beside a key that is not there.
 *
 * A key that was damaged where it lies is not found under the name that it had. So in a store that is known to hold
 * damaged records, "not there" is believed only where both neighbours are sound. For rpc/store.
 */
#ifndef MARU_SCRUB_H
#define MARU_SCRUB_H

#include <lmdb.h>
#include <stdbool.h>
#include <stddef.h>

#include "store/env.h"
#include "store/record.h"

/* scrub_all reads every record: how many are damaged, of which it says the first few in the log. 0 too where it
 * cannot read (who reads later is told), and in a file of more than 256 MiB, which it does not look at. Blocks for the
 * time of reading the whole file. */
size_t scrub_all(const store_env *env);

/* scrub_beside is whether the record before or after the place of key is damaged. */
bool scrub_beside(MDB_txn *txn, MDB_dbi dbi, const record_key *key);

#endif
