/* cart.c: what the cart service does. */
#include "cart.h"

#include <string.h>

#include "items.h"
#include "maru/message.h"
#include "maru/name.h"
#include "shop/catalog.maru.h"
#include "store.h"

enum { CATALOG_MS = 200 };

static maru_status check_name(maru_call *call, const char *field, const char *collection, const char *name)
{
    maru_error error;

    if (maru_name_check(field, name, collection, NAME_MAX_CHARS, &error) == MARU_OK)
        return MARU_OK;
    return maru_fail(call, error.code, "%s", error.text);
}

static maru_status check_cart(maru_call *call, const char *field, const char *name)
{
    return check_name(call, field, "carts/", name);
}

/* A cart and a product, where the request has them under these names. The catalogue would say of a name that is none
 * what its own request calls it. */
static maru_status check_item(maru_call *call, const char *cart, const char *product)
{
    maru_status status = check_cart(call, "cart", cart);

    return status != MARU_OK ? status : check_name(call, "product", "products/", product);
}

static maru_status check_quantity(maru_call *call, int64_t quantity, int least)
{
    if (quantity >= least && quantity <= QUANTITY_MAX)
        return MARU_OK;
    return maru_fail(call, MARU_INVALID_ARGUMENT, "quantity: want %d..%d, got %lld", least, QUANTITY_MAX,
                     (long long)quantity);
}

static maru_status get_cart(struct cart_service *svc, maru_call *call, const Cart__GetCartRequest *request,
                            Cart__Cart *response)
{
    maru_status status = check_cart(call, "name", request->name);

    if (status != MARU_OK)
        return status;
    response->name = request->name;
    status = maru_store_read(svc->store, call, store_get, response);
    return status == MARU_NOT_FOUND ? MARU_OK : status; /* nobody put anything into it yet */
}

/* A cart holds only what the catalogue sells: ask it, within what is left of the caller's time. Its code and words
 * reach our caller as they are. */
static maru_status ask_catalog(struct cart_service *svc, maru_call *call, const Cart__AddItemRequest *request,
                               Cart__Item *item)
{
    Catalog__GetProductRequest ask = CATALOG__GET_PRODUCT_REQUEST__INIT;
    Catalog__Product          *found;
    maru_status                status;

    ask.name = request->product;
    status = catalog_get_product(svc->catalog, maru_within(call, CATALOG_MS), &ask, &found);
    if (status != MARU_OK)
        return status;
    if (found->price == NULL)
        return maru_fail(call, MARU_FAILED_PRECONDITION, "product: %s has no price", request->product);
    maru_drop_unknown(&found->price->base);
    item->product = found->name;
    item->quantity = request->quantity;
    item->title = found->title;
    item->price = found->price;
    return MARU_OK;
}

static maru_status add_item(struct cart_service *svc, maru_call *call, const Cart__AddItemRequest *request,
                            Cart__Cart *response)
{
    Cart__Item          item = CART__ITEM__INIT;
    struct store_change change = {.cart = request->cart, .etag = request->etag, .add = &item, .response = response};
    maru_status         status = check_item(call, request->cart, request->product);

    if (status != MARU_OK || (status = check_quantity(call, request->quantity, 1)) != MARU_OK)
        return status;
    if ((status = ask_catalog(svc, call, request, &item)) != MARU_OK)
        return status;
    return maru_store_write(svc->store, call, store_change, &change);
}

static maru_status update_item(struct cart_service *svc, maru_call *call, const Cart__UpdateItemRequest *request,
                               Cart__Cart *response)
{
    struct store_change change = {.cart = request->cart,
                                  .etag = request->etag,
                                  .product = request->product,
                                  .quantity = request->quantity,
                                  .response = response};
    maru_status         status = check_item(call, request->cart, request->product);

    if (status != MARU_OK || (status = check_quantity(call, request->quantity, 0)) != MARU_OK)
        return status;
    return maru_store_write(svc->store, call, store_change, &change);
}

static maru_status remove_item(struct cart_service *svc, maru_call *call, const Cart__RemoveItemRequest *request,
                               Cart__Cart *response)
{
    struct store_change change = {
        .cart = request->cart, .etag = request->etag, .product = request->product, .response = response};
    maru_status status = check_item(call, request->cart, request->product);

    return status != MARU_OK ? status : maru_store_write(svc->store, call, store_change, &change);
}

static maru_status clear_cart(struct cart_service *svc, maru_call *call, const Cart__ClearCartRequest *request,
                              Cart__Cart *response)
{
    struct store_change change = {.cart = request->name, .etag = request->etag, .response = response};
    maru_status         status = check_cart(call, "name", request->name);

    return status != MARU_OK ? status : maru_store_write(svc->store, call, store_change, &change);
}

const cart_handlers cart_methods = {
    .get_cart = get_cart,
    .add_item = add_item,
    .update_item = update_item,
    .remove_item = remove_item,
    .clear_cart = clear_cart,
};
