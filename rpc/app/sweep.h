/* sweep.h: the run folders of applications that no longer run. Every end leaves one behind, with its lock files; in
 * /tmp nothing else would remove them.
 */
#ifndef MARU_SWEEP_H
#define MARU_SWEEP_H

/* sweep_runs removes those run folders beside run (itself one, of a rundir) which no process is in (rundir_make's
 * hold), where no lock is held and no socket answers, and which hold nothing else. What can't be removed stays, and
 * nothing is said: a start does not fail by it. Blocks on the file system; looks at 4096 folders at most. */
void sweep_runs(const char *run);

#endif
