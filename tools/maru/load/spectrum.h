/* spectrum.h: a histogram as HdrHistogram prints its percentiles, and wrk2 after it: text that their plotters read.
 *
 * Rows of Value (milliseconds), Percentile (a part of 1), TotalCount (that are not above) and 1/(1-Percentile), five
 * rows for each halving of what is left; then three lines that begin with #. The algorithm is HdrHistogram's percentile
 * iteration (hdrhistogram.org), with five ticks for each half distance, as wrk2 has it. Pure.
 */
#ifndef LOAD_SPECTRUM_H
#define LOAD_SPECTRUM_H

#include <stdbool.h>
#include <stdio.h>

#include "histogram.h"

typedef struct spectrum_row {
    int64_t  value;   /* ns */
    double   part;    /* 0..1 */
    uint64_t count;   /* that are not above value */
    bool     refused; /* the caller's own: begins false */
} spectrum_row;

enum { SPECTRUM_TICKS = 5, SPECTRUM_ROWS_MAX = 400 };

/* spectrum_of fills rows and returns how many: the last has part 1; none where h is empty. */
size_t spectrum_of(const histogram *h, spectrum_row rows[static SPECTRUM_ROWS_MAX]);

/* The value of what is refused is "nan", Max too where the last row is. Returns how many were refused. */
size_t spectrum_print(FILE *out, const histogram *h, const spectrum_row *rows, size_t count);

#endif
