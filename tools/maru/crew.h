/* crew.h: all supervised services together: when they are ready, when they are given up, how they stop. On the loop's
 * thread. */
#ifndef MARU_CREW_H
#define MARU_CREW_H

#include "worker.h"

typedef struct crew {
    workshop    shop;
    worker     *workers;
    size_t      count;
    uv_timer_t  timer;
    bool        changed; /* since it was last looked at */
    bool        announced, stopping;
    int         exit;
    int64_t     ready_by; /* when those that are not ready yet are given up; INT64_MAX: not any more */
    int64_t     cut_ms;   /* when pipes that others hold are closed */
    const char *state_path;
    int64_t     state_ms; /* when to write up.state again, since it could not be written; INT64_MAX: it is right */
} crew;

/* Opens and starts all of found. loop, runtime, log, dir and tcp are those of shop; the rest of it is the crew's. */
maru_status crew_open(crew *c, const workshop *shop, const char *state_path, const found_service *found, size_t count,
                      maru_error *error);
/* The first time: stops them all, the loop ends when they did. The second time: kills them. */
void crew_stop(crew *c);
void crew_close(crew *c);

#endif
