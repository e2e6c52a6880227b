/* asking.c: what checkout asks of the cart and of the catalogue (asking.h). */
#include "asking.h"

#include <stdio.h>
#include <string.h>

#include "shop/cart.maru.h"
#include "shop/catalog.maru.h"

enum {
    CHUNK = 16, /* names a question: the largest products that the catalogue takes (190 KB) fit its answer's 3 MiB */
    TITLE_MAX_BYTES = 300, /* the catalogue's limit */
};

/* What the catalogue says is given back after each answer; so a line brings the room for what stays. */
struct room {
    Checkout__Line line;
    Shop__Money    price, total;
    char           title[TITLE_MAX_BYTES + 1];
    char           currency[8];
};

/* An eighth of the caller's time is left to tell about it. */
static maru_call *patience(const struct checkout_service *svc, maru_call *call)
{
    int64_t left = maru_call_left_ms(call);
    int64_t most = left - left / 8;

    return maru_within(call, most < svc->answer_ms ? most : svc->answer_ms);
}

static maru_status no_answer(maru_call *call, maru_status status, const char *who)
{
    if (status != MARU_DEADLINE_EXCEEDED && status != MARU_UNAVAILABLE)
        return status;
    return maru_fail(call, MARU_UNAVAILABLE, "the %s did not answer; nothing was done: %s", who,
                     maru_status_words(status, maru_call_message(call)));
}

maru_status asking_cart(struct checkout_service *svc, maru_call *call, const char *name, Cart__Cart **cart)
{
    Cart__GetCartRequest request = CART__GET_CART_REQUEST__INIT;
    maru_status          status;

    request.name = (char *)name;
    status = cart_get_cart(svc->cart, patience(svc, call), &request, cart);
    return status == MARU_OK ? status : no_answer(call, status, "cart service");
}

static void begin_line(struct room *room, const Cart__Item *item)
{
    room->line = (Checkout__Line)CHECKOUT__LINE__INIT;
    room->price = room->total = (Shop__Money)SHOP__MONEY__INIT;
    room->price.currency = room->currency;
    room->line.product = item->product;
    room->line.quantity = item->quantity;
    room->line.title = room->title;
    room->line.price = &room->price;
    room->line.total = &room->total;
}

static maru_status fill_line(maru_call *call, struct room *room, const Catalog__Product *product)
{
    size_t size = strlen(product->title);

    if (product->price == NULL)
        return maru_fail(call, MARU_FAILED_PRECONDITION, "lines: %s has no price", product->name);
    if (size > TITLE_MAX_BYTES || strlen(product->price->currency) >= sizeof room->currency)
        return maru_fail(call, MARU_INTERNAL,
                         "catalog: %s: want a title of at most %d bytes and a currency, got %zu, %s", product->name,
                         TITLE_MAX_BYTES, size, product->price->currency);
    memcpy(room->title, product->title, size + 1);
    snprintf(room->currency, sizeof room->currency, "%s", product->price->currency);
    room->price.minor = product->price->minor;
    return MARU_OK;
}

static maru_status fill_lines(maru_call *call, struct room *rooms, size_t count,
                              const Catalog__BatchGetProductsResponse *found)
{
    maru_status status = MARU_OK;

    if (found->n_missing > 0)
        return maru_fail(call, MARU_FAILED_PRECONDITION, "lines: %s is sold no longer; take it out of the cart",
                         found->missing[0]);
    if (found->n_products != count)
        return maru_fail(call, MARU_INTERNAL, "catalog: asked for %zu products, got %zu", count, found->n_products);
    for (size_t i = 0; i < count && status == MARU_OK; i++)
        status = fill_line(call, &rooms[i], found->products[i]);
    return status;
}

static maru_status ask_chunk(struct checkout_service *svc, maru_call *call, struct room *rooms, size_t count)
{
    Catalog__BatchGetProductsRequest   request = CATALOG__BATCH_GET_PRODUCTS_REQUEST__INIT;
    Catalog__BatchGetProductsResponse *found;
    char                              *names[CHUNK];
    maru_status                        status;

    for (size_t i = 0; i < count; i++)
        names[i] = rooms[i].line.product;
    request.names = names;
    request.n_names = count;
    if ((status = catalog_batch_get_products(svc->catalog, patience(svc, call), &request, &found)) != MARU_OK)
        return no_answer(call, status, "catalogue");
    return fill_lines(call, rooms, count, found);
}

maru_status asking_prices(struct checkout_service *svc, maru_call *call, const Cart__Cart *cart, Checkout__Quote *quote)
{
    struct room *rooms = maru_alloc(call, cart->n_items * sizeof *rooms);
    maru_status  status = MARU_OK;

    quote->lines = maru_alloc(call, cart->n_items * sizeof *quote->lines);
    quote->n_lines = cart->n_items;
    for (size_t i = 0; i < cart->n_items; i++) {
        begin_line(&rooms[i], cart->items[i]);
        quote->lines[i] = &rooms[i].line;
    }
    for (size_t i = 0; i < cart->n_items && status == MARU_OK; i += CHUNK) {
        maru_arena_mark mark = maru_arena_now(maru_call_arena(call));
        size_t          left = cart->n_items - i;

        status = ask_chunk(svc, call, rooms + i, left < CHUNK ? left : CHUNK);
        if (status == MARU_OK)
            maru_arena_rewind(maru_call_arena(call), mark);
    }
    return status;
}
