/* scrub.h: looks for damaged records: all of a store when it is opened, and those beside a key that is not there.
 *
 * A key that was damaged where it lies is not found under the name that it had. So in a store that is known to hold
 * damaged records, "not there" is believed only where both neighbours are sound. For rpc/store.
 */
#ifndef MARU_STORE_SCRUB_H
#define MARU_STORE_SCRUB_H

#include <lmdb.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"
#include "store/env.h"
#include "store/record.h"

/* scrub_all reads every record, and says the first few that are damaged in the log. True where all are whole; false
 * too where not all could be read, which it says. A file of more than 256 MiB it does not look at: true, and whoever
 * reads a damaged record later is told. Blocks for the time of reading the whole file. */
bool scrub_all(const store_env *env, maru_log *log);

/* Whether the record before the place of key is damaged, or could not be read. */
bool scrub_before(MDB_txn *txn, MDB_dbi dbi, const record_key *key);

/* The same of the records on both sides of the place of key, which is not there. */
bool scrub_beside(MDB_txn *txn, MDB_dbi dbi, const record_key *key);

#endif
