/* shopper.c: see shopper.h. */
#include "shopper.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attempt.h"
#include "historian.h"
#include "http.h"
#include "random.h"
#include "shop/cart.maru.h"
#include "shop/catalog.maru.h"
#include "shop/checkout.maru.h"
#include "shop/inventory.maru.h"
#include "shop/payment.maru.h"
#include "shop/provider.maru.h"

enum { PRICE = 1250, MANY = 1000000, PAST_ONE_OF = 10 };

/* One customer. */
typedef struct customer {
    market *m;
    long    number;
    plan    plan;
    rng     random;
    char    cart[64], etag[64], quote[64], token[128], request_id[64], order[ORDER_NAME];
} customer;

static maru_client *client_of(market *m, const fleet *f, fleet_ship ship)
{
    maru_client_options options = {.backoff_first_ms = 5, .backoff_max_ms = 100};
    maru_client        *client;
    maru_error          error;
    char                url[256];

    if (maru_client_new(m->runtime, fleet_url(f, ship, url), &options, &client, &error) == MARU_OK)
        return client;
    fprintf(stderr, "soak: %s: %s\n", url, error.text);
    return NULL;
}

bool market_open(market *m, const fleet *f, long orders, uint64_t seed)
{
    maru_error error;

    *m = (market){.fleet = f, .seed = seed, .orders = orders, .names = calloc((size_t)orders, sizeof *m->names)};
    if (m->names == NULL || maru_runtime_new(NULL, &m->runtime, &error) != MARU_OK)
        return false;
    m->catalog = client_of(m, f, SHIP_CATALOG);
    m->cart = client_of(m, f, SHIP_CART);
    m->checkout = client_of(m, f, SHIP_CHECKOUT);
    m->inventory = client_of(m, f, SHIP_INVENTORY);
    m->payment = client_of(m, f, SHIP_PAYMENT);
    m->provider = client_of(m, f, SHIP_PROVIDER);
    return m->catalog && m->cart && m->checkout && m->inventory && m->payment && m->provider;
}

void market_close(market *m)
{
    maru_client *all[] = {m->catalog, m->cart, m->checkout, m->inventory, m->payment, m->provider};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i] != NULL)
            maru_client_free(all[i]);
    if (m->runtime != NULL)
        maru_runtime_free(m->runtime);
    free(m->names);
}

/* ---- stocking the market ---- */

static void product_name(int i, char name[static 32])
{
    snprintf(name, 32, "products/SOAK%02d", i);
}

static bool make_product(market *m, int i)
{
    Catalog__CreateProductRequest request = CATALOG__CREATE_PRODUCT_REQUEST__INIT;
    Catalog__Product              product = CATALOG__PRODUCT__INIT, *made;
    Shop__Money                   price = SHOP__MONEY__INIT;
    attempt                       a = attempt_begin(m, "CreateProduct", NULL);
    char                          name[32];
    maru_call                    *call;

    product_name(i, name);
    price.currency = (char *)"GBP";
    price.minor = PRICE + i;
    product.name = name;
    product.title = (char *)"A THING TO BUY";
    product.price = &price;
    request.product = &product;
    while ((call = attempt_next(&a)) != NULL)
        a.status = catalog_create_product(m->catalog, call, &request, &made);
    attempt_end(&a);
    return a.outcome == DONE;
}

/* Of every fourth there is less than will be asked for. */
static bool receive(market *m, int i)
{
    Inventory__ReceiveGoodsRequest   request = INVENTORY__RECEIVE_GOODS_REQUEST__INIT;
    Inventory__ReceiveGoodsResponse *response;
    Inventory__Goods                 goods = INVENTORY__GOODS__INIT, *list[] = {&goods};
    attempt                          a = attempt_begin(m, "ReceiveGoods", NULL);
    char                             name[32];
    maru_call                       *call;

    product_name(i, name);
    goods.product = name;
    goods.quantity = i % 4 == 0 && !m->plenty ? m->orders / 20 + 3 : MANY;
    request.goods = list;
    request.n_goods = 1;
    request.reference = (char *)"the soak";
    while ((call = attempt_next(&a)) != NULL)
        a.status = inventory_receive_goods(m->inventory, call, &request, &response);
    attempt_end(&a);
    return a.outcome == DONE;
}

static bool set_faults(market *m)
{
    Provider__Faults faults = PROVIDER__FAULTS__INIT, *set;
    attempt          a = attempt_begin(m, "SetFaults", NULL);
    maru_call       *call;

    faults.slow_ms = 1;
    faults.decline = 50;
    faults.lose_answer = 5;
    faults.answer_twice = 100;
    while ((call = attempt_next(&a)) != NULL)
        a.status = provider_set_faults(m->provider, call, &faults, &set);
    attempt_end(&a);
    return a.outcome == DONE;
}

bool market_stock(market *m)
{
    for (int i = 0; i < PRODUCTS; i++)
        if (!make_product(m, i) || !receive(m, i))
            return false;
    return set_faults(m);
}

/* ---- a customer's way ---- */

static outcome add_item(customer *c, int line)
{
    Cart__AddItemRequest request = CART__ADD_ITEM_REQUEST__INIT;
    Cart__Cart          *cart;
    char                 name[32], id[96];
    attempt              a;
    maru_call           *call;

    snprintf(id, sizeof id, "%s-item%d", c->request_id, line);
    product_name((int)rng_below(&c->random, PRODUCTS), name);
    request.cart = c->cart;
    request.product = name;
    request.quantity = c->plan.short_of ? MANY : 1 + (int64_t)rng_below(&c->random, 5);
    a = attempt_begin(c->m, "AddItem", id);
    while ((call = attempt_next(&a)) != NULL)
        if ((a.status = cart_add_item(c->m->cart, call, &request, &cart)) == MARU_OK)
            snprintf(c->etag, sizeof c->etag, "%s", cart->etag);
    attempt_end(&a);
    return a.outcome;
}

static outcome tokenize(customer *c)
{
    Payment__TokenizeCardRequest   request = PAYMENT__TOKENIZE_CARD_REQUEST__INIT;
    Payment__TokenizeCardResponse *response;
    attempt                        a = attempt_begin(c->m, "TokenizeCard", NULL);
    maru_call                     *call;

    request.number = (char *)(c->plan.card != NULL ? c->plan.card : "4242424242424242");
    request.expiry = (char *)"12/49";
    while ((call = attempt_next(&a)) != NULL)
        if ((a.status = payment_tokenize_card(c->m->payment, call, &request, &response)) == MARU_OK)
            snprintf(c->token, sizeof c->token, "%s", response->token);
    attempt_end(&a);
    return a.outcome;
}

static outcome quote(customer *c)
{
    Checkout__QuoteRequest request = CHECKOUT__QUOTE_REQUEST__INIT;
    Checkout__Quote       *made;
    char                   id[96];
    attempt                a;
    maru_call             *call;

    snprintf(id, sizeof id, "%s-quote", c->request_id);
    request.cart = c->cart;
    a = attempt_begin(c->m, "Quote", id);
    while ((call = attempt_next(&a)) != NULL)
        if ((a.status = checkout_quote(c->m->checkout, call, &request, &made)) == MARU_OK)
            snprintf(c->quote, sizeof c->quote, "%s", made->name);
    attempt_end(&a);
    return a.outcome;
}

/* One request makes one order, whichever way it comes. */
static void note_order(customer *c, const char *name)
{
    if (c->order[0] != '\0' && strcmp(c->order, name) != 0) {
        fprintf(stderr, "soak: request %s made two orders: %s and %s\n", c->request_id, c->order, name);
        c->m->failed = true;
    }
    snprintf(c->order, sizeof c->order, "%s", name);
}

static maru_status place_by_stub(customer *c, maru_call *call)
{
    Checkout__PlaceOrderRequest request = CHECKOUT__PLACE_ORDER_REQUEST__INIT;
    Checkout__Order            *order;
    maru_status                 status;

    request.request_id = c->request_id;
    request.quote = c->quote;
    request.payment_token = c->token;
    if ((status = checkout_place_order(c->m->checkout, call, &request, &order)) == MARU_OK)
        note_order(c, order->name);
    return status;
}

/* 409 is ABORTED or ALREADY_EXISTS; what an edge says that can't reach a service is by the way. */
static maru_status place_by_http(customer *c, maru_call *call)
{
    char *reply = maru_alloc(call, HTTP_REPLY), json[1024], name[ORDER_NAME];
    int   status;

    snprintf(json, sizeof json, "{\"requestId\":\"%s\",\"quote\":\"%s\",\"paymentToken\":\"%s\"}", c->request_id,
             c->quote, c->token);
    status = http_post(c->m->fleet->http, "/v1/orders", json, ATTEMPT_MS, reply);
    if (status == 200 && http_text(reply, "name", name, sizeof name)) {
        note_order(c, name);
        c->m->by_http++;
        return MARU_OK;
    }
    if (status == 0 || status == 429 || status >= 500)
        return maru_fail(call, MARU_UNAVAILABLE, "the edge: %d: %.200s", status, status == 0 ? "no answer" : reply);
    return maru_fail(call, MARU_FAILED_PRECONDITION, "the edge: %d: %.200s", status, reply);
}

static outcome place(customer *c)
{
    attempt    a = attempt_begin(c->m, "PlaceOrder", NULL);
    maru_call *call;

    while ((call = attempt_next(&a)) != NULL)
        a.status = c->plan.by_http ? place_by_http(c, call) : place_by_stub(c, call);
    if (a.outcome == REFUSED)
        fprintf(stderr, "soak: an order was refused: %s\n", maru_call_message(a.call));
    attempt_end(&a);
    return a.outcome;
}

/* A cancel that comes too late is refused, which is an answer. */
static outcome cancel(customer *c)
{
    Checkout__CancelOrderRequest request = CHECKOUT__CANCEL_ORDER_REQUEST__INIT;
    Checkout__Order             *order;
    attempt                      a = attempt_begin(c->m, "CancelOrder", NULL);
    maru_call                   *call;

    request.name = c->order;
    while ((call = attempt_next(&a)) != NULL)
        a.status = checkout_cancel_order(c->m->checkout, call, &request, &order);
    if (a.outcome == DONE)
        c->m->cancels++;
    attempt_end(&a);
    return a.outcome == REFUSED ? DONE : a.outcome;
}

/* At once, or some time on its way: the order may be anywhere by then. */
static outcome maybe_cancel(customer *c)
{
    maru_call *call;

    if (c->plan.cancel_ms < 0)
        return DONE;
    call = maru_call_begin(c->m->runtime, 10000);
    maru_sleep(call, c->plan.cancel_ms);
    maru_call_end(call);
    return cancel(c);
}

static bool is_over(Checkout__OrderState state)
{
    return state == CHECKOUT__ORDER_STATE__COMPLETED || state == CHECKOUT__ORDER_STATE__CANCELLED;
}

/* Looks at the order until it is over, as a customer would. */
static outcome follow(customer *c)
{
    Checkout__GetOrderRequest request = CHECKOUT__GET_ORDER_REQUEST__INIT;
    Checkout__Order          *order;
    attempt                   a = attempt_begin(c->m, "an order that does not end", NULL);
    maru_call                *call;

    request.name = c->order;
    while ((call = attempt_next(&a)) != NULL) {
        a.status = checkout_get_order(c->m->checkout, call, &request, &order);
        if (a.status == MARU_OK && !is_over(order->state))
            a.status = maru_fail(call, MARU_UNAVAILABLE, "%s is in state %d", c->order, (int)order->state);
    }
    if (a.outcome == REFUSED)
        fprintf(stderr, "soak: %s was acknowledged, and is not there: %s\n", c->order, maru_call_message(a.call));
    attempt_end(&a);
    return a.outcome == DONE ? DONE : FAILED;
}

static outcome order(customer *c)
{
    outcome o = place(c);

    if (o != DONE)
        return o;
    c->m->placed++;
    if (c->plan.repeats && place(c) != DONE) /* a repeat makes no second one */
        return FAILED;
    if (maybe_cancel(c) != DONE)
        return FAILED;
    return c->plan.leaves ? DONE : follow(c);
}

static outcome buy(customer *c)
{
    int     lines = 1 + (int)rng_below(&c->random, 3);
    outcome o = DONE;

    for (int line = 0; line < lines && o == DONE; line++)
        o = add_item(c, line);
    if (o != DONE || (o = tokenize(c)) != DONE || (o = quote(c)) != DONE)
        return o;
    c->m->in_flight++;
    o = order(c);
    c->m->in_flight--;
    return o;
}

/* An order that was over before this shop had it, and of which something came back. */
static outcome bring(customer *c)
{
    outcome o;

    c->m->in_flight++;
    if ((o = historian_bring(c->m, c->request_id, c->order)) == DONE) {
        c->m->placed++;
        o = follow(c);
    }
    c->m->in_flight--;
    return o;
}

void market_serve(market *m, long number, plan way)
{
    customer c = {.m = m, .number = number, .plan = way};
    outcome  o;

    c.random = (rng){m->seed * 1000003 + (uint64_t)number};
    snprintf(c.cart, sizeof c.cart, "carts/soak-%ld", number);
    snprintf(c.request_id, sizeof c.request_id, "soak-%" PRIu64 "-%ld", m->seed, number);
    o = c.plan.past ? bring(&c) : buy(&c);
    snprintf(m->names[number], ORDER_NAME, "%s", c.order);
    if (o == REFUSED)
        m->refused++;
    if (o == FAILED)
        m->failed = true;
}

/* A fifth of the cards are declined, a twentieth gives no money in the end; a quarter of the orders are cancelled. One
 * of ten brings an order of the past. */
static plan draw_plan(const market *m, long number)
{
    rng  random = {m->seed * 7919 + (uint64_t)number};
    plan drawn = {.cancel_ms = -1, .repeats = rng_below(&random, 8) == 0, .by_http = rng_below(&random, 2) == 0};

    if (rng_below(&random, 5) == 0)
        drawn.card = CARD_DECLINED;
    else if (rng_below(&random, 20) == 0)
        drawn.card = CARD_CAPTURE_REFUSED;
    if (rng_below(&random, 4) == 0)
        drawn.cancel_ms = (int64_t)rng_below(&random, 150);
    drawn.past = rng_below(&random, PAST_ONE_OF) == 0;
    return drawn;
}

void *market_shop(void *arg)
{
    market *m = arg;
    long    number;

    while (!m->failed && (number = m->next++) < m->orders)
        market_serve(m, number, draw_plan(m, number));
    return NULL;
}

/* ---- afterwards ---- */

static bool recall(market *m, const char *name)
{
    Checkout__GetOrderRequest request = CHECKOUT__GET_ORDER_REQUEST__INIT;
    Checkout__Order          *order;
    attempt                   a = attempt_begin(m, "GetOrder", NULL);
    maru_call                *call;
    bool                      over = false;

    request.name = (char *)name;
    while ((call = attempt_next(&a)) != NULL)
        if ((a.status = checkout_get_order(m->checkout, call, &request, &order)) == MARU_OK)
            over = is_over(order->state);
    if (a.outcome != DONE)
        fprintf(stderr, "soak: %s was acknowledged, and is not there: %s\n", name, maru_call_message(a.call));
    else if (!over)
        fprintf(stderr, "soak: %s is not over\n", name);
    attempt_end(&a);
    return a.outcome == DONE && over;
}

bool market_recall(market *m)
{
    bool all = true;

    for (long i = 0; i < m->orders; i++)
        if (m->names[i][0] != '\0')
            all = recall(m, m->names[i]) && all;
    return all;
}
