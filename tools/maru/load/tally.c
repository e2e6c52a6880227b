/* tally.c: counts a run's calls by status and by stage, with a histogram for each. */
#include "tally.h"

#include <stdlib.h>

static int64_t within(int64_t at_ns, int64_t from_ns, int64_t to_ns)
{
    return at_ns < from_ns ? from_ns : at_ns > to_ns ? to_ns : at_ns;
}

tally *tally_new(const plan *p, int64_t warm_ns)
{
    tally  *t = calloc(1, sizeof *t);
    int64_t end_ns = plan_end(p);

    if (t == NULL || (t->stages = calloc(p->count, sizeof *t->stages)) == NULL) {
        free(t);
        return NULL;
    }
    t->stage_count = p->count;
    t->ran_ns = end_ns;
    for (size_t i = 0; i < p->count; i++) {
        const plan_stage *s = &p->stages[i];

        t->stages[i].begin_ns = within(s->begin_ns, warm_ns, end_ns);
        t->stages[i].end_ns = within(s->begin_ns + s->length_ns, warm_ns, end_ns);
    }
    return t;
}

void tally_free(tally *t)
{
    if (t == NULL)
        return;
    free(t->stages);
    free(t);
}

void tally_cut(tally *t, int64_t at_ns)
{
    if (at_ns >= t->ran_ns)
        return;
    t->ran_ns = at_ns;
    for (size_t i = 0; i < t->stage_count; i++) {
        tally_stage *s = &t->stages[i];

        if (s->end_ns > at_ns)
            s->end_ns = at_ns;
        if (s->begin_ns > s->end_ns)
            s->begin_ns = s->end_ns;
    }
}

tally_stage *tally_all(const tally *t)
{
    tally_stage *all = calloc(1, sizeof *all);

    if (all == NULL)
        return NULL;
    all->begin_ns = t->stages[0].begin_ns;
    all->end_ns = t->stages[t->stage_count - 1].end_ns;
    for (size_t i = 0; i < t->stage_count; i++) {
        const tally_stage *s = &t->stages[i];

        all->left += s->left;
        all->ok += s->ok;
        all->failed += s->failed;
        all->unsent += s->unsent;
        all->answered += s->answered;
        histogram_merge(&all->response, &s->response);
        histogram_merge(&all->service, &s->service);
        histogram_merge(&all->late, &s->late);
    }
    return all;
}
