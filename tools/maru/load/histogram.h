/* histogram.h: how often each duration was seen, log-linear: exact below 2048 ns, and from there on each doubling in
 * 1024 steps, so that a value is off by less than one part in a thousand. Pure; one owner at a time.
 *
 * The same buckets as an HdrHistogram (Gil Tene, hdrhistogram.org) of three significant digits whose unit is a
 * nanosecond. Least, most and mean are exact.
 */
#ifndef LOAD_HISTOGRAM_H
#define LOAD_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum {
    HISTOGRAM_SUB_BITS = 11, /* 2048 steps in the first bucket */
    HISTOGRAM_BITS = 47,     /* values below 2^47 ns, 39 hours; others count as the largest */
    HISTOGRAM_BUCKETS = HISTOGRAM_BITS - HISTOGRAM_SUB_BITS + 1, /* each twice as wide as the one before */
    HISTOGRAM_HALF = 1 << (HISTOGRAM_SUB_BITS - 1),
    HISTOGRAM_COUNTS = (HISTOGRAM_BUCKETS + 1) * HISTOGRAM_HALF,
};

#define HISTOGRAM_MAX ((INT64_C(1) << HISTOGRAM_BITS) - 1)

/* Zeroed, it is empty. */
typedef struct histogram {
    uint64_t total;
    int64_t  least, most; /* of what was added; 0 where nothing was */
    double   sum;
    uint64_t counts[HISTOGRAM_COUNTS];
} histogram;

/* The place of a value, 0..HISTOGRAM_MAX, in counts; the least and the most value of a place. */
size_t  histogram_place(int64_t ns);
int64_t histogram_lowest(size_t place);
int64_t histogram_highest(size_t place);

/* Below 0 counts as 0. */
void histogram_add(histogram *h, int64_t ns);
void histogram_add_many(histogram *h, int64_t ns, uint64_t count);
void histogram_merge(histogram *into, const histogram *from);

/* histogram_at is the least value, up to the width of its place, that part (0..1) of all are not above; never above
 * most. 0 where it is empty. */
int64_t histogram_at(const histogram *h, double part);
double  histogram_mean(const histogram *h);
/* From the middles of places. */
double histogram_deviation(const histogram *h);

#endif
