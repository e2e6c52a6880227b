/* testing.h: what the tests of checkout have in common: a checkout on a store of its own, producers that say what
 * inventory, payment and shipping would, and a market of the tests' own: a cart service and a catalogue, whose content
 * follows from names. Header only; included by tests alone.
 *
 * Carts: carts/empty; carts/gone, carts/free, carts/mixed, carts/rich, which can't be quoted; carts/large-N with N
 * lines of products/large-I, of a hundred KB each; any other has two of products/tea and one of products/cup.
 */
#ifndef SHOP_CHECKOUT_TESTING_H
#define SHOP_CHECKOUT_TESTING_H

#include <stdlib.h>

#include "check.h"
#include "checkout.h"
#include "events.h"
#include "maru/sim.h"
#include "shop/cart.maru.h"
#include "shop/catalog.maru.h"
#include "shop/inventory.pb-c.h"
#include "shop/payment.pb-c.h"
#include "shop/shipping.pb-c.h"
#include "tables.h"
#include "telling.h"
#include "test.h"

enum { LARGE_BYTES = 100000, TITLE_BYTES = 300, CASES = 64 };

/* Handlers look at it while tests do. */
struct cart_service {
    atomic_int asked;
    atomic_int round; /* the etag: changes all carts */
    atomic_int crowd; /* questions before that one wait until round is not 0 */
};

struct catalog_service {
    atomic_int asked;
    atomic_int most; /* names in one question */
};

struct shop {
    maru_sim               *sim; /* NULL: the real world */
    struct serving          cart_s, catalog_s;
    struct cart_service     cart;
    struct catalog_service  catalog;
    struct teller           checkout, inventory, payment, shipping;
    struct checkout_service svc;
    int64_t                 answer_ms;
    maru_call              *calls[CASES]; /* of the cases before: what they got stays until checkout stops */
    size_t                  n_calls;
};

/* ---- the market ---- */

static inline Shop__Money *market_money(maru_call *call, const char *currency, int64_t minor)
{
    Shop__Money *money = maru_alloc(call, sizeof *money);

    *money = (Shop__Money)SHOP__MONEY__INIT;
    money->currency = (char *)currency;
    money->minor = minor;
    return money;
}

/* At a price of yesterday. */
static inline Cart__Item *market_item(maru_call *call, const char *product, int64_t quantity)
{
    Cart__Item *item = maru_alloc(call, sizeof *item);

    *item = (Cart__Item)CART__ITEM__INIT;
    item->product = (char *)product;
    item->quantity = quantity;
    item->title = (char *)"YESTERDAY'S";
    item->price = market_money(call, "KRW", 1);
    return item;
}

static inline void market_fill(maru_call *call, Cart__Cart *cart)
{
    static const struct {
        const char *cart, *products[3];
    } wrong[] = {
        {"carts/gone", {"products/tea", "products/gone", NULL}},
        {"carts/free", {"products/free", NULL, NULL}},
        {"carts/mixed", {"products/tea", "products/mug", NULL}},
    };
    const char *product = "";
    int         lines = 0;

    cart->items = maru_alloc(call, LINES_MAX * sizeof *cart->items);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        for (int j = 0; strcmp(cart->name, wrong[i].cart) == 0 && wrong[i].products[j] != NULL; j++)
            cart->items[cart->n_items++] = market_item(call, wrong[i].products[j], 1);
    for (int i = 0; i < 10 && strcmp(cart->name, "carts/rich") == 0; i++)
        cart->items[cart->n_items++] = market_item(call, maru_printf(call, "products/gold-%d", i), 1000000);
    if (sscanf(cart->name, "carts/large-%d", &lines) == 1)
        product = "products/large";
    else if (sscanf(cart->name, "carts/long-%d", &lines) == 1)
        product = "products/long";
    for (int i = 0; i < lines; i++)
        cart->items[cart->n_items++] = market_item(call, maru_printf(call, "%s-%d", product, i), i + 1);
    if (cart->n_items > 0 || strcmp(cart->name, "carts/empty") == 0)
        return;
    cart->items[cart->n_items++] = market_item(call, "products/tea", 2);
    cart->items[cart->n_items++] = market_item(call, "products/cup", 1);
}

static inline maru_status market_get_cart(struct cart_service *svc, maru_call *call,
                                          const Cart__GetCartRequest *request, Cart__Cart *response)
{
    bool waits = ++svc->asked < svc->crowd;

    while (waits && svc->round == 0 && maru_sleep(call, 1) == MARU_OK)
        ;
    response->name = request->name;
    market_fill(call, response);
    response->etag = maru_printf(call, "round-%d", (int)svc->round);
    return MARU_OK;
}

static inline Catalog__Product *market_product(maru_call *call, const char *name, const char *title, Shop__Money *price)
{
    Catalog__Product *product = maru_alloc(call, sizeof *product);

    *product = (Catalog__Product)CATALOG__PRODUCT__INIT;
    product->name = (char *)name;
    product->title = (char *)title;
    product->price = price;
    return product;
}

static inline char *market_text(maru_call *call, char c, size_t size)
{
    char *text = maru_alloc(call, size + 1);

    memset(text, c, size);
    text[size] = '\0';
    return text;
}

static inline Catalog__Product *market_find(maru_call *call, const char *name)
{
    Catalog__Product *large;

    if (strcmp(name, "products/tea") == 0)
        return market_product(call, name, "TEA", market_money(call, "KRW", 4500));
    if (strcmp(name, "products/cup") == 0)
        return market_product(call, name, "CUP", market_money(call, "KRW", 9000));
    if (strcmp(name, "products/mug") == 0)
        return market_product(call, name, "MUG", market_money(call, "GBP", 500));
    if (strcmp(name, "products/free") == 0)
        return market_product(call, name, "FREE", NULL);
    if (strncmp(name, "products/gold-", 14) == 0)
        return market_product(call, name, "GOLD", market_money(call, "KRW", 1000000000000));
    if (strncmp(name, "products/large-", 15) != 0 && strncmp(name, "products/long-", 14) != 0)
        return NULL;
    large = market_product(call, name, market_text(call, 'T', TITLE_BYTES), market_money(call, "GBP", 3));
    if (strncmp(name, "products/large-", 15) == 0)
        large->description = market_text(call, 'd', LARGE_BYTES);
    return large;
}

static inline maru_status market_batch(struct catalog_service *svc, maru_call *call,
                                       const Catalog__BatchGetProductsRequest *request,
                                       Catalog__BatchGetProductsResponse      *response)
{
    svc->asked++;
    if ((int)request->n_names > svc->most)
        svc->most = (int)request->n_names;
    response->products = maru_alloc(call, request->n_names * sizeof *response->products);
    response->missing = maru_alloc(call, request->n_names * sizeof *response->missing);
    for (size_t i = 0; i < request->n_names; i++) {
        Catalog__Product *found = market_find(call, request->names[i]);

        if (found != NULL)
            response->products[response->n_products++] = found;
        else
            response->missing[response->n_missing++] = request->names[i];
    }
    return MARU_OK;
}

/* ---- opening and closing ---- */

static inline bool market_open(struct shop *shop, const maru_seam *seam)
{
    static const cart_handlers    carts = {.get_cart = market_get_cart};
    static const catalog_handlers products = {.batch_get_products = market_batch};

    return serving_open_in(&shop->cart_s, seam, "cart", NULL, 0) &&
           cart_serve(shop->cart_s.server, &carts, &shop->cart, &shop->cart_s.error) == MARU_OK &&
           serving_listen(&shop->cart_s) && serving_open_in(&shop->catalog_s, seam, "catalog", NULL, 0) &&
           catalog_serve(shop->catalog_s.server, &products, &shop->catalog, &shop->catalog_s.error) == MARU_OK &&
           serving_listen(&shop->catalog_s);
}

/* Checkout itself; everyone it asks and hears is there. */
static inline bool shop_serve(struct shop *shop)
{
    static const maru_client_options quick = {.backoff_first_ms = 20, .backoff_max_ms = 200};
    struct serving                  *s = &shop->checkout.s;
    struct hearing                   hearing = {.heard = {&shop->inventory, &shop->payment, &shop->shipping},
                                                .consumers = checkout_consumers,
                                                .timers = checkout_timers,
                                                .settings = &shop->svc};

    shop->svc = (struct checkout_service){
        .store = s->store, .quote_ms = CHECKOUT_QUOTE_MS, .stock_ms = CHECKOUT_STOCK_MS, .answer_ms = shop->answer_ms};
    return maru_client_new(s->runtime, shop->cart_s.url, &quick, &shop->svc.cart, &s->error) == MARU_OK &&
           maru_client_new(s->runtime, shop->catalog_s.url, &quick, &shop->svc.catalog, &s->error) == MARU_OK &&
           checkout_serve(s->server, &checkout_methods, &shop->svc, &s->error) == MARU_OK &&
           teller_hear(&shop->checkout, &hearing);
}

static inline bool shop_open(struct shop *shop, bool simulated, int64_t answer_ms)
{
    const maru_seam *seam = NULL;

    *shop =
        (struct shop){.sim = simulated ? maru_sim_new(&(maru_sim_options){.seed = 1}) : NULL, .answer_ms = answer_ms};
    if (shop->sim != NULL)
        seam = maru_sim_seam(shop->sim);
    return market_open(shop, seam) && teller_open(&shop->inventory, seam, "inventory") &&
           teller_open(&shop->payment, seam, "payment") && teller_open(&shop->shipping, seam, "shipping") &&
           teller_begin(&shop->checkout, seam, "checkout", checkout_tables, STORE_VERSION) && shop_serve(shop);
}

/* Before its own clients go, no handler may use them any more. */
static inline void shop_stop_checkout(struct shop *shop)
{
    struct teller *t = &shop->checkout;

    maru_events_rest(t->events);
    if (t->s.server != NULL)
        maru_server_drain(t->s.server);
    if (shop->svc.cart != NULL)
        maru_client_free(shop->svc.cart);
    if (shop->svc.catalog != NULL)
        maru_client_free(shop->svc.catalog);
    shop->svc.cart = shop->svc.catalog = NULL;
    while (shop->n_calls > 0)
        maru_call_end(shop->calls[--shop->n_calls]);
    teller_stop(t);
}

static inline bool shop_restart_checkout(struct shop *shop)
{
    shop_stop_checkout(shop);
    return teller_again(&shop->checkout) && shop_serve(shop);
}

static inline void shop_close(struct shop *shop)
{
    shop_stop_checkout(shop);
    teller_close(&shop->checkout);
    teller_close(&shop->inventory);
    teller_close(&shop->payment);
    teller_close(&shop->shipping);
    serving_close(&shop->cart_s);
    serving_close(&shop->catalog_s);
    if (shop->sim != NULL)
        maru_sim_free(shop->sim);
}

/* Each suite in a shop of its own, where answers have time even on a machine that is busy. */
static inline void run_within(void (*suite)(struct shop *shop), bool simulated, int64_t answer_ms)
{
    static struct shop shop;

    if (CHECK(shop_open(&shop, simulated, answer_ms)))
        suite(&shop);
    shop_close(&shop);
}

static inline void run(void (*suite)(struct shop *shop), bool simulated)
{
    run_within(suite, simulated, 15000);
}

/* ---- calls ---- */

static inline void begin(struct shop *shop, const char *sentence)
{
    if (CHECK(shop->n_calls < CASES)) {
        shop->calls[shop->n_calls++] = shop->checkout.call;
        shop->checkout.call = serving_call(&shop->checkout.s);
    }
    test_begin(sentence);
}

static inline void refused(struct shop *shop, maru_status got, maru_status want, const char *words)
{
    CHECK_STR(maru_status_name(got), maru_status_name(want));
    CHECK_CONTAINS(maru_call_message(shop->checkout.call), words);
}

static inline maru_status quote(struct shop *shop, const char *cart, const char *etag, Checkout__Quote **made)
{
    Checkout__QuoteRequest request = CHECKOUT__QUOTE_REQUEST__INIT;

    request.cart = (char *)cart;
    request.cart_etag = (char *)etag;
    return checkout_quote(shop->checkout.s.client, shop->checkout.call, &request, made);
}

/* A wish, which tests change before they place it. */
static inline Checkout__PlaceOrderRequest wish(const char *request_id, const char *quote)
{
    Checkout__PlaceOrderRequest request = CHECKOUT__PLACE_ORDER_REQUEST__INIT;

    request.request_id = (char *)request_id;
    request.quote = (char *)quote;
    request.payment_token = (char *)"tok_1";
    request.customer = (char *)"customers/minji";
    return request;
}

static inline maru_status place(struct shop *shop, Checkout__PlaceOrderRequest request, Checkout__Order **order)
{
    return checkout_place_order(shop->checkout.s.client, shop->checkout.call, &request, order);
}

/* The name of a new order of a cart; its request id is the cart's name. */
static inline const char *new_order(struct shop *shop, const char *cart)
{
    Checkout__Quote *made;
    Checkout__Order *order;

    if (CHECK_INT(quote(shop, cart, "", &made), MARU_OK) &&
        CHECK_INT(place(shop, wish(cart, made->name), &order), MARU_OK))
        return order->name;
    fprintf(stderr, "%s: %s\n", cart, maru_call_message(shop->checkout.call));
    return "orders/none";
}

static inline maru_status get(struct shop *shop, const char *name, Checkout__Order **order)
{
    Checkout__GetOrderRequest request = CHECKOUT__GET_ORDER_REQUEST__INIT;

    request.name = (char *)name;
    return checkout_get_order(shop->checkout.s.client, shop->checkout.call, &request, order);
}

static inline maru_status cancel(struct shop *shop, const char *name, Checkout__Order **order)
{
    Checkout__CancelOrderRequest request = CHECKOUT__CANCEL_ORDER_REQUEST__INIT;

    request.name = (char *)name;
    return checkout_cancel_order(shop->checkout.s.client, shop->checkout.call, &request, order);
}

static inline maru_status list(struct shop *shop, const char *customer, int size, const char *token,
                               Checkout__ListOrdersResponse **page)
{
    Checkout__ListOrdersRequest request = CHECKOUT__LIST_ORDERS_REQUEST__INIT;

    request.customer = (char *)customer;
    request.page_size = size;
    request.page_token = (char *)token;
    return checkout_list_orders(shop->checkout.s.client, shop->checkout.call, &request, page);
}

static inline maru_status timeline(struct shop *shop, const char *name, Checkout__Timeline **found)
{
    Checkout__GetTimelineRequest request = CHECKOUT__GET_TIMELINE_REQUEST__INIT;

    request.name = (char *)name;
    return checkout_get_timeline(shop->checkout.s.client, shop->checkout.call, &request, found);
}

enum { THEN = 1291191960 };

#define COMPLETED "OrderSubmitted OrderConfirmed OrderCompleted"

/* ---- orders of the past ---- */

/* Room for one request of up to four lines and two charges, which tests change before they send it. It points into
 * itself: it is not copied. */
struct bill {
    Checkout__PlacePastOrderRequest  order;
    Checkout__ReturnPastGoodsRequest back;
    Google__Protobuf__Timestamp      time;
    Checkout__Line                   lines[4], *line_list[4];
    Checkout__Charge                 charges[2], *charge_list[2];
    Shop__Money                      prices[4], amounts[2];
};

static inline void add_line(struct bill *bill, const char *product, int64_t quantity, int64_t pence)
{
    size_t i = bill->order.n_lines++;

    bill->prices[i] = (Shop__Money)SHOP__MONEY__INIT;
    bill->prices[i].currency = (char *)"GBP";
    bill->prices[i].minor = pence;
    bill->lines[i] = (Checkout__Line)CHECKOUT__LINE__INIT;
    bill->lines[i].product = (char *)product;
    bill->lines[i].quantity = quantity;
    bill->lines[i].title = (char *)"SPOON";
    bill->lines[i].price = &bill->prices[i];
    bill->line_list[i] = &bill->lines[i];
    bill->back.n_lines = bill->order.n_lines;
}

static inline void add_charge(struct bill *bill, const char *title, int64_t pence)
{
    size_t i = bill->order.n_charges++;

    bill->amounts[i] = (Shop__Money)SHOP__MONEY__INIT;
    bill->amounts[i].currency = (char *)"GBP";
    bill->amounts[i].minor = pence;
    bill->charges[i] = (Checkout__Charge)CHECKOUT__CHARGE__INIT;
    bill->charges[i].title = (char *)title;
    bill->charges[i].amount = &bill->amounts[i];
    bill->charge_list[i] = &bill->charges[i];
}

static inline struct bill *bill_of(struct bill *bill, const char *invoice, const char *customer, int64_t time)
{
    *bill = (struct bill){.order = CHECKOUT__PLACE_PAST_ORDER_REQUEST__INIT,
                          .back = CHECKOUT__RETURN_PAST_GOODS_REQUEST__INIT,
                          .time = GOOGLE__PROTOBUF__TIMESTAMP__INIT};
    bill->time.seconds = time;
    bill->order.invoice = bill->back.invoice = (char *)invoice;
    bill->order.customer = bill->back.customer = (char *)customer;
    bill->order.time = bill->back.time = &bill->time;
    bill->order.lines = bill->back.lines = bill->line_list;
    bill->order.charges = bill->charge_list;
    return bill;
}

static inline maru_status place_past(struct shop *shop, const struct bill *bill, Checkout__Order **order)
{
    return checkout_place_past_order(shop->checkout.s.client, shop->checkout.call, &bill->order, order);
}

static inline maru_status give_back(struct shop *shop, const struct bill *bill,
                                    Checkout__ReturnPastGoodsResponse **found)
{
    return checkout_return_past_goods(shop->checkout.s.client, shop->checkout.call, &bill->back, found);
}

/* ---- what others say ---- */

/* An event of an order that says no more than which. */
static inline void says(struct teller *who, const char *order, const ProtobufCMessageDescriptor *type)
{
    union {
        ProtobufCMessage                base;
        Inventory__StockReserved        reserved;
        Inventory__StockRejected        rejected;
        Inventory__StockCommitted       committed;
        Inventory__StockReleased        released;
        Inventory__StockShipped         shipped;
        Inventory__StockReturned        returned;
        Payment__PaymentAuthorized      authorized;
        Payment__PaymentDeclined        declined;
        Payment__PaymentCaptured        captured;
        Payment__PaymentCaptureRefused  capture_refused;
        Payment__PaymentVoided          voided;
        Payment__RefundSucceeded        refunded;
        Shipping__ShipmentPacked        packed;
        Shipping__ShipmentDispatched    dispatched;
        Shipping__ShipmentDelivered     delivered;
        Shipping__ShipmentCancelled     cancelled;
        Shipping__ShipmentCancelRefused cancel_refused;
    } event;

    type->message_init(&event.base);
    event.delivered.order = (char *)order; /* the first field of each */
    teller_say(who, order, &event.base);
}

#endif
