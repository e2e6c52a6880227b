/* progress.c: rewrites one line with what was answered since it was last written. */
#include "progress.h"

#include <inttypes.h>
#include <stdlib.h>

typedef struct glance {
    progress *progress;
    int64_t   at_ns; /* -1: not begun */
    size_t    in_flight, connected;
    uint64_t  answered, failed;
} glance;

bool progress_begin(progress *p, const plan *of, bool open)
{
    *p = (progress){.plan = of, .open = open, .before = calloc(1, sizeof *p->before)};
    p->now = calloc(1, sizeof *p->now);
    p->since = calloc(1, sizeof *p->since);
    return p->before != NULL && p->now != NULL && p->since != NULL;
}

void progress_end(progress *p, FILE *out)
{
    if (out != NULL)
        fprintf(out, "\r\033[K");
    free(p->before);
    free(p->now);
    free(p->since);
    *p = (progress){0};
}

/* On the strand, so only what takes little time. */
static void look(void *arg, const drive_view *view)
{
    glance *g = arg;

    g->at_ns = view->began_ns == 0 ? -1 : view->now_ns - view->began_ns;
    g->connected = view->connected;
    g->in_flight = view->tally->in_flight;
    for (size_t i = 0; i < view->tally->stage_count; i++) {
        const tally_stage *s = &view->tally->stages[i];

        g->answered += s->answered;
        g->failed += s->failed;
        histogram_merge(g->progress->now, &s->response);
    }
}

/* What now has and before had not. The least and the most of it are those of all. */
static void subtract(histogram *now, const histogram *before)
{
    if (before->total == 0)
        return;
    for (size_t i = histogram_place(before->least); i <= histogram_place(before->most); i++)
        now->counts[i] -= before->counts[i];
    now->total -= before->total;
}

static void print_line(progress *p, const glance *g, FILE *out)
{
    int64_t  since, until;
    double   length = (double)(g->at_ns - p->at_ns) / 1e9;
    uint64_t answered = g->answered - p->answered;

    fprintf(out, "\r\033[K%.0f s of %.0f s: ", (double)g->at_ns / 1e9, (double)plan_end(p->plan) / 1e9);
    if (p->open)
        fprintf(out, "%.0f calls/s asked, ", length > 0 ? plan_calls(p->plan, p->at_ns, g->at_ns) / length : 0);
    else
        fprintf(out, "%zu wanted, ", plan_wanted(p->plan, g->at_ns, &since, &until));
    fprintf(out, "%.0f/s answered, %zu in flight, %" PRIu64 " failed; p50 %.3f ms, p99 %.3f ms",
            length > 0 ? (double)answered / length : 0, g->in_flight, g->failed,
            (double)histogram_at(p->since, 0.5) / 1e6, (double)histogram_at(p->since, 0.99) / 1e6);
}

void progress_print(progress *p, drive *d, FILE *out)
{
    glance     g = {.progress = p};
    histogram *free_one;

    *p->now = (histogram){0};
    drive_look(d, look, &g);
    if (g.at_ns < 0) {
        fprintf(out, "\r\033[K%zu connected", g.connected);
        fflush(out);
        return;
    }
    *p->since = *p->now;
    subtract(p->since, p->before);
    print_line(p, &g, out);
    fflush(out);
    free_one = p->before;
    p->before = p->now;
    p->now = free_one;
    p->at_ns = g.at_ns;
    p->answered = g.answered;
}
