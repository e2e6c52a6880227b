/* retry.h: pending events that are due, and one more try of one. */
#ifndef MARU_RETRY_H
#define MARU_RETRY_H

#include "events/events_impl.h"

enum { RETRY_HEADS = 256 };

/* The first pending event of each aggregate that is due, of those behind `from`. */
typedef struct retry_heads {
    int64_t   now_ms;
    int64_t   next_ms; /* in and out: when the first of the others is; INT64_MAX: there are none */
    event_key from;    /* in and out: where to go on */
    bool      more;    /* out: behind that there may be more */
    size_t    seen;    /* out: records that were looked at */
    size_t    count;
    event_key keys[RETRY_HEADS];
} retry_heads;

/* A maru_txn_fn, arg is a retry_heads. It looks at one record an aggregate, and at so many in one go. */
maru_status retry_find(maru_txn *txn, void *arg);

/* A maru_txn_fn, arg is a retry_try: the event at key has its effect and is pending no more (went), or is put back with
 * one more try to its name (parked, where that was the last, and why in words). Where its effect was UNAVAILABLE and
 * the like, that was no try: it is put off for a second. Nothing, where it is not there or parked already. */
typedef struct retry_try {
    const maru_events *events;
    event_key          key;
    bool               went, parked;
    char               words[EVENT_WORDS + 32];
} retry_try;

maru_status retry_one(maru_txn *txn, void *arg);

#endif
