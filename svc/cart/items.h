/* items.h: the lines of a cart and what they come to. Pure.
 *
 * Functions change the cart in place; new memory comes from arena, the strings and price of what is put in are shared.
 * Errors are INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION or RESOURCE_EXHAUSTED, with one line in error; the cart
 * is then half changed and must not be stored.
 */
#ifndef SHOP_CART_ITEMS_H
#define SHOP_CART_ITEMS_H

#include "maru/arena.h"
#include "maru/status.h"

#include "shop/cart.pb-c.h"

enum { QUANTITY_MAX = 1000000, LINES_MAX = 1000 };

/* items_add puts item in; where its product is there already, the quantities add up, and title and price become item's.
 */
maru_status items_add(maru_arena *arena, Cart__Cart *cart, const Cart__Item *item, maru_error *error);

/* items_set sets the quantity of a product that is there; 0 takes it out. NOT_FOUND where it is not there. */
maru_status items_set(Cart__Cart *cart, const char *product, int64_t quantity, maru_error *error);

/* items_total sets the cart's total: the sum over the items, none where there are none. FAILED_PRECONDITION where their
 * currencies differ; OUT_OF_RANGE where it does not fit into 64 bits. */
maru_status items_total(maru_arena *arena, Cart__Cart *cart, maru_error *error);

#endif
