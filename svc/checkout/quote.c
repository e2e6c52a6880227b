/* quote.c: the method Quote: what a cart costs now. */
#include <inttypes.h>
#include <string.h>

#include "maru/shown.h"

#include "asking.h"
#include "check.h"
#include "price.h"
#include "quotes.h"

static maru_status check_cart(maru_call *call, const Checkout__QuoteRequest *request, const Cart__Cart *cart)
{
    if (request->cart_etag[0] != '\0' && strcmp(request->cart_etag, cart->etag) != 0)
        return maru_fail(call, MARU_ABORTED, "%s: cart_etag: want the cart's, \"%s\", got \"%s\"; read it again",
                         request->cart, cart->etag, maru_shown(request->cart_etag).text);
    if (cart->n_items == 0)
        return maru_fail(call, MARU_FAILED_PRECONDITION, "%s: nothing is in it", request->cart);
    if (cart->n_items > LINES_MAX)
        return maru_fail(call, MARU_FAILED_PRECONDITION, "%s: want at most %d lines, got %zu", request->cart, LINES_MAX,
                         cart->n_items);
    return MARU_OK;
}

static maru_status sum_up(maru_call *call, Checkout__Quote *quote)
{
    Shop__Money *money = maru_alloc(call, 2 * sizeof *money);
    maru_error   error;

    money[0] = money[1] = (Shop__Money)SHOP__MONEY__INIT;
    quote->total = &money[0];
    quote->tax = &money[1];
    if (price_lines(quote->lines, quote->n_lines, quote->total, &error) != MARU_OK)
        return checkout_refuse(call, &error);
    quote->tax->currency = quote->total->currency;
    quote->tax->minor = price_tax(quote->total->currency, quote->total->minor);
    return MARU_OK;
}

/* Nobody shall find a quote, or the order that gets its id, by trying. */
static char *new_name(maru_call *call)
{
    uint64_t random[2];

    maru_call_random(call, random, sizeof random);
    return maru_printf(call, "quotes/%016" PRIx64 "%016" PRIx64, random[0], random[1]);
}

maru_status checkout_quote_cart(struct checkout_service *svc, maru_call *call, const Checkout__QuoteRequest *request,
                                Checkout__Quote *response)
{
    struct quotes_add add = {.quote = response, .good_ms = svc->quote_ms};
    Cart__Cart       *cart;
    maru_error        error;
    maru_status       status;

    if (check_name("cart", "carts/", request->cart, &error) != MARU_OK)
        return checkout_refuse(call, &error);
    if ((status = asking_cart(svc, call, request->cart, &cart)) != MARU_OK ||
        (status = check_cart(call, request, cart)) != MARU_OK ||
        (status = asking_prices(svc, call, cart, response)) != MARU_OK || (status = sum_up(call, response)) != MARU_OK)
        return status;
    response->name = new_name(call);
    response->cart = request->cart;
    response->cart_etag = cart->etag;
    return maru_store_write(svc->store, call, quotes_add, &add);
}
