/* fold.h: what a log says: its own order, and the states that follow from it. Pure: one event after the other. And what
 * checkout's timelines say of the same events. */
#ifndef MARU_AUDIT_FOLD_H
#define MARU_AUDIT_FOLD_H

#include "audit/book.h"

/* fold_event takes the next event of a service's log, whose sequence must be the one after. What is wrong with it is a
 * finding of the checks "log-dense" and "fold". */
void fold_event(book *b, book_service service, uint64_t after, const MaruEvents__Event *event);

/* fold_timeline counts what checkout's timeline of the order holds. */
void fold_timeline(book *b, book_order *order, const Checkout__Timeline *timeline);

#endif
