/* normal.h: text as the catalogue keeps it: Unicode NFC, so that what looks alike is alike.
 *
 * In place, before anything is checked: what changes lies in the call's memory, what does not takes none of it.
 * RESOURCE_EXHAUSTED, with words in error, where there is none; INVALID_ARGUMENT where a text of more than Latin comes
 * in longer than three times what may be kept of it.
 */
#ifndef SHOP_CATALOG_NORMAL_H
#define SHOP_CATALOG_NORMAL_H

#include "maru/call.h"

#include "mask.h"
#include "shop/catalog.pb-c.h"

/* Those of product's fields that are in fields (bits of mask.h). INVALID_ARGUMENT where two attributes become one. */
maru_status normal_product(maru_call *call, Catalog__Product *product, unsigned fields, maru_error *error);

maru_status normal_sightings(maru_call *call, Catalog__ProductSightings *sightings, maru_error *error);

#endif
