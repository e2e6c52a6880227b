/* evidence_prices.c: a product's prices over time, from what was seen of it (evidence.h). */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "evidence.h"

/* One price in one month. */
struct monthly {
    int64_t month; /* when it begins, seconds since 1970, UTC */
    int64_t first; /* when the price was first seen in it */
    int64_t minor;
    size_t  count;
};

static int64_t month_of(int64_t seconds, int after)
{
    time_t    time = (time_t)seconds;
    struct tm tm;

    gmtime_r(&time, &tm);
    return timegm(&(struct tm){.tm_year = tm.tm_year, .tm_mon = tm.tm_mon + after, .tm_mday = 1});
}

/* The months of one sighting, whose times ascend. Returns how many there are; writes them where out is not NULL. */
static size_t split_months(const Catalog__Sighting *seen, struct monthly *out)
{
    size_t  count = 0;
    int64_t next = INT64_MIN;

    for (size_t i = 0; i < seen->n_times; i++) {
        int64_t time = seen->times[i];

        if (time >= next) {
            next = month_of(time, 1);
            if (out != NULL)
                out[count] = (struct monthly){.month = month_of(time, 0), .first = time, .minor = seen->price->minor};
            count++;
        }
        if (out != NULL)
            out[count - 1].count++;
    }
    return count;
}

static int compare_monthly(const void *left, const void *right)
{
    const struct monthly *a = left, *b = right;

    if (a->month != b->month)
        return a->month < b->month ? -1 : 1;
    return (a->minor > b->minor) - (a->minor < b->minor);
}

static size_t fold_same_price(struct monthly *all, size_t count)
{
    size_t kept = 0;

    for (size_t i = 1; i < count; i++) {
        if (compare_monthly(&all[kept], &all[i]) != 0) {
            all[++kept] = all[i];
            continue;
        }
        all[kept].count += all[i].count;
        all[kept].first = all[i].first < all[kept].first ? all[i].first : all[kept].first;
    }
    return kept + 1;
}

/* Of each month, the price that was seen most; of those, the lowest, which comes first. */
static size_t fold_same_month(struct monthly *all, size_t count)
{
    size_t kept = 0;

    for (size_t i = 1; i < count; i++) {
        if (all[i].month != all[kept].month)
            all[++kept] = all[i];
        else if (all[i].count > all[kept].count)
            all[kept] = all[i];
    }
    return kept + 1;
}

static size_t fold_no_change(struct monthly *all, size_t count)
{
    size_t kept = 0;

    for (size_t i = 1; i < count; i++)
        if (all[i].minor != all[kept].minor)
            all[++kept] = all[i];
    return kept + 1;
}

static struct monthly *monthly_prices(maru_arena *arena, const Catalog__Evidence *evidence, size_t *count)
{
    struct monthly *all;
    size_t          made = 0;

    *count = 0;
    for (size_t i = 0; i < evidence->n_seen; i++)
        *count += split_months(evidence->seen[i], NULL);
    if ((all = maru_arena_zalloc(arena, *count * sizeof *all)) == NULL)
        return NULL;
    for (size_t i = 0; i < evidence->n_seen; i++)
        made += split_months(evidence->seen[i], all + made);
    qsort(all, *count, sizeof *all, compare_monthly);
    *count = fold_no_change(all, fold_same_month(all, fold_same_price(all, *count)));
    return all;
}

/* A Price with all that hangs from it, in one piece. */
struct whole_price {
    Catalog__Price              price;
    Shop__Money                 money;
    Google__Protobuf__Timestamp since;
};

static Catalog__Price *make_price(struct whole_price *whole, const struct monthly *from, char *currency)
{
    *whole = (struct whole_price){
        .price = CATALOG__PRICE__INIT, .money = SHOP__MONEY__INIT, .since = GOOGLE__PROTOBUF__TIMESTAMP__INIT};
    whole->money.currency = currency;
    whole->money.minor = from->minor;
    whole->since.seconds = from->first;
    whole->price.price = &whole->money;
    whole->price.since = &whole->since;
    return &whole->price;
}

bool evidence_prices(maru_arena *arena, const Catalog__Evidence *evidence, Catalog__Product *product)
{
    size_t              count, first;
    struct monthly     *months = monthly_prices(arena, evidence, &count);
    struct whole_price *wholes = maru_arena_alloc(arena, count * sizeof *wholes);
    Catalog__Price    **prices = maru_arena_alloc(arena, count * sizeof *prices);

    if (months == NULL || wholes == NULL || prices == NULL)
        return false;
    first = count > PRICES_MAX ? count - PRICES_MAX : 0;
    for (size_t i = first; i < count; i++)
        prices[i - first] = make_price(&wholes[i], &months[i], evidence->seen[0]->price->currency);
    product->n_prices = count - first;
    product->prices = prices;
    product->price = prices[product->n_prices - 1]->price;
    return true;
}
