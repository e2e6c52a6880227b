/* report_json.c: report_json of report.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "spectrum.h"
#include "json/writer.h"

enum { TEXT_MAX = 8 << 20 };

typedef struct printing {
    writer        w;
    const report *r;
} printing;

static void key(printing *p, const char *name)
{
    writer_key(&p->w, name, strlen(name));
}

static void number(printing *p, const char *name, double value)
{
    char digits[32];

    key(p, name);
    snprintf(digits, sizeof digits, "%.15g", value);
    writer_raw(&p->w, digits, strlen(digits));
}

/* To the last digit: who reads it as such runs the same again. */
static void whole(printing *p, const char *name, uint64_t value)
{
    char digits[32];

    key(p, name);
    snprintf(digits, sizeof digits, "%" PRIu64, value);
    writer_raw(&p->w, digits, strlen(digits));
}

static void string(printing *p, const char *name, const char *value)
{
    key(p, name);
    writer_string(&p->w, value, strlen(value));
}

static void boolean(printing *p, const char *name, bool value)
{
    key(p, name);
    writer_raw(&p->w, value ? "true" : "false", value ? 4 : 5);
}

static void null(printing *p, const char *name)
{
    key(p, name);
    writer_raw(&p->w, "null", 4);
}

static void write_spectrum(printing *p, const tally_stage *s, const histogram *h)
{
    spectrum_row rows[SPECTRUM_ROWS_MAX];
    size_t       count = spectrum_of(h, rows);

    key(p, "spectrum");
    writer_open(&p->w, JSON_LIST);
    for (size_t i = 0; i < count; i++) {
        if (h != &s->late && !p->r->trust && !figures_told(s, rows[i].part))
            continue;
        writer_element(&p->w);
        writer_open(&p->w, JSON_OBJECT);
        number(p, "ns", (double)rows[i].value);
        number(p, "part", rows[i].part);
        number(p, "count", (double)rows[i].count);
        writer_close(&p->w);
    }
    writer_close(&p->w);
}

static void write_times(printing *p, const char *name, const tally_stage *s, const histogram *h, bool spectrum)
{
    char part[16];

    key(p, name);
    writer_open(&p->w, JSON_OBJECT);
    number(p, "count", (double)h->total);
    number(p, "mean", histogram_mean(h));
    number(p, "deviation", histogram_deviation(h));
    number(p, "min", (double)h->least);
    for (size_t i = 0; i < FIGURES_PARTS; i++) {
        figures_name(figures_parts[i], part);
        if ((h != &s->late && !p->r->trust && !figures_told(s, figures_parts[i])) || h->total == 0)
            null(p, part);
        else
            number(p, part, (double)histogram_at(h, figures_parts[i]));
    }
    if (spectrum)
        write_spectrum(p, s, h);
    writer_close(&p->w);
}

static void write_counts(printing *p, const tally_stage *s, bool spectrum)
{
    number(p, "seconds", (double)(s->end_ns - s->begin_ns) / 1e9);
    number(p, "calls", (double)s->left);
    number(p, "ok", (double)s->ok);
    number(p, "failed", (double)s->failed);
    number(p, "unsent", (double)s->unsent);
    number(p, "answeredPerSecond", figures_answered(s));
    write_times(p, "response", s, &s->response, spectrum);
    write_times(p, "service", s, &s->service, spectrum);
    write_times(p, "late", s, &s->late, spectrum);
}

static void write_stages(printing *p)
{
    key(p, "stages");
    writer_open(&p->w, JSON_LIST);
    for (size_t i = 0; i < p->r->tally->stage_count; i++) {
        writer_element(&p->w);
        writer_open(&p->w, JSON_OBJECT);
        number(p, "from", p->r->plan->stages[i].from);
        number(p, "to", p->r->plan->stages[i].to);
        write_counts(p, &p->r->tally->stages[i], false);
        writer_close(&p->w);
    }
    writer_close(&p->w);
}

static void write_statuses(printing *p)
{
    const tally *t = p->r->tally;

    key(p, "statuses");
    writer_open(&p->w, JSON_OBJECT);
    for (int code = 0; code < MARU_STATUS_COUNT; code++)
        if (t->by_status[code] > 0)
            number(p, maru_status_name((maru_status)code), (double)t->by_status[code]);
    writer_close(&p->w);
}

static void write_all(printing *p)
{
    const report *r = p->r;

    writer_open(&p->w, JSON_OBJECT);
    string(p, "target", r->target);
    string(p, "method", r->method);
    string(p, "model", r->open ? "open" : "closed");
    string(p, "unit", "ns");
    number(p, "connections", (double)r->connections);
    whole(p, "seed", r->seed);
    boolean(p, "poisson", r->poisson);
    number(p, "made", (double)r->tally->made);
    number(p, "warm", (double)r->tally->warm);
    number(p, "held", (double)r->tally->held);
    number(p, "mostInFlight", (double)r->tally->most_in_flight);
    number(p, "harnessCores", r->cores);
    boolean(p, "refused", report_refuses(r));
    write_counts(p, r->all, true);
    write_statuses(p);
    write_stages(p);
    writer_close(&p->w);
}

bool report_json(FILE *out, const report *r)
{
    maru_arena *arena = maru_arena_new(4 * TEXT_MAX);
    printing   *p = calloc(1, sizeof *p);
    char       *done = NULL;

    if (arena != NULL && p != NULL) {
        p->r = r;
        p->w.out = text_in(arena, TEXT_MAX);
        p->w.indent = 2;
        write_all(p);
        if ((done = text_end(&p->w.out)) != NULL)
            fprintf(out, "%s\n", done);
    }
    free(p);
    if (arena != NULL)
        maru_arena_free(arena);
    return done != NULL;
}
