/* histogram_test.c: the histogram against sorted values, and its percentiles as HdrHistogram prints them. */
#include "test.h"

#include <math.h>
#include <stdlib.h>

#include "load/random.h"
#include "load/spectrum.h"

enum { VALUES = 20000 };

static void test_places(void)
{
    random_state r = {1};

    test_begin("every value lies in its place, and places follow each other without gaps");
    for (size_t i = 0; i + 1 < HISTOGRAM_COUNTS; i++)
        if (!CHECK(histogram_highest(i) + 1 == histogram_lowest(i + 1) && histogram_place(histogram_lowest(i)) == i &&
                   histogram_place(histogram_highest(i)) == i))
            return;
    CHECK_INT(histogram_highest(HISTOGRAM_COUNTS - 1), HISTOGRAM_MAX);
    test_begin("a place is at most a thousandth of its values wide");
    for (int i = 0; i < 100000; i++) {
        int64_t value = (int64_t)(random_next(&r) >> random_between(&r, 64 - HISTOGRAM_BITS, 63));
        size_t  place = histogram_place(value);

        if (!CHECK(value >= histogram_lowest(place) && value <= histogram_highest(place) &&
                   (histogram_highest(place) - histogram_lowest(place)) * 1000 <= value))
            return;
    }
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

/* Of many sizes, sorted. */
static int64_t *some_values(histogram *h)
{
    int64_t     *values = calloc(VALUES, sizeof *values);
    random_state r = {2};

    for (int i = 0; i < VALUES; i++) {
        values[i] = (int64_t)(exp(12 + 2 * random_gap(&r)));
        if (values[i] > HISTOGRAM_MAX)
            values[i] = HISTOGRAM_MAX;
        histogram_add(h, values[i]);
    }
    qsort(values, VALUES, sizeof *values, by_size);
    return values;
}

static bool same_place(int64_t a, int64_t b)
{
    return histogram_place(a) == histogram_place(b);
}

static void test_percentiles(void)
{
    static const double parts[] = {0, 0.0001, 0.25, 0.5, 0.9, 0.99, 0.999, 0.99995, 1};
    histogram          *h = calloc(1, sizeof *h);
    int64_t            *values = some_values(h);
    double              sum = 0;

    test_begin("percentiles are those of the sorted values");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t at = (size_t)ceil(parts[i] * VALUES);

        CHECK(same_place(histogram_at(h, parts[i]), values[at == 0 ? 0 : at - 1]));
    }
    test_begin("least, most and mean are exact");
    for (int i = 0; i < VALUES; i++)
        sum += (double)values[i];
    CHECK_INT(h->least, values[0]);
    CHECK_INT(h->most, values[VALUES - 1]);
    CHECK_INT(histogram_at(h, 1), values[VALUES - 1]);
    CHECK(fabs(histogram_mean(h) - sum / VALUES) <= 1e-9 * sum / VALUES);
    free(values);
    free(h);
}

static void test_edges(void)
{
    histogram *h = calloc(1, sizeof *h), *other = calloc(1, sizeof *other);

    test_begin("an empty one has no percentiles, and values out of its range count as the nearest");
    CHECK_INT(histogram_at(h, 0.5), 0);
    CHECK(histogram_mean(h) == 0 && histogram_deviation(h) == 0);
    histogram_add(h, -5);
    CHECK_INT(h->most, 0);
    histogram_add(h, INT64_MAX);
    CHECK_INT(h->most, HISTOGRAM_MAX);
    CHECK_INT(h->total, 2);
    test_begin("merging is adding");
    histogram_add_many(other, 1000, 9);
    histogram_add_many(other, 3000, 1);
    histogram_merge(h, other);
    CHECK_INT(h->total, 12);
    CHECK_INT(histogram_at(h, 0.5), 1000);
    CHECK_INT(h->least, 0);
    CHECK_INT(histogram_at(other, 0.9), 1000);
    CHECK(same_place(histogram_at(other, 0.91), 3000));
    CHECK(fabs(histogram_mean(other) - 1200) < 1e-6);
    CHECK(fabs(histogram_deviation(other) - 600) < 1);
    *h = (histogram){0};
    histogram_merge(other, h);
    CHECK_INT(other->total, 10);
    free(other);
    free(h);
}

/* HdrHistogram's iteration, said another way: the ticks are 10 % apart up to 50, half as far up to 75, and so on. */
static double tick(size_t i)
{
    double percent = 0, step = 10;

    for (size_t n = 0; n < i; n++) {
        percent += step;
        if (n % 5 == 4)
            step /= 2;
    }
    return percent / 100;
}

static void test_rows(void)
{
    histogram   *h = calloc(1, sizeof *h);
    int64_t     *values = some_values(h);
    spectrum_row rows[SPECTRUM_ROWS_MAX];
    size_t       count = spectrum_of(h, rows);

    test_begin("rows are at HdrHistogram's ticks: five before each halving of what is left, and the end");
    CHECK(count > 60 && count < 80); /* log2(20000) halvings */
    for (size_t i = 0; i + 1 < count; i++)
        CHECK(fabs(rows[i].part - tick(i)) < 1e-9);
    CHECK(rows[count - 1].part == 1);
    test_begin("a row's value is the least that its part reaches, and its count is of those that are not above");
    for (size_t i = 0; i < count; i++) {
        size_t below = 0, want = (size_t)ceil(rows[i].part * VALUES * (1 - 1e-12));

        while (below < VALUES && values[below] <= rows[i].value)
            below++;
        CHECK_INT(rows[i].count, below);
        CHECK(same_place(rows[i].value, values[want == 0 ? 0 : want - 1]));
    }
    free(values);
    free(h);
}

static void test_text(void)
{
    static const char want[] = "       Value   Percentile   TotalCount 1/(1-Percentile)\n"
                               "\n"
                               "       1.000     0.000000            4         1.00\n"
                               "       1.000     0.100000            4         1.11\n"
                               "       1.000     0.200000            4         1.25\n"
                               "       1.000     0.300000            4         1.43\n"
                               "       1.000     0.400000            4         1.67\n"
                               "       1.000     0.500000            4         2.00\n"
                               "       1.000     0.550000            4         2.22\n"
                               "       1.000     0.600000            4         2.50\n"
                               "       1.000     0.650000            4         2.86\n"
                               "       1.000     0.700000            4         3.33\n"
                               "       1.000     0.750000            4         4.00\n"
                               "       1.000     0.775000            4         4.44\n"
                               "       1.000     0.800000            4         5.00\n"
                               "      20.000     0.825000            5         5.71\n"
                               "      20.000     1.000000            5          inf\n"
                               "#[Mean    =        4.800, StdDeviation   =        7.599]\n"
                               "#[Max     =       20.000, Total count    =            5]\n"
                               "#[Buckets =           37, SubBuckets     =         2048]\n";
    histogram        *h = calloc(1, sizeof *h);
    spectrum_row      rows[SPECTRUM_ROWS_MAX];
    char             *text = NULL;
    size_t            size, count;
    FILE             *out = open_memstream(&text, &size);

    test_begin("the text is HdrHistogram's, to the byte");
    histogram_add_many(h, 1000000, 4);
    histogram_add(h, 20000000);
    spectrum_print(out, h, rows, spectrum_of(h, rows));
    fclose(out);
    CHECK_STR(text, want);
    free(text);
    test_begin("the value of a row that is refused is nan, and so is the largest of all where the last row is");
    out = open_memstream(&text, &size);
    count = spectrum_of(h, rows);
    rows[0].refused = rows[count - 1].refused = true;
    CHECK_INT(spectrum_print(out, h, rows, count), 2);
    fclose(out);
    CHECK_CONTAINS(text, "         nan     0.000000            4         1.00\n");
    CHECK_CONTAINS(text, "      20.000     0.825000            5         5.71\n"
                         "         nan     1.000000            5          inf\n");
    CHECK_CONTAINS(text, "#[Max     =          nan, Total count    =            5]\n");
    free(text);
    test_begin("an empty histogram has no rows, and one value has two");
    *h = (histogram){0};
    CHECK_INT(spectrum_of(h, rows), 0);
    histogram_add(h, 7);
    CHECK_INT(spectrum_of(h, rows), 2);
    CHECK_INT(rows[0].value, 7);
    CHECK_INT(rows[1].count, 1);
    free(h);
}

int main(void)
{
    test_places();
    test_percentiles();
    test_edges();
    test_rows();
    test_text();
    return test_end();
}
