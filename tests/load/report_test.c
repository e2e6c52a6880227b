/* report_test.c: what the text of a report says of a run whose tally is known. */
#include "test.h"

#include <stdlib.h>

#include "load/report.h"

#define SECOND INT64_C(1000000000)

typedef struct telling {
    plan   plan;
    report report;
    tally *tally;
    char  *text;
} telling;

/* A run of which nothing is counted yet. */
static telling begin(bool open, const char *load)
{
    telling    t = {.text = NULL};
    maru_error error;

    CHECK_INT((open ? plan_rate : plan_in_flight)(&t.plan, load, 0, 10000, &error), MARU_OK);
    t.tally = tally_new(&t.plan, 0);
    t.report = (report){.target = "echo", .method = "Echo", .open = open, .connections = 1, .seed = 1};
    return t;
}

static const char *tell(telling *t)
{
    tally_stage *all = tally_all(t->tally);
    size_t       size;
    FILE        *out = open_memstream(&t->text, &size);

    t->report.plan = &t->plan;
    t->report.tally = t->tally;
    t->report.all = all;
    report_text(out, &t->report);
    fclose(out);
    free(all);
    return t->text;
}

static void end(telling *t)
{
    free(t->text);
    tally_free(t->tally);
}

typedef struct head_row {
    bool        open;
    const char *load;
    uint64_t    calls_max;
    const char *head;
} head_row;

static const head_row head_table[] = {
    {true, "1@1s", 0, "open       1 calls/s for 1 s; 1 connection, seed 1\n"},
    {true, "1@1s", 7, "open       1 calls/s for 1 s, at most 7 calls; 1 connection"},
    {false, "1@10s", 100000000, "closed     1 in flight for 10 s, at most 100000000 calls; 1 connection"},
    {true, "1@1s,2..3@500ms", 7, "open       1 calls/s for 1 s, 2..3 calls/s for 0.5 s, at most 7 calls; 1 connection"},
};

static void test_head(void)
{
    test_begin("its head says how much was asked for how long, whatever else bounds it");
    for (size_t i = 0; i < sizeof head_table / sizeof *head_table; i++) {
        telling t = begin(head_table[i].open, head_table[i].load);

        t.report.calls_max = head_table[i].calls_max;
        CHECK_CONTAINS(tell(&t), head_table[i].head);
        end(&t);
    }
}

static void test_asked(void)
{
    telling t = begin(true, "100@10s");

    test_begin("asked is what was due in the time that counts, by the plan or by the number of calls");
    CHECK_CONTAINS(tell(&t), "rate       100.0 calls/s asked, 0.0 calls/s answered\n");
    end(&t);
    t = begin(true, "100@10s");
    t.report.calls_max = 50;
    t.tally->stages[0].answered = 50;
    tally_cut(t.tally, SECOND / 2);
    CHECK_CONTAINS(tell(&t), "rate       100.0 calls/s asked, 100.0 calls/s answered\n");
    end(&t);
    t = begin(true, "100@10s");
    t.report.calls_max = 50;
    t.tally->stages[0].answered = 50;
    tally_cut(t.tally, SECOND); /* its last answer was that late */
    CHECK_CONTAINS(tell(&t), "rate       50.0 calls/s asked, 50.0 calls/s answered\n");
    end(&t);
    t = begin(true, "100@10s");
    t.report.calls_max = 5000;
    tally_cut(t.tally, SECOND);
    CHECK_CONTAINS(tell(&t), "rate       100.0 calls/s asked, ");
    end(&t);
}

static void test_small(void)
{
    telling t = begin(true, "100@10s");

    test_begin("one call is told as any number is");
    t.tally->warm = 1;
    t.tally->stages[0].unsent = 1;
    t.tally->held = 1;
    t.report.cores = 1.254;
    tell(&t);
    CHECK_CONTAINS(t.text,
                   "calls      0 = 0 OK + 0 failed; before them 1 to warm up; 1 were due and never could leave\n");
    CHECK_CONTAINS(t.text, "; 1 had to wait for room (--limit)\n");
    test_begin("the harness's share of a core is told to the hundredth");
    CHECK_CONTAINS(t.text, "\nharness    1.25 of a core\n");
    end(&t);
}

int main(void)
{
    test_head();
    test_asked();
    test_small();
    return test_end();
}
