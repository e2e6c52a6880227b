/* place.c: the method PlaceOrder: a quote becomes an order, once.
 *
 * Request ids are of one namespace, whoever says them. A scope of the customer's would be no wall: nobody proves yet
 * which customer he is, and guests have none. So the customer is a part of the body, an id that a stranger used answers
 * ALREADY_EXISTS without telling anything of the stranger's order, and whoever makes ids at random never meets one.
 */
#include <string.h>

#include "maru/shown.h"

#include "asking.h"
#include "body.h"
#include "check.h"
#include "clock.h"
#include "listing.h"
#include "order.h"
#include "quotes.h"
#include "tables.h"

struct placing {
    const Checkout__PlaceOrderRequest *request;
    uint8_t                            body[BODY_BYTES];
    int64_t                            stock_ms;
    bool                               done;  /* there is an order of this request id: it is in response */
    Checkout__Quote                   *quote; /* else, that may become one */
    Checkout__Order                   *response;
};

/* The id of an order is its quote's, so that a quote can't make two. */
static char *order_name(maru_txn *txn, const char *quote)
{
    return maru_arena_printf(maru_txn_arena(txn), "orders/%s", quote + strlen("quotes/"));
}

/* ---- whether it may ---- */

static maru_status find_request(maru_txn *txn, struct placing *p)
{
    const char              *id = p->request->request_id;
    Checkout__RequestRecord *known;
    maru_status              status = maru_get(txn, &table_requests, maru_key_text(id), (ProtobufCMessage **)&known);

    if (status != MARU_OK)
        return status == MARU_NOT_FOUND ? MARU_OK : status;
    if (!body_is(&known->body, p->body))
        return maru_txn_fail(txn, MARU_ALREADY_EXISTS,
                             "request_id: \"%s\" made an order of another body before; make a new one for each order",
                             id);
    status = order_made(txn, known->order, p->response);
    p->done = status == MARU_OK;
    return status;
}

static maru_status check_unused(maru_txn *txn, const char *quote)
{
    maru_status status = maru_has(txn, &table_orders, maru_key_text(order_name(txn, quote)));

    if (status == MARU_OK)
        return maru_txn_fail(txn, MARU_FAILED_PRECONDITION, "quote: %s made an order already", quote);
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

static maru_status check_quote(maru_txn *txn, const struct placing *p)
{
    const Checkout__Quote *quote = p->quote;
    int64_t                late_ns = maru_txn_wall_clock(txn) - clock_ns(quote->expire_time);

    if (late_ns >= 0)
        return maru_txn_fail(txn, MARU_FAILED_PRECONDITION, "quote: %s expired %lld s ago; make a new one", quote->name,
                             (long long)(late_ns / MARU_NS_PER_MS / 1000));
    if (p->request->cart_etag[0] != '\0' && strcmp(p->request->cart_etag, quote->cart_etag) != 0)
        return maru_txn_fail(txn, MARU_FAILED_PRECONDITION,
                             "cart_etag: want that of the quote, \"%s\", got \"%s\"; make a new quote",
                             quote->cart_etag, maru_shown(p->request->cart_etag).text);
    return MARU_OK;
}

static maru_status changed(maru_txn *txn, const Checkout__Quote *quote)
{
    return maru_txn_fail(txn, MARU_FAILED_PRECONDITION, "quote: %s changed since %s was made; make a new one",
                         quote->cart, quote->name);
}

/* What costs nothing needs no card. */
static maru_status check_token(maru_txn *txn, const struct placing *p)
{
    if (p->request->payment_token[0] != '\0' || p->quote->total->minor == 0)
        return MARU_OK;
    return maru_txn_fail(txn, MARU_INVALID_ARGUMENT,
                         "payment_token: want 1..%d printable ASCII characters for an order that costs something",
                         PAYMENT_TOKEN_MAX_CHARS);
}

/* Of two quotes of one state of a cart only one makes an order, also before the cart has heard that it is empty now. */
static maru_status check_cart(maru_txn *txn, const Checkout__Quote *quote)
{
    maru_status status = maru_has(txn, &table_carts, key_cart(txn, quote->cart, quote->cart_etag));

    if (status == MARU_OK)
        return changed(txn, quote);
    return status == MARU_NOT_FOUND ? MARU_OK : status;
}

static maru_status may_place(maru_txn *txn, void *arg)
{
    struct placing *p = arg;
    maru_status     status = find_request(txn, p);

    if (status != MARU_OK || p->done || (status = check_unused(txn, p->request->quote)) != MARU_OK ||
        (status = quotes_get(txn, p->request->quote, &p->quote)) != MARU_OK ||
        (status = check_quote(txn, p)) != MARU_OK || (status = check_token(txn, p)) != MARU_OK)
        return status;
    return check_cart(txn, p->quote);
}

/* The cart is another one than was quoted. It may be so because this very request was done meanwhile. */
static maru_status may_not(maru_txn *txn, void *arg)
{
    struct placing *p = arg;
    maru_status     status = may_place(txn, p);

    return status != MARU_OK || p->done ? status : changed(txn, p->quote);
}

/* ---- doing it ---- */

static void make(maru_txn *txn, const struct placing *p, Checkout__Order *order)
{
    const Checkout__PlaceOrderRequest *request = p->request;
    const Checkout__Quote             *quote = p->quote;

    *order = (Checkout__Order)CHECKOUT__ORDER__INIT;
    order->name = order_name(txn, quote->name);
    order->state = CHECKOUT__ORDER_STATE__SUBMITTED;
    order->customer = request->customer;
    order->cart = quote->cart;
    order->quote = quote->name;
    order->n_lines = quote->n_lines;
    order->lines = quote->lines;
    order->total = quote->total;
    order->tax = quote->tax;
    order->create_time = order->update_time = clock_time(txn, maru_txn_wall_clock(txn));
    order->request_id = request->request_id;
}

static maru_status note(maru_txn *txn, const struct placing *p, const Checkout__OrderRecord *record)
{
    Checkout__OrderPointer  pointer = CHECKOUT__ORDER_POINTER__INIT;
    Checkout__RequestRecord known = CHECKOUT__REQUEST_RECORD__INIT;
    const Checkout__Order  *order = record->order;
    maru_key                request = maru_key_text(order->request_id);
    maru_status             status;

    known.order = pointer.order = order->name;
    known.body = (ProtobufCBinaryData){.data = (uint8_t *)p->body, .len = BODY_BYTES};
    if ((status = maru_put(txn, &table_requests, request, &known.base)) != MARU_OK ||
        (status = maru_put(txn, &table_carts, key_cart(txn, order->cart, record->cart_etag), &pointer.base)) != MARU_OK)
        return status;
    return maru_timer_set(txn, ORDER_STOCK_TIMER, order->name, maru_txn_wall_clock(txn) + p->stock_ms * MARU_NS_PER_MS,
                          &pointer.base);
}

static maru_status place(maru_txn *txn, void *arg)
{
    struct placing       *p = arg;
    Checkout__OrderRecord record = CHECKOUT__ORDER_RECORD__INIT;
    maru_status           status = may_place(txn, p);

    if (status != MARU_OK || p->done)
        return status;
    make(txn, p, p->response);
    record.order = p->response;
    record.cart_etag = p->quote->cart_etag;
    if ((status = listing_add(txn, &record)) != MARU_OK || (status = note(txn, p, &record)) != MARU_OK)
        return status;
    return order_begin(txn, &record, p->request->payment_token);
}

maru_status checkout_place(struct checkout_service *svc, maru_call *call, const Checkout__PlaceOrderRequest *request,
                           Checkout__Order *response)
{
    struct placing p = {.request = request, .stock_ms = svc->stock_ms, .response = response};
    Cart__Cart    *cart;
    maru_error     error;
    maru_status    status;

    if (check_place(request, &error) != MARU_OK)
        return checkout_refuse(call, &error);
    if (!body_hash(maru_call_arena(call), request, p.body))
        return maru_fail(call, MARU_RESOURCE_EXHAUSTED, "the request does not fit into the call's memory");
    if ((status = maru_store_read(svc->store, call, may_place, &p)) != MARU_OK || p.done)
        return status;
    if ((status = asking_cart(svc, call, p.quote->cart, &cart)) != MARU_OK)
        return status;
    if (strcmp(cart->etag, p.quote->cart_etag) != 0)
        return maru_store_read(svc->store, call, may_not, &p);
    return maru_store_write(svc->store, call, place, &p);
}
