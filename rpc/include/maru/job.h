/* maru/job.h: work that a process does on its own, beside its calls: again and again, on a fiber.
 *
 * Each run gets a root call of its own, with an arena that ends with the run; it may call services, sleep and write, as
 * a handler may, and no handler runs at the same time. A run tells when it wants to run next; maru_job_wake makes that
 * sooner. Runs of one job never overlap. Where a run uses up its memory it is ended, and the next begins a second
 * later.
 */
#ifndef MARU_JOB_H
#define MARU_JOB_H

#include <stdint.h>

#include "maru/call.h"
#include "maru/decls.h"
#include "maru/runtime.h"
#include "maru/status.h"

MARU_BEGIN_DECLS

typedef struct maru_job maru_job;

#define MARU_JOB_IDLE INT64_MAX /* until it is woken */

/* Returns in how many milliseconds it wants to run again: 0 at once (after others had their turn), or MARU_JOB_IDLE. */
typedef int64_t (*maru_job_fn)(maru_call *call, void *arg);

/* maru_job_start makes a job, whose first run begins soon. name is copied. From any thread, not from a handler.
 * RESOURCE_EXHAUSTED where memory is out. */
maru_status maru_job_start(maru_runtime *runtime, const char *name, maru_job_fn fn, void *arg, maru_job **job,
                           maru_error *error);

/* maru_job_wake makes the job run as soon as it can: now, or again where it runs. From any thread. Never blocks. */
void maru_job_wake(maru_job *job);

/* maru_job_stop cancels the run that is under way, waits for its end, and frees the job. Not from a handler or a job.
 */
void maru_job_stop(maru_job *job);

MARU_END_DECLS

#endif
