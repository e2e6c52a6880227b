/* progress.h: the line that tells on a terminal how a run goes: what was answered since the line before. */
#ifndef LOAD_PROGRESS_H
#define LOAD_PROGRESS_H

#include <stdio.h>

#include "drive.h"
#include "plan.h"

typedef struct progress {
    const plan *plan;
    bool        open;
    int64_t     at_ns; /* of the line before, within the plan */
    uint64_t    answered;
    /* Response times: all that the line before had, and this one has; and the difference. */
    histogram *before, *now, *since;
} progress;

/* False where memory is out. */
bool progress_begin(progress *p, const plan *plan, bool open);
void progress_end(progress *p, FILE *out); /* wipes the line */

/* progress_print replaces the line, by what drive has now. Not from the strand. */
void progress_print(progress *p, drive *d, FILE *out);

#endif
