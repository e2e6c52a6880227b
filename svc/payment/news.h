/* news.h: what the provider says that it did (payment_settle, store.h), and which order it is of.
 *
 * Before checkout's word on an order nothing is said about it, and no money is taken for its own: what the provider
 * says is kept in the record, and counts once the order is heard of, as far as it is of that order. A store that went
 * back to a backup may hear of it in that order, and so may one whose key somebody else used.
 */
#ifndef SHOP_PAYMENT_NEWS_H
#define SHOP_PAYMENT_NEWS_H

#include "record.h"

/* payment_news_hear lets what the provider said before count now, in its order; checkout's word is in the record. What
 * is not of the order's amount changes nothing. */
maru_status payment_news_hear(maru_txn *txn, Payment__PaymentRecord *record);

/* payment_unheard says in the log what the provider did of an order of which checkout said nothing: a warning where it
 * holds or took money by that. */
maru_status payment_unheard(maru_txn *txn, const char *order);

#endif
