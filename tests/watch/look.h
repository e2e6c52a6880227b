/* look.h: a look at what a runtime says of itself now, and at samples of it, for tests. Header only. */
#ifndef MARU_TEST_WATCH_LOOK_H
#define MARU_TEST_WATCH_LOOK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "maru/call.h"
#include "runtime/meter.h"
#include "runtime/rt.h"
#include "test.h"
#include "watch/openmetrics.h"

/* The text of now; to be freed. */
static inline char *look(maru_runtime *rt, maru_call *call)
{
    const char *text;
    size_t      size;
    char        words[OPENMETRICS_WORDS];

    if (!CHECK_INT(meters_collect(rt_meters(rt), call, &text, &size), MARU_OK))
        exit(1);
    if (!CHECK(openmetrics_check(text, words)))
        fprintf(stderr, "%s\n", words);
    return strdup(text);
}

/* The same of a world that stands still: its one thread is this one. */
static inline char *look_from_outside(maru_runtime *rt)
{
    maru_call *call = maru_call_begin(rt, 1000);
    char      *text = look(rt, call);

    maru_call_end(call);
    return text;
}

/* A sample of now; -1: there is none. */
static inline double look_for(maru_runtime *rt, const char *sample)
{
    char  *text = look_from_outside(rt);
    double got = openmetrics_value(text, sample);

    free(text);
    return got;
}

static inline void check_value(const char *text, const char *sample, double want)
{
    double got = openmetrics_value(text, sample);

    if (!CHECK(got > want - 1e-9 && got < want + 1e-9))
        fprintf(stderr, "%s: got %g, want %g\n", sample, got, want);
}

static inline void check_from(const char *text, const char *sample, double least)
{
    double got = openmetrics_value(text, sample);

    if (!CHECK(got >= least))
        fprintf(stderr, "%s: got %g, want at least %g\n", sample, got, least);
}

#endif
