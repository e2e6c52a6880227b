/* logs.h: what the audit reads of services' logs, by calls: each is folded into the book. Blocks; plain thread. */
#ifndef MARU_AUDIT_LOGS_H
#define MARU_AUDIT_LOGS_H

#include "audit/book.h"
#include "maru/client.h"
#include "maru/runtime.h"

/* logs_read folds the log of a service, from its first event to its newest. One that can't be read is a finding, by the
 * sequence behind which it stands: what is before it is folded, and the log is `broken`. Each page has timeout_ms. */
maru_status logs_read(maru_runtime *runtime, maru_client *client, int64_t timeout_ms, book *b, book_service service,
                      maru_error *error);

#endif
