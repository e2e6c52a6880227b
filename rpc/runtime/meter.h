/* meter.h: a part of a runtime that can be measured: a server, a store. It says what there is when it is asked, and
 * counts on its own meanwhile; nothing is kept here.
 *
 * add and remove from any thread; a part that was removed is not asked any more when remove returns. meters_collect on
 * the strand, in a call that may be suspended by nothing.
 */
#ifndef MARU_METER_H
#define MARU_METER_H

#include <pthread.h>

#include "base/exposition.h"
#include "maru/call.h"

typedef struct meter meter;
struct meter {
    meter *next;
    /* Runs on the strand; call is for memory and for reads of a store. It may not suspend. */
    void (*collect)(void *arg, maru_call *call, exposition *e);
    void *arg;
};

typedef struct meters {
    pthread_mutex_t mutex;
    meter          *first, **last;
} meters;

void meters_init(meters *m);
void meters_free(meters *m);
void meters_add(meters *m, meter *part);
void meters_remove(meters *m, meter *part);

/* meters_collect asks all parts: OpenMetrics text in call's arena. RESOURCE_EXHAUSTED where that is used up. */
maru_status meters_collect(meters *m, maru_call *call, const char **text, size_t *size);

#endif
