/* checkout.h: the checkout service: its state and its methods. proto/shop/checkout.proto says what each does. */
#ifndef SHOP_CHECKOUT_CHECKOUT_H
#define SHOP_CHECKOUT_CHECKOUT_H

#include "maru/client.h"
#include "maru/store.h"

#include "shop/checkout.maru.h"

enum { CHECKOUT_QUOTE_MS = 15 * 60 * 1000, CHECKOUT_STOCK_MS = 30 * 1000, CHECKOUT_ANSWER_MS = 1000 };

/* All of it is set before the first call, and never changes after. */
struct checkout_service {
    maru_store  *store;
    maru_client *cart, *catalog;
    int64_t      quote_ms;  /* how long a quote is good */
    int64_t      stock_ms;  /* how long inventory has to answer */
    int64_t      answer_ms; /* how long the cart or the catalogue is waited for, each time */
};

extern const checkout_handlers checkout_methods;

maru_status checkout_refuse(maru_call *call, const maru_error *error); /* with its code and words */

/* Methods that have a file of their own. */
maru_status checkout_quote_cart(struct checkout_service *svc, maru_call *call, const Checkout__QuoteRequest *request,
                                Checkout__Quote *response);
maru_status checkout_place(struct checkout_service *svc, maru_call *call, const Checkout__PlaceOrderRequest *request,
                           Checkout__Order *response);
maru_status checkout_place_past(struct checkout_service *svc, maru_call *call,
                                const Checkout__PlacePastOrderRequest *request, Checkout__Order *response);
maru_status checkout_return_past(struct checkout_service *svc, maru_call *call,
                                 const Checkout__ReturnPastGoodsRequest *request,
                                 Checkout__ReturnPastGoodsResponse      *response);

#endif
