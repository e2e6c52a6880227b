/* goods.h: products and how many of each. Pure. */
#ifndef SHOP_INVENTORY_GOODS_H
#define SHOP_INVENTORY_GOODS_H

#include <stddef.h>

#include "maru/status.h"

#include "shop/inventory.pb-c.h"

enum { QUANTITY_MAX = 1000000000, LINES_MAX = 1000 };

struct goods {
    Inventory__Goods           **items;
    size_t                       count;
    Google__Protobuf__Timestamp *past; /* of an order of the past: when it was made; else NULL */
};

/* goods_sum leaves each product once, where it was first, with the sum of its quantities. The messages are changed.
 * INVALID_ARGUMENT, naming the item by its place in what field names ("goods"): a quantity is not 1..QUANTITY_MAX, or
 * a product's sum is above that; there are no items, or more than LINES_MAX. */
maru_status goods_sum(const char *field, struct goods *goods, maru_error *error);

#endif
