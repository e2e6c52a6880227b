/* refunds.h: what the provider says of refunds: payment's own, each under the key of its number, and those that
 * somebody else made, by whatever key. Each counts once.
 */
#ifndef SHOP_PAYMENT_REFUNDS_H
#define SHOP_PAYMENT_REFUNDS_H

#include "record.h"
#include "shop/provider.pb-c.h"

/* refunds_settle takes in what came of the refund of that number, which this store may not know of: it was asked for
 * before it went back to a backup. */
maru_status refunds_settle(maru_txn *txn, Payment__PaymentRecord *record, unsigned number,
                           const Provider__Operation *operation);

/* refunds_taken: the key of that number is another's, for why; what it would give back is asked for under the next. */
maru_status refunds_taken(maru_txn *txn, Payment__PaymentRecord *record, unsigned number, const char *why);

/* refunds_others counts one that somebody else made of what payment had authorised. */
maru_status refunds_others(maru_txn *txn, Payment__PaymentRecord *record, const Provider__Operation *operation);

#endif
