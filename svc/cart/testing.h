/* testing.h: what the tests of the cart have in common: a served cart beside a catalogue of the test's own that can be
 * slow, or gone, and its calls. Header only; included by tests alone.
 */
#ifndef SHOP_CART_TESTING_H
#define SHOP_CART_TESTING_H

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cart.h"
#include "serving.h"
#include "shop/catalog.maru.h"
#include "store.h"
#include "test.h"
#include "unknown.h"

/* A caller that gave up looks at it while the handler still runs. */
struct catalog_service {
    atomic_int      asked;
    _Atomic int64_t left_ms; /* that the last asker gave */
    _Atomic int64_t slow_ms; /* before it answers */
    const char     *title;   /* of all products; NULL: a short one */
    bool            unpriced;
    size_t          unknown; /* bytes of a field of its prices that this version does not know */
};

struct fixture {
    struct serving         catalog;
    struct serving         s;
    struct catalog_service stock;
    struct cart_service    svc;
    maru_call             *call;
};

/* products/NAME-CURRENCY-MINOR is sold for that; others are not there. */
static inline maru_status get_product(struct catalog_service *svc, maru_call *call,
                                      const Catalog__GetProductRequest *request, Catalog__Product *response)
{
    char         currency[4];
    int64_t      minor;
    Shop__Money *price = maru_alloc(call, sizeof *price);

    svc->left_ms = maru_call_left_ms(call);
    svc->asked++;
    if (svc->slow_ms > 0 && maru_sleep(call, svc->slow_ms) != MARU_OK)
        return maru_fail(call, MARU_DEADLINE_EXCEEDED, "too slow");
    if (sscanf(request->name, "products/%*[a-z0-9]-%3[A-Z]-%ld", currency, &minor) != 2)
        return maru_fail(call, MARU_NOT_FOUND, "name: no product %s", request->name);
    *price = (Shop__Money)SHOP__MONEY__INIT;
    price->currency = maru_strdup(call, currency);
    price->minor = minor;
    if (svc->unknown > 0)
        unknown_add(maru_call_arena(call), &price->base, svc->unknown);
    response->name = request->name;
    response->title = (char *)(svc->title != NULL ? svc->title : "A THING");
    response->price = svc->unpriced ? NULL : price;
    return MARU_OK;
}

static const catalog_handlers stock_methods = {.get_product = get_product};

static inline bool serve(struct fixture *f)
{
    f->svc = (struct cart_service){.store = f->s.store};
    return maru_client_new(f->s.runtime, f->catalog.url, NULL, &f->svc.catalog, &f->s.error) == MARU_OK &&
           cart_serve(f->s.server, &cart_methods, &f->svc, &f->s.error) == MARU_OK && serving_listen(&f->s);
}

static inline bool open_both(struct fixture *f)
{
    return serving_open(&f->catalog, "catalog", NULL, 0) &&
           catalog_serve(f->catalog.server, &stock_methods, &f->stock, &f->catalog.error) == MARU_OK &&
           serving_listen(&f->catalog) && serving_open(&f->s, "cart", cart_tables, STORE_VERSION) && serve(f);
}

static inline void begin(struct fixture *f, const char *sentence)
{
    if (f->call != NULL)
        maru_call_end(f->call);
    f->call = serving_call(&f->s);
    if (sentence != NULL)
        test_begin(sentence);
}

/* A catalogue that runs, and is not slow because the test wants it. */
static inline bool is_quick(const struct fixture *f)
{
    return f->catalog.server != NULL && f->stock.slow_ms == 0;
}

/* A machine that is busy may take longer than the cart gives the catalogue: then nothing was put in, and it is asked
 * again. */
static inline maru_status add(struct fixture *f, const char *cart, const char *product, int64_t quantity,
                              const char *etag, Cart__Cart **after)
{
    Cart__AddItemRequest request = CART__ADD_ITEM_REQUEST__INIT;
    maru_status          status;

    request.cart = (char *)cart;
    request.product = (char *)product;
    request.quantity = quantity;
    request.etag = (char *)etag;
    do
        status = cart_add_item(f->s.client, f->call, &request, after);
    while (status == MARU_DEADLINE_EXCEEDED && is_quick(f) && maru_call_left_ms(f->call) > 0);
    return status;
}

static inline maru_status update(struct fixture *f, const char *cart, const char *product, int64_t quantity,
                                 const char *etag, Cart__Cart **after)
{
    Cart__UpdateItemRequest request = CART__UPDATE_ITEM_REQUEST__INIT;

    request.cart = (char *)cart;
    request.product = (char *)product;
    request.quantity = quantity;
    request.etag = (char *)etag;
    return cart_update_item(f->s.client, f->call, &request, after);
}

static inline maru_status remove_one(struct fixture *f, const char *cart, const char *product, Cart__Cart **after)
{
    Cart__RemoveItemRequest request = CART__REMOVE_ITEM_REQUEST__INIT;

    request.cart = (char *)cart;
    request.product = (char *)product;
    return cart_remove_item(f->s.client, f->call, &request, after);
}

static inline maru_status clear(struct fixture *f, const char *cart, const char *etag, Cart__Cart **after)
{
    Cart__ClearCartRequest request = CART__CLEAR_CART_REQUEST__INIT;

    request.name = (char *)cart;
    request.etag = (char *)etag;
    return cart_clear_cart(f->s.client, f->call, &request, after);
}

static inline maru_status get(struct fixture *f, const char *cart, Cart__Cart **found)
{
    Cart__GetCartRequest request = CART__GET_CART_REQUEST__INIT;

    request.name = (char *)cart;
    return cart_get_cart(f->s.client, f->call, &request, found);
}

static inline void refused(struct fixture *f, maru_status got, maru_status want, const char *words)
{
    CHECK_STR(maru_status_name(got), maru_status_name(want));
    CHECK_CONTAINS(maru_call_message(f->call), words);
}

static inline void check_same(const Cart__Cart *a, const Cart__Cart *b)
{
    uint8_t left[8192], right[8192];

    CHECK_MEM(left, protobuf_c_message_pack(&a->base, left), right, protobuf_c_message_pack(&b->base, right));
}

/* Each suite on stores of its own. */
static inline void run(void (*suite)(struct fixture *f))
{
    struct fixture f = {.call = NULL};

    if (CHECK(open_both(&f)))
        suite(&f);
    if (f.call != NULL)
        maru_call_end(f.call);
    if (f.s.server != NULL)
        maru_server_free(f.s.server); /* before the client that its handlers use */
    f.s.server = NULL;
    if (f.svc.catalog != NULL)
        maru_client_free(f.svc.catalog);
    serving_close(&f.s);
    serving_close(&f.catalog);
}

#endif
