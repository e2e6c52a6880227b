/* tally.h: what is counted of a run: how many calls, how they ended, how long they took. One owner at a time: the
 * strand while it runs (drive.h), whoever reports it afterwards.
 *
 * A call counts where it was due after the warm-up. Its times go into the stage in which it was due:
 *   response   from when it was due to its end: also what it waited because others were slow
 *   service    from when it left to its end
 *   late       from when it could have left (it was due, and there was room for it) to when it did: the harness's own
 * Of response and service are the calls that ended well, those that ran out of time, and (response) those that never
 * could leave, with what they had waited until then: leaving those out would leave out the slowest. Others that failed
 * are only counted: they may be as quick as failing is.
 */
#ifndef LOAD_TALLY_H
#define LOAD_TALLY_H

#include "histogram.h"
#include "maru/status.h"
#include "plan.h"

enum { TALLY_WORDS = 240 };

typedef struct tally_stage {
    int64_t   begin_ns, end_ns; /* what counts of it, within the plan */
    uint64_t  left, ok, failed; /* of those that were due in it */
    uint64_t  unsent;           /* that were due in it and never could leave */
    uint64_t  answered;         /* ended well in it, whenever they were due */
    histogram response, service, late;
} tally_stage;

typedef struct tally {
    tally_stage *stages;
    size_t       stage_count;
    uint64_t     made, warm;              /* calls that left in all, and those of them that do not count */
    uint64_t     warm_failed;             /* of warm */
    char         warm_words[TALLY_WORDS]; /* of the first that did */
    maru_status  warm_status;
    uint64_t     held; /* calls that were due while there was no room for them */
    size_t       in_flight, most_in_flight;
    int64_t      ran_ns; /* how long it counts, until the plan's end (plan_end) at most */
    uint64_t     by_status[MARU_STATUS_COUNT];
    char         words[MARU_STATUS_COUNT][TALLY_WORDS]; /* of the first that ended so */
} tally;

/* Nothing counts before warm_ns; a stage that ends before it stays empty, as does a pause at the plan's end. NULL where
 * memory is out. */
tally *tally_new(const plan *plan, int64_t warm_ns);
void   tally_free(tally *t);

/* tally_cut ends the plan at a time: a run that was stopped, or whose number of calls ended it. */
void tally_cut(tally *t, int64_t at_ns);

/* All stages as one: the caller's to free (free). NULL where memory is out. */
tally_stage *tally_all(const tally *t);

#endif
