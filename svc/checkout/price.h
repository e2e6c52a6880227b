/* price.h: what lines come to, and the tax that is in it. Pure.
 *
 * Money is minor units of one currency. Nothing wraps: what does not fit into 64 bits is refused.
 */
#ifndef SHOP_CHECKOUT_PRICE_H
#define SHOP_CHECKOUT_PRICE_H

#include <stddef.h>
#include <stdint.h>

#include "maru/arena.h"
#include "maru/status.h"

#include "shop/checkout.pb-c.h"

/* price_lines sets the total of each line, which has a memory of its own already, and total, whose currency becomes the
 * lines'. FAILED_PRECONDITION where the currencies differ; OUT_OF_RANGE where a sum does not fit; both in words that
 * name the product. count is at least 1. */
maru_status price_lines(Checkout__Line *const *lines, size_t count, Shop__Money *total, maru_error *error);

/* price_charges adds what an order costs beside its lines to total. FAILED_PRECONDITION and OUT_OF_RANGE as above. */
maru_status price_charges(Checkout__Charge *const *charges, size_t count, Shop__Money *total, maru_error *error);

/* price_tax is the tax that is inside total, which is at least 0.
 *
 * Prices have the tax in them: net + net * rate = total, with rate = P / 100. So tax = total * P / (100 + P), rounded
 * half to even, once, of the total. P is 10 for KRW and 20 for GBP; of other currencies there is none. */
int64_t price_tax(const char *currency, int64_t total);

/* price_text is "12.34 GBP" or "18000 KRW", for people: in arena, NULL where its memory is out. */
char *price_text(maru_arena *arena, const Shop__Money *money);

#endif
