/* exposition_test.c: what is counted comes out as OpenMetrics, and the reader that says so refuses all that is none. */
#include "base/exposition.h"
#include "test.h"
#include "watch/openmetrics.h"

static const char *end_of(exposition *e)
{
    size_t      size;
    const char *text = exposition_end(e, &size);

    CHECK(text != NULL && strlen(text) == size);
    return text;
}

static void check_text(maru_arena *arena)
{
    exposition *e = exposition_new(arena);
    family     *calls = exposition_family(e, "a_calls", METRIC_COUNTER, NULL, "Calls.");
    char        words[OPENMETRICS_WORDS];

    test_begin("a counter, an info and a time, whole, with labels that need escapes");
    exposition_number(e, calls, LABELS({"m", "/a.B/C"}, {"why", "a \"b\" \\ c\nd"}), 18446744073709551615u);
    exposition_number(e, exposition_family(e, "a_build", METRIC_INFO, NULL, "Who."), LABELS({"v", "장터"}), 1);
    exposition_time(e, exposition_family(e, "a_up_seconds", METRIC_GAUGE, "seconds", "Up."), NULL, 1500000001);
    CHECK(exposition_family(e, "a_calls", METRIC_COUNTER, NULL, "Calls.") == calls);
    exposition_number(e, calls, LABELS({"m", "later"}), 0);
    CHECK_STR(end_of(e), "# TYPE a_calls counter\n# HELP a_calls Calls.\n"
                         "a_calls_total{m=\"/a.B/C\",why=\"a \\\"b\\\" \\\\ c\\nd\"} 18446744073709551615\n"
                         "a_calls_total{m=\"later\"} 0\n"
                         "# TYPE a_build info\n# HELP a_build Who.\na_build_info{v=\"장터\"} 1\n"
                         "# TYPE a_up_seconds gauge\n# UNIT a_up_seconds seconds\n# HELP a_up_seconds Up.\n"
                         "a_up_seconds 1.500000001\n# EOF\n");
    if (!CHECK(openmetrics_check(end_of(e), words)))
        fprintf(stderr, "%s\n", words);
}

static void check_buckets(maru_arena *arena)
{
    static const int64_t times[] = {-5, 0, 1, 16384, 16385, 32768, 1000000, INT64_C(1) << 34, (INT64_C(1) << 34) + 1};
    histogram            h = {0}, n = {0};
    exposition          *e = exposition_new(arena);
    const char          *text;
    char                 words[OPENMETRICS_WORDS];

    test_begin("a value is in the first bucket whose bound is not below it");
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        histogram_time(&h, times[i]);
    for (uint64_t i = 0; i <= 600; i += 100)
        histogram_number(&n, i);
    exposition_times(e, exposition_family(e, "t_seconds", METRIC_HISTOGRAM, "seconds", "T."), LABELS({"m", "x"}), &h);
    exposition_numbers(e, exposition_family(e, "n", METRIC_HISTOGRAM, NULL, "N."), NULL, &n);
    text = end_of(e);
    CHECK(openmetrics_value(text, "t_seconds_bucket{m=\"x\",le=\"0.000016384\"}") == 4);
    CHECK(openmetrics_value(text, "t_seconds_bucket{m=\"x\",le=\"0.000032768\"}") == 6);
    CHECK(openmetrics_value(text, "t_seconds_bucket{m=\"x\",le=\"0.000524288\"}") == 6);
    CHECK(openmetrics_value(text, "t_seconds_bucket{m=\"x\",le=\"0.001048576\"}") == 7);
    CHECK(openmetrics_value(text, "t_seconds_bucket{m=\"x\",le=\"17.179869184\"}") == 8);
    CHECK(openmetrics_value(text, "t_seconds_bucket{m=\"x\",le=\"+Inf\"}") == 9);
    CHECK(openmetrics_value(text, "t_seconds_count{m=\"x\"}") == 9);
    CHECK(openmetrics_value(text, "t_seconds_sum{m=\"x\"}") > 34.36 &&
          openmetrics_value(text, "t_seconds_sum{m=\"x\"}") < 34.37);
    CHECK(openmetrics_value(text, "n_bucket{le=\"1.0\"}") == 1);
    CHECK(openmetrics_value(text, "n_bucket{le=\"128.0\"}") == 2);
    CHECK(openmetrics_value(text, "n_bucket{le=\"512.0\"}") == 6);
    CHECK(openmetrics_value(text, "n_bucket{le=\"+Inf\"}") == 7);
    if (!CHECK(openmetrics_check(text, words)))
        fprintf(stderr, "%s\n", words);
}

static void check_out_of_memory(void)
{
    maru_arena *small = maru_arena_new(4096);
    exposition *e = exposition_new(small);
    family     *f = exposition_family(e, "a", METRIC_COUNTER, NULL, "A.");
    size_t      size;

    test_begin("where memory is out there is no text, rather than part of one");
    for (int i = 0; i < 10000; i++)
        exposition_number(e, f, LABELS({"m", "x"}), 1);
    CHECK(exposition_end(e, &size) == NULL);
    maru_arena_free(small);
}

/* Each is wrong in one way. */
static const char *const bad_table[] = {
    "",
    "# EOF",
    "# EOF\n\n",
    "# EOF\n# EOF\n",
    "\n# EOF\n",
    "# a comment\n# EOF\n",
    "a 1\n# EOF\n",
    "# TYPE a gauge\na 1\n",
    "# TYPE a gauge\na  1\n# EOF\n",
    "# TYPE a gauge\na 1 \n# EOF\n",
    "# TYPE a gauge\na one\n# EOF\n",
    "# TYPE a gauge\r\na 1\r\n# EOF\n",
    "# TYPE a gauges\na 1\n# EOF\n",
    "# TYPE 1a gauge\n1a 1\n# EOF\n",
    "# TYPE a gauge\n# TYPE a gauge\na 1\n# EOF\n",
    "# TYPE a gauge\na 1\n# HELP a late\n# EOF\n",
    "# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n# TYPE a gauge\n# EOF\n",
    "# TYPE a gauge\nb 1\n# EOF\n",
    "# TYPE a gauge\n# UNIT a seconds\na 1\n# EOF\n",
    "# TYPE a gauge\na 1\na 2\n# EOF\n",
    "# TYPE a gauge\na{x=\"1\"} 1\na{x=\"1\"} 1\n# EOF\n",
    "# TYPE a gauge\na{x=\"1\",x=\"2\"} 1\n# EOF\n",
    "# TYPE a gauge\na{x=\"1\",} 1\n# EOF\n",
    "# TYPE a gauge\na{} 1\n# EOF\n",
    "# TYPE a gauge\na{x=1} 1\n# EOF\n",
    "# TYPE a gauge\na{x=\"\\t\"} 1\n# EOF\n",
    "# TYPE a gauge\na{x=\"1} 1\n# EOF\n",
    "# TYPE a gauge\na{le=\"1.0\"} 1\n# EOF\n",
    "# TYPE a gauge\na{x=\"\xff\"} 1\n# EOF\n",
    "# TYPE a counter\na 1\n# EOF\n",
    "# TYPE a counter\na_total -1\n# EOF\n",
    "# TYPE a_total counter\na_total_total 1\n# EOF\n",
    "# TYPE a info\na_info 2\n# EOF\n",
    "# TYPE a histogram\na_bucket{le=\"1.0\"} 1\na_count 1\na_sum 1\n# EOF\n",
    "# TYPE a histogram\na_bucket{le=\"1\"} 1\na_bucket{le=\"+Inf\"} 1\na_count 1\na_sum 1\n# EOF\n",
    "# TYPE a histogram\na_bucket{le=\"1.0\"} 2\na_bucket{le=\"+Inf\"} 1\na_count 1\na_sum 1\n# EOF\n",
    "# TYPE a histogram\na_bucket{le=\"2.0\"} 1\na_bucket{le=\"1.0\"} 1\na_bucket{le=\"+Inf\"} 1\na_count 1\na_sum "
    "1\n# EOF\n",
    "# TYPE a histogram\na_bucket{le=\"1.0\"} 1\na_bucket{le=\"+Inf\"} 1\na_count 2\na_sum 1\n# EOF\n",
    "# TYPE a histogram\na_bucket{le=\"1.0\"} 1\na_bucket{le=\"+Inf\"} 1\n# EOF\n",
    "# TYPE a histogram\na_bucket{x=\"1\",le=\"+Inf\"} 1\na_count{x=\"2\"} 1\na_sum{x=\"2\"} 1\n# EOF\n",
};

static void check_reader(void)
{
    char words[OPENMETRICS_WORDS];

    test_begin("the reader of these tests refuses what is no OpenMetrics");
    for (size_t i = 0; i < sizeof bad_table / sizeof *bad_table; i++)
        if (!CHECK(!openmetrics_check(bad_table[i], words) && words[0] != '\0'))
            fprintf(stderr, "taken: %s\n", bad_table[i]);
    CHECK(openmetrics_check("# EOF\n", words));
}

int main(void)
{
    maru_arena *arena = maru_arena_new(1 << 20);

    check_text(arena);
    check_buckets(arena);
    check_out_of_memory();
    check_reader();
    maru_arena_free(arena);
    return test_end();
}
