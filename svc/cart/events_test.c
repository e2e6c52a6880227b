/* events_test.c: what becomes of a cart when it was ordered: told by a log of checkout's, read over real calls. */
#include "events.h"

#include "cart.h"
#include "serving.h"
#include "shop/catalog.maru.h"
#include "shop/checkout.pb-c.h"
#include "store.h"
#include "telling.h"

/* Sells everything. */
struct catalog_service {
    int unused;
};

struct fixture {
    struct serving         catalog;
    struct catalog_service stock;
    struct teller          checkout, cart;
    struct cart_service    svc;
};

static maru_status get_product(struct catalog_service *svc, maru_call *call, const Catalog__GetProductRequest *request,
                               Catalog__Product *response)
{
    Shop__Money *price = maru_alloc(call, sizeof *price);

    *price = (Shop__Money)SHOP__MONEY__INIT;
    price->currency = (char *)"KRW";
    price->minor = 4500;
    response->name = request->name;
    response->title = (char *)"A THING";
    response->price = price;
    return MARU_OK;
}

static bool serve(struct fixture *f)
{
    struct hearing hearing = {.heard = {&f->checkout}, .consumers = cart_consumers};

    f->svc = (struct cart_service){.store = f->cart.s.store};
    return maru_client_new(f->cart.s.runtime, f->catalog.url, NULL, &f->svc.catalog, &f->cart.s.error) == MARU_OK &&
           cart_serve(f->cart.s.server, &cart_methods, &f->svc, &f->cart.s.error) == MARU_OK &&
           teller_hear(&f->cart, &hearing);
}

static bool open_all(struct fixture *f)
{
    static const catalog_handlers stock = {.get_product = get_product};

    return serving_open(&f->catalog, "catalog", NULL, 0) &&
           catalog_serve(f->catalog.server, &stock, &f->stock, &f->catalog.error) == MARU_OK &&
           serving_listen(&f->catalog) && teller_open(&f->checkout, NULL, "checkout") &&
           teller_begin(&f->cart, NULL, "cart", cart_tables, STORE_VERSION) && serve(f);
}

static void stop_cart(struct fixture *f)
{
    maru_events_rest(f->cart.events);
    if (f->cart.s.server != NULL)
        maru_server_drain(f->cart.s.server);
    if (f->svc.catalog != NULL)
        maru_client_free(f->svc.catalog); /* which its handlers used */
    f->svc.catalog = NULL;
    teller_stop(&f->cart);
}

static Cart__Cart *add(struct fixture *f, const char *cart)
{
    Cart__AddItemRequest request = CART__ADD_ITEM_REQUEST__INIT;
    Cart__Cart          *after;

    request.cart = (char *)cart;
    request.product = (char *)"products/tea";
    request.quantity = 1;
    if (CHECK_INT(cart_add_item(f->cart.s.client, f->cart.call, &request, &after), MARU_OK))
        return after;
    fprintf(stderr, "%s\n", maru_call_message(f->cart.call));
    exit(1);
}

static Cart__Cart *get(struct fixture *f, const char *cart)
{
    Cart__GetCartRequest request = CART__GET_CART_REQUEST__INIT;
    Cart__Cart          *found;

    request.name = (char *)cart;
    if (CHECK_INT(cart_get_cart(f->cart.s.client, f->cart.call, &request, &found), MARU_OK))
        return found;
    exit(1);
}

static void ordered(struct fixture *f, const char *order, const char *cart, const char *etag)
{
    Checkout__OrderSubmitted event = CHECKOUT__ORDER_SUBMITTED__INIT;

    event.order = (char *)order;
    event.cart = (char *)cart;
    event.cart_etag = (char *)etag;
    teller_say(&f->checkout, order, &event.base);
}

static void test_ordered(struct fixture *f)
{
    Cart__Cart *before, *other, *after;

    teller_case(&f->cart, "a cart that was ordered as it is becomes empty, and its etag tells");
    before = add(f, "carts/a");
    other = add(f, "carts/b");
    ordered(f, "orders/1", "carts/a", before->etag);
    teller_settle(&f->cart);
    after = get(f, "carts/a");
    CHECK_INT(after->n_items, 0);
    CHECK(after->total == NULL);
    CHECK(after->etag[0] != '\0' && strcmp(after->etag, before->etag) != 0);
    CHECK_STR(get(f, "carts/b")->etag, other->etag);
    teller_case(&f->cart, "one that changed since stays as it is, as do those that are not there, or empty");
    before = add(f, "carts/c");
    after = add(f, "carts/c");
    ordered(f, "orders/2", "carts/c", before->etag);
    ordered(f, "orders/3", "carts/none", "0123");
    ordered(f, "orders/4", "carts/none", "");
    ordered(f, "orders/5", "", "");
    teller_settle(&f->cart);
    CHECK_STR(get(f, "carts/c")->etag, after->etag);
    CHECK_INT(get(f, "carts/c")->items[0]->quantity, 2);
    CHECK_STR(get(f, "carts/none")->etag, "");
    teller_case(&f->cart, "an order that is heard twice empties what it was made of, and nothing later");
    before = add(f, "carts/d");
    ordered(f, "orders/6", "carts/d", before->etag);
    teller_settle(&f->cart);
    after = add(f, "carts/d");
    ordered(f, "orders/6", "carts/d", before->etag);
    teller_settle(&f->cart);
    CHECK_STR(get(f, "carts/d")->etag, after->etag);
    CHECK_INT(get(f, "carts/d")->n_items, 1);
}

static void test_away(struct fixture *f)
{
    Cart__Cart *before;
    char        etag[64];

    teller_case(&f->cart, "what was ordered while the cart service was off is taken out when it is back");
    before = add(f, "carts/e");
    snprintf(etag, sizeof etag, "%s", before->etag);
    stop_cart(f);
    ordered(f, "orders/8", "carts/e", etag);
    if (!CHECK(teller_again(&f->cart) && serve(f)))
        return;
    teller_settle(&f->cart);
    CHECK_INT(get(f, "carts/e")->n_items, 0);
}

int main(void)
{
    struct fixture f = {.svc = {.store = NULL}};

    if (CHECK(open_all(&f))) {
        test_ordered(&f);
        test_away(&f);
    }
    stop_cart(&f);
    teller_close(&f.cart);
    teller_close(&f.checkout);
    serving_close(&f.catalog);
    return test_end();
}
