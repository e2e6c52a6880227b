/* attempt.h: a call that is made until it is answered, or the time is over: whoever is asked may be killed meanwhile.
 *
 *   attempt a = attempt_begin(m, "GetOrder", NULL);
 *   while ((call = attempt_next(&a)) != NULL)
 *       a.status = checkout_get_order(m->checkout, call, &request, &order);
 *   ... a.outcome ...; attempt_end(&a);
 */
#ifndef MARU_SOAK_ATTEMPT_H
#define MARU_SOAK_ATTEMPT_H

#include "shopper.h"

enum { ATTEMPT_MS = 3000 }; /* of one try */

/* What became of a step. */
typedef enum outcome { DONE, REFUSED, FAILED } outcome;

typedef struct attempt {
    market     *m;
    const char *what;
    const char *request_id; /* NULL: it needs none */
    maru_call  *call;
    int64_t     until;
    maru_status status;
    outcome     outcome;
} attempt;

/* request_id NULL: it needs none. */
attempt attempt_begin(market *m, const char *what, const char *request_id);

/* A call for the next try; NULL where there is none more, and outcome says why. The reply lives until attempt_end. */
maru_call *attempt_next(attempt *a);
void       attempt_end(attempt *a);

#endif
