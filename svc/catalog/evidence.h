/* evidence.h: what was seen of a product, and what follows from it. Pure.
 *
 * Evidence is a set of (title, price, time). Merging is the union of sets, so neither order nor repetition matters, and
 * a product's title and prices are a function of the set alone. Sightings are kept in order of title, currency, minor
 * units.
 *
 * The set is bounded, by SEEN_MAX pairs of title and price and TIMES_MAX times. All that was ever seen has a rank: the
 * latest first, of one time in order of sightings. Kept is what comes before the first that has no room, and that one
 * is noted: what ranks below it is left out whenever it is seen again, though there may be room for it then. So what is
 * kept follows from the set of all that was ever seen, whatever came in which part and how often.
 */
#ifndef SHOP_CATALOG_EVIDENCE_H
#define SHOP_CATALOG_EVIDENCE_H

#include <stdbool.h>

#include "maru/arena.h"
#include "maru/status.h"

#include "shop/catalog.pb-c.h"

struct evidence_merged {
    Catalog__Evidence *evidence;
    bool               changed;  /* false where all of it was known, or is left out as it was before */
    size_t             left_out; /* how many times, of what was known and of what came, are not in evidence */
};

/* evidence_merge adds what sightings saw to known, in memory of arena; what both share is shared, not copied.
 * sightings passed check_sightings. INVALID_ARGUMENT where the currencies differ, RESOURCE_EXHAUSTED where the arena is
 * out. */
maru_status evidence_merge(maru_arena *arena, const Catalog__Evidence *known,
                           const Catalog__ProductSightings *sightings, struct evidence_merged *merged,
                           maru_error *error);

/* Of two sightings, which comes first: below 0, the left one. */
int evidence_compare(const Catalog__Sighting *a, const Catalog__Sighting *b);

/* evidence_cut leaves out what there is no room for, and notes it (evidence_cut.c). Its sightings are sorted, each
 * once, and not written to: they may be shared. False where the arena is out. */
bool evidence_cut(maru_arena *arena, Catalog__Evidence *evidence);

size_t evidence_times(const Catalog__Evidence *evidence); /* how many */

/* evidence_titles sets title and other_titles of product: the title is the one that was seen most often (at most
 * different prices and times), then the one that was seen last, then the first in order of bytes. The others follow in
 * that order, at most OTHER_TITLES_MAX. False where the arena is out. */
bool evidence_titles(maru_arena *arena, const Catalog__Evidence *evidence, Catalog__Product *product);

/* evidence_prices sets price and prices of product. The price of a month (UTC) is the one that was seen most often in
 * it, then the lowest; prices has those that differ from the month before, since they were first seen in their month,
 * at most the last PRICES_MAX. False where the arena is out. */
bool evidence_prices(maru_arena *arena, const Catalog__Evidence *evidence, Catalog__Product *product);

#endif
