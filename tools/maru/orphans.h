/* orphans.h: services of a maru up that was killed. The kernel has told them to stop (app/parent.h), and most do by
 * themselves; one that was stopped by a signal (kill -STOP, a debugger) before that hears nothing until it goes on.
 */
#ifndef MARU_ORPHANS_H
#define MARU_ORPHANS_H

#include <stdint.h>

#include "app/rundir.h"

enum { ORPHANS_PATIENCE_MS = 16000 }; /* more than a service gives itself (app/app.c), and then no more */

typedef struct orphans_times {
    int64_t patience_ms; /* what has not ended then is killed */
    int64_t wait_ms;     /* what has not ended then is left to itself, where that comes before */
} orphans_times;

/* orphans_end has those of a data folder go on, and waits until they have ended. say gets a line on each that was
 * stopped, takes more than a second, or is killed or left. By the locks in the run folder: services started by hand,
 * and those of a supervisor that lives, are left alone. DEADLINE_EXCEEDED where one is left that has not ended within
 * wait_ms; CANCELLED where a signal that is held (app/stop.h) says to stop meanwhile; else the file system's error. */
maru_status orphans_end(const rundir *dir, const orphans_times *times, void (*say)(void *arg, const char *words),
                        void *arg, maru_error *error);

#endif
