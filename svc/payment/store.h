/* store.h: what payment keeps: a record an order, and all that changes one.
 *
 * The functions of reads and writes (maru_txn_fn) and the steps that events bring about. Requests are checked,
 * responses are filled in memory of the call. All errors have words.
 */
#ifndef SHOP_PAYMENT_STORE_H
#define SHOP_PAYMENT_STORE_H

#include "maru/store.h"

#include "flow.h"
#include "order.h"
#include "shop/checkout.pb-c.h"
#include "shop/payment.pb-c.h"
#include "shop/provider.pb-c.h"

/* REFUNDS_MAX: of an order, refused ones not counted; ASKED_MAX: with these. NEWS_MAX: what is kept of the provider. */
enum { PAYMENT_STORE_VERSION = 1, PAYMENT_REFUNDS_MAX = 100, PAYMENT_ASKED_MAX = 200, PAYMENT_NEWS_MAX = 500 };
extern const maru_table *const payment_tables[];

/* ---- steps: each is a transaction's, and total ---- */

/* payment_step lets happen to an order what comes without an amount: RESERVED, PACKED, EXPIRED, AUTHORIZE_NEVER.
 * INVALID_ARGUMENT where the order's name is none. */
maru_status payment_step(maru_txn *txn, const char *order, flow_event event);
/* time_ns: since 1970, when it was. */
maru_status payment_cancelled(maru_txn *txn, const Checkout__OrderCancelled *cancelled, int64_t time_ns);

maru_status payment_submitted(maru_txn *txn, const Checkout__OrderSubmitted *submitted);

/* payment_returned gives back what goods cost that came back of an order of the past. FAILED_PRECONDITION where that is
 * more than was paid. */
maru_status payment_returned(maru_txn *txn, const Checkout__OrderReturned *returned);

/* payment_settle takes in what the provider says of an operation, however often and by whichever way it comes. What is
 * not ours or fits no more changes nothing; of an order of which checkout said nothing yet, it is kept until then
 * (news.h). Where somebody else used the order's key, so that what it would ask by it will never be done, it goes on as
 * it can: FAILED_PRECONDITION where it has to wait. That is where an authorisation is of another amount or currency;
 * as an answer to what was asked (payment_answered), also where a key is of another kind of operation. */
maru_status payment_settle(maru_txn *txn, const Provider__Operation *operation);
maru_status payment_answered(maru_txn *txn, const Provider__Operation *operation);

/* ---- for the tasks ---- */

/* What is to be asked of the provider. */
struct payment_ask {
    const char  *order;
    order_ask    ask;
    bool         wanted; /* out, as the rest: the payment still waits for it */
    bool         cancelled;
    char         key[ORDER_KEY_MAX + 1];
    char         authorization[ORDER_KEY_MAX + 1];
    const char  *token;
    Shop__Money *amount; /* NULL: VOID */
};
maru_status payment_store_ask(maru_txn *txn, void *arg);

maru_status payment_store_settle(maru_txn *txn, void *arg); /* arg: const Provider__Operation */
maru_status payment_store_never(maru_txn *txn, void *arg);  /* arg: const char, the order */

/* Notes that an answer is not known, and why, where it is still waited for. */
struct payment_unknown {
    const char *order;
    order_ask   ask;
    const char *detail;
};
maru_status payment_store_unknown(maru_txn *txn, void *arg);

/* Says in the log what the provider did of an order of which checkout's log says nothing. arg: const char, the order */
maru_status payment_store_unheard(maru_txn *txn, void *arg);

/* ---- for the methods ---- */

struct payment_get {
    const char       *order;
    Payment__Payment *response;
};
maru_status payment_store_get(maru_txn *txn, void *arg); /* NOT_FOUND */

struct payment_page {
    const char                    *after; /* the order after which it starts; "": the first page */
    size_t                         size;
    Payment__ListPaymentsResponse *response;
};
maru_status payment_store_page(maru_txn *txn, void *arg);

struct payment_refund {
    const Payment__RefundPaymentRequest *request;
    Payment__Payment                    *response;
};
/* NOT_FOUND; FAILED_PRECONDITION where nothing is captured, or less is left; INVALID_ARGUMENT for another currency;
 * RESOURCE_EXHAUSTED above PAYMENT_REFUNDS_MAX, or PAYMENT_ASKED_MAX. */
maru_status payment_store_refund(maru_txn *txn, void *arg);

#endif
