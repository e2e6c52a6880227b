/* want_test.c: what --want takes, and when it holds. */
#include "test.h"

#include <stdlib.h>

#include "load/want.h"

/* 100 calls of 1..100 ms, each in service for half of it; 2 failed, 2 never left; 96 were answered within 2 s. */
static tally_stage *a_stage(void)
{
    tally_stage *s = calloc(1, sizeof *s);

    for (int64_t i = 1; i <= 100; i++) {
        histogram_add(&s->response, i * 1000000);
        histogram_add(&s->service, i * 500000);
        histogram_add(&s->late, 1000);
    }
    s->left = 98;
    s->ok = s->answered = 96;
    s->failed = 2;
    s->unsent = 2;
    s->end_ns = 2000000000;
    return s;
}

typedef struct want_row {
    const char *text;
    const char *words; /* NULL: it holds */
} want_row;

static const want_row want_table[] = {
    {"p50<51ms", NULL},
    {"p50<49ms", "want p50<49ms, got 50.0"},
    {"p99.0<0.1s", NULL},
    {"p99>98000us", NULL},
    {"max<=100ms", NULL},
    {"max<100ms", "want max<100ms, got 100.000 ms"},
    {"max>=100ms", NULL},
    {"mean<50ms", "want mean<50ms, got 50.500 ms"},
    {"mean<51ms", NULL},
    {"service.max<=50ms", NULL},
    {"service.mean<25ms", "got 25.250 ms"},
    {"late.p99<2us", NULL},
    {"late.p99<1us", "want late.p99<1us, got 0.001 ms"},
    {"errors<5", NULL},
    {"errors<4", "want errors<4, got 4"},
    {"errors<=4%", NULL},
    {"errors<1.5%", "want errors<1.5%, got 4%"},
    {"rate>=48", NULL},
    {"rate>48.5", "want rate>48.5, got 48"},
    {"p0<2ms", NULL},
    {"p100<=100ms", NULL},
};

static const char *const none_table[] = {
    "",           "p99",       "p99<",     "p99<5",    "p99=5ms",          "p99<5m",     "p<5ms",      "p101<5ms",
    "p9x<5ms",    "pp<1ms",    "p50<ms",   "p50<-1ms", "mean>1%",          "rate<5ms",   "errors<1ms", "late.rate>1",
    "foo<1ms",    "late.<1ms", "rate>1%",  "p50<1ms ", "service.errors<1", "p99<0x10ms", "p99<1e3ms",  "errors<0x1%",
    "rate>1e400", "rate>inf",  "rate>nan", "rate>+1",  "rate>1.2.3",       "rate> 1",
};

static void test_holds(void)
{
    tally_stage *s = a_stage();
    maru_error   error;
    want         w;

    test_begin("a want holds or says what it got");
    for (size_t i = 0; i < sizeof want_table / sizeof *want_table; i++) {
        const want_row *row = &want_table[i];

        error.text[0] = '\0';
        if (!CHECK_INT(want_read(&w, row->text, &error), MARU_OK) ||
            !CHECK(want_holds(&w, s, false, &error) == (row->words == NULL)))
            fprintf(stderr, "%s: %s\n", row->text, error.text);
        if (row->words != NULL)
            CHECK_CONTAINS(error.text, row->words);
    }
    free(s);
}

static void test_none(void)
{
    maru_error error;
    want       w;

    test_begin("what is no want is refused");
    for (size_t i = 0; i < sizeof none_table / sizeof *none_table; i++)
        if (!CHECK_INT(want_read(&w, none_table[i], &error), MARU_INVALID_ARGUMENT))
            fprintf(stderr, "\"%s\"\n", none_table[i]);
    CHECK_CONTAINS(error.text, "want one such as p99<5ms");
}

static void test_late(void)
{
    tally_stage *s = a_stage();
    maru_error   error;
    want         w;

    test_begin("what the harness spoiled by being late does not hold, unless told to trust it");
    histogram_add_many(&s->late, 30000000, 10);
    CHECK_INT(want_read(&w, "p99<1s", &error), MARU_OK);
    CHECK(!want_holds(&w, s, false, &error));
    CHECK_CONTAINS(error.text, "the harness itself was late by 30.0");
    CHECK(want_holds(&w, s, true, &error));
    CHECK_INT(want_read(&w, "p50<1s", &error), MARU_OK);
    CHECK(want_holds(&w, s, false, &error));
    CHECK_INT(want_read(&w, "late.p99<1s", &error), MARU_OK);
    CHECK(want_holds(&w, s, false, &error));
    test_begin("the mean is told where the median is; where not, it says how late that was");
    CHECK_INT(want_read(&w, "mean<1s", &error), MARU_OK);
    CHECK(want_holds(&w, s, false, &error));
    histogram_add_many(&s->late, 20000000, 200);
    CHECK(!want_holds(&w, s, false, &error));
    CHECK_CONTAINS(error.text, "want mean<1s, but the harness itself was late by 20.0");
    CHECK_INT(want_read(&w, "late.p99<1s", &error), MARU_OK);
    test_begin("nothing holds of the times of calls that had none");
    *s = (tally_stage){.left = 1, .failed = 1};
    CHECK(!want_holds(&w, s, true, &error));
    CHECK_CONTAINS(error.text, "no call ended");
    CHECK_INT(want_read(&w, "errors<=100%", &error), MARU_OK);
    CHECK(want_holds(&w, s, false, &error));
    test_begin("and nothing holds of no calls");
    *s = (tally_stage){0};
    CHECK(!want_holds(&w, s, false, &error));
    CHECK_CONTAINS(error.text, "want errors<=100%, but no call counted");
    CHECK_INT(want_read(&w, "rate>=0", &error), MARU_OK);
    CHECK(!want_holds(&w, s, false, &error));
    free(s);
}

int main(void)
{
    test_holds();
    test_none();
    test_late();
    return test_end();
}
