/* evidence.h: what was seen of a product, and what follows from it. Pure.
 *
 * Evidence is a set of (title, price, time). Merging is the union of sets, so neither order nor repetition matters, and
 * a product's title and prices are a function of the set alone. Sightings are kept in order of title, currency, minor
 * units.
 */
#ifndef SHOP_CATALOG_EVIDENCE_H
#define SHOP_CATALOG_EVIDENCE_H

#include <stdbool.h>

#include "maru/arena.h"
#include "maru/status.h"

#include "shop/catalog.pb-c.h"

/* evidence_merge adds what sightings saw to known, in memory of arena; what both share is shared, not copied. *changed
 * is false where all of it was known. sightings passed check_sightings. INVALID_ARGUMENT where the currencies differ;
 * RESOURCE_EXHAUSTED, naming the limit, where it is more than SEEN_MAX pairs or TIMES_MAX times, or the arena is out.
 */
maru_status evidence_merge(maru_arena *arena, const Catalog__Evidence *known,
                           const Catalog__ProductSightings *sightings, Catalog__Evidence **merged, bool *changed,
                           maru_error *error);

/* evidence_titles sets title and other_titles of product: the title is the one that was seen most often (at most
 * different prices and times), then the one that was seen last, then the first in order of bytes. The others follow in
 * that order, at most OTHER_TITLES_MAX. False where the arena is out. */
bool evidence_titles(maru_arena *arena, const Catalog__Evidence *evidence, Catalog__Product *product);

/* evidence_prices sets price and prices of product. The price of a month (UTC) is the one that was seen most often in
 * it, then the lowest; prices has those that differ from the month before, since they were first seen in their month,
 * at most the last PRICES_MAX. False where the arena is out. */
bool evidence_prices(maru_arena *arena, const Catalog__Evidence *evidence, Catalog__Product *product);

#endif
