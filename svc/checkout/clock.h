/* clock.h: times as messages have them. Pure. */
#ifndef SHOP_CHECKOUT_CLOCK_H
#define SHOP_CHECKOUT_CLOCK_H

#include <stdint.h>

#include "google/protobuf/timestamp.pb-c.h"
#include "maru/store.h"

/* In the transaction's memory; ns is since 1970, and not before. */
Google__Protobuf__Timestamp *clock_time(maru_txn *txn, int64_t ns);
int64_t                      clock_ns(const Google__Protobuf__Timestamp *time); /* 0 where time is NULL */

#endif
