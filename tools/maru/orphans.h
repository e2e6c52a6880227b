/* orphans.h: services of a maru up that was killed. The kernel has told them to stop (app/parent.h), and most do by
 * themselves; one that was stopped by a signal (kill -STOP, a debugger) before that hears nothing until it goes on.
 */
#ifndef MARU_ORPHANS_H
#define MARU_ORPHANS_H

#include <stdint.h>

#include "app/rundir.h"

/* orphans_end has those of a data folder go on, and waits until they have ended, for patience_ms; then it kills them.
 * say gets a line on each that was stopped, takes more than a second, or is killed. By the locks in the run folder:
 * services started by hand, and those of a supervisor that lives, are left alone. CANCELLED where a signal that is held
 * (app/stop.h) says to stop meanwhile; else the file system's error. */
maru_status orphans_end(const rundir *dir, int64_t patience_ms, void (*say)(void *arg, const char *words), void *arg,
                        maru_error *error);

#endif
