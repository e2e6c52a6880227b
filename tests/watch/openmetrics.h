/* openmetrics.h: a strict reader of OpenMetrics 1.0.0 text, for tests: what it takes, any scraper takes. It knows the
 * types that Maru uses (counter, gauge, histogram, info), and refuses all else. Written from the standard's grammar.
 */
#ifndef MARU_TEST_OPENMETRICS_H
#define MARU_TEST_OPENMETRICS_H

#include <stdbool.h>
#include <stddef.h>

enum { OPENMETRICS_WORDS = 512 };

/* openmetrics_check is true where text is a whole exposition; else words say which line is wrong, and why. */
bool openmetrics_check(const char *text, char words[static OPENMETRICS_WORDS]);

/* The value of the sample that is written so ("maru_calls_total{method=\"/a/B\",status=\"OK\"}"); -1 where there is
 * none. */
double openmetrics_value(const char *text, const char *sample);

#endif
