/* call_log.h: records of the log that are about a call: whose it is, and which trace it belongs to.
 *
 * What identifies is what an operator may read: the W3C trace and span, and the id that whoever asked gave the request
 * for logs (metadata x-request-id). The request id of an exactly-once call is none: it is a key of its caller's
 * (docs/edge.md: Idempotency-Key). Neither are other metadata, the subject, nor anything of a message.
 */
#ifndef MARU_CALL_LOG_H
#define MARU_CALL_LOG_H

#include <stdarg.h>

#include "base/log.h"
#include "maru/call.h"

enum { CALL_LOG_IDS = 3 };

typedef struct call_ids {
    char trace[33], span[17];
} call_ids;

/* call_log_ids puts what identifies a call into out (CALL_LOG_IDS fields at most), and returns how many they are. ids
 * and the call outlive them. */
int call_log_ids(const maru_call *call, call_ids *ids, log_field *out);

/* The same of a traceparent alone: two fields, or none. */
int call_log_trace(const char *traceparent, call_ids *ids, log_field *out);

/* call_log_words is maru_log_write. */
void call_log_words(const maru_call *call, maru_log_level level, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

#endif
