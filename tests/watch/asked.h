/* asked.h: a sample of what a service says of itself now, asked for over a call as an operator asks, for tests. Header
 * only.
 */
#ifndef MARU_TEST_WATCH_ASKED_H
#define MARU_TEST_WATCH_ASKED_H

#include <stdio.h>

#include "maru/metrics.maru.h"
#include "serving.h"
#include "test.h"
#include "watch/openmetrics.h"

/* A sample of now; -1: there is none. */
static inline double asked_value(struct serving *s, const char *sample)
{
    MaruMetrics__ReadRequest   request = MARU_METRICS__READ_REQUEST__INIT;
    MaruMetrics__ReadResponse *response;
    maru_call                 *call = serving_call(s);
    double                     got = -1;

    if (CHECK_INT(maru_metrics_read(s->client, call, &request, &response), MARU_OK))
        got = openmetrics_value(response->text, sample);
    else
        fprintf(stderr, "%s\n", maru_call_message(call));
    maru_call_end(call);
    return got;
}

#endif
