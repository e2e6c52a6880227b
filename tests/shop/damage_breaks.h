/* damage_breaks.h: records that can't be read any more (breaks.h). */
#ifndef MARU_TEST_DAMAGE_BREAKS_H
#define MARU_TEST_DAMAGE_BREAKS_H

#include "maru/store.h"

/* Of checkout's store, then of payment's. Functions of writes; arg: const breaks_orders. */
maru_status damage_timeline(maru_txn *txn, void *arg);
maru_status damage_payment(maru_txn *txn, void *arg);

/* The tables that the store must be opened with for fn, which is one of those: else NULL. */
const maru_table *const *damage_tables(maru_txn_fn fn);

#endif
