/* free.c: an order that costs nothing, from the catalogue to the door, without a card (alive.h). */
#include <stdio.h>

#include "alive.h"
#include "shop/cart.maru.h"
#include "shop/catalog.maru.h"
#include "shop/checkout.maru.h"
#include "shop/inventory.maru.h"
#include "test.h"

enum { CALL_MS = 10000 };

static const char SAMPLE[] = "products/free-sample";

static bool make_sample(shop *s)
{
    Catalog__CreateProductRequest    create = CATALOG__CREATE_PRODUCT_REQUEST__INIT;
    Catalog__Product                 product = CATALOG__PRODUCT__INIT, *made;
    Shop__Money                      price = SHOP__MONEY__INIT;
    Inventory__ReceiveGoodsRequest   receive = INVENTORY__RECEIVE_GOODS_REQUEST__INIT;
    Inventory__ReceiveGoodsResponse *received;
    Inventory__Goods                 goods = INVENTORY__GOODS__INIT, *list[] = {&goods};
    maru_call                       *call = maru_call_begin(s->market.runtime, CALL_MS);
    bool                             well;

    price.currency = (char *)"KRW";
    product.name = goods.product = (char *)SAMPLE;
    product.title = (char *)"A SAMPLE";
    product.price = &price;
    create.product = &product;
    goods.quantity = 10;
    receive.goods = list;
    receive.n_goods = 1;
    receive.reference = (char *)"samples";
    well = CHECK_INT(catalog_create_product(s->market.catalog, call, &create, &made), MARU_OK) &&
           CHECK_INT(inventory_receive_goods(s->market.inventory, call, &receive, &received), MARU_OK);
    maru_call_end(call);
    return well;
}

static bool order_one(shop *s, maru_call *call, const char *cart, Checkout__Order **order)
{
    Cart__AddItemRequest        add = CART__ADD_ITEM_REQUEST__INIT;
    Cart__Cart                 *filled;
    Checkout__QuoteRequest      quote = CHECKOUT__QUOTE_REQUEST__INIT;
    Checkout__Quote            *quoted;
    Checkout__PlaceOrderRequest request = CHECKOUT__PLACE_ORDER_REQUEST__INIT;

    add.cart = quote.cart = (char *)cart;
    add.product = (char *)SAMPLE;
    add.quantity = 1;
    request.request_id = (char *)cart;
    if (!CHECK_INT(cart_add_item(s->market.cart, call, &add, &filled), MARU_OK) ||
        !CHECK_INT(checkout_quote(s->market.checkout, call, &quote, &quoted), MARU_OK))
        return false;
    CHECK_INT(quoted->total->minor, 0);
    request.quote = quoted->name;
    if (CHECK_INT(checkout_place_order(s->market.checkout, call, &request, order), MARU_OK))
        return true;
    fprintf(stderr, "%s\n", maru_call_message(call));
    return false;
}

void free_orders(shop *s)
{
    maru_call       *first = maru_call_begin(s->market.runtime, CALL_MS), *second;
    Checkout__Order *order;
    proc             p;

    test_begin("an order that costs nothing is completed, without a card");
    if (CHECK(make_sample(s)) && order_one(s, first, "carts/sampler", &order)) {
        CHECK(shop_wait(s, order->name, CHECKOUT__ORDER_STATE__COMPLETED));
        test_begin("and one that is cancelled right away ends, too");
        second = maru_call_begin(s->market.runtime, CALL_MS); /* the time of the first is over, perhaps */
        if (order_one(s, second, "carts/taster", &order)) {
            shop_cancel(s, order->name); /* too late, perhaps: then it is completed */
            p = shop_run(s, "maru audit --wait 20s");
            CHECK_INT(p.status, 0);
            CHECK_CONTAINS(p.text[PROC_OUT], "\naudit: clean\n");
            proc_free(&p);
        }
        maru_call_end(second);
    }
    maru_call_end(first);
}
