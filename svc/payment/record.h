/* record.h: the record of an order's payment: read, moved on by one step of flow.h, written, with all that follows: the
 * events, tasks and timers, in the same transaction.
 */
#ifndef SHOP_PAYMENT_RECORD_H
#define SHOP_PAYMENT_RECORD_H

#include "maru/store.h"

#include "flow.h"
#include "shop/payment.pb-c.h"

extern const maru_table payment_records;

/* record_load finds an order's record. NOT_FOUND, without words. record_open makes an empty one where there is none. */
maru_status record_load(maru_txn *txn, const char *order, Payment__PaymentRecord **record);
maru_status record_open(maru_txn *txn, const char *order, Payment__PaymentRecord **record);
/* record_put sets the payment's update_time: time, or NULL: now. */
maru_status record_put(maru_txn *txn, Payment__PaymentRecord *record, Google__Protobuf__Timestamp *time);

Shop__Money *record_money(maru_txn *txn, const char *currency, int64_t minor);

/* record_flow is the record as flow.h sees it. */
flow record_flow(const Payment__PaymentRecord *record);

/* record_is_held: the time of what was authorised is not over, or not known. */
bool record_is_held(maru_txn *txn, const Payment__PaymentRecord *record);

/* What happened, and what is known of it. */
struct record_step {
    flow_event                         event;
    const Shop__Money                 *amount; /* that it tells; NULL: none */
    const char                        *reason; /* of a refusal, of a refund that is asked, or of AUTHORIZE_NEVER */
    const Google__Protobuf__Timestamp *time;   /* of the provider's operation, or of the past; NULL: now */
    bool                               others; /* somebody else did it, by a key of his own */
};

/* record_step changes the record and writes it, where anything changes. */
maru_status record_step(maru_txn *txn, Payment__PaymentRecord *record, const struct record_step *step);

/* record_find is record_step of a refund that this store does not know of any more, and that takes the next number: of
 * step->amount, done (REFUND_FOUND), or refused (REFUND_REFUSED). */
maru_status record_find(maru_txn *txn, Payment__PaymentRecord *record, const struct record_step *step);

/* record_has_others: somebody else's refund by that key counts already. record_count_others is record_step of one that
 * does not yet (REFUND_FOUND). */
bool        record_has_others(const Payment__PaymentRecord *record, const char *key);
maru_status record_count_others(maru_txn *txn, Payment__PaymentRecord *record, const char *key,
                                const struct record_step *step);

/* record_settle is record_step of the end of one of the record's refunds (REFUND_OK, REFUND_REFUSED). */
maru_status record_settle(maru_txn *txn, Payment__PaymentRecord *record, Payment__Refund *refund,
                          const struct record_step *step);

/* record_ask_again has the provider asked now, where an answer was not known and the next try is in up to half a
 * minute: something has changed what is done about it. */
maru_status record_ask_again(maru_txn *txn, const Payment__PaymentRecord *record);

#endif
