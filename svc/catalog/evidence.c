/* evidence.c: the union of what was seen of a product (evidence.h). */
#include "evidence.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

static int compare_sightings(const Catalog__Sighting *a, const Catalog__Sighting *b)
{
    int order = strcmp(a->title, b->title);

    if (order == 0)
        order = strcmp(a->price->currency, b->price->currency);
    return order != 0 ? order : (a->price->minor > b->price->minor) - (a->price->minor < b->price->minor);
}

static int compare_pointers(const void *a, const void *b)
{
    return compare_sightings(*(Catalog__Sighting *const *)a, *(Catalog__Sighting *const *)b);
}

/* The union of two ascending lists; room for both is at out. */
static size_t unite_times(const int64_t *a, size_t na, const int64_t *b, size_t nb, int64_t *out)
{
    size_t n = 0, i = 0, j = 0;

    while (i < na || j < nb) {
        int64_t next = j == nb || (i < na && a[i] <= b[j]) ? a[i] : b[j];

        i += i < na && a[i] == next;
        j += j < nb && b[j] == next;
        out[n++] = next;
    }
    return n;
}

/* Two sightings of one title and price as one. NULL where the arena is out. */
static Catalog__Sighting *unite(maru_arena *arena, const Catalog__Sighting *a, const Catalog__Sighting *b)
{
    Catalog__Sighting *both = maru_arena_memdup(arena, a, sizeof *a);
    int64_t           *times = maru_arena_alloc(arena, (a->n_times + b->n_times) * sizeof *times);

    if (both == NULL || times == NULL)
        return NULL;
    both->n_times = unite_times(a->times, a->n_times, b->times, b->n_times, times);
    both->times = times;
    return both;
}

static size_t count_times(const Catalog__Evidence *evidence)
{
    size_t count = 0;

    for (size_t i = 0; i < evidence->n_seen; i++)
        count += evidence->seen[i]->n_times;
    return count;
}

/* Makes one of each run of equal sightings in the sorted list. False where the arena is out. */
static bool fold_equals(maru_arena *arena, Catalog__Evidence *evidence)
{
    size_t kept = 0;

    for (size_t i = 1; i < evidence->n_seen; i++) {
        Catalog__Sighting **last = &evidence->seen[kept];

        if (compare_sightings(*last, evidence->seen[i]) != 0)
            evidence->seen[++kept] = evidence->seen[i];
        else if ((*last = unite(arena, *last, evidence->seen[i])) == NULL)
            return false;
    }
    evidence->n_seen = kept + 1;
    return true;
}

static maru_status check_limits(const char *name, const Catalog__Evidence *evidence, size_t times, maru_error *error)
{
    const Shop__Money *first = evidence->seen[0]->price;

    for (size_t i = 1; i < evidence->n_seen; i++)
        if (strcmp(evidence->seen[i]->price->currency, first->currency) != 0)
            return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want prices in one currency, got %s and %s", name,
                                  first->currency, evidence->seen[i]->price->currency);
    if (evidence->n_seen > SEEN_MAX)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED,
                              "%s: want at most %d pairs of title and price in all, got %zu", name, SEEN_MAX,
                              evidence->n_seen);
    if (times > TIMES_MAX)
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: want at most %d times in all, got %zu", name,
                              TIMES_MAX, times);
    return MARU_OK;
}

/* Both lists in one, unsorted. */
static Catalog__Evidence *concatenate(maru_arena *arena, const Catalog__Evidence *known,
                                      const Catalog__ProductSightings *sightings)
{
    Catalog__Evidence *all = maru_arena_memdup(arena, known, sizeof *known);
    size_t             count = known->n_seen + sightings->n_seen;

    if (all == NULL || (all->seen = maru_arena_alloc(arena, count * sizeof all->seen[0])) == NULL)
        return NULL;
    if (known->n_seen > 0)
        memcpy(all->seen, known->seen, known->n_seen * sizeof all->seen[0]);
    memcpy(all->seen + known->n_seen, sightings->seen, sightings->n_seen * sizeof all->seen[0]);
    all->n_seen = count;
    return all;
}

maru_status evidence_merge(maru_arena *arena, const Catalog__Evidence *known,
                           const Catalog__ProductSightings *sightings, Catalog__Evidence **merged, bool *changed,
                           maru_error *error)
{
    size_t before = count_times(known), times;

    if ((*merged = concatenate(arena, known, sightings)) != NULL)
        qsort((*merged)->seen, (*merged)->n_seen, sizeof(Catalog__Sighting *), compare_pointers);
    if (*merged == NULL || !fold_equals(arena, *merged))
        return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: its sightings do not fit into the call's memory",
                              sightings->name);
    times = count_times(*merged);
    *changed = times != before;
    return check_limits(sightings->name, *merged, times, error);
}
