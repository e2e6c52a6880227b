/* plan.h: how much load when: stages of a rate (calls a second) or of a number in flight, each constant or a ramp.
 * Pure.
 *
 * As text: "1000" for as long as --time says; else stages in order, each with its length:
 * "100@10s,100..5000@1m,5000@30s".
 */
#ifndef LOAD_PLAN_H
#define LOAD_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "maru/status.h"

enum { PLAN_STAGES_MAX = 64, PLAN_IN_FLIGHT_MAX = 100000, PLAN_RATE_MAX = 10000000 };

typedef struct plan_stage {
    double  from, to; /* a ramp where they differ */
    int64_t begin_ns, length_ns;
} plan_stage;

typedef struct plan {
    plan_stage stages[PLAN_STAGES_MAX];
    size_t     count;
    int64_t    length_ns;
} plan;

/* plan_rate and plan_in_flight read text; time_ms is --time, 0 where it was not given (then default_ms). A rate is at
 * least 0.001 but for one end of a ramp, which may be 0, and for a stage that is a pause, where another is none; a
 * number in flight is whole, from 1. INVALID_ARGUMENT with what was expected. */
maru_status plan_rate(plan *p, const char *text, int64_t time_ms, int64_t default_ms, maru_error *error);
maru_status plan_in_flight(plan *p, const char *text, int64_t time_ms, int64_t default_ms, maru_error *error);

/* The stage of a time within the plan; the last for what is after it. */
size_t plan_stage_at(const plan *p, int64_t at_ns);

/* plan_end is when the last stage that is no pause ends: nothing is due from then on, and nobody waits any longer. */
int64_t plan_end(const plan *p);

/* plan_due is when call n (counted from 0; need not be whole) of a plan of rates is due: where the integral of the rate
 * reaches n. INT64_MAX where the plan ends before. Exact for each n: nothing adds up. */
int64_t plan_due(const plan *p, double n);
/* plan_pause is when the first pause after a stage begins, INT64_MAX where there is none. */
int64_t plan_pause(const plan *p, size_t stage);
/* How many calls are due within [from, to) of a plan of rates, evenly spaced. */
double plan_calls(const plan *p, int64_t from_ns, int64_t to_ns);

/* plan_wanted is how many shall be in flight at a time within the plan. It has been so since *since_ns, and may next
 * change at *until_ns (the plan's length at the latest). */
size_t plan_wanted(const plan *p, int64_t at_ns, int64_t *since_ns, int64_t *until_ns);
/* The most that it ever wants. */
size_t plan_most(const plan *p);

#endif
