/* opening.h: the time in which a process opens what it serves with, and holds signals back (app/stop.h). What opens may
 * never come back, in a library or on a disk that hangs; whoever tells the process to stop is to see it end.
 */
#ifndef MARU_OPENING_H
#define MARU_OPENING_H

#include <pthread.h>
#include <stdint.h>

#include "maru/status.h"

typedef struct opening {
    const char *name; /* for words on stderr */
    int64_t     limit_ms;
    int         told, over; /* a signalfd, an eventfd */
    pthread_t   watch;
} opening;

/* opening_begin: from here on, where one of the signals that are held is waiting for limit_ms, the process ends with
 * status 1 and a line. By a thread of its own. RESOURCE_EXHAUSTED where there is none. */
maru_status opening_begin(opening *o, const char *name, int64_t limit_ms, maru_error *error);
/* opening_end: signals are waited for, or nothing was opened. */
void opening_end(opening *o);

#endif
