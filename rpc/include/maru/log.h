/* maru/log.h: what a service has to say to its operators.
 *
 *   maru_log_write(call, MARU_LOG_WARN, "%s: its reservation is %s", order, state);
 *
 * One record a line on stderr, logfmt or JSON, with the trace and the request of the call that it is about. What a
 * record says is read by many: no card, no token, no key, no address of a customer. docs/operations.md says how levels
 * are set, at the start and while a service runs.
 */
#ifndef MARU_INCLUDE_LOG_H
#define MARU_INCLUDE_LOG_H

#include <stdbool.h>

#include "maru/decls.h"

MARU_BEGIN_DECLS

#define MARU_LOG_LEVEL_TABLE(X)                                                                                        \
    X(DEBUG, debug)                                                                                                    \
    X(INFO, info)                                                                                                      \
    X(WARN, warn)                                                                                                      \
    X(ERROR, error)                                                                                                    \
    X(OFF, off)

/* OFF is the level of a module that says nothing; no record has it. */
typedef enum maru_log_level {
#define X(name, text) MARU_LOG_##name,
    MARU_LOG_LEVEL_TABLE(X)
#undef X
} maru_log_level;

struct maru_call;
struct maru_txn;
struct maru_runtime;

/* maru_log_write writes a record of the module "service". From the call's own fiber or thread. Where nobody reads
 * stderr it blocks for 100 ms once; then records are lost until there is room again, and the next one says how many.
 * Costs a comparison where the level is off. */
void maru_log_write(const struct maru_call *call, maru_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same inside a transaction, and where there is no call: from any thread. */
void maru_txn_log(const struct maru_txn *txn, maru_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void maru_runtime_log(struct maru_runtime *runtime, maru_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* maru_log_wants: whether a record of that level would be written. */
bool maru_log_wants(const struct maru_call *call, maru_log_level level);

MARU_END_DECLS

#endif
