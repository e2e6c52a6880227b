/* evidence_cut.c: which of what was seen of a product is kept, and which is left out (evidence.h). */
#include <stdlib.h>

#include "check.h"
#include "evidence.h"

/* How many of a sighting's times, which ascend, are below limit. */
static size_t times_below(const Catalog__Sighting *seen, int64_t limit)
{
    size_t low = 0, high = seen->n_times;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (seen->times[middle] < limit)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* How many of its times are left out: its first ones. */
static size_t count_out(const Catalog__Sighting *seen, const Catalog__Sighting *mark)
{
    int64_t time = mark->times[0];

    return times_below(seen, evidence_compare(seen, mark) >= 0 ? time + 1 : time);
}

/* Leaves out what ranks as mark or below. */
static bool leave_out(maru_arena *arena, Catalog__Evidence *evidence, Catalog__Sighting *mark)
{
    size_t kept = 0;

    for (size_t i = 0; i < evidence->n_seen; i++) {
        Catalog__Sighting *seen = evidence->seen[i];
        size_t             out = count_out(seen, mark);

        if (out == seen->n_times)
            continue;
        if (out > 0) {
            if ((seen = maru_arena_memdup(arena, seen, sizeof *seen)) == NULL)
                return false;
            seen->times += out;
            seen->n_times -= out;
        }
        evidence->seen[kept++] = seen;
    }
    evidence->n_seen = kept;
    evidence->left_out = mark;
    return true;
}

/* A mark: of that title and price, at that time. NULL where the arena is out. */
static Catalog__Sighting *make_mark(maru_arena *arena, const Catalog__Sighting *seen, int64_t time)
{
    Catalog__Sighting *mark = maru_arena_memdup(arena, seen, sizeof *seen);

    if (mark == NULL || (mark->times = maru_arena_memdup(arena, &time, sizeof time)) == NULL)
        return NULL;
    mark->n_times = 1;
    return mark;
}

static int64_t last_time(const Catalog__Sighting *seen)
{
    return seen->times[seen->n_times - 1];
}

static int by_rank(const void *left, const void *right)
{
    const Catalog__Sighting *a = *(Catalog__Sighting *const *)left, *b = *(Catalog__Sighting *const *)right;

    if (last_time(a) != last_time(b))
        return last_time(a) > last_time(b) ? -1 : 1;
    return evidence_compare(a, b);
}

/* A pair of title and price ranks as the latest of its times. NULL where the arena is out. */
static Catalog__Sighting *first_pair_out(maru_arena *arena, const Catalog__Evidence *evidence)
{
    Catalog__Sighting **ranked = maru_arena_memdup(arena, evidence->seen, evidence->n_seen * sizeof *ranked);

    if (ranked == NULL)
        return NULL;
    qsort(ranked, evidence->n_seen, sizeof(Catalog__Sighting *), by_rank);
    return make_mark(arena, ranked[SEEN_MAX], last_time(ranked[SEEN_MAX]));
}

static size_t count_above(const Catalog__Evidence *evidence, int64_t time)
{
    size_t count = 0;

    for (size_t i = 0; i < evidence->n_seen; i++)
        count += evidence->seen[i]->n_times - times_below(evidence->seen[i], time + 1);
    return count;
}

static bool has_time(const Catalog__Sighting *seen, int64_t time)
{
    size_t at = times_below(seen, time);

    return at < seen->n_times && seen->times[at] == time;
}

/* The first time that has no room: of the least second after which there are no more than have. */
static Catalog__Sighting *first_time_out(maru_arena *arena, const Catalog__Evidence *evidence)
{
    int64_t low = 0, high = TIME_MAX;
    size_t  room;

    while (low < high) {
        int64_t middle = low + (high - low) / 2;

        if (count_above(evidence, middle) <= TIMES_MAX)
            high = middle;
        else
            low = middle + 1;
    }
    room = TIMES_MAX - count_above(evidence, low);
    for (size_t i = 0; i < evidence->n_seen; i++)
        if (has_time(evidence->seen[i], low) && room-- == 0)
            return make_mark(arena, evidence->seen[i], low);
    return NULL; /* there are no more than TIMES_MAX */
}

bool evidence_cut(maru_arena *arena, Catalog__Evidence *evidence)
{
    Catalog__Sighting *mark;

    if (evidence->left_out != NULL && !leave_out(arena, evidence, evidence->left_out))
        return false;
    if (evidence->n_seen > SEEN_MAX &&
        ((mark = first_pair_out(arena, evidence)) == NULL || !leave_out(arena, evidence, mark)))
        return false;
    return evidence_times(evidence) <= TIMES_MAX ||
           ((mark = first_time_out(arena, evidence)) != NULL && leave_out(arena, evidence, mark));
}
