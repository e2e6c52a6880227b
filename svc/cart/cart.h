/* cart.h: the cart service: its state and its methods. proto/shop/cart.proto says what each does. */
#ifndef SHOP_CART_H
#define SHOP_CART_H

#include "maru/client.h"
#include "maru/store.h"

#include "shop/cart.maru.h"

/* All of it is open before the first call and closed after the last. */
struct cart_service {
    maru_store  *store;
    maru_client *catalog;
};

extern const cart_handlers cart_methods;

#endif
