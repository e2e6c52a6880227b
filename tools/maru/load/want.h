/* want.h: what --want asks of a run: p99<5ms, service.p50<1ms, errors<0.1%, rate>990. Pure.
 *
 *   pN, mean, max                of the response time; with service. or late. before it, of those. A time: us, ms, s
 *   rate                         calls a second that ended well
 *   errors                       calls that failed or never could leave: their number, or with % their part of all
 *
 * compared by <, <=, > or >=.
 */
#ifndef LOAD_WANT_H
#define LOAD_WANT_H

#include <stdbool.h>

#include "figures.h"
#include "maru/status.h"

enum { WANT_MAX = 32 };

typedef struct want want;
struct want {
    const char *text;  /* as it was given; outlives it */
    const char *named; /* text behind "service." or "late." */
    size_t      of;    /* which of the histograms */
    double (*figure)(const want *w, const tally_stage *s);
    double part; /* of pN and max; of the mean the median, which decides whether it is told */
    bool   below, equal;
    double bound; /* ns, calls a second, calls, or percent */
    bool   percent;
};

/* INVALID_ARGUMENT with what was expected. */
maru_status want_read(want *w, const char *text, maru_error *error);

/* want_holds tells whether it does, of all stages as one. Where not, error says what it got: FAILED_PRECONDITION; also
 * where the figure can't be told because the harness was late, unless any is told for all that (trust). */
bool want_holds(const want *w, const tally_stage *s, bool trust, maru_error *error);

#endif
