/* past_breaks.h: the ways in which what is kept of an order of the past is broken (breaks.h). */
#ifndef MARU_TEST_PAST_BREAKS_H
#define MARU_TEST_PAST_BREAKS_H

#include "maru/store.h"

/* Of inventory's store, then of payment's. Functions of writes; arg: const breaks_orders. */
maru_status past_returns_more(maru_txn *txn, void *arg);
maru_status past_settles_today(maru_txn *txn, void *arg);
maru_status past_is_charged(maru_txn *txn, void *arg);
maru_status past_is_not_paid_back(maru_txn *txn, void *arg);

#endif
