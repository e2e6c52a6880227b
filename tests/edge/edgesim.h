/* edgesim.h: the edge in a simulated world, with a service behind it that is busy, hangs or becomes another one as a
 * test wants, and clients of its HTTP. One thread, virtual time. Header only.
 *
 * The cart service answers GetCart of carts/sleep-N after N milliseconds; that of carts/spend-N keeps its whole process
 * busy for so long. What it answers has as its etag the milliseconds that the call had left. AddItem answers as
 * GetCart.
 */
#ifndef MARU_TESTS_EDGESIM_H
#define MARU_TESTS_EDGESIM_H

#include <stdio.h>
#include <stdlib.h>

#include "edge/edge.h"
#include "httpsim.h"
#include "shop/cart.maru.h"
#include "shop/catalog.maru.h"
#include "test.h"

#define EDGESIM_SHOP "tcp://shop:1"
#define GET(path)    "GET " path " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

typedef struct edgesim {
    maru_sim     *sim;
    maru_runtime *rt;
    maru_server  *server; /* the edge's own */
    maru_client  *client; /* the edge's */
    edge         *edge;

    maru_runtime *shop_rt;
    maru_server  *shop;
    maru_client  *other;       /* of the shop: not the edge's */
    size_t        max_message; /* of the shop; 0: the default */
    maru_call    *filling;
    char          body[2048]; /* of the last answer */
    char          head[2048];
} edgesim;

static inline void edgesim_must(maru_status status, const maru_error *error)
{
    if (status == MARU_OK)
        return;
    fprintf(stderr, "%s\n", error->text);
    exit(1);
}

static inline int64_t edgesim_number(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0 ? atoll(name + strlen(prefix)) : 0;
}

static inline maru_status edgesim_answer(struct cart_service *svc, maru_call *call, const char *name, Cart__Cart *cart)
{
    int64_t left = maru_call_left_ms(call), spend = edgesim_number(name, "carts/spend-");

    maru_sleep(call, edgesim_number(name, "carts/sleep-"));
    if (spend > 0)
        maru_sim_spend((maru_sim *)svc, spend * MS);
    if (edgesim_number(name, "carts/fail-") > 0)
        return maru_fail(call, (maru_status)edgesim_number(name, "carts/fail-"),
                         "the store of shop: commit: the file system is full");
    cart->name = maru_strdup(call, name);
    cart->etag = maru_printf(call, "%lld", (long long)left);
    return MARU_OK;
}

static inline maru_status edgesim_get_cart(struct cart_service *svc, maru_call *call,
                                           const Cart__GetCartRequest *request, Cart__Cart *cart)
{
    return edgesim_answer(svc, call, request->name, cart);
}

static inline maru_status edgesim_add_item(struct cart_service *svc, maru_call *call,
                                           const Cart__AddItemRequest *request, Cart__Cart *cart)
{
    return edgesim_answer(svc, call, request->cart, cart);
}

static inline maru_status edgesim_get_product(struct catalog_service *svc, maru_call *call,
                                              const Catalog__GetProductRequest *request, Catalog__Product *product)
{
    (void)svc;
    maru_sleep(call, edgesim_number(request->name, "products/sleep-"));
    product->name = maru_strdup(call, request->name);
    return MARU_OK;
}

static inline void edgesim_pass(edgesim *w, int64_t ns)
{
    maru_sim_run(w->sim, maru_sim_now(w->sim) + ns);
}

/* The service behind the edge begins to listen: the catalogue, or the cart. It runs so many calls at once. */
static inline void edgesim_shop(edgesim *w, bool catalog, size_t most_calls)
{
    static const cart_handlers    cart_table = {.get_cart = edgesim_get_cart, .add_item = edgesim_add_item};
    static const catalog_handlers catalog_table = {.get_product = edgesim_get_product};
    maru_runtime_options          runtime = {.seam = maru_sim_seam(w->sim), .log = "off"};
    maru_server_options options = {.name = "shop", .max_calls_total = most_calls, .max_message = w->max_message};
    maru_client_options quick = {.backoff_first_ms = 1, .backoff_max_ms = 1};
    maru_error          error;

    edgesim_must(maru_runtime_new(&runtime, &w->shop_rt, &error), &error);
    edgesim_must(maru_server_new(w->shop_rt, &options, &w->shop, &error), &error);
    if (catalog)
        edgesim_must(catalog_serve(w->shop, &catalog_table, NULL, &error), &error);
    else
        edgesim_must(cart_serve(w->shop, &cart_table, (struct cart_service *)w->sim, &error), &error);
    edgesim_must(maru_server_listen(w->shop, EDGESIM_SHOP, &error), &error);
    edgesim_must(maru_client_new(w->shop_rt, EDGESIM_SHOP, &quick, &w->other, &error), &error);
}

static inline void edgesim_filled(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    edgesim *w = arg;

    (void)status;
    (void)message;
    (void)response;
    maru_call_end(w->filling);
    w->filling = NULL;
}

/* A call to the service that is not the edge's: it takes one of its places, for so long as name says. */
static inline void edgesim_fill(edgesim *w, const char *name)
{
    Catalog__GetProductRequest product = CATALOG__GET_PRODUCT_REQUEST__INIT;
    Cart__GetCartRequest       cart = CART__GET_CART_REQUEST__INIT;

    w->filling = maru_call_begin(w->shop_rt, 0);
    cart.name = product.name = (char *)name;
    if (strncmp(name, "carts/", strlen("carts/")) == 0)
        cart_get_cart_async(w->other, w->filling, &cart, edgesim_filled, w);
    else
        catalog_get_product_async(w->other, w->filling, &product, edgesim_filled, w);
}

static inline void edgesim_shop_end(edgesim *w)
{
    maru_client_free(w->other);
    maru_server_free(w->shop);
    maru_runtime_free(w->shop_rt);
}

/* A world without edge and service. */
static inline void edgesim_start(edgesim *w, int64_t latency_ns)
{
    maru_runtime_options runtime;
    maru_error           error;

    *w = (edgesim){.sim = maru_sim_new(&(maru_sim_options){.seed = 1, .latency_ns = latency_ns})};
    runtime = (maru_runtime_options){.seam = maru_sim_seam(w->sim), .service = "edge"};
    edgesim_must(maru_runtime_new(&runtime, &w->rt, &error), &error);
    edgesim_must(maru_server_new(w->rt, NULL, &w->server, &error), &error);
}

static inline void edgesim_open(edgesim *w)
{
    maru_client_options quick = {.backoff_first_ms = 20, .backoff_max_ms = 1000};
    edge_options        options = {
               .runtime = w->rt, .server = w->server, .host_port = HTTPSIM_ADDRESS, .http = {.call_ms = 300000}};
    maru_error error;

    edgesim_must(maru_client_new(w->rt, EDGESIM_SHOP, &quick, &w->client, &error), &error);
    w->edge = calloc(1, sizeof *w->edge);
    edgesim_must(edge_add(w->edge, "shop", w->client, &error), &error);
    edgesim_must(edge_open(w->edge, &options, &error), &error);
}

static inline void edgesim_close(edgesim *w)
{
    edge_close(w->edge);
    maru_client_free(w->client);
    free(w->edge);
}

static inline void edgesim_stop(edgesim *w)
{
    maru_server_free(w->server);
    maru_runtime_free(w->rt);
    maru_sim_free(w->sim);
}

static inline int edgesim_take(edgesim *w, simpeer *p)
{
    const char *text = httpsim_text(p), *end = strstr(text, "\r\n\r\n");
    int         status = 0;

    sscanf(text, "HTTP/1.1 %d ", &status);
    snprintf(w->head, sizeof w->head, "%.*s", end == NULL ? 0 : (int)(end - text), text);
    snprintf(w->body, sizeof w->body, "%s", end == NULL ? text : end + 4);
    return status;
}

/* Asks on a connection of its own, and gives the answer time; its status, 0: there was none. */
static inline int edgesim_ask(edgesim *w, const char *request, int64_t ns)
{
    simpeer p;
    int     status;

    simpeer_dial(&p, w->sim, HTTPSIM_URL);
    httpsim_words(&p, request);
    edgesim_pass(w, ns);
    status = edgesim_take(w, &p);
    simpeer_free(&p);
    return status;
}

#endif
