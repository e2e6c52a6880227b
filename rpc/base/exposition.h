/* exposition.h: metrics as OpenMetrics text, version 1.0.0. Pure: numbers in, text out.
 *
 *   family *f = exposition_family(e, "maru_calls", METRIC_COUNTER, NULL, "Calls that were answered.");
 *   exposition_number(e, f, LABELS({"method", path}, {"status", name}), 3);
 *   text = exposition_end(e, &size);
 *
 * Many may add to one family: its samples come out together, as the format demands, families in the order in which they
 * were first asked for. All memory is the arena; where that is out, exposition_end is NULL and nothing else fails.
 */
#ifndef MARU_EXPOSITION_H
#define MARU_EXPOSITION_H

#include <stddef.h>
#include <stdint.h>

#include "base/histogram.h"
#include "maru/arena.h"

typedef enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM, METRIC_INFO } metric_type;

typedef struct metric_label {
    const char *name, *value; /* any UTF-8 text as value; it is escaped */
} metric_label;

#define LABELS(...) ((const metric_label[]){__VA_ARGS__, {0}})

typedef struct exposition exposition;
typedef struct family     family;

exposition *exposition_new(maru_arena *arena); /* NULL where memory is out; all below take that */

/* The family of a name (without _total, _info and the like), made where there is none. unit: "seconds", "bytes": the
 * name ends in it; NULL: none. */
family *exposition_family(exposition *e, const char *name, metric_type type, const char *unit, const char *help);

/* One sample; labels may be NULL. Of a counter NAME_total, of an info NAME_info (which must be 1). */
void exposition_number(exposition *e, family *f, const metric_label *labels, uint64_t value);
/* A number of seconds, in nanoseconds. */
void exposition_time(exposition *e, family *f, const metric_label *labels, int64_t ns);
/* The three of a histogram, of times and of numbers. */
void exposition_times(exposition *e, family *f, const metric_label *labels, const histogram *h);
void exposition_numbers(exposition *e, family *f, const metric_label *labels, const histogram *h);

/* The text, with "# EOF"; ends with a NUL that size does not count. */
const char *exposition_end(exposition *e, size_t *size);

#endif
