/* stall_test.c: runs whose figures are known before: a service that answers in no time but while it stalls, on virtual
 * time, so that nothing but the harness's arithmetic is measured. All within 1 %.
 *
 * Where calls are due evenly over T, and none is answered for D of it, a call that is due u after the stall began waits
 * D - u. So a part D/T of all calls waits evenly between 0 and D, and the others not at all:
 *   response at part q   D - (1 - q) T, for q above 1 - D/T
 *   mean                 D^2 / 2T
 */
#include "test.h"

#include <math.h>
#include <stdlib.h>

#include "load/figures.h"
#include "load/report.h"
#include "load/world.h"

static bool close_to(double got, double want)
{
    bool held = fabs(got - want) <= fabs(want) / 100;

    if (!held)
        fprintf(stderr, "got %.0f ns, want %.0f\n", got, want);
    return held;
}

/* At a part of all, in ns. */
#define CHECK_AT(histogram, part, want) CHECK(close_to((double)histogram_at(&(histogram), (part)), (double)(want)))

static void test_long_stall(void)
{
    world_options o = {.rate = "10@200s", .stall_from = 100 * SECOND, .stall_to = 200 * SECOND};
    world_result  r = world_run(&o);
    tally_stage  *s = r.all;

    test_begin("a service that answers for 100 s and stalls for 100 s: a quarter of all calls waits longer than 50 s");
    CHECK_INT(s->left, 2000);
    CHECK_INT(s->ok, 2000);
    CHECK_INT(r.started, 2000);
    CHECK_INT(r.tally->held, 0);
    CHECK_AT(s->response, 0.25, MS / 10); /* the network's two ways */
    CHECK_AT(s->response, 0.6, 20 * SECOND);
    CHECK_AT(s->response, 0.75, 50 * SECOND);
    CHECK_AT(s->response, 0.9, 80 * SECOND);
    CHECK_AT(s->response, 0.99, 98 * SECOND);
    CHECK_AT(s->response, 1, 100 * SECOND);
    CHECK(close_to(histogram_mean(&s->response), 25e9));
    CHECK(s->late.most <= 20000);
    CHECK_AT(s->service, 0.75, 50 * SECOND);
    world_free(&r);
}

static void test_closed(void)
{
    world_options o = {.in_flight = "1@10s", .latency_ns = MS / 2, .stall_from = 4 * SECOND, .stall_to = 5 * SECOND};
    world_result  r = world_run(&o);
    tally_stage  *s = r.all;

    test_begin("one call after the other sees that stall once in 9000 calls: this is what a closed model leaves out");
    CHECK(llabs((long long)s->left - 9001) < 10);
    CHECK_AT(s->response, 0.99, MS);
    CHECK_AT(s->response, 0.999, MS);
    CHECK_AT(s->response, 1, SECOND);
    CHECK_INT(r.tally->most_in_flight, 1);
    world_free(&r);
}

/* One call at a time, each of s = 1 ms, R = 500 a second: rho = 1/2. The calls of the stall, and those that are due
 * while the queue of R D calls drains, wait D - u (1 - rho): a fifth of all (R D / (1 - rho) of R T), evenly up to D.
 */
static void test_limit(void)
{
    world_options o = {
        .rate = "500@10s", .limit = 1, .latency_ns = MS / 2, .stall_from = 4 * SECOND, .stall_to = 5 * SECOND};
    world_result r = world_run(&o);
    tally_stage *s = r.all;

    test_begin("where one call at a time may leave, response times are as they must be, and service times know nothing "
               "of the stall");
    CHECK_INT(s->ok, 5000);
    CHECK_INT(r.tally->most_in_flight, 1);
    CHECK(llabs((long long)r.tally->held - 1000) < 10);
    CHECK_AT(s->response, 0.5, MS);
    CHECK_AT(s->response, 0.85, 250 * MS);
    CHECK_AT(s->response, 0.9, 500 * MS);
    CHECK_AT(s->response, 0.95, 750 * MS);
    CHECK_AT(s->response, 0.99, 950 * MS);
    CHECK_AT(s->response, 1, SECOND);
    CHECK(close_to(histogram_mean(&s->response), 0.8 * MS + 0.2 * 500 * MS));
    CHECK_AT(s->service, 0.99, MS);
    CHECK_AT(s->service, 0.999, MS);
    CHECK_AT(s->service, 1, SECOND);
    test_begin("waiting for the service is not the harness's lateness");
    CHECK(s->late.most <= 20000);
    CHECK(figures_told(s, 0.99));
    world_free(&r);
}

static void test_timeout(void)
{
    world_options o = {.rate = "100@10s", .timeout_ns = 2 * SECOND, .stall_from = 5 * SECOND, .stall_to = NEVER};
    world_result  r = world_run(&o);
    tally_stage  *s = r.all;

    test_begin("calls that run out of time count with what they waited");
    CHECK_INT(s->ok, 500);
    CHECK_INT(s->failed, 500);
    CHECK_INT(r.tally->by_status[MARU_DEADLINE_EXCEEDED], 500);
    CHECK_CONTAINS(r.tally->words[MARU_DEADLINE_EXCEEDED], "no answer");
    CHECK_AT(s->response, 0.49, MS / 10);
    CHECK_AT(s->response, 0.51, 2 * SECOND);
    CHECK_AT(s->response, 0.99, 2 * SECOND);
    CHECK_INT(s->response.total, 1000);
    CHECK(close_to(figures_answered(s), 50));
    world_free(&r);
}

/* Ten leave as they are due from 5 s on, and ten more 2 s, 4 s and 6 s later, as the ones before run out of time; none
 * leaves after 12 s, which is the plan and a time-out. So of those that are due from 5.3 s on, ten wait 7.7 s, of those
 * before, ten 5.8 s; what is due from 5.4 s on has waited for 6.6 s .. 2 s by then. */
static void test_unsent(void)
{
    world_options o = {
        .rate = "100@10s", .limit = 10, .timeout_ns = 2 * SECOND, .stall_from = 5 * SECOND, .stall_to = NEVER};
    world_result r = world_run(&o);
    tally_stage *s = r.all;

    test_begin("calls that never could leave count with what they waited, too");
    CHECK_INT(s->left, 540);
    CHECK_INT(s->ok, 500);
    CHECK_INT(s->failed, 40);
    CHECK_INT(s->unsent, 460);
    CHECK_INT(r.started, 540);
    CHECK_INT(s->response.total, 1000);
    CHECK_AT(s->response, 0.9, 5.8 * SECOND);
    CHECK_AT(s->response, 0.985, 6.55 * SECOND);
    CHECK_AT(s->response, 1, 7.7 * SECOND);
    CHECK_INT(s->service.total, 540);
    world_free(&r);
}

/* The first leaves at once, the second when that has run out of time, 20 s later, and none after 30 s. */
static void test_unsent_warm(void)
{
    world_options o = {
        .rate = "100@10s", .limit = 1, .timeout_ns = 20 * SECOND, .warm_ns = 2 * SECOND, .stall_to = NEVER};
    world_result r = world_run(&o);

    test_begin("but for those that were due while it warmed up");
    CHECK_INT(r.tally->warm, 2);
    CHECK_INT(r.all->left, 0);
    CHECK_INT(r.all->unsent, 800);
    CHECK_INT(r.all->response.total, 800);
    CHECK_AT(r.all->response, 1, 28 * SECOND);
    world_free(&r);
}

static void test_stages(void)
{
    world_options o = {.rate = "100@1s,0..1000@1s,500@1s", .latency_ns = MS};
    world_result  r = world_run(&o);

    test_begin("every stage has its own figures, a ramp the integral of its rate");
    CHECK_INT(r.tally->stages[0].left, 100);
    CHECK_INT(r.tally->stages[1].left, 500);
    CHECK_INT(r.tally->stages[2].left, 500);
    CHECK_AT(r.tally->stages[1].response, 0.5, 2 * MS);
    CHECK(close_to(figures_answered(&r.tally->stages[0]), 100));
    CHECK(close_to(figures_answered(&r.tally->stages[2]), 500));
    CHECK_INT(r.all->ok, 1100);
    world_free(&r);
    o = (world_options){.in_flight = "1@1s,1..4@4s,2@1s", .latency_ns = MS / 2};
    r = world_run(&o);
    CHECK(llabs((long long)r.tally->stages[0].left - 1000) < 10);
    CHECK(llabs((long long)r.tally->stages[1].left - 10000) < 20); /* a second with each of 1, 2, 3 and 4 */
    CHECK(llabs((long long)r.tally->stages[2].left - 2000) < 10);
    CHECK_INT(r.tally->most_in_flight, 4);
    CHECK_AT(r.all->response, 1, MS);
    world_free(&r);
}

static void test_pauses(void)
{
    world_options o = {.rate = "0@2s,100@1s,0@5s,100@2s,0@1h,0@1s", .latency_ns = MS};
    world_result  r = world_run(&o);

    test_begin("pauses are of the time that counts, but for those at the end, which are not waited for");
    CHECK_INT(r.all->ok, 300);
    CHECK_INT(r.all->end_ns, 10 * SECOND);
    CHECK(close_to(figures_answered(r.all), 30));
    CHECK(close_to(figures_answered(&r.tally->stages[3]), 100));
    CHECK_INT(r.tally->stages[4].end_ns - r.tally->stages[4].begin_ns, 0);
    CHECK_INT(figures_answered(&r.tally->stages[5]), 0);
    CHECK(r.took_ns < 10 * SECOND);
    world_free(&r);
    test_begin("nor is what can't leave waited for throughout them");
    o = (world_options){.rate = "100@1s,0@1h", .limit = 1, .timeout_ns = 2 * SECOND, .stall_to = NEVER};
    r = world_run(&o);
    CHECK_INT(r.all->ok, 0);
    CHECK(close_to((double)r.took_ns, 4e9));
    world_free(&r);
}

static void test_poisson(void)
{
    world_options o = {.rate = "1000@10s", .poisson = true, .seed = 7};
    world_result  r = world_run(&o), again = world_run(&o);

    test_begin("calls at random are as many as they should be, and the same for the same seed");
    CHECK(llabs((long long)r.all->left - 10000) < 400); /* four deviations */
    CHECK_INT(again.all->left, r.all->left);
    world_free(&again);
    o.seed = 8;
    again = world_run(&o);
    CHECK(again.all->left != r.all->left);
    world_free(&again);
    world_free(&r);
}

static void test_ends(void)
{
    world_options o = {.rate = "100@10s", .warm_ns = 2 * SECOND, .stall_from = SECOND, .stall_to = 3 * SECOND / 2};
    world_result  r = world_run(&o);

    test_begin("what is due while it warms up does not count");
    CHECK_INT(r.tally->made, 1000);
    CHECK_INT(r.tally->warm, 200);
    CHECK_INT(r.all->left, 800);
    CHECK_AT(r.all->response, 1, MS / 10);
    CHECK(close_to(figures_answered(r.all), 100));
    world_free(&r);
    test_begin("a number of calls ends it, to the call");
    o = (world_options){.in_flight = "7@100s", .latency_ns = MS / 2, .calls_max = 1000, .connections = 3};
    r = world_run(&o);
    CHECK_INT(r.tally->made, 1000);
    CHECK_INT(r.started, 1000);
    CHECK(close_to(figures_answered(r.all), 7000));
    world_free(&r);
    o = (world_options){.rate = "100@100s", .calls_max = 1000};
    r = world_run(&o);
    CHECK_INT(r.started, 1000);
    CHECK(close_to((double)r.took_ns, 10e9));
    world_free(&r);
    test_begin("a run that is stopped ends with what is in flight");
    o = (world_options){.rate = "100@100s", .stop_ns = 10 * SECOND, .latency_ns = SECOND};
    r = world_run(&o);
    CHECK(llabs((long long)r.all->left - 1000) <= 1);
    CHECK_INT(r.all->ok, r.all->left);
    CHECK(close_to(figures_answered(r.all), 80)); /* the last 2 s are answered after it */
    world_free(&r);
    test_begin("and no later than it is cancelled: what is in flight then has failed");
    for (int open = 0; open < 2; open++) {
        o = (world_options){.stop_ns = 10 * SECOND,
                            .cancel_ns = 12 * SECOND,
                            .stall_from = 5 * SECOND,
                            .stall_to = NEVER,
                            .latency_ns = MS};
        *(open ? &o.rate : &o.in_flight) = "100@100s";
        r = world_run(&o);
        CHECK(close_to((double)r.took_ns, 12e9));
        CHECK(llabs((long long)r.all->failed - (open ? 500 : 100)) <= 1);
        CHECK_INT(r.tally->by_status[MARU_CANCELLED], r.all->failed);
        CHECK_INT(r.all->ok + r.all->failed, r.all->left);
        CHECK_INT(r.tally->in_flight, 0);
        world_free(&r);
    }
}

/* A run that a number of calls may end: how many of it count, until when, and what is answered a second. */
typedef struct number_row {
    const char *rate, *in_flight;
    int64_t     latency_ns, warm_ns;
    uint64_t    calls_max;
    uint64_t    left;
    int64_t     end_ns;
    double      answered;
} number_row;

static const number_row ended_table[] = {
    /* the number did: until the one after the last would be due */
    {"10@1s", NULL, 0, 0, 5, 5, SECOND / 2, 10},
    {"10@1s", NULL, 0, 0, 1, 1, SECOND / 10, 10},
    {"100@10s", NULL, 0, SECOND, 500, 400, 5 * SECOND, 100},
    {"10@1s,100@1s", NULL, 0, 0, 60, 60, 3 * SECOND / 2, 40},
    {"10@1s,0@1h,10@1s", NULL, 0, 0, 10, 10, SECOND, 10}, /* a pause after it is none of it */
    {"10@1s,0@1s,10@1s", NULL, 0, 0, 15, 15, 5 * SECOND / 2, 6},
    /* or until the last answer */
    {"1000@10s", NULL, 50 * MS, 0, 10, 10, 109 * MS, 10 / 0.109},
    {NULL, "1@1s", 5 * MS, 0, 50, 50, SECOND / 2, 100},
    {NULL, "10@1s", 5 * MS, 0, 50, 50, 50 * MS, 1000},
    /* the plan did, by its time */
    {"1@1s", NULL, 0, 0, 7, 1, SECOND, 1},
    {"10@1s", NULL, 0, 0, 10, 10, SECOND, 10},
    {"10@1s,0@2s", NULL, 0, 0, 50, 10, SECOND, 10},
    {NULL, "1@1s", 5 * MS, 0, 5000, 100, SECOND, 100},
};

static void test_number(void)
{
    test_begin(
        "where a number of calls ended it, no more is answered than was asked; where it did not, it does not matter");
    for (size_t i = 0; i < sizeof ended_table / sizeof *ended_table; i++) {
        const number_row *row = &ended_table[i];
        world_options     o = {.rate = row->rate,
                               .in_flight = row->in_flight,
                               .latency_ns = row->latency_ns,
                               .warm_ns = row->warm_ns,
                               .calls_max = row->calls_max};
        world_result      r = world_run(&o);

        if (!CHECK_INT(r.all->left, row->left) || !CHECK_INT(r.all->ok, row->left) ||
            !CHECK(close_to((double)r.all->end_ns, (double)row->end_ns)) ||
            !CHECK(close_to(figures_answered(r.all), row->answered)))
            fprintf(stderr, "row %zu\n", i);
        world_free(&r);
    }
}

enum told { TOLD_SPECTRUM, TOLD_JSON };

/* What --output spectrum or json prints; free it. */
static char *told_text(const world_result *r, bool trust, enum told as)
{
    char  *text = NULL;
    size_t size;
    FILE  *out = open_memstream(&text, &size);
    plan   p = {.count = 1, .stages = {{.from = 10, .to = 10, .length_ns = 10 * SECOND}}, .length_ns = 10 * SECOND};
    report told = {.target = "echo",
                   .method = "Echo",
                   .plan = &p,
                   .open = true,
                   .connections = 1,
                   .trust = trust,
                   .seed = INT64_MAX,
                   .tally = r->tally,
                   .all = r->all};

    if (as == TOLD_JSON) {
        CHECK(report_json(out, &told));
    } else {
        report_text(out, &told);
        report_spectrum(out, &told);
    }
    fclose(out);
    return text;
}

static void check_spectrum(const world_result *r)
{
    char *text = told_text(r, false, TOLD_SPECTRUM);

    test_begin("what is refused is refused in the spectrum too: rows stay, their values are nan, and it says why");
    CHECK_CONTAINS(text, "\nmax                   -            -       ");
    CHECK_CONTAINS(text, "         nan     0.100000          100         1.11\n");
    CHECK_CONTAINS(text, "         nan     1.000000          100          inf\n#[Mean ");
    CHECK_CONTAINS(text, "#[Max     =          nan, Total count    =          100]\n#[Buckets ");
    CHECK_CONTAINS(text, "]\n# nan: refused, the harness itself was late there (--allow-late shows it)\n");
    free(text);
    text = told_text(r, true, TOLD_SPECTRUM);
    CHECK(strstr(text, "nan") == NULL);
    CHECK_CONTAINS(text, "     1.000000          100          inf\n#[Mean ");
    free(text);
    test_begin("a seed is told to its last digit");
    text = told_text(r, true, TOLD_JSON);
    CHECK_CONTAINS(text, "\"seed\": 9223372036854775807,");
    free(text);
}

static void test_late(void)
{
    world_options o = {.rate = "10@10s", .late_ns = 30 * MS};
    world_result  r = world_run(&o);

    test_begin("a harness that is late counts it into the response time, says so, and does not tell its percentiles");
    CHECK_AT(r.all->late, 0.9, 30 * MS);
    CHECK_AT(r.all->response, 0.9, 30.1 * MS);
    CHECK_AT(r.all->service, 0.9, MS / 10);
    CHECK(!figures_told(r.all, 0.9));
    check_spectrum(&r);
    world_free(&r);
    test_begin("what is late by little is told");
    o.late_ns = MS / 2;
    r = world_run(&o);
    CHECK(figures_told(r.all, 0.9));
    world_free(&r);
}

static void test_cut(void)
{
    world_options o = {.rate = "100@10s", .latency_ns = 100 * MS, .cut_ns = 5 * SECOND, .connections = 3, .tag = "x"};
    world_result  r = world_run(&o);

    test_begin("where connections break, what was in flight fails, and those after it go on with new ones");
    CHECK_INT(r.all->left, 1000);
    CHECK_INT(r.all->failed, r.tally->by_status[MARU_UNAVAILABLE]);
    CHECK(r.all->failed >= 15 && r.all->failed <= 25);
    CHECK_INT(r.all->ok, 1000 - r.all->failed);
    CHECK_INT(r.all->response.total, r.all->ok);
    CHECK_AT(r.all->response, 0.5, 200 * MS);
    test_begin("metadata is sent with every call");
    CHECK_INT(r.tagged, r.started);
    world_free(&r);
}

int main(void)
{
    test_long_stall();
    test_closed();
    test_limit();
    test_timeout();
    test_unsent();
    test_unsent_warm();
    test_stages();
    test_pauses();
    test_poisson();
    test_ends();
    test_number();
    test_late();
    test_cut();
    return test_end();
}
