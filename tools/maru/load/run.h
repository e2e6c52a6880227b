/* run.h: one run against a service, on the real clock. Blocks until it is over; SIGINT and SIGTERM end it early: the
 * first lets no further call leave, the second waits for none either.
 */
#ifndef LOAD_RUN_H
#define LOAD_RUN_H

#include "options.h"
#include "tally.h"

typedef struct run_result {
    tally       *tally;  /* what was counted; NULL: it never began. tally_free */
    tally_stage *all;    /* of it; free */
    double       cores;  /* that the harness used */
    int          signal; /* that ended it, the last; 0: none */
} run_result;

/* run_load makes the calls. progress: a line a second on stderr. Errors have words: the service is not there, or has no
 * such method, the request is none of it, there is no connection. The result is the caller's after an error too. */
maru_status run_load(const load_options *options, bool progress, run_result *result, maru_error *error);
void        run_result_free(run_result *result);

#endif
