/* apply.h: what comes of events that were read: the heart of the inbox. In one transaction each event has its effect,
 * or is put aside to be tried again, and the cursor moves.
 */
#ifndef MARU_APPLY_H
#define MARU_APPLY_H

#include "events/events_impl.h"

/* How long a failed event waits for its next try, in ms: 100, doubled with each, and up to a fifth more by chance
 * (random is any number). Pure. */
int64_t apply_wait_ms(uint32_t tries, uint32_t random);

/* Whether a failure says nothing about the event: the disk is full, memory is out, the process stops. */
bool apply_is_transient(maru_status status);

/* The effect of one event, in a transaction nested in txn: what its function said, with its words in txn_words. OK
 * where the type has no effect here. */
maru_status apply_event(maru_txn *txn, const maru_events *events, const MaruEvents__Event *event);

/* A batch as it was read; a maru_txn_fn, arg is the batch. It takes the events in order until one cannot be taken now.
 */
typedef struct apply_batch {
    const maru_events  *events;
    const char         *producer;
    uint64_t            epoch; /* of its log */
    uint64_t            after; /* of its log: which the events follow */
    MaruEvents__Event **list;
    size_t              count;
    bool                whole;     /* it goes to the end of the log */
    size_t              taken;     /* out: of them */
    uint64_t            ahead;     /* out: as in Inbox */
    uint64_t            own_epoch; /* out: as in Inbox */
    uint64_t            parted; /* out: how far back reading went, since this log is not that which was read before */
    char                why[EVENT_WORDS]; /* out: why not all were; "" */
} apply_batch;

maru_status apply_batch_run(maru_txn *txn, void *arg);

#endif
