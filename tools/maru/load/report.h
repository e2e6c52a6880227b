/* report.h: a run's figures, for people and for programs. Pure: writes into a FILE. */
#ifndef LOAD_REPORT_H
#define LOAD_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "figures.h"
#include "plan.h"
#include "tally.h"

typedef struct report {
    const char        *target, *method;
    const plan        *plan;
    bool               open, poisson;
    size_t             connections;
    uint64_t           seed;
    uint64_t           calls_max; /* 0: none was given */
    const tally       *tally;
    const tally_stage *all;   /* of the tally */
    double             cores; /* of processor time that the harness took, of one core */
    bool               trust; /* nothing is refused */
} report;

/* A summary; a table of the stages where there are several; percentiles of response, service and lateness. */
void report_text(FILE *out, const report *r);
/* Response and service times as HdrHistogram and wrk2 print them. */
void report_spectrum(FILE *out, const report *r);
/* All of it as one JSON object; times in ns. What is refused is null. False where memory is out. */
bool report_json(FILE *out, const report *r);

/* Whether report_text refuses one of its percentiles. */
bool report_refuses(const report *r);

#endif
