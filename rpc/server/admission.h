/* admission.h: which queued calls are still worth starting when there is more work than time. Pure.
 *
 * A queue that was empty within the last 100 ms is a burst, and a call may wait in it as long as its deadline lets it.
 * One that was not is an overload: then a call that waited more than half of its time is refused, so that those which
 * are started have as much left again to be worked on and to be answered (first in, first out alone would start each
 * just before its time is over). The burst's 100 ms are those of "Fail at Scale" (Maurer, ACM Queue 13(8), 2015); its
 * 5 ms of patience are not kept: a client with many calls in flight and time to wait for them is no overload. A call
 * without a deadline waits. One whose deadline has passed is refused always.
 */
#ifndef MARU_ADMISSION_H
#define MARU_ADMISSION_H

#include <stdbool.h>
#include <stdint.h>

enum { ADMISSION_BURST_MS = 100 };

typedef struct admission {
    int64_t last_empty; /* when the queue was empty last, ns */
} admission;

typedef enum admission_verdict { ADMISSION_START, ADMISSION_EXPIRED, ADMISSION_OVERLOADED } admission_verdict;

/* admission_empty notes that nothing waits. */
void admission_empty(admission *a, int64_t now);
/* admission_judge decides on a call that arrived then and is next now. */
admission_verdict admission_judge(const admission *a, int64_t now, int64_t arrived, int64_t deadline);

#endif
