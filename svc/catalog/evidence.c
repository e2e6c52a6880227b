/* evidence.c: the union of what was seen of a product (evidence.h). */
#include "evidence.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

int evidence_compare(const Catalog__Sighting *a, const Catalog__Sighting *b)
{
    int order = strcmp(a->title, b->title);

    if (order == 0)
        order = strcmp(a->price->currency, b->price->currency);
    return order != 0 ? order : (a->price->minor > b->price->minor) - (a->price->minor < b->price->minor);
}

static int compare_pointers(const void *a, const void *b)
{
    return evidence_compare(*(Catalog__Sighting *const *)a, *(Catalog__Sighting *const *)b);
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

size_t evidence_times(const Catalog__Evidence *evidence)
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

        if (evidence_compare(*last, evidence->seen[i]) != 0)
            evidence->seen[++kept] = evidence->seen[i];
        else if ((*last = unite(arena, *last, evidence->seen[i])) == NULL)
            return false;
    }
    evidence->n_seen = kept + 1;
    return true;
}

static maru_status check_currencies(const char *name, const Catalog__Evidence *evidence, maru_error *error)
{
    const Shop__Money *first = evidence->seen[0]->price;

    for (size_t i = 1; i < evidence->n_seen; i++)
        if (strcmp(evidence->seen[i]->price->currency, first->currency) != 0)
            return maru_error_set(error, MARU_INVALID_ARGUMENT, "%s: want prices in one currency, got %s and %s", name,
                                  first->currency, evidence->seen[i]->price->currency);
    return MARU_OK;
}

static maru_status no_memory(const char *name, maru_error *error)
{
    return maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "%s: its sightings do not fit into the call's memory", name);
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
                           const Catalog__ProductSightings *sightings, struct evidence_merged *merged,
                           maru_error *error)
{
    size_t             before = evidence_times(known), all, kept;
    Catalog__Evidence *both = concatenate(arena, known, sightings);
    maru_status        status;

    if (both == NULL)
        return no_memory(sightings->name, error);
    qsort(both->seen, both->n_seen, sizeof(Catalog__Sighting *), compare_pointers);
    if (!fold_equals(arena, both))
        return no_memory(sightings->name, error);
    if ((status = check_currencies(sightings->name, both, error)) != MARU_OK)
        return status;
    all = evidence_times(both);
    if (!evidence_cut(arena, both))
        return no_memory(sightings->name, error);
    kept = evidence_times(both);
    /* Under the mark that was there, what was known is kept: it is as much only where it is the same. */
    *merged = (struct evidence_merged){
        .evidence = both, .changed = kept != before || both->left_out != known->left_out, .left_out = all - kept};
    return MARU_OK;
}
