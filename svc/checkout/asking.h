/* asking.h: what checkout asks of the cart and of the catalogue, on behalf of a call.
 *
 * Both suspend the handler, and wait for each answer at most answer_ms and less than the caller does, so that the
 * caller hears who did not answer: UNAVAILABLE. Other failures reach the caller as they are.
 */
#ifndef SHOP_CHECKOUT_ASKING_H
#define SHOP_CHECKOUT_ASKING_H

#include "checkout.h"
#include "shop/cart.pb-c.h"

maru_status asking_cart(struct checkout_service *svc, maru_call *call, const char *name, Cart__Cart **cart);

/* asking_prices makes the lines of a quote from a cart's items, 1 to LINES_MAX, with today's title and price of each:
 * all but the totals. FAILED_PRECONDITION where a product is sold no longer, naming it. */
maru_status asking_prices(struct checkout_service *svc, maru_call *call, const Cart__Cart *cart,
                          Checkout__Quote *quote);

#endif
