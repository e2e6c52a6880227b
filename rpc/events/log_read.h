/* log_read.h: events out of the log, as the bytes of a reply: they are stored as they travel, and are not unpacked.
 *
 * Both fill a buffer in the transaction's arena, with at most max events and about LOG_REPLY_BYTES.
 */
#ifndef MARU_LOG_READ_H
#define MARU_LOG_READ_H

#include "events/tables.h"

enum { LOG_REPLY_BYTES = 1 << 20, LOG_REPLY_EVENTS = 1000, LOG_REPLY_DEFAULT = 256 };

typedef struct log_read {
    uint64_t after;  /* in: sequence, or version where there is an aggregate. Of another epoch: out: which of the log's
                      * events is the last that who read up to there has */
    uint64_t epoch;  /* in: of the log when after was read, 0: as it is; out: of the log as it is. Not where there is an
                        aggregate */
    uint32_t    max; /* in: 1 to LOG_REPLY_EVENTS */
    const char *aggregate;
    uint64_t    last;  /* out: the newest there is */
    size_t      count; /* out: of events */
    uint8_t    *bytes; /* out: a ReadResponse or ReadAggregateResponse */
    size_t      size;
} log_read;

/* A maru_txn_fn; arg is the log_read. */
maru_status log_read_run(maru_txn *txn, void *arg);

#endif
