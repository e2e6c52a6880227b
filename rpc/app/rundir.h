/* rundir.h: the data folder and the run folder of an application, found or made. Blocks on the file system.
 *
 * The run folder is found through the data folder (its file .run), so that two shells with different environments, and
 * the supervisor started by a third, meet in the same one. A copied data folder gets a run folder of its own: the name
 * of the run folder is a hash of the path. Both folders belong to the user and nobody else may look into the run
 * folder. Whoever is in a run folder holds it, so that it is not swept away (sweep.h).
 */
#ifndef MARU_RUNDIR_H
#define MARU_RUNDIR_H

#include <stdbool.h>
#include <stddef.h>

#include "app/paths.h"
#include "maru/status.h"

typedef struct rundir {
    char data[PATH_MAX]; /* absolute, without links */
    char run[PATH_MAX];
    int  held; /* open for as long as this process is in the run folder; -1: it is not */
} rundir;

/* Works out both and makes nothing. given: of --data or MARU_DATA, NULL for the default. Where neither folder is there
 * yet, the paths are those that rundir_make would make. NOT_FOUND where a link on the way leads nowhere, and where the
 * path is relative and the working folder was removed. */
maru_status rundir_find(const char *given, rundir *dir, maru_error *error);

/* Makes what is missing (0700, parents too), settles where the run folder is, and holds it until rundir_leave or the
 * end of the process. PERMISSION_DENIED and so on as the file system says; FAILED_PRECONDITION where the run folder is
 * somebody else's, or open to others. */
maru_status rundir_make(const char *given, rundir *dir, maru_error *error);
/* rundir_make_data makes the data folder alone (0700, parents too), for who puts a store into it and runs nothing
 * there: *kept is how much of dir->data was there before. rundir_remove_data removes what was made, where it is still
 * empty. */
maru_status rundir_make_data(const char *given, rundir *dir, size_t *kept, maru_error *error);
void        rundir_remove_data(const rundir *dir, size_t kept);

/* Nothing where it is not held. */
void rundir_leave(rundir *dir);

/* OK where the data folder is there and can be read; else why not, in words. */
maru_status rundir_check(const rundir *dir, maru_error *error);

#endif
