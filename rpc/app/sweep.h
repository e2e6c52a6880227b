/* sweep.h: the run folders of applications that no longer run, with their lock files; in /tmp nothing else would remove
 * them. The last process that ends cleanly removes its own; those of processes that were killed go at a later start.
 */
#ifndef MARU_SWEEP_H
#define MARU_SWEEP_H

#include "app/rundir.h"

/* sweep_runs removes those run folders beside run (itself one, of a rundir) which no process is in (rundir_make's
 * hold), where no lock is held and no socket answers, and which hold nothing else. What can't be removed stays, and
 * nothing is said: a start does not fail by it. Blocks on the file system; looks at 4096 folders at most. */
void sweep_runs(const char *run);

/* sweep_leave is rundir_leave, and removes the run folder by the same rules: who is the last in it leaves nothing.
 * Waits for another's sweep, a second at most. */
void sweep_leave(rundir *dir);

#endif
