/* report.c: see report.h. The text; the JSON is report_json.c's. */
#include "report.h"

#include <inttypes.h>

#include "spectrum.h"

/* "1000", or "100..5000". Returns out. */
static const char *name_load(const plan_stage *s, char out[static 48])
{
    if (s->from == s->to)
        snprintf(out, 48, "%.10g", s->from);
    else
        snprintf(out, 48, "%.10g..%.10g", s->from, s->to);
    return out;
}

static void print_plan(FILE *out, const report *r)
{
    char load[48];

    for (size_t i = 0; i < r->plan->count; i++) {
        const plan_stage *s = &r->plan->stages[i];

        fprintf(out, "%s%s %s for %.10g s", i == 0 ? "" : ", ", name_load(s, load), r->open ? "calls/s" : "in flight",
                (double)s->length_ns / 1e9);
    }
    if (r->calls_max > 0)
        fprintf(out, ", at most %" PRIu64 " calls", r->calls_max);
    fprintf(out, "%s", r->open && r->poisson ? ", at random" : "");
}

static void print_failures(FILE *out, const tally *t)
{
    for (int code = 1; code < MARU_STATUS_COUNT; code++)
        if (t->by_status[code] > 0)
            fprintf(out, "%11" PRIu64 " %s, as in: %s\n", t->by_status[code], maru_status_name((maru_status)code),
                    maru_status_words(code, t->words[code]));
}

/* How many were due until then. */
static double due_until(const report *r, int64_t at_ns)
{
    double due = plan_calls(r->plan, 0, at_ns);

    return r->calls_max > 0 && due > (double)r->calls_max ? (double)r->calls_max : due;
}

static double asked(const report *r)
{
    const tally_stage *s = r->all;
    double             length = (double)(s->end_ns - s->begin_ns) / 1e9;

    return length > 0 ? (due_until(r, s->end_ns) - due_until(r, s->begin_ns)) / length : 0;
}

static void print_summary(FILE *out, const report *r)
{
    const tally_stage *s = r->all;
    const tally       *t = r->tally;

    fprintf(out, "%s at %s\n", r->method, r->target);
    fprintf(out, "%-10s ", r->open ? "open" : "closed");
    print_plan(out, r);
    fprintf(out, "; %zu connection%s, seed %" PRIu64 "\n", r->connections, r->connections == 1 ? "" : "s", r->seed);
    fprintf(out, "calls      %" PRIu64 " = %" PRIu64 " OK + %" PRIu64 " failed", s->left, s->ok, s->failed);
    if (t->warm > 0)
        fprintf(out, "; before them %" PRIu64 " to warm up", t->warm);
    if (s->unsent > 0)
        fprintf(out, "; %" PRIu64 " were due and never could leave", s->unsent);
    fprintf(out, "\nrate       ");
    if (r->open)
        fprintf(out, "%.1f calls/s asked, ", asked(r));
    fprintf(out, "%.1f calls/s answered\n", figures_answered(s));
    fprintf(out, "in flight  %zu at most", t->most_in_flight);
    if (r->open && t->held > 0)
        fprintf(out, "; %" PRIu64 " had to wait for room (--limit)", t->held);
    fprintf(out, "\nharness    %.2f of a core\n", r->cores);
    print_failures(out, t);
}

static void print_time(FILE *out, const report *r, const tally_stage *s, const histogram *h, double part)
{
    if ((h != &s->late && !r->trust && !figures_told(s, part)) || h->total == 0)
        fprintf(out, " %12s", "-");
    else
        fprintf(out, " %12.3f", (double)histogram_at(h, part) / 1e6);
}

static void print_percentiles(FILE *out, const report *r)
{
    const tally_stage *s = r->all;
    char               name[16];

    fprintf(out, "\n%-10s %12s %12s %12s\n", "ms", "response", "service", "late");
    for (size_t i = 0; i < FIGURES_PARTS; i++) {
        fprintf(out, "%-10s", figures_name(figures_parts[i], name));
        print_time(out, r, s, &s->response, figures_parts[i]);
        print_time(out, r, s, &s->service, figures_parts[i]);
        print_time(out, r, s, &s->late, figures_parts[i]);
        fputc('\n', out);
    }
    fprintf(out, "%-10s %12.3f %12.3f %12.3f\n", "mean", histogram_mean(&s->response) / 1e6,
            histogram_mean(&s->service) / 1e6, histogram_mean(&s->late) / 1e6);
    fprintf(out, "%-10s %12.3f %12.3f %12.3f\n", "deviation", histogram_deviation(&s->response) / 1e6,
            histogram_deviation(&s->service) / 1e6, histogram_deviation(&s->late) / 1e6);
}

static void print_stage(FILE *out, const report *r, size_t i)
{
    const plan_stage  *p = &r->plan->stages[i];
    const tally_stage *s = &r->tally->stages[i];
    char               load[48];

    fprintf(out, "%-16s %8.1f %12.1f %10" PRIu64 " %10" PRIu64, name_load(p, load),
            (double)(s->end_ns - s->begin_ns) / 1e9, figures_answered(s), s->ok, s->failed + s->unsent);
    print_time(out, r, s, &s->response, 0.5);
    print_time(out, r, s, &s->response, 0.99);
    print_time(out, r, s, &s->response, 1);
    fputc('\n', out);
}

static void print_stages(FILE *out, const report *r)
{
    fprintf(out, "\n%-16s %8s %12s %10s %10s %12s %12s %12s\n", r->open ? "calls/s asked" : "in flight", "seconds",
            "answered/s", "OK", "failed", "p50 ms", "p99 ms", "max ms");
    for (size_t i = 0; i < r->tally->stage_count; i++)
        print_stage(out, r, i);
}

bool report_refuses(const report *r)
{
    for (size_t i = 0; i < FIGURES_PARTS; i++)
        if (!r->trust && r->all->response.total > 0 && !figures_told(r->all, figures_parts[i]))
            return true;
    return false;
}

void report_text(FILE *out, const report *r)
{
    print_summary(out, r);
    if (r->all->response.total > 0)
        print_percentiles(out, r);
    if (r->tally->stage_count > 1)
        print_stages(out, r);
}

static void print_one(FILE *out, const report *r, const char *title, const histogram *h)
{
    spectrum_row rows[SPECTRUM_ROWS_MAX];
    size_t       count = spectrum_of(h, rows);

    for (size_t i = 0; i < count; i++)
        rows[i].refused = !r->trust && !figures_told(r->all, rows[i].part);
    fprintf(out, "\n  %s\n  Detailed Percentile spectrum:\n", title);
    if (spectrum_print(out, h, rows, count) > 0)
        fprintf(out, "# nan: refused, the harness itself was late there (--allow-late shows it)\n");
}

void report_spectrum(FILE *out, const report *r)
{
    print_one(out, r, "Response time, ms (HdrHistogram - Recorded Latency)", &r->all->response);
    print_one(out, r, "Service time, ms (HdrHistogram - Uncorrected Latency: counted from when a call left)",
              &r->all->service);
}
