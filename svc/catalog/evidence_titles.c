/* evidence_titles.c: a product's title and other titles, from what was seen of it (evidence.h). */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "evidence.h"

struct tally {
    char   *title;
    size_t  count; /* of its prices and times */
    int64_t last;  /* seconds since 1970 */
};

/* The best first. */
static int compare_tallies(const void *left, const void *right)
{
    const struct tally *a = left, *b = right;

    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    if (a->last != b->last)
        return a->last > b->last ? -1 : 1;
    return strcmp(a->title, b->title);
}

static void tally_add(struct tally *tally, const Catalog__Sighting *seen)
{
    int64_t last = seen->times[seen->n_times - 1];

    tally->count += seen->n_times;
    tally->last = last > tally->last ? last : tally->last;
}

/* One tally a title; equal titles are neighbours. */
static size_t tally_titles(const Catalog__Evidence *evidence, struct tally *tallies)
{
    size_t count = 0;

    for (size_t i = 0; i < evidence->n_seen; i++) {
        if (count == 0 || strcmp(tallies[count - 1].title, evidence->seen[i]->title) != 0)
            tallies[count++] = (struct tally){.title = evidence->seen[i]->title};
        tally_add(&tallies[count - 1], evidence->seen[i]);
    }
    return count;
}

bool evidence_titles(maru_arena *arena, const Catalog__Evidence *evidence, Catalog__Product *product)
{
    struct tally *tallies = maru_arena_alloc(arena, evidence->n_seen * sizeof *tallies);
    size_t        count = tallies == NULL ? 0 : tally_titles(evidence, tallies);
    char        **others = maru_arena_alloc(arena, evidence->n_seen * sizeof *others);

    if (tallies == NULL || others == NULL)
        return false;
    qsort(tallies, count, sizeof *tallies, compare_tallies);
    product->title = tallies[0].title;
    product->n_other_titles = count - 1 < OTHER_TITLES_MAX ? count - 1 : OTHER_TITLES_MAX;
    for (size_t i = 0; i < product->n_other_titles; i++)
        others[i] = tallies[i + 1].title;
    product->other_titles = others;
    return true;
}
