/* spectrum.c: prints a histogram's percentile rows as HdrHistogram does, with its three closing lines. */
#include "spectrum.h"

#include <inttypes.h>
#include <math.h>

/* The next tick after a percentage: there are SPECTRUM_TICKS between here and half of the way to 100. */
static double next_tick(double percent)
{
    double halvings = floor(log2(100 / (100 - percent))) + 1;

    return percent + 100 / (SPECTRUM_TICKS * exp2(halvings));
}

/* Every tick that a place reaches is a row; of the last place only the first one, and then the end. */
size_t spectrum_of(const histogram *h, spectrum_row rows[static SPECTRUM_ROWS_MAX])
{
    double   percent = 0;
    uint64_t seen = 0;
    size_t   n = 0;

    if (h->total == 0)
        return 0;
    for (size_t i = histogram_place(h->least); seen < h->total; i++) {
        int64_t value = histogram_highest(i) < h->most ? histogram_highest(i) : h->most;

        seen += h->counts[i];
        while (h->counts[i] != 0 && percent <= 100 * (double)seen / (double)h->total && n < SPECTRUM_ROWS_MAX - 1) {
            rows[n++] = (spectrum_row){.value = value, .part = percent / 100, .count = seen};
            percent = next_tick(percent);
            if (seen == h->total)
                break;
        }
    }
    rows[n++] = (spectrum_row){.value = h->most, .part = 1, .count = h->total};
    return n;
}

/* What can't be told is "nan", as wrk2 has it: a plotter leaves it out, and no row is missing. */
static void print_value(FILE *out, int64_t value, bool refused)
{
    if (refused)
        fprintf(out, "%12s", "nan");
    else
        fprintf(out, "%12.3f", (double)value / 1e6);
}

static void print_row(FILE *out, const spectrum_row *row)
{
    print_value(out, row->value, row->refused);
    fprintf(out, " %12f %12" PRIu64, row->part, row->count);
    if (row->part < 1)
        fprintf(out, " %12.2f\n", 1 / (1 - row->part));
    else
        fprintf(out, " %12s\n", "inf");
}

size_t spectrum_print(FILE *out, const histogram *h, const spectrum_row *rows, size_t count)
{
    size_t refused = 0;

    fprintf(out, "%12s %12s %12s %12s\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
    for (size_t i = 0; i < count; i++) {
        print_row(out, &rows[i]);
        refused += rows[i].refused;
    }
    fprintf(out, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n#[Max     = ", histogram_mean(h) / 1e6,
            histogram_deviation(h) / 1e6);
    print_value(out, h->most, count > 0 && rows[count - 1].refused);
    fprintf(out, ", Total count    = %12" PRIu64 "]\n", h->total);
    fprintf(out, "#[Buckets = %12d, SubBuckets     = %12d]\n", HISTOGRAM_BUCKETS, 2 * HISTOGRAM_HALF);
    return refused;
}
