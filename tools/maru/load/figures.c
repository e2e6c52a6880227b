/* figures.c: names the figures of a run, and withholds percentiles where the harness was late. */
#include "figures.h"

#include <stdio.h>

const double figures_parts[FIGURES_PARTS] = {0.5, 0.75, 0.9, 0.99, 0.999, 0.9999, 1};

bool figures_told(const tally_stage *s, double part)
{
    int64_t late = histogram_at(&s->late, part);

    return late <= FIGURES_LATE_NS || late <= histogram_at(&s->response, part) / FIGURES_LATE_PART;
}

double figures_answered(const tally_stage *s)
{
    return s->end_ns > s->begin_ns ? (double)s->answered * 1e9 / (double)(s->end_ns - s->begin_ns) : 0;
}

const char *figures_name(double part, char out[static 16])
{
    if (part >= 1)
        snprintf(out, 16, "max");
    else
        snprintf(out, 16, "p%.6g", part * 100);
    return out;
}
