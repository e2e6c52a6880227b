/* histogram.c: counts durations in log-linear buckets, and computes percentiles, mean and deviation. */
#include "histogram.h"

#include <math.h>

/* Inline, as histogram_place can't be in a shared object: it is half of what counting a call costs. */
static inline size_t place_of(int64_t ns)
{
    uint64_t value = (uint64_t)ns;
    int      shift = 64 - HISTOGRAM_SUB_BITS - __builtin_clzll(value | ((1u << HISTOGRAM_SUB_BITS) - 1));

    return (size_t)shift * HISTOGRAM_HALF + (size_t)(value >> shift);
}

size_t histogram_place(int64_t ns)
{
    return place_of(ns);
}

static int shift_of(size_t place)
{
    return place < 2 * HISTOGRAM_HALF ? 0 : (int)(place / HISTOGRAM_HALF) - 1;
}

int64_t histogram_lowest(size_t place)
{
    int shift = shift_of(place);

    return (int64_t)(place - (size_t)shift * HISTOGRAM_HALF) << shift;
}

int64_t histogram_highest(size_t place)
{
    return histogram_lowest(place) + (INT64_C(1) << shift_of(place)) - 1;
}

/* Within range, and into least and most. */
static inline int64_t take(histogram *h, int64_t ns)
{
    ns = ns < 0 ? 0 : ns > HISTOGRAM_MAX ? HISTOGRAM_MAX : ns;
    if (h->total == 0 || ns < h->least)
        h->least = ns;
    if (ns > h->most)
        h->most = ns;
    return ns;
}

void histogram_add(histogram *h, int64_t ns)
{
    ns = take(h, ns);
    h->total++;
    h->sum += (double)ns;
    h->counts[place_of(ns)]++;
}

void histogram_add_many(histogram *h, int64_t ns, uint64_t count)
{
    if (count == 0)
        return;
    ns = take(h, ns);
    h->total += count;
    h->sum += (double)ns * (double)count;
    h->counts[place_of(ns)] += count;
}

void histogram_merge(histogram *into, const histogram *from)
{
    if (from->total == 0)
        return;
    if (into->total == 0 || from->least < into->least)
        into->least = from->least;
    if (from->most > into->most)
        into->most = from->most;
    into->total += from->total;
    into->sum += from->sum;
    for (size_t i = histogram_place(from->least); i <= histogram_place(from->most); i++)
        into->counts[i] += from->counts[i];
}

int64_t histogram_at(const histogram *h, double part)
{
    double   want = ceil(part * (double)h->total * (1 - 1e-12)); /* 0.9 of 10 is 9, whatever a double makes of it */
    uint64_t seen = 0;

    if (h->total == 0)
        return 0;
    for (size_t i = histogram_place(h->least); i < histogram_place(h->most); i++)
        if ((seen += h->counts[i]) > 0 && (double)seen >= want)
            return histogram_highest(i);
    return h->most;
}

double histogram_mean(const histogram *h)
{
    return h->total == 0 ? 0 : h->sum / (double)h->total;
}

double histogram_deviation(const histogram *h)
{
    double mean = histogram_mean(h), squares = 0;

    if (h->total == 0)
        return 0;
    for (size_t i = histogram_place(h->least); i <= histogram_place(h->most); i++) {
        double off = ((double)histogram_lowest(i) + (double)histogram_highest(i)) / 2 - mean;

        squares += off * off * (double)h->counts[i];
    }
    return sqrt(squares / (double)h->total);
}
