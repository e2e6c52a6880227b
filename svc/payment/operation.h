/* operation.h: what an operation at the provider is of: by its key, and by the authorisation that it is about. Pure.
 *
 * The two need not say the same: whoever has the provider's key may use one of the shop's for something else.
 */
#ifndef SHOP_PAYMENT_OPERATION_H
#define SHOP_PAYMENT_OPERATION_H

#include <stdbool.h>

#include "order.h"
#include "shop/payment.pb-c.h"
#include "shop/provider.pb-c.h"

/* What an operation is of, with the order beside it. */
typedef struct operation_of {
    order_ask ask;
    unsigned  number; /* of a refund */
    bool      asked;  /* a task asked for it, and this is the answer; else it is news */
    bool others; /* it is of the order by its authorisation alone: its key is somebody else's, or another order's */
} operation_of;

/* operation_by_key finds the order whose key it has, operation_by_authorization the one whose authorisation it followed
 * with success. Both fill order, and of but for asked. */
bool operation_by_key(const Provider__Operation *operation, char order[static ORDER_NAME_MAX + 1], operation_of *of);
bool operation_by_authorization(const Provider__Operation *operation, char order[static ORDER_NAME_MAX + 1],
                                operation_of *of);

/* operation_is_ours: kind, key and authorisation say the same. A key of ours that someone else used for another kind,
 * or for what follows another authorisation, is none of ours. */
bool operation_is_ours(order_ask ask, const char *order, const Provider__Operation *operation);

/* operation_follows: it did something about the order's authorisation: captured it, gave it up, gave something back. */
bool operation_follows(const char *order, const Provider__Operation *operation);

/* operation_asks_nobody: the provider is asked for nothing of that order, which costs nothing or was paid elsewhere. */
bool operation_asks_nobody(const Payment__PaymentRecord *record);

/* operation_is_authorized: payment had the order authorised, in the currency of the operation. */
bool operation_is_authorized(const Payment__PaymentRecord *record, const Provider__Operation *operation);

/* operation_fits: it is the order's own, of its amount, and about what payment had authorised: a key of ours that
 * someone else used first may be of another amount, or a void of nothing yet, and is not what the order's payment is.
 */
bool operation_fits(const Payment__PaymentRecord *record, order_ask ask, const Provider__Operation *operation);

/* operation_differs writes what does not fit, for people. */
enum { OPERATION_WORDS = 512 };
void operation_differs(const Payment__PaymentRecord *record, order_ask ask, const Provider__Operation *operation,
                       char words[static OPERATION_WORDS]);

#endif
