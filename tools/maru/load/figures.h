/* figures.h: the figures of a run by name, and which of them can be told: a percentile is refused where the harness
 * itself was so late that it would be the harness's and not the service's. Pure.
 *
 * That is where, at the same percentile, it was late by more than a millisecond and by more than a tenth of the
 * response time.
 */
#ifndef LOAD_FIGURES_H
#define LOAD_FIGURES_H

#include <stdbool.h>
#include <stddef.h>

#include "tally.h"

enum { FIGURES_LATE_NS = 1000000, FIGURES_LATE_PART = 10, FIGURES_PARTS = 7 };

/* What reports show: 0.5 ... 1, the largest. */
extern const double figures_parts[FIGURES_PARTS];

/* Whether the response and service times at part (0..1) can be told of s. */
bool figures_told(const tally_stage *s, double part);

/* Calls a second that ended well while the stage lasted. */
double figures_answered(const tally_stage *s);

/* "p50", "p99.9", "max" of a part. Returns out. */
const char *figures_name(double part, char out[static 16]);

#endif
