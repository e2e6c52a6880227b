/* retry.h: one more try of a pending event. */
#ifndef MARU_RETRY_H
#define MARU_RETRY_H

#include "events/events_impl.h"

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
