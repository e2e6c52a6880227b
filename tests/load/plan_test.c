/* plan_test.c: plans as text, and when their calls are due. */
#include "test.h"

#include <math.h>
#include <stdlib.h>

#include "load/plan.h"
#include "load/schedule.h"

#define MS     INT64_C(1000000)
#define SECOND INT64_C(1000000000)

typedef struct wrong_row {
    const char *text;
    bool        rate;
    int64_t     time_ms;
    const char *words;
} wrong_row;

static const wrong_row wrong_table[] = {
    {"", true, 0, "want 0.001..10000000 calls a second"},
    {"0", true, 0, "got \"0\""},
    {"-1", true, 0, "got \"-1\""},
    {"1e3", true, 0, "got \"1e3\""},
    {"nan", true, 0, "got \"nan\""},
    {"10000001", true, 0, "want 0.001..10000000"},
    {"0..0", true, 0, "got \"0..0\""},
    {"5..", true, 0, "got \"5..\""},
    {"1.2.3", true, 0, "got \"1.2.3\""},
    {"10@1s,20", true, 0, "each stage with its length"},
    {"10@1s,", true, 0, "each stage with its length"},
    {"10@", true, 0, "want a length such as 500ms"},
    {"10@0s", true, 0, "want a length"},
    {"10@1h2m", true, 0, "want a length"},
    {"10@1s", true, 5000, "or no --time"},
    {"0@1s", true, 0, "want calls: there is nothing but pauses"},
    {"0@1s,0..0@1s", true, 0, "want calls: there is nothing but pauses"},
    {"1@1s,0.0001@1s", true, 0, "want 0.001..10000000"},
    {"1@1s,0@1s", false, 0, "want 1..100000 calls in flight"},
    {"1.5", false, 0, "want 1..100000 calls in flight"},
    {"0..4", false, 0, "want 1..100000 calls in flight"},
    {"100001", false, 0, "want 1..100000"},
};

static void test_wrong(void)
{
    test_begin("what is no plan is refused with what was expected");
    for (size_t i = 0; i < sizeof wrong_table / sizeof *wrong_table; i++) {
        const wrong_row *row = &wrong_table[i];
        maru_error       error = {.text = ""};
        plan             p;
        maru_status      status = row->rate ? plan_rate(&p, row->text, row->time_ms, 10000, &error)
                                            : plan_in_flight(&p, row->text, row->time_ms, 10000, &error);

        if (!CHECK_INT(status, MARU_INVALID_ARGUMENT))
            fprintf(stderr, "\"%s\"\n", row->text);
        CHECK_CONTAINS(error.text, row->words);
    }
}

static void test_many(void)
{
    char       text[2000] = "1@1s";
    maru_error error;
    plan       p;

    test_begin("there may be 64 stages and no more");
    for (int i = 1; i < PLAN_STAGES_MAX; i++)
        strncat(text, ",1@1s", sizeof text - strlen(text) - 1);
    CHECK_INT(plan_rate(&p, text, 0, 1, &error), MARU_OK);
    CHECK_INT(p.length_ns, 64 * SECOND);
    strncat(text, ",1@1s", sizeof text - strlen(text) - 1);
    CHECK_INT(plan_rate(&p, text, 0, 1, &error), MARU_INVALID_ARGUMENT);
    CHECK_CONTAINS(error.text, "at most 64 stages");
}

static void test_even(void)
{
    maru_error error;
    plan       p;

    test_begin("calls of a constant rate are due evenly, to the nanosecond, however many");
    CHECK_INT(plan_rate(&p, "1000", 10000, 1, &error), MARU_OK);
    CHECK_INT(plan_due(&p, 0), 0);
    CHECK_INT(plan_due(&p, 1), MS);
    CHECK_INT(plan_due(&p, 9999), 9999 * MS);
    CHECK_INT(plan_due(&p, 10000), INT64_MAX);
    CHECK_INT(plan_rate(&p, "3", 0, 86400000, &error), MARU_OK);
    CHECK_INT(plan_due(&p, 3 * 80000), 80000 * SECOND);
    CHECK_INT(plan_due(&p, 3 * 80000 + 1), 80000 * SECOND + 333333333);
    CHECK_INT(plan_rate(&p, "0.5", 0, 10000, &error), MARU_OK);
    CHECK_INT(plan_due(&p, 4), 8 * SECOND);
    CHECK_INT(plan_due(&p, 5), INT64_MAX);
}

static void test_ramp(void)
{
    maru_error error;
    plan       p;

    test_begin("a ramp from 0 to R in T has made R t^2 / 2T calls at t");
    CHECK_INT(plan_rate(&p, "0..100@10s,100@1s,100..0@10s", 0, 1, &error), MARU_OK);
    CHECK_INT(plan_due(&p, 0), 0);
    CHECK_INT(plan_due(&p, 5), 1 * SECOND);
    CHECK_INT(plan_due(&p, 125), 5 * SECOND);
    CHECK_INT(plan_due(&p, 500), 10 * SECOND);
    CHECK_INT(plan_due(&p, 510), 10 * SECOND + SECOND / 10);
    CHECK_INT(plan_due(&p, 600 + 375), 16 * SECOND); /* half of the time down: three quarters of the calls */
    CHECK_INT(plan_due(&p, 1100), INT64_MAX);
    CHECK(fabs(plan_calls(&p, 0, 21 * SECOND) - 1100) < 1e-6);
    CHECK(fabs(plan_calls(&p, 5 * SECOND, 10 * SECOND) - 375) < 1e-6);
    CHECK_INT(plan_stage_at(&p, 0), 0);
    CHECK_INT(plan_stage_at(&p, 10 * SECOND), 1);
    CHECK_INT(plan_stage_at(&p, 50 * SECOND), 2);
}

static void test_pause(void)
{
    maru_error error;
    schedule   s;
    plan       p;

    test_begin("a stage of rate 0 is a pause: nothing is due in it, and what follows begins after it");
    CHECK_INT(plan_rate(&p, "0@1s,10@1s,0@2s,20@1s,0@5s", 0, 1, &error), MARU_OK);
    CHECK_INT(p.length_ns, 10 * SECOND);
    CHECK_INT(plan_end(&p), 5 * SECOND);
    CHECK_INT(plan_due(&p, 0), SECOND);
    CHECK_INT(plan_due(&p, 9), SECOND + 9 * SECOND / 10);
    CHECK_INT(plan_due(&p, 10), 4 * SECOND);
    CHECK_INT(plan_due(&p, 29), 4 * SECOND + 19 * SECOND / 20);
    CHECK_INT(plan_due(&p, 30), INT64_MAX);
    CHECK(fabs(plan_calls(&p, 2 * SECOND, 4 * SECOND)) < 1e-9);
    schedule_init(&s, &p, true, 0, false, 1);
    for (int i = 0; i < 30; i++)
        CHECK_INT(schedule_take(&s, schedule_due(&s, 0, 0)), i < 10 ? 1 : 3);
    CHECK(schedule_over(&s, 0));
}

static void test_last(void)
{
    maru_error error;
    plan       p;

    test_begin("a ramp is no pause at the end, be it from nothing or to it");
    CHECK_INT(plan_rate(&p, "10@1s,0..10@2s", 0, 1, &error), MARU_OK);
    CHECK_INT(plan_end(&p), 3 * SECOND);
    CHECK_INT(plan_rate(&p, "10@1s,10..0@2s,0@1s", 0, 1, &error), MARU_OK);
    CHECK_INT(plan_end(&p), 3 * SECOND);
}

static void check_wanted(const plan *p, int64_t at, size_t wanted, int64_t since, int64_t until)
{
    int64_t got_since, got_until;

    CHECK_INT(plan_wanted(p, at, &got_since, &got_until), wanted);
    CHECK_INT(got_since, since);
    CHECK_INT(got_until, until);
}

static void test_steps(void)
{
    maru_error error;
    plan       p;

    test_begin("a ramp of numbers in flight stands equally long on each");
    CHECK_INT(plan_in_flight(&p, "1..4@4s,4..3@2s,10@1s", 0, 1, &error), MARU_OK);
    CHECK_INT(plan_most(&p), 10);
    check_wanted(&p, 0, 1, 0, SECOND);
    check_wanted(&p, SECOND - 1, 1, 0, SECOND);
    check_wanted(&p, SECOND, 2, SECOND, 2 * SECOND);
    check_wanted(&p, 4 * SECOND - 1, 4, 3 * SECOND, 4 * SECOND);
    check_wanted(&p, 4 * SECOND, 4, 4 * SECOND, 5 * SECOND);
    check_wanted(&p, 5 * SECOND, 3, 5 * SECOND, 6 * SECOND);
    check_wanted(&p, 6 * SECOND, 10, 6 * SECOND, 7 * SECOND);
    check_wanted(&p, 99 * SECOND, 10, 6 * SECOND, 7 * SECOND);
    CHECK_INT(plan_in_flight(&p, "1..7@1ms", 0, 1, &error), MARU_OK);
    for (int64_t at = 0; at < MS; at += 7) {
        int64_t since, until;
        size_t  wanted = plan_wanted(&p, at, &since, &until);

        if (!CHECK(since <= at && at < until && wanted == 1 + (size_t)((at * 7) / MS) + (at >= until)))
            break;
    }
}

static void test_schedule(void)
{
    maru_error error;
    schedule   s;
    plan       p;

    test_begin("a schedule gives every call of an open plan its time and stage, up to a number of calls");
    CHECK_INT(plan_rate(&p, "10@1s,20@1s", 0, 1, &error), MARU_OK);
    schedule_init(&s, &p, true, 12, false, 1);
    for (int i = 0; i < 12; i++) {
        int64_t due = schedule_due(&s, 1000, 0);

        CHECK_INT(due, i < 10 ? i * SECOND / 10 : SECOND + (i - 10) * SECOND / 20);
        CHECK(!schedule_over(&s, due));
        CHECK_INT(schedule_take(&s, due), i >= 10);
    }
    CHECK(schedule_over(&s, 0));
    test_begin("one of a closed plan asks for a call where too few are in flight");
    CHECK_INT(plan_in_flight(&p, "2@1s,3@1s", 0, 1, &error), MARU_OK);
    schedule_init(&s, &p, false, 0, false, 1);
    CHECK_INT(schedule_due(&s, 1, 0), 0);
    CHECK_INT(schedule_due(&s, 2, 0), SCHEDULE_NEVER);
    CHECK_INT(schedule_until(&s), SECOND);
    CHECK_INT(schedule_due(&s, 2, SECOND), SECOND);
    CHECK_INT(schedule_due(&s, 3, SECOND), SCHEDULE_NEVER);
    CHECK(!schedule_over(&s, 2 * SECOND - 1));
    CHECK(schedule_over(&s, 2 * SECOND));
    CHECK_INT(schedule_due(&s, 0, 2 * SECOND), SCHEDULE_NEVER);
}

static void test_random(void)
{
    random_state r = {1};
    double       sum = 0;
    int          seen[6] = {0};

    test_begin("random numbers fill their range evenly, both ends included, and gaps have mean 1");
    for (int i = 0; i < 60000; i++) {
        int64_t n = random_between(&r, -2, 3);

        if (!CHECK(n >= -2 && n <= 3))
            return;
        seen[n + 2]++;
        sum += random_gap(&r);
    }
    for (int i = 0; i < 6; i++)
        CHECK(abs(seen[i] - 10000) < 500);
    CHECK(fabs(sum / 60000 - 1) < 0.02);
    CHECK_INT(random_between(&r, 5, 5), 5);
    random_between(&r, INT64_MIN, INT64_MAX);
}

enum { PAIRS = 20000 };

/* Of the gap before each call with one of the values that it takes: Pearson's. */
static double correlation(uint64_t seed, int values, int which)
{
    random_state r = random_of(seed, RANDOM_VALUES);
    maru_error   error;
    schedule     s;
    plan         p;
    double       x = 0, y = 0, xx = 0, yy = 0, xy = 0, before = 0;

    CHECK_INT(plan_rate(&p, "1000@3600s", 0, 1, &error), MARU_OK);
    schedule_init(&s, &p, true, 0, true, seed);
    for (int i = 0; i < PAIRS; i++) {
        double due = (double)schedule_due(&s, 0, 0) / MS, gap = due - before, value = 0;

        for (int j = 0; j < values; j++) {
            double one = (double)random_between(&r, 0, 1000000) / 1e6;

            value = j == which ? one : value;
        }
        x += gap, y += value, xx += gap * gap, yy += value * value, xy += gap * value;
        before = due;
        schedule_take(&s, (int64_t)(due * MS));
    }
    return (PAIRS * xy - x * y) / sqrt((PAIRS * xx - x * x) * (PAIRS * yy - y * y));
}

static void test_apart(void)
{
    static const uint64_t seeds[] = {0, 1, 2, 7, 12345, UINT64_MAX};

    test_begin("the gap before a call says nothing about its values, of the same seed");
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++)
        for (int values = 1; values <= 3; values++)
            for (int which = 0; which < values; which++) {
                double got = correlation(seeds[i], values, which);

                if (!CHECK(fabs(got) < 0.035)) /* five deviations */
                    fprintf(stderr, "seed %llu, value %d of %d: %.3f\n", (unsigned long long)seeds[i], which + 1,
                            values, got);
            }
}

/* Of a schedule of which so many calls were taken, each when it is due. */
static int64_t asked_until(const char *rate, const char *in_flight, uint64_t calls_max, int taken)
{
    maru_error error;
    plan       p;
    schedule   s;

    CHECK_INT(rate != NULL ? plan_rate(&p, rate, 0, 10000, &error) : plan_in_flight(&p, in_flight, 0, 10000, &error),
              MARU_OK);
    schedule_init(&s, &p, rate != NULL, calls_max, false, 0);
    for (int i = 0; i < taken; i++)
        schedule_take(&s, schedule_due(&s, 0, 0));
    return schedule_asked_until(&s);
}

static void test_asked_until(void)
{
    test_begin("calls that end by their number are asked for until one more would be due, or a pause begins");
    CHECK(asked_until("10@1s", NULL, 5, 4) == SCHEDULE_NEVER);
    CHECK(asked_until("10@1s", NULL, 5, 5) == SECOND / 2);
    CHECK(asked_until("10@1s", NULL, 0, 5) == SCHEDULE_NEVER);
    CHECK(asked_until("10@1s", NULL, 10, 10) == SCHEDULE_NEVER);
    CHECK(asked_until("10@1s,0@1s,10@1s", NULL, 10, 10) == SECOND);
    CHECK(asked_until("10@1s,0@1s,10@1s", NULL, 15, 15) == 5 * SECOND / 2);
    CHECK(asked_until("10@1s,0@1s,10@1s,0@1s", NULL, 20, 20) == SCHEDULE_NEVER);
    CHECK(asked_until("1.5@1s,1@1s", NULL, 2, 2) == 3 * SECOND / 2);
    test_begin("or, in a closed model, until their answers");
    CHECK(asked_until(NULL, "1@1s", 5, 4) == SCHEDULE_NEVER);
    CHECK(asked_until(NULL, "1@1s", 5, 5) == 0);
}

int main(void)
{
    test_wrong();
    test_many();
    test_even();
    test_ramp();
    test_pause();
    test_last();
    test_steps();
    test_schedule();
    test_random();
    test_apart();
    test_asked_until();
    return test_end();
}
