/* change.h: how a stored product changes. Pure: memory comes from an arena, the time is a parameter.
 *
 * What a product takes from a request it shares with it: both live until the call ends. Functions that return bool are
 * false where the arena is out.
 */
#ifndef SHOP_CATALOG_CHANGE_H
#define SHOP_CATALOG_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "maru/arena.h"

#include "mask.h"
#include "shop/catalog.pb-c.h"

/* change_time is a timestamp of now_ns, nanoseconds since 1970. NULL where the arena is out. */
Google__Protobuf__Timestamp *change_time(maru_arena *arena, int64_t now_ns);

/* change_fields sets those of product's fields that are in fields (mask.h) as wanted, whose fields were checked, has
 * them. A price without prices goes to the end of the history, as of now_ns; prices without a price set the price. */
bool change_fields(maru_arena *arena, Catalog__Product *product, const Catalog__Product *wanted, unsigned fields,
                   int64_t now_ns);

/* A product's bytes. */
struct change_bytes {
    uint8_t *data; /* NULL where the arena is out */
    size_t   size;
};
struct change_bytes change_pack(maru_arena *arena, const Catalog__Product *product);
bool                change_differs(struct change_bytes a, struct change_bytes b);

/* change_stamp sets update_time to now_ns, and etag to one that the product has not had before: 16 hex digits made of
 * all that it holds, the etag before too. */
bool change_stamp(maru_arena *arena, Catalog__Product *product, int64_t now_ns);

/* change_by_hand marks in evidence which of fields an operator has set from now on. *changed tells whether a mark is
 * new. */
bool change_by_hand(maru_arena *arena, Catalog__Evidence *evidence, unsigned fields, bool *changed);
bool change_is_by_hand(const Catalog__Evidence *evidence, const char *field);

#endif
