/* timelines.h: the timelines of all orders of the book, asked of checkout: many at once, since each is a call of its
 * own. Blocks; plain thread. */
#ifndef MARU_AUDIT_TIMELINES_H
#define MARU_AUDIT_TIMELINES_H

#include "audit/book.h"
#include "maru/client.h"

/* timelines_ask folds each into its order (fold.h) as it comes, and keeps nothing else of it. An order whose timeline
 * is NOT_FOUND has heard nothing. Else the status of the first call that failed, with its words; each may take
 * timeout_ms. */
maru_status timelines_ask(maru_runtime *runtime, maru_client *checkout, int64_t timeout_ms, book *b, maru_error *error);

#endif
