/* options.h: what a run of `maru load` was asked for, as its words and files say it, read and checked. */
#ifndef LOAD_OPTIONS_H
#define LOAD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "metadata.h"
#include "plan.h"
#include "rows.h"
#include "template.h"
#include "want.h"

typedef enum load_output { LOAD_TEXT, LOAD_SPECTRUM, LOAD_JSON } load_output;

typedef struct load_options {
    const char *data, *target, *method; /* "package.Service/Method" */
    const template *template;
    rows        rows; /* column_count 0: no CSV */
    plan        plan;
    bool        open, poisson, trust;
    size_t      connections, in_flight_max;
    uint64_t    calls_max, seed;
    int64_t     warm_ms, timeout_ms;
    metadata    metadata;
    want        wants[WANT_MAX];
    size_t      want_count;
    load_output output;
} load_options;

#endif
