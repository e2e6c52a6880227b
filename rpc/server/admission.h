/* admission.h: which queued calls are still worth starting when there is more work than time. Pure.
 *
 * Controlled delay, as in "Fail at Scale" (Maurer, ACM Queue 13(8), 2015), after CoDel (Nichols and Jacobson, 2012): a
 * queue that was empty within the last 100 ms is a burst, and a call may wait that long in it; one that was not is an
 * overload, and a call that waited more than 5 ms is refused, so that those which are started have most of their time
 * left. A call whose deadline has passed is refused always.
 */
#ifndef MARU_ADMISSION_H
#define MARU_ADMISSION_H

#include <stdbool.h>
#include <stdint.h>

enum { ADMISSION_BURST_MS = 100, ADMISSION_OVERLOAD_MS = 5 };

typedef struct admission {
    int64_t last_empty; /* when the queue was empty last, ns */
} admission;

typedef enum admission_verdict { ADMISSION_START, ADMISSION_EXPIRED, ADMISSION_OVERLOADED } admission_verdict;

/* admission_empty notes that nothing waits. */
void admission_empty(admission *a, int64_t now);
/* admission_judge decides on a call that arrived then and is next now. */
admission_verdict admission_judge(const admission *a, int64_t now, int64_t arrived, int64_t deadline);

#endif
